package sim

import (
	"slices"
	"testing"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// A finding tells a refused refresh from other steps: only of it ipamd.log warns.
func TestARefusedRefreshIsToldFromOtherSteps(t *testing.T) {
	m := &machine{}
	for step := hostnet.StepVeth; step <= hostnet.StepRefreshRule; step++ {
		m.stepFailed(step, outside, &hostnet.RefusedError{Step: step})
		refused := m.failedSteps[outside]
		m.stepFailed(step, outside, hostnet.ErrKilled)
		killed := m.failedSteps[outside]
		if (refused.Kind == result.RefreshRefused) != (step == hostnet.StepRefreshRule) || refused.Text != "the step "+step.String()+", which was refused by the kernel" {
			t.Errorf("%v refused: %+v", step, refused)
		}
		if killed.Kind != result.StepKilled || killed.Text != "the step "+step.String()+", which was not reached because the plugin was killed" {
			t.Errorf("%v not reached: %+v", step, killed)
		}
	}
}

// A cause without advice would leave its reader alone, one with two would be
// told both to restart ipamd and not to.
func TestEveryCauseOfASilentDropHasOneAdvice(t *testing.T) {
	for _, c := range result.NetworkCauses {
		n := 0
		for _, a := range silentDropAdvice {
			if a.where != "" && slices.Contains(a.causes, c.Kind) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d", c.Kind, n)
		}
	}
}
