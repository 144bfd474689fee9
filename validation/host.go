package validation

import (
	"net/netip"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock lets the daemon's blocking code live on the kernel.
type clock struct {
	*des.Kernel
	resumed func(*des.Process) // hears of each process of a loop that goes on; nil for nobody
}

// WakeAt and Resume implement ipamd.Parker.
func (c *clock) WakeAt(t time.Duration, wake func()) { c.At(t, wake) }

func (c *clock) Resume(fn func()) {
	c.GoNow("ipamd", func(p *des.Process) {
		if c.resumed != nil {
			c.resumed(p)
		}
		fn()
	})
}

// node is the Kubernetes object.
type node struct {
	maxPods  int
	cordoned *bool
}

func (n *node) Unschedulable() bool { return *n.cordoned }
func (n *node) MaxPods() int        { return n.maxPods }

// The host's network, in which everything works and takes no time, and the
// checkpoint, which survives the daemon.

// SetupENI, RemoveENI, RefreshPodRule and RemovePodRules implement ipamd.Network.
func (w *world) SetupENI(int, netip.Addr, netip.Prefix) error { return nil }
func (w *world) RemoveENI(netip.Addr)                         {}
func (w *world) RefreshPodRule(netip.Addr)                    {}
func (w *world) RemovePodRules(netip.Addr)                    {}

// HasVeth implements ipamd.Network.
func (w *world) HasVeth(pod string) bool { return w.veths[pod] }

// Follow implements ipamd.Checkpoint.
func (w *world) Follow(d *ipamd.Daemon) { w.written = d }

// Read implements ipamd.Checkpoint.
func (w *world) Read() []ipamd.Allocation {
	if w.written == nil {
		return nil
	}
	return w.written.Checkpoint()
}
