package clusterimport

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// replicaMetrics are those of kube-state-metrics that say how many replicas a
// workload has, and the kind that each is of. Which label names the workload is
// the kind's, with a small letter.
// https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload:
// deployment-metrics.md and statefulset-metrics.md
var replicaMetrics = map[string]string{
	"kube_deployment_spec_replicas":    "Deployment",
	"kube_deployment_status_replicas":  "Deployment",
	"kube_statefulset_replicas":        "StatefulSet",
	"kube_statefulset_status_replicas": "StatefulSet",
}

// replicaLabels name the workload of a series, by its kind.
var replicaLabels = []struct{ kind, label string }{{"Deployment", "deployment"}, {"StatefulSet", "statefulset"}}

// recording is what Prometheus has recorded of one workload's replicas.
type recording struct {
	kind, namespace, name string
	samples               map[int64]int // by the second
}

// mostSteps is how many changes of a workload a scenario takes.
const mostSteps = 10_000

// recordedMost is how long a recording may be: as long as a scenario runs.
const recordedMost = 30 * 24 * time.Hour

// recorded takes an answer of Prometheus' /api/v1/query_range about replicas.
func (f *file) recorded(kind, text []byte) error {
	const want = "what /api/v1/query_range of Prometheus answers to kube_deployment_spec_replicas was expected"
	var is string
	if json.Unmarshal(kind, &is) != nil || is != "matrix" {
		return &input.Error{Message: "an answer of Prometheus about one moment: " + want}
	}
	var result []struct {
		Metric map[string]string
		Values [][2]any
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return &input.Error{Message: "an answer of Prometheus that cannot be read: " + err.Error()}
	}
	if len(result) == 0 {
		return &input.Error{Message: "an answer of Prometheus without any series: " + want}
	}
	for i, s := range result {
		r, why := recordingOf(s.Metric)
		if why != "" {
			return &input.Error{Message: sprintf("data.result[%d] %s: %s", i, why, want)}
		}
		for k, v := range s.Values {
			at, n, ok := sample(v)
			if !ok {
				return &input.Error{Message: sprintf("data.result[%d].values[%d]: a time and a number of replicas in quotes were expected", i, k)}
			}
			r.samples[at] = n
		}
		f.recordings = append(f.recordings, r)
	}
	f.takenFor = "a recording of Prometheus"
	f.took = append(f.took, words.Plural(len(result), "workload")+" over time")
	return nil
}

// recordingOf is the workload that a series' labels name, or what is wrong with
// them.
func recordingOf(labels map[string]string) (*recording, string) {
	name := labels["__name__"]
	kind, known := replicaMetrics[name]
	switch {
	case name == metricAssigned || name == metricTotal:
		return nil, "is of " + name + ", which --back-test takes"
	case name != "" && !known:
		return nil, "is of " + words.Printable(name)
	}
	for _, l := range replicaLabels {
		if of := labels[l.label]; of != "" && labels["namespace"] != "" && (kind == "" || kind == l.kind) {
			return &recording{kind: l.kind, namespace: labels["namespace"], name: of, samples: map[int64]int{}}, ""
		}
	}
	return nil, "has no labels namespace and deployment, or statefulset"
}

// change is how many replicas there are from a moment on.
type change struct {
	at    time.Duration
	count int
}

// replay gives the workloads what was recorded of them: the first moment of all
// recordings is time 0.
func (w *world) replay() {
	first, last := int64(1<<62), int64(-1)
	for _, r := range w.recordings {
		for at := range r.samples { // any order: least and most
			first, last = min(first, at), max(last, at)
		}
	}
	if last < 0 {
		return
	}
	w.lasts = time.Duration(last-first) * time.Second
	if w.lasts > recordedMost {
		w.problem("a recording over %s, and a scenario runs 30 days at most", words.Duration(w.lasts))
		return
	}
	for _, r := range w.recordings {
		i := slices.IndexFunc(w.loads, func(l *workload) bool { return l.kind == r.kind && l.namespace == r.namespace && l.owner == r.name })
		if i < 0 {
			w.say("what Prometheus has recorded of the %s %s/%s is left out: it has no pods on the modelled nodes", r.kind, words.Printable(r.namespace), words.Printable(r.name))
			continue
		}
		l := w.loads[i]
		if l.recorded {
			w.problem("the %s %s/%s is recorded twice: one range of its replicas was expected", r.kind, words.Printable(r.namespace), words.Printable(r.name))
			return
		}
		l.recorded = true
		l.changes = r.changes(first, l.wanted())
		if len(l.changes) > mostSteps {
			w.problem("%s of the %s %s/%s in the recording, and a scenario takes %s: ask with a longer step", words.Plural(len(l.changes), "change"), r.kind, words.Printable(r.namespace), words.Printable(r.name), words.Count(mostSteps))
		}
	}
	w.say("time 0 is the first moment of what Prometheus has recorded, and what is on the nodes then is of the moment of the other files: replicas are those of the recording from the first second on")
}

// changes are the moments at which the number is another one than before, of so
// many at time 0. Nothing changes at time 0 itself.
func (r *recording) changes(first int64, now int) (list []change) {
	var times []int64
	for at := range r.samples { // any order: sorted below
		times = append(times, at)
	}
	slices.Sort(times)
	for _, at := range times {
		if n := r.samples[at]; n != now {
			list = append(list, change{max(time.Second, time.Duration(at-first)*time.Second), n})
			now = n
		}
	}
	return list
}

// span is how long the scenario runs: an hour, or as long as the recording.
func (w *world) span() time.Duration { return cmp.Or(w.lasts, time.Hour) }

// writeChanges writes a workload's replicas over time.
func (l *workload) writeChanges(p *page) {
	if len(l.changes) == 0 {
		return
	}
	p.line("    replicas: # as Prometheus has recorded them")
	for _, c := range l.changes {
		p.line("      - {at: %s, count: %d}", short(c.at), c.count)
	}
}
