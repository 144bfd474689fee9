package kubelet

import (
	"net/netip"
	"time"

	"ipamsim/sim/des"
)

// Adopt enters a pod that has been running on the node for long, since a moment
// before the run. It has an address, or none that the plugin has given it: then
// address is what its object says, for people, and may be invalid.
func (k *Kubelet) Adopt(p *Pod, address netip.Addr, device int, fromPlugin bool) {
	if p.kubelet != nil {
		panic("kubelet: pod " + p.Key + " was started twice")
	}
	now := k.kernel.Now()
	p.kubelet = k
	p.Bound, p.Running, p.due = now, now, des.Never
	p.step = p.next
	p.random = k.kernel.Stream("pod/", p.Key)
	p.stops = p.draw(k.timings.Stop)
	p.sandbox, p.stage = k.newSandbox(), running
	p.says, p.told = saysRunning, saysRunning
	switch {
	case fromPlugin:
		p.Hold(address, device)
	case address.Is4():
		p.address = address.As4()
	}
}

// Continue starts the daemon of a node that has been Ready for long, in a
// container that has been running: there is no probe to pass, and the CNI
// configuration is there. Such an agent is not booted.
func (a *Agent) Continue() {
	if a.down {
		return
	}
	a.configured, a.running, a.startedAt, a.begunAt = true, true, a.kernel.Now(), a.kernel.Now()
	a.startDaemon(time.Duration(0))
}
