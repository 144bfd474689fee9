package tuning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// mostChecked is how many settings are tried where the search has not looked
// before it is given up: our choice.
const mostChecked = 8

// recommend finds the setting that meets the preference best and fails no check.
func (s *Search) recommend(ctx context.Context, d *result.Tuning, now *result.Trial, found []point) error {
	order, why := s.preferred(found)
	passed := []result.PassedOver{}
	for i, p := range order[:min(len(order), mostChecked)] {
		checks, err := s.check(ctx, &p)
		if err != nil {
			return err
		}
		if failed := firstUnfit(checks); failed != "" {
			passed = append(passed, result.PassedOver{Env: p.env, Why: failed})
			continue
		}
		if i > 0 {
			why = fmt.Sprintf("%s, of those that fail no check", why)
		}
		d.Recommended = &result.Recommendation{Setting: s.setting(&p), Why: why, Change: now.DifferenceTo(p.trial), Checks: checks, PassedOver: passed}
		return nil
	}
	d.None = &result.NoRecommendation{Why: why, PassedOver: passed}
	return nil
}

// firstUnfit is what the first check that failed says.
func firstUnfit(checks []result.Probe) string {
	for i := range checks {
		if c := &checks[i]; c.Unfit != "" {
			return c.Name + ": " + c.Unfit
		}
	}
	return ""
}

// check tries a setting beside what is now where the search has not looked.
func (s *Search) check(ctx context.Context, p *point) (checks []result.Probe, err error) {
	list := s.assumptions()
	var asks []ask
	for _, a := range list {
		asks = append(asks, ask{a.set, a.seed, a.n}, ask{slices.Concat(a.set, p.setOrNone()), a.seed, a.n})
	}
	trials, err := s.trials.run(ctx, "checking "+p.String(), asks)
	if err != nil {
		return nil, err
	}
	for i := range list {
		checks = append(checks, list[i].probe(trials[2*i], trials[2*i+1]))
	}
	return checks, nil
}

// preferred are the settings that meet the preference, the best first, and what
// is best about it. Without any it says why.
func (s *Search) preferred(found []point) (order []point, why string) {
	p := s.o.Preference
	meeting := slices.DeleteFunc(slices.Clone(found), func(x point) bool {
		return p.MaxAddresses != nil && x.trial.Costs.AddressesPeak > *p.MaxAddresses || p.MaxP99 != nil && !surelyWithin(x.trial, *p.MaxP99)
	})
	switch {
	case len(meeting) == 0:
		return nil, s.noneMeets(found)
	case p.MaxP99 != nil && p.MaxAddresses == nil:
		sortBy(meeting, objectives[0], objectives[1], objectives[3])
		return meeting, fmt.Sprintf("fewest addresses of the settings with a p99 of at most %s s", words.Seconds(*p.MaxP99, 2))
	case p.MaxAddresses != nil && p.MaxP99 == nil:
		sortBy(meeting, objectives[1], objectives[0], objectives[3])
		return meeting, fmt.Sprintf("shortest p99 of the settings with at most %s", words.Plural(*p.MaxAddresses, "address"))
	case p.MaxAddresses != nil:
		why = "the knee of the settings that keep both bounds"
	default:
		why = "the knee of the front"
	}
	for _, i := range nearest(distances(meeting)) {
		order = append(order, meeting[i])
	}
	return order, why
}

// surelyWithin says whether a p99 is within a bound in the pool of all worlds, and
// at the upper end of the interval of its mean over them.
func surelyWithin(t *result.Trial, bound float64) bool {
	interval, is := t.Intervals()["pod_start_p99"]
	return float64(t.Costs.PodStartP99) <= bound && (!is || interval.High <= bound)
}

func (s *Search) noneMeets(found []point) string {
	if len(found) == 0 {
		return "no setting is fit: each makes a threshold worse"
	}
	fewest, shortest := found[0].trial.Costs.AddressesPeak, found[0].trial.Costs.PodStartP99
	for i := range found {
		fewest, shortest = min(fewest, found[i].trial.Costs.AddressesPeak), min(shortest, found[i].trial.Costs.PodStartP99)
	}
	p99 := "none, as too many pods never start"
	if shortest.Reached() {
		p99 = words.Seconds(float64(shortest), 2) + " s"
	}
	return fmt.Sprintf("no setting of the front is within the preference: their fewest addresses are %s, their shortest p99 %s", words.Count(fewest), p99)
}

// sortBy sorts by some objectives, the first one first.
func sortBy(points []point, by ...func(*result.Costs) float64) {
	slices.SortStableFunc(points, func(a, b point) int {
		for _, of := range by {
			if c := cmp.Compare(of(&a.trial.Costs), of(&b.trial.Costs)); c != 0 {
				return c
			}
		}
		return 0
	})
}
