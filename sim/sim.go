// Package sim runs scenarios.
package sim

import (
	"context"
	"errors"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// Run simulates each replication of each variant and sums up. Runs share
// nothing and may go in parallel; the result does not depend on how many do.
// A cancelled context ends it with the context's error.
func Run(ctx context.Context, variants []scenarios.Expanded, opts Options) (*result.Result, error) {
	if len(variants) == 0 {
		return nil, errors.New("no variant to run")
	}

	// Each replication of each variant is a run of its own.
	jobs := plan(variants)

	// A run builds a fleet, runs its clock to the end, and sums it up.
	done, err := execute(ctx, jobs, opts)
	if err != nil {
		return nil, err
	}
	out := header(&variants[0], opts.Version)
	var all des.Fingerprint
	for i := range variants {
		runs := done.of(&variants[i])

		// The replications of a variant are put together.
		v, err := pool(&variants[i], runs)
		if err != nil {
			return nil, err
		}

		// What went wrong is put into words, with what would change it.
		v.Findings = findings.Find(&v.Outcome, findings.FactsOf(variants[i].Scenario))

		// The scenario's thresholds are judged.
		v.Thresholds = result.Judge(&v, variants[i].Scenario.Thresholds.Conditions())

		// Recordings go to who asked for them.
		opts.handOver(v.Name, runs)

		// One fingerprint stands for all that happened.
		addFingerprints(&all, &v)
		out.Variants = append(out.Variants, v)
	}
	out.Fingerprint = all.String()
	return out, nil
}
