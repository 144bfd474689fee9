package sim

import (
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
