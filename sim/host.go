package sim

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock is a machine's virtual time for blocking code: whichever process calls
// it.
type clock machine

func (c *clock) Now() time.Duration { return c.site.Kernel.Now() }

func (c *clock) Sleep(d time.Duration) { c.site.Kernel.Current().Sleep(d) }

// WakeAt and Resume implement ipamd.Parker. The daemon's sleeps end Early.
func (c *clock) WakeAt(t time.Duration, wake func()) {
	c.site.Kernel.AtPriority(t, des.Early, wake)
}

func (c *clock) Resume(fn func()) { c.agent.Resume(fn) }

// metadata is what an instance's metadata says, in ipamd's words.
type metadata struct{ *awssdk.Metadata }

// Identity implements ipamd.Metadata.
func (m metadata) Identity() (ipamd.Identity, error) {
	identity, err := m.Metadata.Identity()
	return ipamd.Identity(identity), err
}

// Interfaces implements ipamd.Metadata.
func (m metadata) Interfaces() ([]ipamd.Interface, error) {
	return awssdk.Interfaces(m.Metadata, func(i ec2model.InterfaceMetadata) ipamd.Interface { return ipamd.Interface(i) })
}

// checkpoint is the file that survives the daemon's process: it says what the
// last process that wrote it has in its book, or had when it ended.
type checkpoint struct{ written *ipamd.Daemon }

func (c *checkpoint) Read() []ipamd.Allocation {
	if c.written == nil {
		return nil
	}
	return c.written.Checkpoint()
}

func (c *checkpoint) Follow(d *ipamd.Daemon) { c.written = d }
