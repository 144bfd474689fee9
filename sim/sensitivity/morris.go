package sensitivity

import (
	"math"
	"math/rand/v2"
	"slices"
)

// levels of a parameter's range in Morris' screening, and how far a step goes:
// his p = 4 and p/(2(p-1)), with which all levels are met equally often.
const (
	levels = 4
	step   = levels / (2. * (levels - 1))
)

// stream of the random steps: a constant of ours beside the scenario's seed.
const stream = 0x6d6f72726973

// screen lays the trajectories for the first variant: each begins anywhere, and
// moves one assumption after the other, in random order, by one step.
func (s *study) screen() {
	random := rand.New(rand.NewPCG(s.variants[0].Scenario.Seed, stream))
	for range s.o.Trajectories {
		x := make([]float64, len(s.moved))
		for i := range x {
			x[i] = float64(random.IntN(levels)) / (levels - 1)
		}
		s.runs = append(s.runs, &run{x: slices.Clone(x)})
		for _, i := range random.Perm(len(s.moved)) {
			if x[i] < 0.5 {
				x[i] += step
			} else {
				x[i] -= step
			}
			s.runs = append(s.runs, &run{x: slices.Clone(x)})
		}
	}
}

// effects are the elementary effects of a parameter: how much the metric changes
// over its whole range, by each trajectory's step. ok is false where it was
// infinite or not observed.
func (s *study) effects(parameter int, screened []*run) (list []float64, ok bool) {
	for t := range s.o.Trajectories {
		walk := screened[t*(len(s.moved)+1) : (t+1)*(len(s.moved)+1)]
		for i, r := range walk[1:] {
			before := walk[i]
			moved := r.x[parameter] - before.x[parameter]
			if moved == 0 {
				continue
			}
			if !finite(r) || !finite(before) {
				return nil, false
			}
			list = append(list, (r.value-before.value)/moved)
		}
	}
	return list, len(list) > 0
}

func finite(r *run) bool { return r.observed && !math.IsInf(r.value, 0) }

// spread is the mean of the effects' sizes, and the standard deviation of the
// effects.
func spread(effects []float64) (size, deviation float64) {
	sum, n := 0.0, float64(len(effects))
	for _, e := range effects {
		size += math.Abs(e) / n
		sum += e / n
	}
	for _, e := range effects {
		deviation += float64((e - sum) * (e - sum))
	}
	return size, math.Sqrt(deviation / max(1, n-1))
}
