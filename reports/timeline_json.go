package reports

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"ipamsim/sim/explain"
	"ipamsim/sim/recording"
)

// explanationSchema is the version of TimelineJSON's document.
const explanationSchema = "ipamsim.explanation/v2"

// TimelineJSON writes the explanation as indented JSON. Times are virtual
// seconds from time 0, negative in the warm-up; what did not happen is null.
//
//	schema_version, version, scenario, variant, replication, seed, fingerprint
//	pods[]                 in the order of the question
//	  name, node           node is "" for a pod that was never bound
//	  created_seconds, schedulable_seconds, bound_seconds, running_seconds, end_seconds
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
	doc := explanationJSON{
		SchemaVersion: explanationSchema, Version: e.Version, Scenario: e.Scenario, Variant: e.Variant, Replication: e.Replication,
		Seed: e.Seed, Fingerprint: e.Fingerprint, Pods: []podJSON{}, Nodes: []nodeJSON{},
	}
	for i := range e.Pods {
		doc.Pods = append(doc.Pods, podOf(&e.Pods[i]))
	}
	for _, n := range e.Recording.Nodes {
		doc.Nodes = append(doc.Nodes, nodeOf(n))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// inSeconds is a time or a duration, in seconds to the nanosecond.
type inSeconds time.Duration

func (t inSeconds) MarshalJSON() ([]byte, error) {
	if time.Duration(t) == recording.Never {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, time.Duration(t).Seconds(), 'f', -1, 64), nil
}

type explanationJSON struct {
	SchemaVersion string     `json:"schema_version"`
	Version       string     `json:"version"`
	Scenario      string     `json:"scenario"`
	Variant       string     `json:"variant"`
	Replication   int        `json:"replication"`
	Seed          uint64     `json:"seed"`
	Fingerprint   string     `json:"fingerprint"`
	Pods          []podJSON  `json:"pods"`
	Nodes         []nodeJSON `json:"nodes"`
}

type podJSON struct {
	Name        string      `json:"name"`
	Node        string      `json:"node"`
	Created     inSeconds   `json:"created_seconds"`
	Schedulable inSeconds   `json:"schedulable_seconds"`
	Bound       inSeconds   `json:"bound_seconds"`
	Running     inSeconds   `json:"running_seconds"`
	End         inSeconds   `json:"end_seconds"`
	Outcome     string      `json:"outcome"`
	Phases      []phaseJSON `json:"phases"`
	Adds        []addJSON   `json:"adds"`
	Verdict     verdictJSON `json:"verdict"`
	Clues       []clueJSON  `json:"clues"`
}

type phaseJSON struct {
	Boundary  string      `json:"boundary"`
	What      string      `json:"what"`
	At        inSeconds   `json:"at_seconds"`
	Took      inSeconds   `json:"took_seconds"`
	Share     float64     `json:"share,omitempty"`
	Meanwhile []phaseJSON `json:"meanwhile,omitempty"`
}

type addJSON struct {
	At      inSeconds `json:"at_seconds"`
	Cause   string    `json:"cause"`
	Address string    `json:"address"`
	Pool    poolJSON  `json:"pool"`
}

type poolJSON struct {
	At       *inSeconds `json:"at_seconds,omitempty"`
	Total    int        `json:"total"`
	Assigned int        `json:"assigned"`
	Cooling  int        `json:"cooling"`
}

type verdictJSON struct {
	Side     string   `json:"side"`
	Sentence string   `json:"sentence"`
	Plugin   string   `json:"plugin"`
	Evidence []string `json:"evidence"`
	Remedy   string   `json:"remedy"`
}

type clueJSON struct {
	Where string    `json:"where"`
	At    inSeconds `json:"at_seconds"`
	Text  string    `json:"text"`
	Times int       `json:"times"`
}

type nodeJSON struct {
	Name       string        `json:"name"`
	Instance   string        `json:"instance"`
	Type       string        `json:"type"`
	CNIVersion string        `json:"cni_version"`
	Launched   inSeconds     `json:"launched_seconds"`
	Registered inSeconds     `json:"registered_seconds"`
	Ready      inSeconds     `json:"ready_seconds"`
	Processes  []processJSON `json:"processes"`
	Calls      []callJSON    `json:"calls"`
	Pool       []poolJSON    `json:"pool"`
	Log        []lineJSON    `json:"log"`        // ipamd.log
	PluginLog  []lineJSON    `json:"plugin_log"` // plugin.log
}

type processJSON struct {
	Start   inSeconds `json:"start_seconds"`
	Serving inSeconds `json:"serving_seconds"`
	End     inSeconds `json:"end_seconds"`
	Reason  string    `json:"reason"`
}

type callJSON struct {
	Action   string        `json:"action"`
	Process  string        `json:"process"`
	Start    inSeconds     `json:"start_seconds"`
	End      inSeconds     `json:"end_seconds"`
	Error    string        `json:"error"`
	Cut      bool          `json:"cut"`
	Attempts []attemptJSON `json:"attempts"`
}

type attemptJSON struct {
	Start     inSeconds `json:"start_seconds"`
	End       inSeconds `json:"end_seconds"`
	Code      string    `json:"code"`
	Throttled bool      `json:"throttled"`
}

type lineJSON struct {
	At      inSeconds `json:"at_seconds"`
	Level   string    `json:"level"`
	Caller  string    `json:"caller"`
	Message string    `json:"message"`
}

func podOf(p *explain.Pod) podJSON {
	v := &p.Verdict
	doc := podJSON{
		Name: p.Name, Node: p.Node, Created: inSeconds(p.Created), Schedulable: inSeconds(p.Schedulable), Bound: inSeconds(p.Bound),
		Running: inSeconds(p.Running), End: inSeconds(p.End), Outcome: p.Outcome,
		Phases: phasesOf(p.Phases, p.End-p.Created), Adds: []addJSON{}, Clues: []clueJSON{},
		Verdict: verdictJSON{string(v.Side), v.Sentence, v.Plugin, orEmpty(v.Evidence), v.Remedy},
	}
	for _, a := range p.Adds {
		add := addJSON{At: inSeconds(a.At), Cause: string(a.Cause), Pool: poolJSON{nil, a.Pool.Total, a.Pool.Assigned, a.Pool.Cooling}}
		if a.Address.IsValid() {
			add.Address = a.Address.String()
		}
		doc.Adds = append(doc.Adds, add)
	}
	for _, c := range p.Clues {
		doc.Clues = append(doc.Clues, clueJSON{c.Where, inSeconds(c.At), c.Text, c.Times})
	}
	return doc
}

// phasesOf gives shares of a whole, or none where it is zero.
func phasesOf(list []explain.Phase, whole time.Duration) []phaseJSON {
	doc := []phaseJSON{}
	for _, p := range list {
		one := phaseJSON{Boundary: string(p.Boundary), What: p.What, At: inSeconds(p.From), Took: inSeconds(p.Took())}
		if whole > 0 {
			one.Share = float64(p.Took()) / float64(whole)
		}
		if len(p.Meanwhile) > 0 {
			one.Meanwhile = phasesOf(p.Meanwhile, 0)
		}
		doc = append(doc, one)
	}
	return doc
}

func nodeOf(n *recording.NodeRecord) nodeJSON {
	doc := nodeJSON{
		Name: n.Name, Instance: n.Instance, Type: n.Type, CNIVersion: n.CNIVersion, Launched: inSeconds(n.Launched), Registered: inSeconds(n.Registered), Ready: inSeconds(n.Ready),
		Processes: []processJSON{}, Calls: []callJSON{}, Pool: []poolJSON{}, Log: linesOf(n.Lines), PluginLog: linesOf(n.Plugin),
	}
	for _, p := range n.Processes {
		doc.Processes = append(doc.Processes, processJSON{inSeconds(p.Start), inSeconds(p.Serving), inSeconds(p.End), p.Reason})
	}
	for _, c := range n.Calls {
		call := callJSON{Action: c.Action, Process: c.Process, Start: inSeconds(c.Start), End: inSeconds(c.End), Error: c.Error, Cut: c.Cut, Attempts: []attemptJSON{}}
		for _, a := range c.Attempts {
			call.Attempts = append(call.Attempts, attemptJSON{inSeconds(a.Start), inSeconds(a.End), a.Code, a.Throttled})
		}
		doc.Calls = append(doc.Calls, call)
	}
	for _, p := range n.Pool {
		at := inSeconds(p.At)
		doc.Pool = append(doc.Pool, poolJSON{&at, p.Total, p.Assigned, p.Cooling})
	}
	return doc
}

func linesOf(list []recording.LineRecord) []lineJSON {
	doc := []lineJSON{}
	for _, l := range list {
		doc = append(doc, lineJSON{inSeconds(l.At), l.Level, l.Caller, l.Message})
	}
	return doc
}
