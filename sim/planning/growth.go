package planning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
)

// search finds how much more of a group fits.
type search struct {
	*subject
	group *groupAt
	by    By

	out   Growth
	spent uint64 // events
}

// Bounds of a search: our choice, beyond what one VPC takes with its quotas.
const (
	mostNodes = 20_000
	mostPods  = 200_000
)

// probableTries is how many runs a search takes, as far as its progress knows.
const probableTries = 10

// run searches from a guess, first in steps that double and then by halves. All
// that counts is what started in a simulation; the guess makes it short.
func (q *search) run(ctx context.Context) error {
	most := mostNodes
	if q.by == ByPods {
		most = mostPods
	}
	q.out = Growth{Group: q.group.name, By: q.by, Zones: []string{}, Subnets: []string{}, Tried: []Try{}}
	if q.by == ByNodes && q.group.nodes > 0 {
		q.out.PodsPerNode = float64(q.group.pods) / float64(q.group.nodes)
	}
	starts, fails := 0, most+1 // the most that is known to start, the least that is known not to
	next := min(most, max(1, q.guess()))
	step := max(1, next/16)
	for fails-starts > 1 && q.spent < q.events {
		started, err := q.try(ctx, next)
		var bound *des.LimitError
		switch {
		case errors.As(err, &bound):
			return q.end(starts, false)
		case err != nil:
			return err
		}
		if started {
			starts = max(starts, next)
		} else {
			fails = min(fails, next)
		}
		switch {
		case fails == most+1:
			next = min(most, starts+step)
		case starts == 0:
			next = max(1, fails-step)
		default:
			next = starts + (fails-starts)/2
		}
		step *= 2
	}
	return q.end(starts, fails-starts == 1 && fails <= most)
}

// end puts the answer down.
func (q *search) end(starts int, exact bool) error {
	q.tally.Expect(len(q.out.Tried) - probableTries)
	q.out.UntilFull, q.out.Exact = starts, exact
	slices.SortFunc(q.out.Tried, func(a, b Try) int { return a.More - b.More })
	return nil
}

// guess is where the search begins: what is free shared out as the present nodes
// have shared what they hold, or the places that are left.
func (q *search) guess() int {
	g := q.group
	if q.by == ByPods {
		return g.nodes*(g.config.PodLimit()-2) - g.pods
	}
	free, held := 0, 0
	for _, s := range q.seen[0].start {
		if g.config.Uses(s.Name) {
			free += s.Free
			held += s.Primaries + s.Secondary
		}
	}
	if held == 0 || g.nodes == 0 {
		return max(1, free/32)
	}
	return max(1, free*q.base.nodes/held)
}

// When the nodes and the pods come, from time 0, and how long nothing may have
// happened until nothing is taken to happen any more: longer than the pauses of
// Auto Scaling groups, of kubelet and of ipamd, which waits two minutes after EC2
// had no block.
const (
	nodesAt   = time.Second
	podsAfter = 4 * time.Minute // nodes are Ready by then, or never
	patience  = 4 * time.Minute
	longest   = time.Hour
)

// try runs the fleet with so many more, and says whether all of them start.
func (q *search) try(ctx context.Context, more int) (bool, error) {
	s, pods := q.with(more)
	nodes := q.base.nodes
	if q.by == ByNodes {
		nodes += more
	}
	s.Limits.Events = min(s.Limits.Events, q.events-q.spent)
	k := &keeper{pods: q.base.pods + pods, nodes: nodes, from: q.podsAt()}
	w, err := q.subject.run(ctx, fmt.Sprintf("%d more %s of %s", more, q.by, q.group.name), s, k.settled)
	if err != nil {
		return false, err
	}
	q.spent += min(w.Kernel.Counted(), q.events-q.spent)
	q.out.Tried = append(q.out.Tried, Try{more, k.started})
	if !k.started {
		q.explain(shortOf(w, nodes))
	}
	return k.started, nil
}

// explain keeps why the least number that does not start does not.
func (q *search) explain(s *shortfall) {
	last := q.out.Tried[len(q.out.Tried)-1]
	for _, t := range q.out.Tried {
		if !t.Started && t.More < last.More {
			return
		}
	}
	q.out.Binding, q.out.Zones, q.out.Subnets = nil, []string{}, []string{}
	if l, ok := s.limit(); ok {
		q.out.Binding = &l
		if l == Addresses || l == Blocks {
			q.out.Zones = append(q.out.Zones, s.troubled...)
			q.out.Subnets = append(q.out.Subnets, s.places(q.group.config)...)
		}
	}
}

func (q *search) podsAt() time.Duration {
	if q.by == ByPods {
		return time.Minute
	}
	return podsAfter
}

// with is the fleet with so many more, and how many pods that are.
func (q *search) with(more int) (*scenarios.Scenario, int) {
	s := *q.base.scenario
	s.Duration = scenarios.Duration(longest)
	s.NodeGroups, s.Workloads = slices.Clone(s.NodeGroups), slices.Clone(s.Workloads)
	share := func(count int) int { return 0 }
	on := map[string]string{groupLabel: q.group.name}
	switch {
	case q.by == ByNodes:
		g := *q.group.config
		g.Name, g.Nodes, g.Count = beside(g.Name), nil, 0
		g.Steps = []scenarios.CountStep{{At: scenarios.Duration(nodesAt), Count: more}}
		g.Labels = labelled(g.Labels, g.Name)
		g.Labels[groupLabel] = g.Name
		on[groupLabel] = g.Name
		s.NodeGroups = append(s.NodeGroups, g)
		share = func(count int) int { return (count*more + q.group.nodes/2) / max(1, q.group.nodes) }
	case q.group.pods > 0:
		share = func(count int) int { return count * more / q.group.pods }
	}
	pods := 0
	for i, n := range q.shares(more, share) {
		w := added(q.group.mixed(i), q.by == ByNodes)
		w.NodeSelector = on
		w.Replicas = []scenarios.CountStep{{At: scenarios.Duration(q.podsAt()), Count: n}}
		s.Workloads = append(s.Workloads, w)
		pods += n
	}
	return &s, pods
}

// shares are how many pods of each of the group's workloads come. By pods they
// add up to what is asked for: what rounding leaves goes to the first ones.
func (q *search) shares(more int, share func(int) int) (list []int) {
	sum := 0
	for _, m := range q.group.mix {
		list = append(list, share(m.count))
		sum += list[len(list)-1]
	}
	if q.by == ByNodes {
		return list
	}
	if len(list) == 0 {
		return []int{more}
	}
	for i := 0; sum < more; i = (i + 1) % len(list) {
		list[i]++
		sum++
	}
	return list
}

// mixed is the i-th workload of the group; where it has none, pods that ask for
// nothing but an address.
func (g *groupAt) mixed(i int) *scenarios.Workload {
	if i < len(g.mix) {
		return g.mix[i].workload
	}
	return &scenarios.Workload{Name: "pods"}
}

// added is a workload of pods as those of another. Those that come with nodes ask
// for no CPU and memory: the present nodes show that they fit, and what is left of
// a mixture that is scaled need not.
func added(of *scenarios.Workload, free bool) scenarios.Workload {
	w := scenarios.Workload{Name: beside(of.Name), Kind: string(cluster.Deployment), HostNetwork: of.HostNetwork, Resources: of.Resources}
	if free {
		w.Resources = scenarios.Resources{}
	}
	return w
}

// beside is the name of what is added to a group or a workload. No scenario's own
// has a capital letter.
func beside(name string) string { return name + "-More" }

// keeper says when a fleet has come to rest.
type keeper struct {
	pods, nodes int           // that are to run and to be Ready, at least
	from        time.Duration // when the last ones are asked for, from time 0

	best    cluster.Counts
	since   time.Duration
	started bool // all of them
}

func (k *keeper) settled(w *fleet.Fleet) bool {
	now, c := w.Kernel.Now()-w.WarmUp, w.Cluster.Counts()
	if c.Running > k.best.Running || c.Ready > k.best.Ready || now < k.from {
		k.best, k.since = c, now
	}
	k.started = now > k.from && c.Running >= k.pods && c.Ready >= k.nodes && c.Pending == 0
	return k.started || now > k.from && now-k.since > patience
}
