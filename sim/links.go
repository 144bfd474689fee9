package sim

import (
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

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
type links machine

// SetupENI implements ipamd.Network. It blocks while the link is missing.
func (l *links) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) (err error) {
	m := (*machine)(l)
	for try := 1; !m.linked(device, primaryIP); try++ {
		if try == linkTries {
			return ipamd.ErrNoLink
		}
		m.world.kernel.Current().Sleep(linkPause)
	}
	m.during("ipamd's set-up of an interface", func() { err = m.network.SetupENI(device, primaryIP, subnet) })
	return err
}

// RemoveENI implements ipamd.Network.
func (l *links) RemoveENI(primaryIP netip.Addr) {
	(*machine)(l).during("ipamd's release of an interface", func() { l.network.RemoveENI(primaryIP) })
}

// RefreshPodRule implements ipamd.Network.
func (l *links) RefreshPodRule(address netip.Addr) {
	(*machine)(l).during(starting, func() { l.network.RefreshPodRule(address) })
}

// RemovePodRules implements ipamd.Network.
func (l *links) RemovePodRules(address netip.Addr) { l.network.RemovePodRules(address) }

// HasVeth implements ipamd.Network.
func (l *links) HasVeth(pod string) bool { return l.network.HasVeth(pod) }

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
