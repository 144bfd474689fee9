package compare

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// alpha is what a p-value has to be below: the field's custom, and benchstat's.
const alpha = 0.05

// confidence is that of the intervals.
const confidence = 1 - alpha

// MinEffect is the share of what was there that a difference has to be at least,
// unless another is asked for: our choice. A reviewer would not ask about less.
const MinEffect = 0.05

// Options of a comparison.
type Options struct {
	Version    string      // of the program
	Old, New   string      // what the two are called
	Pairs      [][2]string // variants of the old and of the new one; all by their names unless given
	Allow      []Kind      // what the two need not have in common
	Metrics    []string    // figures, or figures with a selector; all but some of the distributions' unless given
	MinEffect  float64     // a share
	Correction Correction  // NoCorrection unless given
}

// Compare says what is different between two results, and what of that is no
// chance. The error is a *refused where they have not in common what they need to,
// and else of the options.
func Compare(old, new *Baseline, o Options) (*Comparison, error) {
	pairs, gone, err := pairUp(old, new, o.Pairs)
	if err != nil {
		return nil, err
	}
	unlike := append(mismatches(old, new), gone...)
	if err := refuse(unlike, o.Allow, pairs); err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, errors.New("they have no variant in common: name one of each")
	}
	c := &Comparison{SchemaVersion: schemaVersion, Version: o.Version, Scenario: new.Scenario, Old: side(old, o.Old), New: side(new, o.New),
		Allowed: append([]Mismatch{}, unlike...), Variants: []Pair{}, Metrics: []Metric{}, NotCompared: []Gap{}}
	c.Method = method(old, new, o)
	for _, p := range pairs {
		pair, err := describePair(p)
		if err != nil {
			return nil, err
		}
		c.Variants = append(c.Variants, pair)
		if err := c.add(p, o.Metrics); err != nil {
			return nil, err
		}
	}
	c.judge()
	return c, nil
}

func side(b *Baseline, name string) Side {
	return Side{Name: name, Version: b.Version, Scenario: b.Scenario, Overrides: b.Overrides, Seed: b.Seed, Replications: b.Replications,
		DurationSeconds: b.DurationSeconds, Fingerprint: b.Fingerprint}
}

// method is how two results are compared.
func method(old, new *Baseline, o Options) Method {
	m := Method{Test: SignedRank, Alpha: alpha, MinEffect: o.MinEffect, Correction: cmp.Or(o.Correction, NoCorrection), Replications: min(old.Replications, new.Replications)}
	least := leastP
	if old.Seed != new.Seed {
		m.Test = RankSum
		least = func(n int) float64 { return leastUnpairedP(n, n) }
	}
	m.LeastP, m.Needed = least(m.Replications), fewest(least)
	return m
}

// fewest is how many replications it takes for any p to be below alpha.
func fewest(leastP func(int) float64) int {
	n := 1
	for leastP(n) >= alpha {
		n++
	}
	return n
}

// FewestReplications is how many replications two results have to have in the same
// random worlds for any difference to be significant.
func FewestReplications() int { return fewest(leastP) }

// variants are two that are compared.
type variants struct {
	old, new *Variant
	place    int
}

// pairUp finds the variants that are compared with each other.
func pairUp(old, new *Baseline, named [][2]string) (pairs []variants, unlike []Mismatch, err error) {
	for i, names := range named {
		a, err := old.variant(names[0])
		if err != nil {
			return nil, nil, err
		}
		b, err := new.variant(names[1])
		if err != nil {
			return nil, nil, err
		}
		pairs = append(pairs, variants{a, b, i})
	}
	if len(named) > 0 {
		return pairs, nil, nil
	}
	for i := range old.Variants {
		if j := slices.Index(new.names(), old.Variants[i].Name); j >= 0 {
			pairs = append(pairs, variants{&old.Variants[i], &new.Variants[j], len(pairs)})
		}
	}
	if len(pairs) < len(old.Variants) || len(pairs) < len(new.Variants) {
		unlike = []Mismatch{{OfVariants, strings.Join(old.names(), ", "), strings.Join(new.names(), ", "), OfVariants.means()}}
	}
	return pairs, unlike, nil
}

func (b *Baseline) names() (list []string) {
	for i := range b.Variants {
		list = append(list, b.Variants[i].Name)
	}
	return list
}

func (b *Baseline) variant(name string) (*Variant, error) {
	i := slices.Index(b.names(), name)
	if i < 0 {
		return nil, fmt.Errorf("%s has no variant %q%s", b.Scenario.Name, name, words.DidYouMeanOr(name, b.names()))
	}
	return &b.Variants[i], nil
}

// describePair says what two variants are and have found, but for their figures.
func describePair(p variants) (Pair, error) {
	differ, err := settings(p.old.Scenario, p.new.Scenario)
	if err != nil {
		return Pair{}, err
	}
	pair := Pair{Old: p.old.Name, New: p.new.Name, Identical: slices.Equal(p.old.Fingerprints, p.new.Fingerprints), Settings: differ,
		Broken: []string{}, Mended: []string{}, Appeared: newOf(p.old.Findings, p.new.Findings), Gone: newOf(p.new.Findings, p.old.Findings)}
	for _, t := range p.new.Thresholds {
		i := slices.IndexFunc(p.old.Thresholds, func(before Threshold) bool { return before.Condition == t.Condition })
		switch {
		case !t.OK && (i < 0 || p.old.Thresholds[i].OK):
			pair.Broken = append(pair.Broken, t.Condition)
		case t.OK && i >= 0 && !p.old.Thresholds[i].OK:
			pair.Mended = append(pair.Mended, t.Condition)
		}
	}
	return pair, nil
}

// newOf are the findings of modes that others do not have.
func newOf(before, after []Finding) []Finding {
	list := []Finding{}
	for _, f := range after {
		if !slices.ContainsFunc(before, func(b Finding) bool { return b.Mode == f.Mode }) {
			list = append(list, f)
		}
	}
	return list
}

// add compares the figures of two variants.
func (c *Comparison) add(p variants, wanted []string) error {
	names, err := figuresToCompare(p, wanted)
	if err != nil {
		return err
	}
	from := len(c.Metrics)
	for i, name := range names {
		m := Metric{Name: name.name(), Variant: p.new.Name, Unit: name.Unit, Better: name.Metric.Better().Direction, Verdict: NoChange, order: p.place*len(names) + i}
		old, new := p.old.values(name), p.new.values(name)
		if old == nil || new == nil {
			c.NotCompared = append(c.NotCompared, Gap{m.Name, m.Variant, only(old == nil)})
			continue
		}
		known, why := m.compare(old, new, name.Metric, &c.Method)
		switch {
		case known:
			c.Metrics = append(c.Metrics, m)
		case why != "":
			c.NotCompared = append(c.NotCompared, Gap{m.Name, m.Variant, why})
		}
	}
	if len(wanted) == 0 {
		c.Metrics = append(c.Metrics[:from], withoutEchoes(c.Metrics[from:])...)
	}
	return nil
}

// echoes are metrics that say what another one says already wherever nothing comes
// between them: nothing was tried again, every pod was bound when it was created, no
// pod was created after time 0.
var echoes = [][2]string{{"api_attempts", "api_calls"}, {"pod_pending", "pod_start"}, {"initial_never_started", "pods_never_started"}}

// withoutEchoes leaves metrics out that have the same values as those that they are
// echoes of, so that nothing is told twice.
func withoutEchoes(list []Metric) []Metric {
	echoed := func(m *Metric, of string) bool {
		return slices.ContainsFunc(list, func(x Metric) bool {
			return x.Name == of && slices.Equal(x.OldValues, m.OldValues) && slices.Equal(x.NewValues, m.NewValues)
		})
	}
	var left []Metric
	for i := range list {
		told := slices.ContainsFunc(echoes, func(e [2]string) bool {
			part, is := strings.CutPrefix(list[i].Name, e[0])
			return is && echoed(&list[i], e[1]+part)
		})
		if !told {
			left = append(left, list[i])
		}
	}
	return left
}

func only(missing bool) string {
	if missing {
		return "the old result does not have it"
	}
	return "the new result does not have it"
}

// compare fills a metric in from what the replications have. Where there is nothing
// to compare it says why, or nothing where nobody has observed anything.
func (m *Metric) compare(old, new []Value, of *result.Metric, how *Method) (known bool, why string) {
	if how.Test == SignedRank {
		old, new = old[:how.Replications], new[:how.Replications]
		m.OldValues, m.NewValues = observedPairs(old, new, of.Pooled == result.Longest)
	} else {
		m.OldValues, m.NewValues = observed(old), observed(new)
	}
	if m.N = min(len(m.OldValues), len(m.NewValues)); m.N == 0 {
		switch {
		case len(observed(old)) > 0:
			return false, "it was not observed in the new result"
		case len(observed(new)) > 0:
			return false, "it was not observed in the old result"
		}
		return false, ""
	}
	m.Old, m.New = medianOf(m.OldValues), medianOf(m.NewValues)
	m.test(how.Test)
	m.Change = none
	if m.Old != 0 && !m.Old.Infinite() {
		m.Change = rounded(m.Delta / abs(m.Old))
	}
	m.Least = Value(of.Better().Least)
	if !m.Old.Infinite() {
		m.Least = max(m.Least, rounded(Value(how.MinEffect)*abs(m.Old)))
	}
	return true, ""
}

// test finds the difference, its interval and its p-value.
func (m *Metric) test(by Test) {
	var e estimate
	if by == RankSum {
		e, m.P = unpaired(m.OldValues, m.NewValues, confidence), rankSum(m.OldValues, m.NewValues)
	} else {
		differences := make([]Value, m.N)
		for i := range differences {
			differences[i] = m.NewValues[i].minus(m.OldValues[i])
			if m.worse(differences[i]) {
				m.Worse++
			}
		}
		e, m.P = paired(differences, confidence), signedRank(differences)
	}
	m.Delta, m.Low, m.High, m.PHolm = e.center, e.low, e.high, m.P
}

// worse says whether a difference is one for the worse.
func (m *Metric) worse(d Value) bool {
	return m.Better == result.LowerBetter && d > 0 || m.Better == result.HigherBetter && d < 0
}

// same says that no replication differs from another one of its pair, or that all
// values are equal.
func (m *Metric) same() bool { return slices.Equal(m.OldValues, m.NewValues) }

func abs(v Value) Value { return Value(math.Abs(float64(v))) }

func medianOf(values []Value) Value { return ordered(slices.Clone(values), 0).center }

func observed(values []Value) []Value {
	return slices.DeleteFunc(slices.Clone(values), func(v Value) bool { return !v.Observed() })
}

// observedPairs are the values of the replications in which both were observed. Of
// what has no end where it is not observed, such as a recovery, one of the two is
// enough.
func observedPairs(old, new []Value, endless bool) (a, b []Value) {
	never := Value(math.Inf(1))
	for i := range old {
		x, y := old[i], new[i]
		if endless && !x.Observed() && y.Observed() {
			x = never
		}
		if endless && x.Observed() && !y.Observed() {
			y = never
		}
		if x.Observed() && y.Observed() {
			a, b = append(a, x), append(b, y)
		}
	}
	return a, b
}

// judge says what the metrics' changes come to, and puts what matters first.
func (c *Comparison) judge() {
	c.correct()
	for i := range c.Metrics {
		m := &c.Metrics[i]
		p := m.P
		if c.Method.Correction == Holm {
			p = m.PHolm
		}
		m.Verdict = m.verdict(p < c.Method.Alpha)
		switch {
		case m.Verdict == Regression:
			c.Regressions++
		case m.Verdict == Improvement:
			c.Improvements++
		}
		if p < c.Method.Alpha {
			c.Method.Significant++
		}
	}
	slices.SortStableFunc(c.Metrics, func(a, b Metric) int {
		return cmp.Or(cmp.Compare(slices.Index(verdicts, a.Verdict), slices.Index(verdicts, b.Verdict)), cmp.Compare(b.size(), a.size()), cmp.Compare(a.order, b.order))
	})
}

func (m *Metric) verdict(significant bool) Verdict {
	switch {
	case !significant:
		return NoChange
	case abs(m.Delta) < m.Least:
		return Small
	case m.worse(m.Delta):
		return Regression
	case m.Better == result.NeitherBetter:
		return Changed
	}
	return Improvement
}

// size is how large a change is as a share of what was there; infinite of what was
// not there.
func (m *Metric) size() float64 {
	switch {
	case m.Delta == 0:
		return 0
	case !m.Change.Observed():
		return math.Inf(1)
	}
	return math.Abs(float64(m.Change))
}

// correct finds the p-values after Holm's correction for all that were tested (Holm,
// A simple sequentially rejective multiple test procedure, Scandinavian Journal of
// Statistics 6, 1979). What is equal in all replications was not: nothing could have
// been found.
func (c *Comparison) correct() {
	var tested []*Metric
	for i := range c.Metrics {
		if m := &c.Metrics[i]; !m.same() {
			tested = append(tested, m)
		}
	}
	slices.SortStableFunc(tested, func(a, b *Metric) int { return cmp.Compare(a.P, b.P) })
	least := 0.0
	for i, m := range tested {
		least = max(least, min(1, float64(len(tested)-i)*m.P))
		m.PHolm = least
	}
	c.Method.Tested, c.Method.ByChance = len(tested), math.Round(c.Method.Alpha*float64(len(tested))*10)/10
}
