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
		m.stepFailed(step, hostnet.Outside, &hostnet.RefusedError{Step: step})
		refused := m.failedSteps[hostnet.Outside]
		m.stepFailed(step, hostnet.Outside, hostnet.ErrKilled)
		killed := m.failedSteps[hostnet.Outside]
		if (refused.Kind == result.RefreshRefused) != (step == hostnet.StepRefreshRule) || refused.Text != "the step "+step.String()+", which was refused by the kernel" {
			t.Errorf("%v refused: %+v", step, refused)
		}
		if killed.Kind != result.StepKilled || killed.Text != "the step "+step.String()+", which was not reached because the plugin was killed" {
			t.Errorf("%v not reached: %+v", step, killed)
		}
	}
}
