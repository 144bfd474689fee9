package measure

import (
	"strings"
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// census counts the pods: all of them, and those of each workload, node group
// and zone. It hears of every change, so that what it says is exact at any
// moment and no pod is looked at for it. Pods of the warm-up are counted when
// it ends, as far as they are there then.
type census struct {
	all                      tally
	workloads, groups, zones []tally
	zoneOf                   map[string]int // by a subnet's name
	names                    map[string]int // of workloads
}

// tally is what is known of a set of pods.
type tally struct {
	result.PodSet
	now    result.State
	trends *result.SetTrends
}

// newCensus is for the workloads, groups and subnets of a fleet.
func newCensus(f *Fleet, t *result.Trends) census {
	c := census{zoneOf: map[string]int{}, names: map[string]int{}}
	for i, w := range f.Cluster.Workloads() {
		c.names[w.Name] = i
		c.workloads = append(c.workloads, tally{PodSet: result.PodSet{Name: w.Name, Kind: string(w.Kind)}})
	}
	for _, g := range f.Cluster.Groups() {
		c.groups = append(c.groups, tally{PodSet: result.PodSet{Name: g.Name}})
	}
	places := map[string]int{}
	for _, s := range f.Account.Subnets() {
		zone := f.Zone(s.Name)
		place, known := places[zone]
		if !known {
			place = len(c.zones)
			places[zone] = place
			c.zones = append(c.zones, tally{PodSet: result.PodSet{Name: zone}})
		}
		c.zoneOf[s.Name] = place
	}
	t.Workloads, t.NodeGroups, t.Zones = trendsOf(c.workloads), trendsOf(c.groups), trendsOf(c.zones)
	return c
}

// trendsOf gives each set its distributions.
func trendsOf(sets []tally) []result.SetTrends {
	list := make([]result.SetTrends, len(sets))
	for i := range sets {
		sets[i].trends = &list[i]
	}
	return list
}

// each does something to every tally that a pod is in. A pod that is not bound
// to a node is in no zone, and in the group that alone may take it.
func (c *census) each(p *cluster.Pod, do func(*tally)) {
	do(&c.all)
	do(&c.workloads[p.Workload.Place])
	if n := p.Node; n != nil {
		c.eachOf(n, do)
	} else if g := p.Workload.Only(); g != nil {
		do(&c.groups[g.Place])
	}
}

func (c *census) eachOf(n *cluster.Node, do func(*tally)) {
	do(&c.groups[n.Group.Place])
	do(&c.zones[c.zoneOf[n.Instance.Subnet]])
}

// change is a change of state of a pod.
func (c *census) change(p *cluster.Pod, by result.State) {
	c.each(p, func(t *tally) { t.change(by) })
}

func (t *tally) change(by result.State) {
	t.now.Add(by)
	t.Worst.Worsen(t.now)
}

// Changes of state.
var (
	runs, runsNoMore          = result.State{Running: 1}, result.State{Running: -1}
	waits, waitsNoMore        = result.State{WaitingForAddress: 1}, result.State{WaitingForAddress: -1}
	hasNoRoom, hasRoom        = result.State{Unschedulable: 1}, result.State{Unschedulable: -1}
	losesPackets, losesNoMore = result.State{WithoutNetwork: 1}, result.State{WithoutNetwork: -1}
)

// start begins to count, with the pods that are there. What was worst before
// does not matter.
func (c *census) start(pods []*cluster.Pod) {
	for _, list := range [][]tally{c.workloads, c.groups, c.zones} {
		for i := range list {
			list[i].Worst = list[i].now
		}
	}
	c.all.Worst = c.all.now
	for _, p := range pods {
		c.workloads[p.Workload.Place].Wanted++
		c.all.Wanted++
		if p.Running != des.Never {
			c.each(p, func(t *tally) { t.Started, t.RanBefore = t.Started+1, t.RanBefore+1 })
		}
	}
}

// ran takes in a pod that begins to run.
func (c *census) ran(p *cluster.Pod, start, pending time.Duration) {
	c.each(p, func(t *tally) {
		t.Started++
		if t != &c.all {
			t.trends.PodStart.Add(start)
			t.trends.PodPending.Add(pending)
		}
	})
}

// finish says what the pods are that have not begun to run: those that were
// created after a moment are still starting.
func (c *census) finish(pending []*cluster.Pod, after time.Duration) {
	for _, p := range pending {
		c.each(p, func(t *tally) {
			switch {
			case p.Created > after:
				t.Starting++
			default:
				t.NeverStarted++
				if t != &c.all {
					t.trends.PodStart.AddNever(1)
					t.trends.PodPending.AddNever(1)
				}
			}
		})
	}
	for _, list := range [][]tally{c.groups, c.zones} { // where a pod comes to be is not known when it is created
		for i := range list {
			t := &list[i]
			t.Wanted = t.Started + t.NeverStarted + t.Deleted + t.Starting
		}
	}
}

// counts are those of a tally at the end.
func (t *tally) counts() result.Counts {
	t.AtEnd, t.Running = t.now, t.now.Running
	return t.Counts
}

func setsOf(list []tally) (sets []result.PodSet) {
	for i := range list {
		list[i].counts()
		sets = append(sets, list[i].PodSet)
	}
	return sets
}

// defect counts a pod of a machine that begins to lose packets, or no longer
// does. A pod's key is its workload's name and its number.
func (c *census) defect(m *machine.Machine, pod string, by result.State) {
	c.all.change(by)
	if i := strings.LastIndexByte(pod, '-'); i >= 0 {
		if w, known := c.names[pod[:i]]; known {
			c.workloads[w].change(by)
		}
	}
	c.eachOf(m.Node, func(t *tally) { t.change(by) })
}
