package machine

import (
	"net/netip"

	"ipamsim/sim/fault"
	"ipamsim/sim/hostnet"
)

// fate is what becomes of a step of wiring on the machine.
func (m *Machine) fate(step hostnet.Step, address netip.Addr) error {
	var err error
	switch m.Site.Faults.Step(m.Node, step.String()) {
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

// Restart ends the process of ipamd; the container starts again.
func (m *Machine) Restart() { m.Agent.Restart() }

// Replace ends the aws-node pod and makes a new one from the present template.
func (m *Machine) Replace() {
	m.config, m.host = m.Kind.config, m.Kind.host
	m.Agent.Replace()
}
