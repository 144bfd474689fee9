// Package sim runs scenarios.
package sim

import (
	"context"
	"errors"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// Options of a run.
type Options = jobs.Options

// Run simulates each replication of each variant and sums up. Runs share
// nothing and may go in parallel; the result does not depend on how many do.
// A cancelled context ends it with the context's error.
func Run(ctx context.Context, variants []scenarios.Expanded, opts Options) (*result.Result, error) {
	if len(variants) == 0 {
		return nil, errors.New("no variant to run")
	}

	// Each replication of each variant is a run of its own.
	list := jobs.Plan(variants)

	// A run builds a fleet, runs its clock to the end, and sums it up. The last
	// one of a variant concludes it.
	done, err := jobs.Execute(ctx, list, opts, conclude)
	if err != nil {
		return nil, err
	}
	out := jobs.Header(&variants[0], opts.Version)
	var all des.Fingerprint
	for _, v := range done {

		// Recordings go to who asked for them.
		opts.HandOver(v)

		// One fingerprint stands for all that happened.
		jobs.AddFingerprints(&all, &v.Variant)
		out.Variants = append(out.Variants, v.Variant)
	}
	out.Fingerprint = all.String()
	return out, nil
}

// conclude makes a variant's result of its runs.
func conclude(v *scenarios.Expanded, s *jobs.Sum) (result.Variant, error) {

	// The replications of a variant are put together.
	out, err := jobs.Pool(v, s)
	if err != nil {
		return out, err
	}

	// What went wrong is put into words, with what would change it.
	out.Findings = findings.Find(&out.Outcome, findings.FactsOf(v.Scenario), out.Outcomes()...)

	// What must hold is judged, and what should be reproduced.
	out.Thresholds = thresholds(&out, v.Scenario)
	out.Expectations = result.Judge(&out, v.Scenario.Expectations())
	return out, nil
}

// thresholds are judged.
func thresholds(out *result.Variant, asked *scenarios.Scenario) []result.Threshold {
	return append(result.Judge(out, asked.Thresholds.Conditions()), result.Broken(result.Judge(out, asked.Beginning()))...)
}

// Stream simulates n variants, each made by prepare when a worker comes to it,
// and hands each one's figures to deliver when its runs have ended, in any order.
// It keeps nothing of them: the memory that it takes is that of the runs under
// way. Both functions are called by several workers at a time. A Variant has
// what is measured and whether its thresholds hold, and neither findings nor the
// text of its scenario. No condition ends a run early. total is how many runs that will be, for the progress.
// The error is a *jobs.VariantError.
func Stream(ctx context.Context, n, total int, prepare func(context.Context, int) (*scenarios.Expanded, error),
	deliver func(int, *scenarios.Expanded, *result.Variant) error, opts Options) error {
	opts.ToTheEnd = true // figures are compared
	return jobs.Stream(ctx, n, total, prepare, func(place int, v *scenarios.Expanded, s *jobs.Sum) error {
		out := jobs.Measured(v, s)
		out.Thresholds = thresholds(&out, v.Scenario)
		return deliver(place, v, &out)
	}, opts)
}

// Fingerprint is that of a result which has this variant alone.
func Fingerprint(v *result.Variant) string {
	var all des.Fingerprint
	jobs.AddFingerprints(&all, v)
	return all.String()
}
