package measure

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/result"
)

// tick counts what happens between two samples.
type tick struct {
	requests, throttled [256]int // by ec2model.Action
	failed              [16]int  // CNI ADDs, by the cause's place in result.Causes
	launched, ended     int      // instances
}

func (t *tick) request(at ec2model.Attempt) {
	t.requests[at.Action]++
	if throttled(at) {
		t.throttled[at.Action]++
	}
}

func (t *tick) addFailed(cause result.Cause) {
	for i := range result.Causes {
		if result.Causes[i].Cause == cause {
			t.failed[i]++
		}
	}
}

// seriesLog keeps the samples.
type seriesLog struct {
	at      []float64
	subnets []result.SubnetSeries
	pods    result.PodSeries

	workloads, groups, zones []result.SetSeries
	nodes                    result.NodeSeries

	requests, throttled [256][]int
	failed              [16][]int
}

func newSeriesLog(states []ec2model.SubnetState) (l seriesLog) {
	for _, s := range states {
		l.subnets = append(l.subnets, result.SubnetSeries{Name: s.Name})
	}
	return l
}

// subnet writes a subnet's part of a sample down.
func (l *seriesLog) subnet(i int, a result.Addresses) {
	s := &l.subnets[i]
	s.Assigned = append(s.Assigned, a.Assigned)
	s.Cooling = append(s.Cooling, a.Cooling)
	s.Warm = append(s.Warm, a.Warm)
	s.Primaries = append(s.Primaries, a.Primaries)
	s.Unmanaged = append(s.Unmanaged, a.Unmanaged)
	s.Others = append(s.Others, a.Others)
	s.Free = append(s.Free, a.Free)
}

// sample writes the rest of a sample down, and begins to count anew.
func (l *seriesLog) sample(at float64, n cluster.Counts, pods *census, t *tick) {
	samples := len(l.at)
	l.at = append(l.at, at)
	l.pods.Pending = append(l.pods.Pending, n.Pending)
	appendState(&l.pods.StateSeries, pods.all.now)
	appendStates(&l.workloads, pods.workloads)
	appendStates(&l.groups, pods.groups)
	appendStates(&l.zones, pods.zones)
	l.nodes.Ready = append(l.nodes.Ready, n.Ready)
	l.nodes.Launched = append(l.nodes.Launched, t.launched)
	l.nodes.Ended = append(l.nodes.Ended, t.ended)
	for i := range t.requests {
		count(&l.requests[i], samples, t.requests[i])
		count(&l.throttled[i], samples, t.throttled[i])
	}
	for i := range t.failed {
		count(&l.failed[i], samples, t.failed[i])
	}
	*t = tick{}
}

func appendState(s *result.StateSeries, now result.State) {
	s.Running = append(s.Running, now.Running)
	s.WaitingForAddress = append(s.WaitingForAddress, now.WaitingForAddress)
	s.Unschedulable = append(s.Unschedulable, now.Unschedulable)
	s.WithoutNetwork = append(s.WithoutNetwork, now.WithoutNetwork)
	s.NotCreated = append(s.NotCreated, now.NotCreated)
}

func appendStates(list *[]result.SetSeries, sets []tally) {
	for i := range sets {
		if i == len(*list) {
			*list = append(*list, result.SetSeries{Name: sets[i].Name})
		}
		appendState(&(*list)[i].StateSeries, sets[i].now)
	}
}

// count appends to a list that begins with the first count that is not 0.
func count(list *[]int, samples, n int) {
	switch {
	case *list != nil:
		*list = append(*list, n)
	case n > 0:
		*list = append(make([]int, samples, 2*samples+1), n)
	}
}

// series are the samples as results have them.
func (l *seriesLog) series(every time.Duration) result.Series {
	out := result.Series{
		EverySeconds: every.Seconds(), AtSeconds: l.at, Subnets: l.subnets, Pods: l.pods, Nodes: l.nodes,
		Workloads: l.workloads, NodeGroups: l.groups, Zones: l.zones,
		API: []result.ActionSeries{}, FailedAdds: []result.CauseSeries{},
	}
	for i := range out.Subnets {
		s := &out.Subnets[i]
		unlessZero(&s.Assigned, &s.Cooling, &s.Warm, &s.Primaries, &s.Unmanaged, &s.Others, &s.Free)
	}
	unlessZero(&out.Pods.Pending)
	stateUnlessZero(&out.Pods.StateSeries)
	for _, sets := range [][]result.SetSeries{out.Workloads, out.NodeGroups, out.Zones} {
		for i := range sets {
			stateUnlessZero(&sets[i].StateSeries)
		}
	}
	unlessZero(&out.Nodes.Ready, &out.Nodes.Launched, &out.Nodes.Ended)
	for i := range l.requests {
		if l.requests[i] != nil {
			out.API = append(out.API, result.ActionSeries{Action: ec2model.Action(i).String(), Requests: l.requests[i], Throttled: l.throttled[i]})
		}
	}
	slices.SortFunc(out.API, func(a, b result.ActionSeries) int {
		if a.Action < b.Action {
			return -1
		}
		return 1
	})
	for i, c := range result.Causes {
		if l.failed[i] != nil {
			out.FailedAdds = append(out.FailedAdds, result.CauseSeries{Cause: c.Cause, Count: l.failed[i]})
		}
	}
	return out
}

// unlessZero drops lists that are 0 throughout.
func unlessZero(lists ...*[]int) {
	for _, list := range lists {
		if !slices.ContainsFunc(*list, func(n int) bool { return n != 0 }) {
			*list = nil
		}
	}
}

func stateUnlessZero(s *result.StateSeries) {
	unlessZero(&s.Running, &s.WaitingForAddress, &s.Unschedulable, &s.WithoutNetwork, &s.NotCreated)
}

// Launched hears that instances were asked for.
func (c *Collector) Launched(at time.Duration, n int) {
	if at >= c.from {
		c.tick.launched += n
	}
}
