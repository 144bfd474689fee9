package validation

import (
	"net/netip"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock lets the daemon's blocking code live on the kernel. Only the pool
// loop parks.
type clock struct {
	kernel *des.Kernel
	pool   *des.Process // set while parked
}

func (c *clock) Now() time.Duration    { return c.kernel.Now() }
func (c *clock) Sleep(d time.Duration) { c.kernel.Current().Sleep(d) }

func (c *clock) Park() {
	c.pool = c.kernel.Current()
	c.pool.Park()
	c.pool = nil
}

func (c *clock) Unpark() {
	if c.pool != nil {
		c.pool.Wake()
	}
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
func (checkpoint) Put(ipamd.Allocation)     {}
func (checkpoint) Remove(ipamd.SandboxKey)  {}
