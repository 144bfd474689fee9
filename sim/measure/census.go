package measure

import (
	"math"
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
	selected                 []selection
	zoneOf                   map[string]int // by a subnet's name
	zone                     func(subnet string) string
	names                    map[string]int // of workloads
}

// tally is what is known of a set of pods, and of the nodes of a group or a zone.
type tally struct {
	result.PodSet
	now     result.State
	earlier *result.State // what was worst before the extremes were last begun anew; nil if they never were
	trends  *result.SetTrends
	nodes   nodes
	refused int  // evictions
	awaited span // of a workload
	created int  // of a workload, from time 0 on
}

// span is how long pods of a set have been awaited from their controller, all in all.
type span struct{ sum, since time.Duration }

// nodes count the nodes of a set.
type nodes struct {
	result.NodeCounts     // its peak is that since the extremes were last begun anew
	now, earlier      int // Ready and not gone, and the peak before that
}

func (n *nodes) change(by int) {
	n.now += by
	n.Peak = max(n.Peak, n.now)
}

// begin forgets what was before the measurement began.
func (n *nodes) begin() { n.NodeCounts = result.NodeCounts{Peak: n.now} }

func (n *nodes) anew() { n.earlier, n.Peak = max(n.earlier, n.Peak), n.now }

// counts are those at the end.
func (n *nodes) counts() result.NodeCounts {
	c := n.NodeCounts
	c.Peak = max(c.Peak, n.earlier)
	return c
}

// selection are the pods that a selector of the scenario's conditions means.
type selection struct {
	tally
	part                          result.Part
	causes                        map[result.Cause]int // of failed ADDs
	from, end                     time.Duration        // of the run, kernel time
	workload, group, zone, subnet string               // empty for any
	trends                        *result.SelectedTrends
}

func (s *selection) means(p *cluster.Pod, zone func(subnet string) string) bool {
	if n := p.Node; n != nil {
		return s.holds(p.Workload, p.Created) && s.isOn(n, zone)
	}
	return s.meansUnbound(p.Workload, p.Created)
}

// holds says whether pods of a workload that were created at a time may be meant.
func (s *selection) holds(w *cluster.Workload, created time.Duration) bool {
	return (s.workload == "" || s.workload == w.Name) && s.part.Window.Holds(max(0, created-s.from), s.end-s.from)
}

// meansUnbound is about pods without a node. Of those that have not been created, it is
// the time at which they were asked for that counts.
func (s *selection) meansUnbound(w *cluster.Workload, created time.Duration) bool {
	only := w.Only()
	return s.holds(w, created) && s.zone == "" && s.subnet == "" && (s.group == "" || only != nil && s.group == only.Name)
}

func (s *selection) isOn(n *cluster.Node, zone func(subnet string) string) bool {
	return (s.group == "" || s.group == n.Group.Name) && (s.subnet == "" || s.subnet == n.Instance.Subnet) && (s.zone == "" || s.zone == zone(n.Instance.Subnet))
}

// speaksOf says whether the quantiles of the selection have a workload's pods in them.
func (s *selection) speaksOf(w *cluster.Workload) bool { return s.workload != "" || waitedFor(w) }

// waitedFor says whether somebody waits for the workload's pods: those of DaemonSets
// come with their nodes.
func waitedFor(w *cluster.Workload) bool { return w.Kind != cluster.DaemonSet }

// newCensus is for the workloads, groups and subnets of a fleet.
func newCensus(f *Fleet, t *result.Trends, from time.Duration) census {
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
	parts := result.Parts(f.Conditions)
	t.Selected = make([]result.SelectedTrends, len(parts))
	for i, part := range parts {
		t.Selected[i].Part = part
		c.selected = append(c.selected, selection{part: part, causes: map[result.Cause]int{}, from: from, end: f.End,
			workload: part.Selector.Get("workload"), group: part.Selector.Get("nodegroup"), zone: part.Selector.Get("zone"), subnet: part.Selector.Get("subnet"), trends: &t.Selected[i],
		})
	}
	c.zone = f.Zone
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
	for i := range c.selected {
		if s := &c.selected[i]; s.means(p, c.zone) {
			do(&s.tally)
		}
	}
}

// eachAwaited does something to every tally that pods are in which have not been
// created, but are asked for since a time.
func (c *census) eachAwaited(w *cluster.Workload, since time.Duration, do func(*tally)) {
	do(&c.all)
	do(&c.workloads[w.Place])
	if g := w.Only(); g != nil {
		do(&c.groups[g.Place])
	}
	for i := range c.selected {
		if s := &c.selected[i]; s.meansUnbound(w, since) {
			do(&s.tally)
		}
	}
}

// await is a change of how many pods are asked for and not created. They are wanted
// meanwhile; those that come to be created are counted with those from then on.
func (c *census) await(w *cluster.Workload, since time.Duration, pods int, now time.Duration) {
	c.eachAwaited(w, since, func(t *tally) { t.change(result.State{NotCreated: pods}) })
	c.all.Wanted += pods
	t := &c.workloads[w.Place]
	t.Wanted += pods
	switch t.now.NotCreated {
	case pods: // the first ones
		t.awaited.since = now
	case 0:
		t.awaited.sum += now - t.awaited.since
	}
}

// closeWaits writes down how long each workload has waited for its controller.
func (c *census) closeWaits(now time.Duration, sets []result.PodSet) {
	for i := range sets {
		t := &c.workloads[i]
		took := t.awaited.sum
		if t.now.NotCreated > 0 {
			took += now - t.awaited.since
		}
		if took > 0 {
			sets[i].Controller = &result.Controller{BehindSeconds: result.Seconds(inSeconds(took)), Created: t.created}
		}
	}
}

func (c *census) eachOf(n *cluster.Node, do func(*tally)) {
	do(&c.groups[n.Group.Place])
	do(&c.zones[c.zoneOf[n.Instance.Subnet]])
}

// eachNodes does something to the nodes of every set that a node is in.
func (c *census) eachNodes(n *cluster.Node, do func(*nodes)) {
	do(&c.all.nodes)
	c.eachOf(n, func(t *tally) { do(&t.nodes) })
	for i := range c.selected {
		if s := &c.selected[i]; s.workload == "" && s.isOn(n, c.zone) {
			do(&s.nodes)
		}
	}
}

// launchFailed counts instances that a group has not got. In which zone they would
// have been nobody knows.
func (c *census) launchFailed(g *cluster.Group, n int) {
	c.all.nodes.FailedLaunch += n
	c.groups[g.Place].nodes.FailedLaunch += n
	for i := range c.selected {
		if s := &c.selected[i]; s.workload == "" && s.zone == "" && s.subnet == "" && (s.group == "" || s.group == g.Name) {
			s.nodes.FailedLaunch += n
		}
	}
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
	begin := func(t *tally) {
		t.Worst, t.refused = t.now, 0
		t.nodes.begin()
	}
	for i := range c.selected {
		begin(&c.selected[i].tally)
	}
	for _, list := range [][]tally{c.workloads, c.groups, c.zones} {
		for i := range list {
			begin(&list[i])
		}
	}
	begin(&c.all)
	for _, p := range pods {
		c.workloads[p.Workload.Place].Wanted++
		c.all.Wanted++
		if p.Running != des.Never {
			c.each(p, func(t *tally) { t.Started, t.RanBefore = t.Started+1, t.RanBefore+1 })
		}
	}
}

// took is how long a pod has needed, each to the microsecond; forever where it
// has not come to its end, and negative where it does not count.
type took struct{ start, pending, addressWait time.Duration }

const (
	forever   = time.Duration(math.MaxInt64)
	uncounted = time.Duration(-1)
)

// enter takes in how long pods have needed; of several, that they have not come to it.
func enter(d *result.Durations, t time.Duration, pods int) {
	switch t {
	case forever:
		d.AddNever(pods)
	case uncounted:
	default:
		d.Add(t)
	}
}

// measure puts how long a pod has needed into the distributions of the sets
// that it is in.
func (c *census) measure(p *cluster.Pod, t took) {
	set := func(to *result.SetTrends) { enterSet(to, t, 1) }
	set(c.workloads[p.Workload.Place].trends)
	if waitedFor(p.Workload) {
		if n := p.Node; n != nil {
			set(c.groups[n.Group.Place].trends)
			set(c.zones[c.zoneOf[n.Instance.Subnet]].trends)
		} else if g := p.Workload.Only(); g != nil {
			set(c.groups[g.Place].trends)
		}
	}
	for i := range c.selected {
		if s := &c.selected[i]; s.means(p, c.zone) && s.speaksOf(p.Workload) {
			enterStarts(&s.trends.StartTrends, t, 1)
		}
	}
}

func enterSet(to *result.SetTrends, t took, pods int) {
	enter(&to.PodStart, t.start, pods)
	enter(&to.PodPending, t.pending, pods)
}

// enterStarts takes in what becomes of pods once they are created.
func enterStarts(to *result.StartTrends, t took, pods int) {
	enter(&to.PodStart, t.start, pods)
	enter(&to.PodPending, t.pending, pods)
	enter(&to.PodAddressWait, t.addressWait, pods)
}

// created puts how long a pod's controller has needed into the distributions of the
// parts that conditions are about.
func (c *census) created(p *cluster.Pod, t time.Duration) {
	for i := range c.selected {
		if s := &c.selected[i]; s.meansUnbound(p.Workload, p.Created) && s.speaksOf(p.Workload) {
			s.trends.PodCreation.Add(t)
		}
	}
}

// measureAwaited is measure for pods that have not been created.
func (c *census) measureAwaited(w *cluster.Workload, since time.Duration, pods int, t took) {
	enterSet(c.workloads[w.Place].trends, t, pods)
	if g := w.Only(); g != nil && waitedFor(w) {
		enterSet(c.groups[g.Place].trends, t, pods)
	}
	for i := range c.selected {
		if s := &c.selected[i]; s.meansUnbound(w, since) && s.speaksOf(w) {
			enterStarts(&s.trends.StartTrends, t, pods)
			s.trends.PodCreation.AddNever(pods)
		}
	}
}

// finish says what the pods are that have not begun to run: those that were
// created after a moment are still starting, and those that were not, but asked for
// after it.
func (c *census) finish(pending []*cluster.Pod, workloads []*cluster.Workload, after time.Duration) {
	for _, p := range pending {
		c.each(p, func(t *tally) {
			switch {
			case p.Created > after:
				t.Starting++
			default:
				t.NeverStarted++
			}
		})
	}
	for _, w := range workloads {
		w.Awaited(func(since time.Duration, pods int) {
			c.eachAwaited(w, since, func(t *tally) {
				switch {
				case since > after:
					t.Starting += pods
				default:
					t.NeverStarted += pods
					t.NotCreated += pods
				}
			})
		})
	}
	for _, list := range [][]tally{c.groups, c.zones} { // where a pod comes to be is not known when it is created
		for i := range list {
			t := &list[i]
			t.Wanted = t.all()
		}
	}
	for i := range c.selected {
		c.selected[i].Wanted = c.selected[i].all()
	}
}

// all is what became of a set's pods, summed up.
func (t *tally) all() int { return t.Started + t.NeverStarted + t.Deleted + t.Starting }

// soFar are the tally's counts now; what was worst is that since the extremes
// were last begun anew.
func (t *tally) soFar() result.Counts {
	c := t.Counts
	c.AtEnd, c.Running = t.now, t.now.Running
	return c
}

// counts are those of a tally at the end.
func (t *tally) counts() result.Counts {
	c := t.soFar()
	if t.earlier != nil {
		c.Worst.Worsen(*t.earlier)
	}
	return c
}

// anew begins to look for what is worst anew.
func (t *tally) anew() {
	if t.earlier == nil {
		t.earlier = &result.State{}
		*t.earlier = t.Worst
	}
	t.earlier.Worsen(t.Worst)
	t.Worst = t.now
	t.nodes.anew()
}

// anew does so for all sets.
func (c *census) anew() {
	c.all.anew()
	for _, list := range [][]tally{c.workloads, c.groups, c.zones} {
		for i := range list {
			list[i].anew()
		}
	}
	for i := range c.selected {
		c.selected[i].anew()
	}
}

func setsOf(list []tally) (sets []result.PodSet) {
	for i := range list {
		set := list[i].PodSet
		set.Counts = list[i].counts()
		sets = append(sets, set)
	}
	return sets
}

// withNodes adds the nodes of groups or zones to their pods.
func withNodes(sets []result.PodSet, list []tally) []result.PodSet {
	for i := range list {
		nodes := list[i].nodes.counts()
		sets[i].Nodes = &nodes
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
	for i := range c.selected {
		s := &c.selected[i]
		if s.part.Window.Whole() && s.suffers(m.Node, pod, c.zone) {
			s.change(by)
		}
	}
}

// suffers says whether a pod, by its key, or an address of no pod on a node is meant.
func (s *selection) suffers(n *cluster.Node, pod string, zone func(subnet string) string) bool {
	return s.isOn(n, zone) && (s.workload == "" || strings.HasPrefix(pod, s.workload+"-") && strings.LastIndexByte(pod, '-') == len(s.workload))
}

// selectedCounts are those of the parts that conditions are about, at the end.
func (c *census) selectedCounts() []result.Selected {
	return c.ofParts((*tally).counts, (*nodes).counts)
}

func (c *census) ofParts(counts func(*tally) result.Counts, of func(*nodes) result.NodeCounts) (list []result.Selected) {
	for i := range c.selected {
		s := &c.selected[i]
		list = append(list, result.Selected{Part: s.part, Counts: counts(&s.tally), FailedAddCauses: s.causes, RefusedEvictions: s.refused, Nodes: of(&s.nodes)})
	}
	return list
}

// partsSoFar are they while the run goes on.
func (c *census) partsSoFar() []result.Selected {
	return c.ofParts((*tally).soFar, func(n *nodes) result.NodeCounts { return n.NodeCounts })
}

// addFailed counts a failed ADD.
func (c *census) addFailed(p *cluster.Pod, cause result.Cause) {
	c.each(p, func(t *tally) { t.FailedAdds++ })
	for i := range c.selected {
		if s := &c.selected[i]; s.means(p, c.zone) {
			s.causes[cause]++
		}
	}
}

// nodeReady takes in how long a node has needed, where a condition asks for it.
func (c *census) nodeReady(n *cluster.Node) {
	for i := range c.selected {
		s := &c.selected[i]
		if s.workload == "" && s.isOn(n, c.zone) && s.part.Window.Holds(n.Launched-s.from, s.end-s.from) {
			s.trends.NodeReady.Add(n.Ready - n.Launched)
		}
	}
}
