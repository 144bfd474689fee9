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
	cordoned bool
}

func (n *node) Unschedulable() bool { return n.cordoned }
func (n *node) MaxPods() int        { return n.maxPods }

// network is a host network in which everything works and takes no time, as
// in the recordings.
type network struct{}

func (network) SetupENI(int, netip.Addr, netip.Prefix) error { return nil }
func (network) RemoveENI(netip.Addr)                         {}
func (network) RefreshPodRule(netip.Addr)                    {}
func (network) RemovePodRules(netip.Addr)                    {}
func (network) HasVeth(string) bool                          { return false }

// checkpoint is empty at the start: no recording goes over a restart with
// pods, and within one process nothing reads it.
type checkpoint struct{}

func (checkpoint) Read() []ipamd.Allocation { return nil }
func (checkpoint) Follow(*ipamd.Daemon)     {}
