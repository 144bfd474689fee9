package sim

import (
	"net/netip"

	"ipamsim/sim/fault"
	"ipamsim/sim/hostnet"
)

// fate is what becomes of a step of wiring on the machine.
func (m *machine) fate(step hostnet.Step, address netip.Addr) error {
	var err error
	switch m.site.Faults.Step(m.node, step.String()) {
	case fault.None:
		return nil
	case fault.Refused:
		err = &hostnet.RefusedError{Step: step}
	case fault.Killed:
		err = hostnet.ErrKilled
	}
	m.stepFailed(step, address, err)
	return err
}

// restart ends the process of ipamd; the container starts again.
func (m *machine) restart() { m.agent.Restart() }

// replace ends the aws-node pod and makes a new one from the present template.
func (m *machine) replace() {
	m.environment, m.config, m.host = m.kind.Environment, m.kind.config, m.kind.host
	m.agent.Replace()
}
