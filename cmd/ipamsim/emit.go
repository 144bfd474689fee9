package main

import (
	"github.com/spf13/cobra"

	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
)

// emitFlags say which job files to write.
type emitFlags struct{ engine string }

func (e *emitFlags) add(cmd *cobra.Command) {}

func (a *app) emit(s *experiment.Sweep, variants []scenarios.Expanded, name string, flags *sweepFlags) error {
	return nil
}
