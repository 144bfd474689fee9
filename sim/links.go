package sim

import (
	"net/netip"
	"time"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

// ipamd looks for a new interface's link so often and so far apart
// (pkg/networkutils/network.go: maxAttemptsLinkByMac, retryLinkByMacInterval).
const (
	linkTries = 5
	linkPause = 3 * time.Second
)

// links is the host's network as ipamd touches it. The kernel has a link for
// what EC2 has attached, whatever instance metadata says.
type links struct {
	*hostnet.Network
	machine *machine
}

// SetupENI implements ipamd.Network. It blocks while the link is missing.
func (l links) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) error {
	for try := 1; !l.machine.linked(device, primaryIP); try++ {
		if try == linkTries {
			return ipamd.ErrNoLink
		}
		l.machine.world.kernel.Current().Sleep(linkPause)
	}
	return l.Network.SetupENI(device, primaryIP, subnet)
}

func (m *machine) linked(device int, primaryIP netip.Addr) bool {
	instance, _ := m.world.account.Instance(m.node.Instance.ID)
	for _, e := range instance.NetworkInterfaces {
		if int(*e.Attachment.DeviceIndex) == device && *e.PrivateIpAddress == primaryIP.String() {
			return true
		}
	}
	return false
}
