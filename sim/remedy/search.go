package remedy

import (
	"slices"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// search looks for a variant's recommendation: from the scenario as it is,
// change by change, each of them tried, found good and progress, until what is left
// proposes nothing that is. Applied again it therefore recommends nothing further of
// its own. A later change can leave an earlier one without effect:
// what does nothing is then taken out again, unless pools would be unable to
// grow without it.
type search struct {
	scenario     *scenarios.Expanded
	facts        findings.Facts // of it
	out          *result.Variant
	work, spent  uint64 // events
	replications int    // that each trial has
	cost         uint64 // events of the last run
	cut          bool   // the work ended it
	trials       int

	first, now state
	set        []string          // of now, over the scenario as it is
	known      map[string]*trial // by key of the sets that were tried; nil for what is no progress
	queue      []proposal        // of now's findings, in their order
	helper     *trial            // the best so far against the finding that is looked at
	rounds     int
	doubted    []string                        // settings of set that may do nothing beside the others
	freed      []string                        // settings of set without which pools do not grow
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
	leaner  bool            // not a proposal: the recommendation without one of its settings

	gain float64 // of a trial that helps: the share of the trouble that went
}

func newSearch(scenario *scenarios.Expanded, v *result.Variant, work uint64) *search {
	s := &search{scenario: scenario, facts: findings.FactsOf(scenario.Scenario), out: v, work: work, known: map[string]*trial{"": nil}, rejected: map[result.Mode][]result.Remedy{}}
	s.replications, s.cost = len(v.Replications), events(v)
	s.first = stateOf(v)
	if s.replications > 1 && s.cost*enoughTries > work {
		one := &v.Replications[0]
		s.replications, s.cost = 1, one.Events
		s.first = state{&result.Measured{Outcome: &one.Outcome, Replications: v.Replications[:1]}, findings.Find(&one.Outcome, s.facts)}
	}
	s.adopt(s.first)
	return s
}

// adopt goes on from a state that was found good.
func (s *search) adopt(now state) {
	if s.rounds > 1 { // the recommendation is put together from several
		s.doubted = slices.DeleteFunc(settings(s.set), func(name string) bool { return slices.Contains(s.freed, name) })
	}
	s.rounds++
	s.propose(now)
}

// propose queues what a state's findings propose: it is tried next.
func (s *search) propose(now state) {
	s.now, s.helper, s.queue = now, nil, nil
	if s.rounds > mostRounds {
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
			return s.lean()
		}
		p := s.queue[0]
		s.queue = s.queue[1:]
		whole := s.facts.Changing(merge(s.set, p.set))
		if t, known := s.known[key(whole)]; known {
			s.remember(p, t)
			continue
		}
		s.known[key(whole)] = nil
		if t := s.trial(p, whole); t != nil {
			return t
		}
	}
}

// lean is the recommendation without a setting that may do nothing, or nil.
func (s *search) lean() *trial {
	for len(s.doubted) > 0 {
		name := s.doubted[0]
		s.doubted = s.doubted[1:]
		without := slices.DeleteFunc(slices.Clone(s.set), func(o string) bool { return setting(o) == name })
		if len(without) == 0 {
			return nil
		}
		if t := s.trial(proposal{}, without); t != nil {
			t.leaner = true
			return t
		}
	}
	return nil
}

// trial is a run with overrides over the scenario as it is, or nil where the
// scenario's language, or the daemon, does not take them, or where the work is
// used up.
func (s *search) trial(p proposal, whole []string) *trial {
	variant, err := s.scenario.With(whole...)
	if err != nil {
		return nil
	}
	left := s.work - s.spent
	if s.cost > left {
		s.cut, s.queue, s.doubted = true, nil, nil
		return nil
	}
	// A change that harms may make retries without end: it gets a half of
	// what is left, so that the next one has its chance.
	most := max(s.cost, left/2)
	variant.Scenario.Replications = s.replications
	variant.Scenario.Limits.Events = min(variant.Scenario.Limits.Events, most/uint64(s.replications))
	s.trials++
	return &trial{proposal: p, search: s, whole: whole, variant: variant, most: most}
}

// hear takes what a trial came to.
func (s *search) hear(t *trial) {
	if t.leaner {
		s.hearLeaner(t)
		return
	}
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
	if s.unrolled(t, &after) {
		return
	}
	if progress(&s.now, &after) {
		s.known[key(t.whole)] = t
	}
	if !s.judge(t, &after) {
		r := s.remedy(t.whole, &after)
		if r.Verdict = result.ChangesNothing; worse(&s.first, &after) || trades(&s.first, &after) {
			r.Verdict = result.Worsens
		}
		s.reject(t.mode, r)
	}
}

// remember judges again what was tried before, now against another finding or
// beside other settings, and needs no run for it. What was no progress then is none
// now, as all that was accepted since is.
func (s *search) remember(p proposal, known *trial) {
	if known == nil {
		return
	}
	t := *known
	t.proposal = p
	after := stateOf(t.outcome)
	s.judge(&t, &after)
}

// judge accepts a trial that cures what it is against, keeps the best of those
// that help with it, and says whether it does one of the two.
func (s *search) judge(t *trial, after *state) bool {
	verdict, gain := judge(t.mode, &s.now, after)
	if worse(&s.first, after) {
		verdict = ""
	}
	switch verdict {
	case result.Cures:
		s.accept(t)
	case result.Helps:
		if t.gain = gain; s.helper == nil || gain > s.helper.gain {
			s.helper = t
		}
	}
	return verdict != ""
}

// unrolled says whether a rolling update of aws-node that takes smaller steps did
// not come to every node before the run was over: what looks better then is an
// update that was not made.
func (s *search) unrolled(t *trial, after *state) bool {
	before := s.first.outcome.Nodes
	return findings.SlowsRollout(t.whole) && after.outcome.Nodes.AgentRestarts < min(before.AgentRestarts, before.Peak)
}

// hearLeaner takes a setting out without which the very same happens. What did no
// good on top of it may do so now.
func (s *search) hearLeaner(t *trial) {
	if t.outcome == nil {
		s.spent += t.most
		return
	}
	s.spent += events(t.outcome)
	same := func(a, b result.Replication) bool { return a.Fingerprint == b.Fingerprint }
	if slices.EqualFunc(s.now.outcome.Replications, t.outcome.Replications, same) {
		s.set = t.whole
		s.propose(stateOf(t.outcome))
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
	if t.mode.StopsGrowth() {
		s.freed = append(s.freed, settings(t.set)...)
	}
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

// key names a set.
func key(set []string) string { return strings.Join(set, "\n") }

// merge lays overrides over others: of two for one path the later one stays,
// but entries that are added to a list do all.
func merge(set, more []string) []string {
	path := func(s string) string { p, _, _ := strings.Cut(s, "="); return p }
	merged := slices.DeleteFunc(slices.Clone(set), func(s string) bool {
		return slices.ContainsFunc(more, func(m string) bool { return m == s || path(m) == path(s) && !scenarios.Appends(m) })
	})
	return append(merged, more...)
}

// setting is what an override sets, whichever nodes it sets it for.
func setting(override string) string {
	path, _, _ := strings.Cut(override, "=")
	if _, name, is := strings.Cut(path, ".cni."); is {
		return name
	}
	return override // a step of the timeline, added
}

// settings are those of a set, each once.
func settings(set []string) (list []string) {
	for _, o := range set {
		if name := setting(o); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
