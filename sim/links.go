package sim

import (
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/sim/awssdk"
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
func (l links) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) (err error) {
	for try := 1; !l.machine.linked(device, primaryIP); try++ {
		if try == linkTries {
			return ipamd.ErrNoLink
		}
		l.machine.world.kernel.Current().Sleep(linkPause)
	}
	l.machine.during("ipamd's set-up of an interface", func() { err = l.Network.SetupENI(device, primaryIP, subnet) })
	return err
}

// RemoveENI implements ipamd.Network.
func (l links) RemoveENI(primaryIP netip.Addr) {
	l.machine.during("ipamd's release of an interface", func() { l.Network.RemoveENI(primaryIP) })
}

// RefreshPodRule implements ipamd.Network.
func (l links) RefreshPodRule(address netip.Addr) {
	l.machine.during(starting, func() { l.Network.RefreshPodRule(address) })
}

// calls is the daemon's client, which hears what the daemon gives back: a
// daemon that has forgotten a pod may give its address away.
type calls struct {
	*awssdk.Client
	machine *machine
}

const givenBack = "ipamd's return of an address that it had forgotten to be on a pod"

// UnassignPrivateIPAddresses implements ipamd.EC2.
func (c calls) UnassignPrivateIPAddresses(eni string, ips []netip.Addr) error {
	err := c.Client.UnassignPrivateIPAddresses(eni, ips)
	c.machine.during(givenBack, func() {
		for _, a := range ips {
			c.machine.examine(a)
		}
	})
	return err
}

// UnassignIPv4Prefixes implements ipamd.EC2.
func (c calls) UnassignIPv4Prefixes(eni string, prefixes []netip.Prefix) error {
	err := c.Client.UnassignIPv4Prefixes(eni, prefixes)
	c.machine.during(givenBack, func() { c.machine.examine(netip.Addr{}) })
	return err
}

// AssignPrivateIPAddresses implements ipamd.EC2. What comes may be an address
// that a pod of the node had lost.
func (c calls) AssignPrivateIPAddresses(eni string, count int) ([]netip.Addr, error) {
	list, err := c.Client.AssignPrivateIPAddresses(eni, count)
	c.machine.regained()
	return list, err
}

// AssignIPv4Prefixes implements ipamd.EC2.
func (c calls) AssignIPv4Prefixes(eni string, count int) ([]netip.Prefix, error) {
	list, err := c.Client.AssignIPv4Prefixes(eni, count)
	c.machine.regained()
	return list, err
}

func (m *machine) regained() {
	if len(m.ill) > 0 {
		m.examine(netip.Addr{})
	}
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
