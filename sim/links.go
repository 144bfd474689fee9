package sim

import (
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
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
func (l links) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) (err error) {
	for try := 1; !l.machine.linked(device, primaryIP); try++ {
		if try == linkTries {
			return ipamd.ErrNoLink
		}
		l.machine.world.kernel.Current().Sleep(linkPause)
	}
	l.machine.during(result.InterfaceSetUp, func() { err = l.Network.SetupENI(device, primaryIP, subnet) })
	return err
}

// RemoveENI implements ipamd.Network.
func (l links) RemoveENI(primaryIP netip.Addr) {
	l.machine.during(result.InterfaceReleased, func() { l.Network.RemoveENI(primaryIP) })
}

// RefreshPodRule implements ipamd.Network.
func (l links) RefreshPodRule(address netip.Addr) {
	l.machine.during(result.IPAMDStart, func() { l.Network.RefreshPodRule(address) })
}

// attached says whether the node has an interface of that index.
func (m *machine) attached(device int) bool {
	instance, _ := m.world.account.Instance(m.node.Instance.ID)
	return slices.ContainsFunc(instance.NetworkInterfaces, func(e types.InstanceNetworkInterface) bool {
		return int(*e.Attachment.DeviceIndex) == device
	})
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
