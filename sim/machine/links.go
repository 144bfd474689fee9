package machine

import (
	"iter"
	"net/netip"
	"time"

	"ipamsim/ec2model"
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
type links Machine

// SetupENI implements ipamd.Network. It blocks while the link is missing.
func (l *links) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) (err error) {
	m := (*Machine)(l)
	for try := 1; !m.linked(device, primaryIP); try++ {
		if try == linkTries {
			return ipamd.ErrNoLink
		}
		m.Site.Kernel.Current().Sleep(linkPause)
	}
	m.During(result.InterfaceSetUp, func() { err = m.Network.SetupENI(device, primaryIP, subnet) })
	return err
}

// RemoveENI implements ipamd.Network.
func (l *links) RemoveENI(primaryIP netip.Addr) {
	(*Machine)(l).During(result.InterfaceReleased, func() { l.Network.RemoveENI(primaryIP) })
}

// RefreshPodRule implements ipamd.Network.
func (l *links) RefreshPodRule(address netip.Addr) {
	(*Machine)(l).During(result.IPAMDStart, func() { l.Network.RefreshPodRule(address) })
}

// RemovePodRules implements ipamd.Network.
func (l *links) RemovePodRules(address netip.Addr) { l.Network.RemovePodRules(address) }

// HasVeth implements ipamd.Network.
func (l *links) HasVeth(pod string) bool { return l.Network.HasVeth(pod) }

// Links are the attached interfaces that the host has as ethN: those of the first
// network card with an IP device.
func (m *Machine) Links() iter.Seq[ec2model.Device] {
	return func(yield func(ec2model.Device) bool) {
		for d := range m.Site.Account.Devices(m.Node.Instance.ID) {
			if d.Card == 0 && d.PrimaryIP.IsValid() && !yield(d) {
				return
			}
		}
	}
}

// attached says whether the node has an interface of that index.
func (m *Machine) attached(device int) bool {
	for e := range m.Links() {
		if e.Index == device {
			return true
		}
	}
	return false
}

func (m *Machine) linked(device int, primaryIP netip.Addr) bool {
	for e := range m.Links() {
		if e.Index == device && e.PrimaryIP == primaryIP {
			return true
		}
	}
	return false
}
