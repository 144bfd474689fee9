package remedy

import (
	"slices"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// search looks for a variant's recommendation: from the scenario as it is,
// change by change, each of them tried and found good, until what is left
// proposes nothing that is good. Applied again it therefore recommends nothing
// further of its own.
type search struct {
	scenario     *scenarios.Expanded
	out          *result.Variant
	work, spent  uint64 // events
	replications int    // that each trial has
	cost         uint64 // events of the last run
	cut          bool   // the work ended it
	trials       int

	first, now state
	set        []string        // of now, over the scenario as it is
	known      map[string]bool // sets that were tried
	queue      []proposal      // of now's findings, in their order
	helper     *trial          // the best so far against the finding that is looked at
	rounds     int
	rejected   map[result.Mode][]result.Remedy // of the first round
}

// proposal is a remedy against a finding.
type proposal struct {
	mode result.Mode
	set  []string
}

// trial is a proposal that is run.
type trial struct {
	proposal
	search  *search
	whole   []string // over the scenario as it is
	variant scenarios.Expanded
	most    uint64          // events of all its replications
	outcome *result.Variant // nil when it reached that bound

	gain float64 // of a trial that helps: the share of the trouble that went
}

func newSearch(scenario *scenarios.Expanded, v *result.Variant, work uint64) *search {
	s := &search{scenario: scenario, out: v, work: work, known: map[string]bool{"": true}, rejected: map[result.Mode][]result.Remedy{}}
	s.replications, s.cost = len(v.Replications), events(v)
	s.first = stateOf(v)
	if s.replications > 1 && s.cost*enoughTries > work {
		one := &v.Replications[0]
		s.replications, s.cost = 1, one.Events
		s.first = state{&result.Measured{Outcome: &one.Outcome, Replications: v.Replications[:1]}, findings.Find(&one.Outcome, findings.FactsOf(scenario.Scenario))}
	}
	s.adopt(s.first)
	return s
}

// adopt goes on from a state: what its findings propose is tried next.
func (s *search) adopt(now state) {
	s.now, s.helper, s.queue = now, nil, nil
	if s.rounds++; s.rounds > mostRounds {
		return
	}
	for _, f := range now.findings {
		if s.passing(f.Mode) {
			continue
		}
		for _, r := range f.Remedies {
			s.queue = append(s.queue, proposal{f.Mode, r.Set})
		}
	}
}

// passing says whether a finding is one of what a repair brings for a while:
// pods that wait where all are made again at once. It is told with the repair,
// and no reason to change settings.
func (s *search) passing(mode result.Mode) bool {
	_, before := s.first.of(mode)
	return !before && !mode.OfNetwork() && (&result.Remedy{Set: s.set}).Repairs()
}

// next is what is to be run next, or nil when all is done.
func (s *search) next() *trial {
	for {
		if s.helper != nil && (len(s.queue) == 0 || s.queue[0].mode != s.helper.mode) {
			s.accept(s.helper)
			continue
		}
		if len(s.queue) == 0 {
			return nil
		}
		p := s.queue[0]
		s.queue = s.queue[1:]
		whole := merge(s.set, p.set)
		key := strings.Join(whole, "\n")
		if s.known[key] {
			continue
		}
		s.known[key] = true
		variant, err := s.scenario.With(whole...)
		if err != nil {
			continue // the scenario's language, or the daemon, does not take it
		}
		left := s.work - s.spent
		if s.cost > left {
			s.cut, s.queue = true, nil
			continue
		}
		// A change that harms may make retries without end: it gets a half of
		// what is left, so that the next one has its chance.
		most := max(s.cost, left/2)
		variant.Scenario.Replications = s.replications
		variant.Scenario.Limits.Events = min(variant.Scenario.Limits.Events, most/uint64(s.replications))
		s.trials++
		return &trial{proposal: p, search: s, whole: whole, variant: variant, most: most}
	}
}

// hear takes what a trial came to.
func (s *search) hear(t *trial) {
	if t.outcome == nil {
		s.spent += t.most
		s.cut = s.cut || len(s.set) > 0 // of those on top of others nothing else tells
		r := findings.Remedy(t.whole)
		r.Verdict = result.Unfinished
		s.reject(t.mode, r)
		return
	}
	s.spent += events(t.outcome)
	after := stateOf(t.outcome)
	verdict, gain := judge(t.mode, &s.now, &after)
	if worse(&s.first, &after) {
		verdict = ""
	}
	switch verdict {
	case result.Cures:
		s.accept(t)
	case result.Helps:
		if t.gain = gain; s.helper == nil || gain > s.helper.gain {
			s.helper = t
		}
	default:
		r := s.remedy(t.whole, &after)
		if r.Verdict = result.ChangesNothing; worse(&s.first, &after) || trades(&s.first, &after) {
			r.Verdict = result.Worsens
		}
		s.reject(t.mode, r)
	}
}

// remedy is one that was tried, with what came of it.
func (s *search) remedy(set []string, after *state) result.Remedy {
	r := findings.Remedy(set)
	r.Tried = result.Changes(s.first.outcome, after.outcome)
	for _, f := range after.findings {
		if repaired(f.Mode, &s.first, after) {
			continue
		}
		r.Leaves = append(r.Leaves, f.Mode)
	}
	return r
}

// accept goes on with a trial that was good.
func (s *search) accept(t *trial) {
	s.set = t.whole
	s.adopt(stateOf(t.outcome))
}

// reject keeps what was tried in vain against a finding of the variant. What
// was tried on top of another remedy is about a scenario that nobody has.
func (s *search) reject(mode result.Mode, r result.Remedy) {
	if len(s.set) == 0 {
		s.rejected[mode] = append(s.rejected[mode], r)
	}
}

// conclude writes into the result what the search has found.
func (s *search) conclude() {
	s.out.Trying = &result.Trying{Advice: result.Tried, Replications: s.replications, Trials: s.trials, Events: s.spent, MostEvents: s.work, Cut: s.cut}
	for i := range s.out.Findings {
		f := &s.out.Findings[i]
		f.Remedies, f.Rejected = []result.Remedy{}, s.rejected[f.Mode]
		verdict, _ := judge(f.Mode, &s.first, &s.now)
		if len(s.set) == 0 || verdict == "" {
			continue
		}
		r := s.remedy(s.set, &s.now)
		r.Verdict = verdict
		f.Remedies = []result.Remedy{r}
	}
}

// merge lays overrides over others: of two for one path the later one stays,
// but entries that are added to a list do all.
func merge(set, more []string) []string {
	path := func(s string) string { p, _, _ := strings.Cut(s, "="); return p }
	merged := slices.DeleteFunc(slices.Clone(set), func(s string) bool {
		return slices.ContainsFunc(more, func(m string) bool { return m == s || path(m) == path(s) && !scenarios.Appends(m) })
	})
	return append(merged, more...)
}
