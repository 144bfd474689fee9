package planning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

// pace doubles the largest group, as far as it fits, with the account's token
// buckets in the way and without, and finds the shortest ramp on which nothing is
// throttled.
type pace struct {
	*subject
	group *groupAt
	nodes int // more
	out   ScaleOut
}

// The ramps that are tried: up to six hours, and to a twentieth.
const (
	longestRamp = 6 * time.Hour
	paceTime    = 2 * time.Hour // after the ramp
)

// doubling is the scale-out of the largest group, if more of it fits.
func (s *subject) doubling() (list []pace) {
	p := pace{subject: s}
	for i := range s.growth {
		q := &s.growth[i]
		if q.by == ByNodes && q.out.UntilFull > 0 && (p.group == nil || q.group.nodes > p.group.nodes) {
			fits := q.out.UntilFull
			if q.out.UntilTight != nil {
				fits = max(1, *q.out.UntilTight) // in a rush not every address goes where it is needed
			}
			p.group, p.nodes = q.group, min(max(1, q.group.nodes), fits)
		}
	}
	if p.group == nil {
		return nil
	}
	return []pace{p}
}

func (p *pace) run(ctx context.Context) error {
	p.out.Group, p.out.Nodes = p.group.name, p.nodes
	took, throttled, pods, err := p.over(ctx, 0, true)
	if err != nil {
		return err
	}
	free, _, _, err := p.over(ctx, 0, false)
	if err != nil {
		return err
	}
	p.out.Pods, p.out.Seconds, p.out.Throttled, p.out.SecondsUnthrottled = pods, took.Seconds(), throttled, free.Seconds()
	if throttled == 0 {
		return nil
	}
	bad, good := time.Duration(0), time.Duration(0)
	for ramp := time.Minute; good == 0 && ramp <= longestRamp; ramp *= 2 {
		if _, throttled, _, err = p.over(ctx, ramp, true); err != nil {
			return err
		}
		if throttled == 0 {
			good = ramp
		} else {
			bad = ramp
		}
	}
	if good == 0 {
		return nil
	}
	for good-bad > max(5*time.Second, good/20) {
		ramp := ((good + bad) / 2).Round(time.Second)
		if _, throttled, _, err = p.over(ctx, ramp, true); err != nil {
			return err
		}
		if throttled == 0 {
			good = ramp
		} else {
			bad = ramp
		}
	}
	took, _, _, err = p.over(ctx, good, true)
	p.out.Ramp, p.out.RampSeconds = new(good.Seconds()), new(took.Seconds())
	return err
}

// over brings the nodes and their pods over a ramp, and says after which time all
// run, and how many requests of the fleet were throttled.
func (p *pace) over(ctx context.Context, ramp time.Duration, buckets bool) (took time.Duration, throttled, pods int, err error) {
	q := search{subject: p.subject, group: p.group, by: ByNodes, even: true}
	s, pods := q.with(p.nodes)
	s.Duration = scenarios.Duration(ramp + paceTime)
	s.ControlPlane = p.variant.Scenario.ControlPlane
	if buckets {
		s.EC2.Throttling = p.variant.Scenario.EC2.Throttling
	}
	over := scenarios.Duration(ramp)
	g := &s.NodeGroups[len(s.NodeGroups)-1]
	g.Steps = slices.Clone(g.Steps)
	if ramp > 0 {
		g.Steps[0].Over = &over
	}
	for i := range s.Workloads {
		w := &s.Workloads[i]
		if w.NodeSelector[groupLabel] == g.Name {
			w.Replicas = []scenarios.CountStep{{At: scenarios.Duration(nodesAt), Count: w.Replicas[0].Count}}
			if ramp > 0 {
				w.Replicas[0].Over = &over
			}
		}
	}
	what := "scaled out at once"
	if ramp > 0 {
		what = fmt.Sprintf("scaled out over %s", ramp)
	}
	k := &keeper{pods: p.base.pods + pods, nodes: p.base.nodes + p.nodes, from: nodesAt + ramp}
	last := time.Duration(0)
	w, err := p.subject.runWith(ctx, what, s, func(w *fleet.Fleet) {
		w.Listener.PodRunning = func(*cluster.Pod) { last = w.Kernel.Now() }
	}, k.settled)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, of := range w.Outcome().API { // order does not matter to a sum
		throttled += of.Throttled
	}
	if !k.started {
		p.out.Unfinished = true
		if limit, ok := shortOf(w, k.nodes).limit(); ok {
			p.out.Binding = &limit
		}
	}
	return last - w.WarmUp - nodesAt, throttled, pods, nil
}
