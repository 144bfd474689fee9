package tuning

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// mostChecked is how many settings are tried where the search has not looked
// before it is given up: our choice.
const mostChecked = 8

// recommend finds the setting that meets the preference best and fails no check.
// The settings of the front come first; then those that were left in the end.
func (s *Search) recommend(ctx context.Context, d *result.Tuning, now *result.Trial, found, last []point) error {
	order, why := s.preferred(now, found)
	rest, _ := s.preferred(now, slices.DeleteFunc(slices.Clone(last), func(p point) bool {
		return slices.ContainsFunc(found, func(f point) bool { return f.place == p.place })
	}))
	order = append(order, rest...)
	passed := []result.PassedOver{}
	for i, p := range order[:min(len(order), mostChecked)] {
		checks, err := s.check(ctx, &p)
		if err != nil {
			return err
		}
		if failed := cmp.Or(firstUnfit(checks), fragile(p.trial, checks)); failed != "" {
			passed = append(passed, result.PassedOver{Env: p.env, Why: failed})
			continue
		}
		if i > 0 {
			why += "; those before it failed a check"
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
func (s *Search) preferred(now *result.Trial, found []point) (order []point, why string) {
	p := s.o.Preference
	meeting := slices.DeleteFunc(slices.Clone(found), func(x point) bool {
		return p.MaxAddresses != nil && x.trial.Costs.AddressesPeak > *p.MaxAddresses || p.MaxP99 != nil && certainStart(x.trial) > *p.MaxP99
	})
	switch {
	case len(meeting) == 0:
		return nil, s.noneMeets(found)
	case p.MaxP99 != nil && p.MaxAddresses == nil:
		sortBy(meeting, addresses, start)
		return meeting, fmt.Sprintf("fewest addresses of the settings with a p99 of at most %s", inSeconds(*p.MaxP99))
	case p.MaxAddresses != nil && p.MaxP99 == nil:
		sortBy(meeting, start, addresses)
		return meeting, fmt.Sprintf("shortest p99 of the settings with at most %s", words.Plural(*p.MaxAddresses, "address"))
	case p.MaxAddresses != nil:
		why = "the knee of the settings that keep both bounds"
	default:
		why = "the knee of the front"
	}
	for _, i := range nearest(distances(meeting)) {
		order = append(order, meeting[i])
	}
	if p.MaxP99 == nil && p.MaxAddresses == nil && longer(certainStart(order[0].trial), certainStart(now)) {
		why = "the knee of the front, of those that start pods no later than now"
		slices.SortStableFunc(order, func(a, b point) int {
			return boolean(longer(certainStart(a.trial), certainStart(now))) - boolean(longer(certainStart(b.trial), certainStart(now)))
		})
	}
	return order, why
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// longer says whether a p99 is longer than another, not by chance.
func longer(a, b float64) bool { return a > longerShare*b && a > b+longerSeconds }

// What counts as longer: by this share and by this many seconds at once. Less is
// what another order of the same events makes; remedies are judged by the same.
const (
	longerShare   = 1.25
	longerSeconds = 2
)

// fragile says whether a setting owes its p99 to the worlds of the search: in those
// that it has not seen it is longer than chance explains.
func fragile(t *result.Trial, checks []result.Probe) string {
	seen := certainStart(t)
	i := slices.IndexFunc(checks, func(c result.Probe) bool { return c.Name == heldBackSeed })
	if i < 0 {
		return ""
	}
	then := float64(checks[i].Then.PodStartP99)
	if !longer(then, seen) {
		return ""
	}
	return fmt.Sprintf("%s: its p99 is %s there, and %s at the most in the worlds of the search", heldBackSeed, inSeconds(then), inSeconds(seen))
}

func inSeconds(s float64) string {
	if math.IsInf(s, 0) {
		return "infinite"
	}
	return words.Seconds(s, 2)
}

func (s *Search) noneMeets(found []point) string {
	if len(found) == 0 {
		return "no setting is fit: each makes a threshold worse"
	}
	fewest, shortest := found[0].trial.Costs.AddressesPeak, found[0].trial.Costs.PodStartP99
	for i := range found {
		fewest, shortest = min(fewest, found[i].trial.Costs.AddressesPeak), min(shortest, found[i].trial.Costs.PodStartP99)
	}
	return fmt.Sprintf("no setting is within the preference: the fewest addresses are %s, the shortest p99 is %s", words.Count(fewest), inSeconds(float64(shortest)))
}

func addresses(c *result.Costs) float64 { return float64(c.AddressesPeak) }
func start(c *result.Costs) float64     { return float64(c.PodStartP99) }

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
