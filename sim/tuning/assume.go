package tuning

import (
	"fmt"
	"math"

	"ipamsim/internal/portable"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
	"ipamsim/sim/sensitivity"
)

// swing is by how much each assumption is changed, up and down.
const swing = 0.5

// heldBack is how far the seed of the random worlds that the search does not see
// is from the scenario's.
const heldBack = 1_000_003

// heldBackSeed is what the check with that seed is called.
const heldBackSeed = "held-back seed"

// assumption is a world in which the search does not look.
type assumption struct {
	name string
	set  []string
	seed uint64
	n    int // replications
}

// assumptions are where a recommendation is tried: as the file has it where the
// search had another number of replications, in other random worlds, and in some of
// those with what nobody knows exactly half as long and half as long again.
func (s *Search) assumptions() (list []assumption) {
	sc := s.base.Scenario
	seed := (sc.Seed + heldBack) % (1 << 53) // a number that every reader of JSON has exactly
	if sc.Replications != s.o.Replications {
		list = append(list, assumption{"as the file has it", []string{}, sc.Seed, sc.Replications})
	}
	list = append(list, assumption{heldBackSeed, []string{}, seed, s.o.Replications})
	for _, by := range []float64{1 - swing, 1 + swing} {
		percent := fmt.Sprintf("%+.0f %%", (by-1)*100)
		for _, a := range []assumption{
			{name: "attach latency " + percent, set: sensitivity.AttachLatency(&sc.EC2, by)},
			{name: "metadata lag " + percent, set: sensitivity.MetadataLag(&sc.EC2, by)},
			{name: "burst " + percent, set: burst(sc, by)},
		} {
			if a.seed, a.n = seed, max(1, s.o.Replications/shrink); len(a.set) > 0 && s.trials.possible(a.set) {
				list = append(list, a)
			}
		}
	}
	return list
}

// burst makes what grows grow so many times as far: replicas and nodes above their
// first number, and what arrives. A trace is as it was recorded.
func burst(s *scenarios.Scenario, by float64) (set []string) {
	steps := func(path string, first int, list []scenarios.CountStep) {
		for i, step := range list {
			if more := step.Count - first; more > 0 {
				set = append(set, fmt.Sprintf("%s.%d.count=%d", path, i, first+portable.Int(math.Round(float64(more)*by))))
			}
		}
	}
	for i := range s.Workloads {
		w := &s.Workloads[i]
		path := "workloads." + w.Name
		steps(path+".replicas", w.Initial, w.Replicas)
		switch a := w.Arrivals; {
		case a == nil:
		case a.Every != nil || a.Batch > 1:
			set = append(set, fmt.Sprintf("%s.arrivals.batch=%d", path, max(1, portable.Int(math.Round(float64(a.Batch)*by)))))
		default:
			set = append(set, fmt.Sprintf("%s.arrivals.rate=%v", path, a.Rate*by))
		}
	}
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		steps("nodeGroups."+g.Name+".steps", g.Count, g.Steps)
	}
	return set
}

// probe is a setting beside what is now under an assumption.
func (a *assumption) probe(now, then *result.Trial) result.Probe {
	p := result.Probe{Name: a.name, Set: a.set, Seed: a.seed, Replications: a.n, Now: now.Costs, Then: then.Costs, Change: now.DifferenceTo(then), Worse: worse(now, then), Unfit: unfit(now, then)}
	return p
}
