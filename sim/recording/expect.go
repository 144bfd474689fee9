package recording

import (
	"math"
	"slices"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/nodeadm"
)

// Entries of a pod that starts at its first try, and of its end: the pod, its
// stages, its ADD or DEL, and what these change in the pool. One on the host's
// network has none of the last two.
const (
	entriesOfStart = 1 + 6 + 1 + 1
	entriesOfEnd   = 3 + 1
	startOnHost    = 1 + 4
)

// Expect is how many entries a recording of a variant comes to, about, as known
// before it runs: of pods that all start at their first try, on nodes whose
// daemons go round their loop all the time, since one that somebody listens to
// never rests. What goes wrong comes on top. Of chosen nodes their pods are not
// in it.
func Expect(v *scenarios.Expanded, want Selection) int {
	e := expectation{s: v.Scenario, end: fleet.Std(v.Scenario.Duration), traces: map[string]trace{}}
	// any order: each trace by itself
	for name, pods := range v.Traces {
		e.traces[name] = traceOf(pods)
	}
	loop := float64(e.end+fleet.Std(e.s.WarmUp)) / float64(ipamd.HalfPass)
	if want.Nodes != nil {
		return portable.Int(float64(len(want.Nodes)) * loop)
	}
	entries, nodes := e.looks()
	existing := e.s.ExistingPods()
	for i := range e.s.Workloads {
		w := &e.s.Workloads[i]
		start, end := float64(entriesOfStart), float64(entriesOfEnd)
		if w.HostNetwork {
			start, end = startOnHost, 0
		}
		created, ended := e.pods(w, e.end)
		if w.Kind == string(cluster.DaemonSet) {
			created = nodes
		}
		there := float64(existing[w.Name]) // they have started long ago
		created = max(0, created-there)
		entries += there
		entries += float64(start*created) + float64(end*ended)
	}
	return portable.Int(min(entries, math.MaxInt32))
}

type expectation struct {
	s      *scenarios.Scenario
	end    time.Duration
	traces map[string]trace // by workload
}

// trace is when the pods of a trace begin and end, each in order.
type trace struct{ begins, ends []time.Duration }

func traceOf(pods []scenarios.TracePod) (t trace) {
	for _, p := range pods {
		t.begins = append(t.begins, p.Created)
		if p.Lifetime >= 0 {
			t.ends = append(t.ends, p.Created+p.Lifetime)
		}
	}
	slices.Sort(t.begins)
	slices.Sort(t.ends)
	return t
}

// until counts the moments up to one.
func until(list []time.Duration, at time.Duration) float64 {
	n, _ := slices.BinarySearch(list, at+1)
	return float64(n)
}

// looks is how often the daemons' loops come round on all nodes together, and
// how many nodes there are at the end.
func (e *expectation) looks() (looks, nodes float64) {
	const moments = 1000
	step := e.end / moments
	nodes = e.nodes(0)
	looks = nodes * float64(fleet.Std(e.s.WarmUp))
	for i := range e.s.NodeGroups { // nodes that exist before the run stand still until time 0
		looks -= float64(float64(e.s.NodeGroups[i].Existing()) * float64(fleet.Std(e.s.WarmUp)))
	}
	looks = max(0, looks)
	for i := 1; i <= moments; i++ {
		nodes = e.nodes(step * time.Duration(i))
		looks += float64(nodes * float64(step))
	}
	return looks / float64(ipamd.HalfPass), nodes
}

// nodes is how many there are at a time from 0: what the groups want, and what
// an autoscaler adds for pods that have no room on those.
func (e *expectation) nodes(at time.Duration) float64 {
	wanted := 0.0
	for i := range e.s.NodeGroups {
		up, down := changes(float64(e.s.NodeGroups[i].Count), e.s.NodeGroups[i].Steps, at)
		wanted += up - down
	}
	if e.s.Autoscaler == nil {
		return wanted
	}
	needed, most := 0.0, 0.0
	for i := range e.s.Workloads {
		w := &e.s.Workloads[i]
		if each := e.room(w); each > 0 && w.Kind != string(cluster.DaemonSet) {
			created, ended := e.pods(w, at)
			needed += (created - ended) / each
		}
	}
	for i := range e.s.NodeGroups {
		if m := e.s.NodeGroups[i].Max; m != nil {
			most += float64(*m)
		} else {
			most = math.Inf(1)
		}
	}
	return max(wanted, min(needed, most))
}

// room is how many pods of a workload an empty node has room for, at most.
func (e *expectation) room(w *scenarios.Workload) float64 {
	most := 0.0
	for i := range e.s.NodeGroups {
		g := &e.s.NodeGroups[i]
		offer, room := g.Allocatable(), float64(g.PodLimit()-nodeadm.SystemPods)
		if w.Resources.CPU > 0 {
			room = min(room, math.Floor(float64(offer.CPU-nodeadm.SystemMilliCPU)/float64(w.Resources.CPU)))
		}
		if w.Resources.Memory > 0 {
			room = min(room, math.Floor(float64(offer.Memory)/float64(w.Resources.Memory)))
		}
		most = max(most, room)
	}
	return most
}

// pods is how many of a workload have been created until a time from 0, and how
// many of those have ended.
func (e *expectation) pods(w *scenarios.Workload, at time.Duration) (created, ended float64) {
	switch w.Kind {
	case string(cluster.Deployment):
		created, ended = changes(float64(w.Initial), w.Replicas, at)
		if life := mean(w.Lifetime); life > 0 {
			replaced := (created - ended) * float64(at) / float64(life)
			return created + replaced, ended + replaced
		}
	case string(cluster.Job), string(cluster.Bare):
		created = arrived(w.Arrivals, at)
		if life := mean(w.Lifetime); life > 0 {
			ended = arrived(w.Arrivals, at-life)
		}
	case string(cluster.Trace):
		t := e.traces[w.Name]
		created, ended = until(t.begins, at), until(t.ends, at)
	}
	return created, ended
}

// arrived are the pods of an arrival process until a time, on the average.
func arrived(a *scenarios.Arrivals, at time.Duration) float64 {
	if a == nil {
		return 0
	}
	if a.To != nil {
		at = min(at, fleet.Std(*a.To))
	}
	took := float64(at - fleet.Std(a.From))
	switch {
	case took < 0:
		return 0
	case a.Every != nil:
		return float64(a.Batch) * (1 + math.Floor(took/float64(*a.Every)))
	}
	return float64(a.Batch) * took * a.Rate / float64(time.Second)
}

// mean of a distribution; 0 for none.
func mean(l *scenarios.Latency) time.Duration {
	switch {
	case l == nil:
		return 0
	case l.Constant != nil:
		return fleet.Std(*l.Constant)
	case l.Mean != nil:
		return fleet.Std(*l.Mean)
	}
	return (fleet.Std(*l.Min) + fleet.Std(*l.Max)) / 2
}

// changes adds up the ways up and the ways down of a number that follows steps,
// until a time. Their difference is the number then.
func changes(from float64, steps []scenarios.CountStep, until time.Duration) (up, down float64) {
	up = from
	for i, s := range steps {
		last := until
		if i+1 < len(steps) {
			last = min(until, fleet.Std(steps[i+1].At))
		}
		since, share := last-fleet.Std(s.At), 1.0
		if since < 0 {
			break
		}
		if s.Over != nil && since < fleet.Std(*s.Over) {
			share = float64(since) / float64(*s.Over)
		}
		if way := float64((float64(s.Count) - (up - down)) * share); way > 0 {
			up += way
		} else {
			down -= way
		}
	}
	return up, down
}
