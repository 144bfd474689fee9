package reports

import (
	"encoding/json"
	"io"

	"ipamsim/sim/explain"
)

// TimelineJSON writes the explanation as indented JSON. Times are virtual
// seconds from time 0, negative in the warm-up; what did not happen is null.
//
//	schema_version, version, scenario, variant, replication, seed, fingerprint
//	pods[]                 in the order of the question
//	  name, node           node is "" for a pod that was never bound
//	  asked_seconds, created_seconds, schedulable_seconds, bound_seconds, running_seconds, end_seconds
//	  outcome              running, deleted or never started
//	  phases[]             boundary, what, at_seconds, took_seconds, share; meanwhile[]
//	                       likewise without share. They adjoin: the sum of took_seconds
//	                       is end_seconds - created_seconds.
//	  adds[]               at_seconds, cause (why it failed, "" if not), address, pool
//	  verdict              side, sentence, plugin, evidence[], remedy
//	  clues[]              where, at_seconds, text, times
//	nodes[]                of these pods
//	  name, instance, type, cni_version, launched_seconds, registered_seconds, ready_seconds
//	  processes[]          start_seconds, serving_seconds, end_seconds, reason
//	  calls[]              action, process ("" keeps the pool), start_seconds, end_seconds,
//	                       error, cut, attempts[]: start_seconds, end_seconds, code, throttled
//	  pool[]               at_seconds, total, assigned, cooling
//	  log[], plugin_log[]  at_seconds, level, caller, message
func TimelineJSON(w io.Writer, e *explain.Explanation) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(e)
}
