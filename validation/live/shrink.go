package live

import (
	"maps"
	"slices"

	"ipamsim/validation"
)

// Shrink makes a scenario smaller as long as it stays one of those that are
// looked for: steps, events, faults, tenants, subnets and variables go, and time is
// cut off. It asks so many times at most, and returns the smallest one found.
func Shrink(s *validation.Scenario, tries int, wanted func(*validation.Scenario) (bool, error)) (*validation.Scenario, error) {
	h := shrinker{best: s, tries: tries, wanted: wanted}
	for before := 0; h.err == nil && before != h.size(); {
		before = h.size()
		h.time()
		thin(&h, func(s *validation.Scenario) *[]validation.Step { return &s.Workload })
		thin(&h, func(s *validation.Scenario) *[]validation.Event { return &s.Events })
		thin(&h, func(s *validation.Scenario) *[]validation.Fault { return &s.Faults })
		thin(&h, func(s *validation.Scenario) *[]validation.Tenant { return &s.Tenants })
		h.surroundings()
	}
	return h.best, h.err
}

type shrinker struct {
	best   *validation.Scenario
	tries  int
	wanted func(*validation.Scenario) (bool, error)
	err    error
}

// size is what gets less.
func (h *shrinker) size() int {
	s := h.best
	return int(s.DurationMS/1000) + len(s.Workload) + len(s.Events) + len(s.Faults) + len(s.Tenants) + len(s.Subnets) + len(s.Env)
}

// try takes a change if the scenario remains wanted.
func (h *shrinker) try(change func(*validation.Scenario)) bool {
	if h.err != nil || h.tries == 0 {
		return false
	}
	h.tries--
	s := *h.best
	s.Env = maps.Clone(s.Env)
	change(&s)
	ok, err := h.wanted(&s)
	if err != nil {
		h.err = err
		return false
	}
	if ok {
		h.best = &s
	}
	return ok
}

// shortest is how much time a scenario keeps: enough to start.
const shortest = 30_000

// time cuts off the end, and what would come after it.
func (h *shrinker) time() {
	for cut := h.best.DurationMS / 2; cut >= 10_000; cut /= 2 {
		for h.best.DurationMS-cut >= shortest && h.try(func(s *validation.Scenario) {
			s.DurationMS -= cut
			s.Workload = slices.DeleteFunc(slices.Clone(s.Workload), func(w validation.Step) bool { return w.AtMS > s.DurationMS })
			s.Events = slices.DeleteFunc(slices.Clone(s.Events), func(e validation.Event) bool { return e.AtMS > s.DurationMS })
		}) {
		}
	}
}

// thin drops runs of a list, long ones first.
func thin[T any](h *shrinker, of func(*validation.Scenario) *[]T) {
	for n := (len(*of(h.best)) + 1) / 2; n > 0; n /= 2 {
		for i := 0; i < len(*of(h.best)); {
			to := min(i+n, len(*of(h.best)))
			if !h.try(func(s *validation.Scenario) { *of(s) = slices.Delete(slices.Clone(*of(s)), i, to) }) {
				i += n
			}
		}
	}
}

// surroundings drops variables and subnets, and makes EC2 simpler.
func (h *shrinker) surroundings() {
	for _, name := range slices.Sorted(maps.Keys(h.best.Env)) {
		h.try(func(s *validation.Scenario) { delete(s.Env, name) })
	}
	for last := len(h.best.Subnets) - 1; last > 0 && last > h.best.ENIConfig; last-- {
		if slices.ContainsFunc(h.best.Events, func(e validation.Event) bool { return e.Subnet == last }) {
			break
		}
		h.try(func(s *validation.Scenario) { s.Subnets = s.Subnets[:last] })
	}
	if h.best.DefaultEC2 {
		h.try(func(s *validation.Scenario) { s.DefaultEC2 = false })
	}
}
