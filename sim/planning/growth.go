package planning

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/nodeadm"
)

// search finds how much more of a group fits.
type search struct {
	*subject
	group *groupAt
	by    By
	even  bool // each more node takes no more pods than the present ones have on average

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
	if err := q.tight(ctx, starts); err != nil {
		return err
	}
	return q.end(starts, fails-starts == 1 && fails <= most)
}

// tight finds the most that start with full warm pools. More than that many start
// in subnets that are used up, in place of warm pools.
func (q *search) tight(ctx context.Context, starts int) error {
	leaves, less := 0, starts+1 // the most that is known to leave pools full, the least that is known not to
	if starts == 0 {
		return nil
	}
	for {
		for _, t := range q.out.Tried {
			if t.Started && !t.Refused && t.FreeLeft >= upgradeNeeds {
				leaves = max(leaves, t.More)
			} else {
				less = min(less, t.More)
			}
		}
		if less-leaves <= 1 || q.spent >= q.events {
			break
		}
		_, err := q.try(ctx, leaves+(less-leaves)/2)
		var bound *des.LimitError
		switch {
		case errors.As(err, &bound):
			return nil
		case err != nil:
			return err
		}
	}
	if less <= starts {
		q.out.UntilTight = new(leaves)
	}
	return nil
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
		return g.places() - g.pods
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

// places are how many pods of the present mixture the group's nodes have, as far
// as their own limits go.
func (g *groupAt) places() int {
	each, room := g.config.PodLimit()-2, g.config.Allocatable()
	var asked scenarios.Resources
	for _, m := range g.mix {
		asked.CPU += m.workload.Resources.CPU * scenarios.CPU(m.count)
		asked.Memory += m.workload.Resources.Memory * scenarios.Memory(m.count)
	}
	if asked.CPU > 0 {
		each = min(each, int(room.CPU)*g.pods/int(asked.CPU))
	}
	if asked.Memory > 0 {
		each = min(each, int(int64(room.Memory)/(int64(asked.Memory)/int64(g.pods)+1)))
	}
	return g.nodes * each
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
	short := shortOf(w, nodes)
	q.out.Tried = append(q.out.Tried, Try{more, k.started, short.refused(), q.freeLeft(w)})
	if !k.started {
		q.explain(short)
	}
	return k.started, nil
}

// freeLeft are the fewest free addresses of a subnet that the group uses.
func (q *search) freeLeft(w *fleet.Fleet) int {
	left := math.MaxInt
	for _, s := range w.Account.Subnets() {
		if q.group.uses(s.Name, s.AZ) {
			left = min(left, s.Free)
		}
	}
	return left
}

// uses says whether the group's nodes or their pods have addresses in a subnet.
func (g *groupAt) uses(subnet, zone string) bool {
	return g.config.Uses(subnet) || g.config.ENIConfig[zone] == subnet
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
	if q.by == ByNodes {
		g := *q.group.config
		g.Name, g.Nodes, g.Count = beside(g.Name), nil, 0
		g.Steps = []scenarios.CountStep{{At: scenarios.Duration(nodesAt), Count: more}}
		g.Labels = labelled(g.Labels, g.Name)
		g.Labels[groupLabel] = g.Name
		s.NodeGroups = append(slices.Clone(s.NodeGroups), g)
	}
	pods, workloads := q.pods(more, q.podsAt(), s.Workloads)
	s.Workloads = workloads
	return &s, pods
}

// pods are those that come, how many they are, and a list of workloads with them.
func (q *search) pods(more int, at time.Duration, others []scenarios.Workload) (pods int, list []scenarios.Workload) {
	on := q.group.name
	if q.by == ByNodes {
		on = beside(on)
	}
	list = slices.Clone(others)
	for i, n := range q.shares(more) {
		w := added(q.group.mixed(i), q.by == ByNodes)
		if q.even {
			w.Resources.CPU = q.share(others)
		}
		w.NodeSelector, w.NodeAffinity = map[string]string{groupLabel: on}, nil // to that group, whatever keeps others away
		w.Tolerations = []scenarios.Toleration{{Operator: "Exists"}}
		w.Replicas = []scenarios.CountStep{{At: scenarios.Duration(at), Count: n}}
		list = append(list, w)
		pods += n
	}
	return pods, list
}

// share is the CPU that a pod must ask for so that no more of them come to a node
// than the present ones have on average, rounded up.
func (q *search) share(workloads []scenarios.Workload) scenarios.CPU {
	room := q.group.config.Allocatable().CPU - nodeadm.SystemMilliCPU
	for i := range workloads {
		if w := &workloads[i]; w.Kind == string(cluster.DaemonSet) && w.RunsOn(q.group.config) {
			room -= w.Resources.CPU
		}
	}
	each := (q.group.pods + q.group.nodes - 1) / max(1, q.group.nodes)
	return max(1, room/scenarios.CPU(max(1, each)))
}

// shares are how many pods of each of the group's workloads come: with nodes as
// many for each as the present ones have, otherwise what adds up to the number,
// where the first ones get what rounding leaves.
func (q *search) shares(more int) (list []int) {
	if len(q.group.mix) == 0 && q.by == ByPods {
		return []int{more}
	}
	sum := 0
	for _, m := range q.group.mix {
		n := m.count * more / max(1, q.group.pods)
		if q.by == ByNodes {
			n = (m.count*more + q.group.nodes/2) / max(1, q.group.nodes)
		}
		list = append(list, n)
		sum += n
	}
	for i := 0; q.by == ByPods && sum < more; i = (i + 1) % len(list) {
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
	reached time.Duration // when all of them had started
	started bool          // all of them
}

// refill is how long a fleet of which all has started may fill its warm pools.
const refill = 2 * time.Minute

func (k *keeper) settled(w *fleet.Fleet) bool {
	now, c := w.Kernel.Now()-w.WarmUp, w.Cluster.Counts()
	if c.Running > k.best.Running || c.Ready > k.best.Ready || now < k.from {
		k.best, k.since = c, now
	}
	if !k.started && now > k.from && c.Running >= k.pods && c.Ready >= k.nodes && c.Pending == 0 {
		k.started, k.reached = true, now
	}
	return k.started && now-k.reached > refill || now > k.from && now-k.since > patience
}
