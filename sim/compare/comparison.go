package compare

import "ipamsim/sim/result"

// schemaVersion is the version of a Comparison's JSON.
const schemaVersion = "ipamsim.comparison/v1"

// Comparison is what is different between two results, metric by metric.
type Comparison struct {
	SchemaVersion string          `json:"schema_version"`
	Version       string          `json:"version"` // of the program that has compared
	Scenario      result.Scenario `json:"scenario"`
	Old           Side            `json:"old"`
	New           Side            `json:"new"`
	Method        Method          `json:"method"`
	// Allowed are differences of the two for which they would not have been
	// compared, had nobody asked for it.
	Allowed  []Mismatch `json:"allowed"`
	Variants []Pair     `json:"variants"`
	// Metrics are regressions first, then improvements, then what is neither; of
	// each the largest change first.
	Metrics      []Metric `json:"metrics"`
	NotCompared  []Gap    `json:"not_compared"`
	Regressions  int      `json:"regressions"`
	Improvements int      `json:"improvements"`
}

// Side is one of the two results.
type Side struct {
	Name            string          `json:"name"`    // of the file, as it was given
	Version         string          `json:"version"` // of the program that ran
	Scenario        result.Scenario `json:"scenario"`
	Overrides       []string        `json:"overrides"` // as --set takes them
	Seed            uint64          `json:"seed"`
	Replications    int             `json:"replications"`
	DurationSeconds float64         `json:"duration_seconds"`
	Fingerprint     string          `json:"fingerprint"`
}

// Method is how it was found out what is no chance.
type Method struct {
	// Test is signed-rank where pairs of replications were in the same random
	// worlds, and rank-sum where there are no pairs.
	Test  Test    `json:"test"`
	Alpha float64 `json:"alpha"` // what p has to be below
	// MinEffect is the least difference that counts, as a share of the old median.
	// Each metric has a least one in its own unit besides.
	MinEffect float64 `json:"min_effect"`
	// Correction is what is done about many metrics: none, or holm.
	Correction Correction `json:"correction"`
	// Replications that could be compared, and how many it takes for any p to be
	// below alpha.
	Replications int     `json:"replications"`
	Needed       int     `json:"replications_needed"`
	LeastP       float64 `json:"least_p"` // that so many replications can have
	// Tested are metrics that differ in some replication, of all variants;
	// Significant those of them with p below alpha.
	Tested      int `json:"tested"`
	Significant int `json:"significant"`
	// ByChance is how many of those tested would be significant on the average if
	// nothing but chance told the two apart.
	ByChance float64 `json:"by_chance"`
}

// TooFew says that no difference could have been significant.
func (m *Method) TooFew() bool { return m.Replications < m.Needed }

// Test is a statistical test.
type Test string

// The tests.
const (
	SignedRank Test = "signed-rank"
	RankSum    Test = "rank-sum"
)

// Correction is what is done about many tests.
type Correction string

// The corrections.
const (
	NoCorrection Correction = "none"
	Holm         Correction = "holm"
)

// Pair is a variant of the old result and the one of the new that it is compared
// with.
type Pair struct {
	Old       string    `json:"old"`
	New       string    `json:"new"`
	Identical bool      `json:"identical"` // the same happened in every replication
	Settings  []Setting `json:"settings"`  // that differ
	// Broken are thresholds that held in the old and do not in the new; Mended
	// the other way round.
	Broken []string `json:"thresholds_broken"`
	Mended []string `json:"thresholds_mended"`
	// Appeared are findings of the new alone, by their mode; Gone of the old alone.
	Appeared []Finding `json:"findings_appeared"`
	Gone     []Finding `json:"findings_gone"`
}

// Name is that of the new one, with that of the old where it is another.
func (p *Pair) Name() string {
	if p.Old == p.New {
		return p.New
	}
	return p.Old + " → " + p.New
}

// Metric is one figure of a pair of variants.
type Metric struct {
	Name    string `json:"name"`    // pod_start_p99_seconds, api_calls{action:AssignPrivateIpAddresses}
	Variant string `json:"variant"` // of the new result
	Unit    string `json:"unit"`    // seconds, or nothing of a number of things
	// Better is lower, higher or neither.
	Better result.Direction `json:"better"`
	Old    Value            `json:"old"` // the median of the replications
	New    Value            `json:"new"`
	// Delta is the median difference (Hodges and Lehmann's), and Low and High are
	// its 95 % confidence interval; null with too few replications.
	Delta Value `json:"delta"`
	Low   Value `json:"low"`
	High  Value `json:"high"`
	// Change is Delta as a share of Old; null where that is 0 or infinite.
	Change Value `json:"change"`
	// Least is the difference from which on it counts: the larger one of the
	// metric's own and the share of Old that was asked for.
	Least   Value   `json:"least"`
	P       float64 `json:"p"`
	PHolm   float64 `json:"p_holm"` // corrected for all metrics that were tested
	N       int     `json:"n"`      // pairs of replications, or replications of each
	Worse   int     `json:"worse"`  // of those, in how many the new one is worse; of no pairs 0
	Verdict Verdict `json:"verdict"`
	// OldValues and NewValues are those of the replications that were compared.
	OldValues []Value `json:"old_values"`
	NewValues []Value `json:"new_values"`

	order int // of the figure, and of the variant
}

// Verdict is what a metric's change comes to.
type Verdict string

// The verdicts, in the order in which metrics are shown.
const (
	Regression  Verdict = "regression"
	Improvement Verdict = "improvement"
	Changed     Verdict = "changed" // and neither way is better
	Small       Verdict = "small"   // no chance, and less than what counts
	NoChange    Verdict = "~"       // none, or nothing that chance does not explain
)

// verdicts are all of them.
var verdicts = []Verdict{Regression, Improvement, Changed, Small, NoChange}

// Gap is a figure that could not be compared.
type Gap struct {
	Name    string `json:"name"`
	Variant string `json:"variant"`
	Why     string `json:"why"`
}
