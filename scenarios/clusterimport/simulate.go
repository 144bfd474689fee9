package clusterimport

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ipamsim/scenarios"
	"ipamsim/sim/inspect"
)

// Simulate runs the scenario to its time 0, as any other, and enters what the
// nodes and the subnets hold there into the report. It returns the warnings that
// the scenario gives.
func (r *Result) Simulate(ctx context.Context, opts inspect.Options) (warnings []string, err error) {
	f, err := scenarios.Load("imported", r.Scenario)
	if err != nil {
		return nil, fmt.Errorf("the scenario that was made is refused: %w", unfaulted(err))
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		return nil, fmt.Errorf("the scenario that was made is refused: %w", unfaulted(err))
	}
	for _, p := range append(f.Warnings, variants[0].Warnings...) {
		if !slices.Contains(warnings, p.Message) { // one may be of the file and of the variant
			warnings = append(warnings, p.Message)
		}
	}
	moment, err := inspect.Until(ctx, variants[0], inspect.When{Replication: 1}, opts)
	if err != nil {
		return warnings, err
	}
	held := moment.Holdings()
	for i := range r.Report.Nodes {
		n := held.Nodes[r.Report.Nodes[i].Name]
		r.Report.Nodes[i].Simulated = &n
	}
	for i := range r.Report.Subnets {
		n := held.Subnets[r.Report.Subnets[i].Name]
		r.Report.Subnets[i].Simulated = &n
	}
	return warnings, nil
}

// unfaulted keeps problems of a file that nobody wrote from being taken for the
// user's.
func unfaulted(err error) error { return errors.New(err.Error()) }
