package machine

import (
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock is a machine's virtual time for blocking code: whichever process calls
// it.
type clock Machine

func (c *clock) Now() time.Duration { return c.Site.Kernel.Now() }

func (c *clock) Sleep(d time.Duration) { c.Site.Kernel.Current().Sleep(d) }

// WakeAt and Resume implement ipamd.Parker. The daemon's sleeps end Early.
func (c *clock) WakeAt(t time.Duration, wake func()) {
	c.Site.Kernel.AtPriority(t, des.Early, wake)
}

func (c *clock) Resume(fn func()) { c.Agent.Resume(fn) }

func (c *clock) Aside() { c.Site.Kernel.Aside() }

// picker decides for a machine's ipamd what Go's map order decides for the real
// one.
type picker Machine

func (p *picker) Pick(n int) int {
	if p.picks == nil {
		p.picks = p.Site.Kernel.Rand("node/" + p.Node.Name + "/ipamd/picks")
	}
	return p.picks.IntN(n)
}

// checkpoint is the file that survives the daemon's process: it says what the
// last process that wrote it has in its book, or had when it ended.
// Before the first has, it says what was there before the run.
type checkpoint struct {
	written *ipamd.Daemon
	before  []ipamd.Allocation
	pause   func() // of the first process, once it has read what was there before the run; nil for none
}

func (c *checkpoint) Read() []ipamd.Allocation {
	if c.written == nil {
		return c.before
	}
	return c.written.Checkpoint()
}

func (c *checkpoint) Follow(d *ipamd.Daemon) {
	c.written, c.before = d, nil
	if pause := c.pause; pause != nil {
		c.pause = nil
		pause()
	}
}
