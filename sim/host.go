package sim

import (
	"maps"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock is virtual time for blocking code: whichever process calls it.
type clock struct {
	kernel *des.Kernel
	parked *des.Process
}

func (c *clock) Now() time.Duration { return c.kernel.Now() }

func (c *clock) Sleep(d time.Duration) { c.kernel.Current().Sleep(d) }

func (c *clock) Park() {
	c.parked = c.kernel.Current()
	c.parked.Park()
}

func (c *clock) Unpark() {
	if c.parked != nil {
		c.parked.Wake()
	}
}

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

func (w *world) zone(subnet string) string {
	for i := range w.scenario.VPC.Subnets {
		if w.scenario.VPC.Subnets[i].Name == subnet {
			return w.scenario.VPC.Subnets[i].AZ
		}
	}
	panic("sim: no subnet " + subnet)
}

// checkpoint is the file that survives the daemon's process.
type checkpoint map[ipamd.SandboxKey]ipamd.Allocation

func (c checkpoint) Read() []ipamd.Allocation {
	list := make([]ipamd.Allocation, 0, len(c))
	for _, key := range slices.Sorted(maps.Keys(c)) {
		list = append(list, c[key])
	}
	return list
}

func (c checkpoint) Put(a ipamd.Allocation)      { c[a.Key] = a }
func (c checkpoint) Remove(key ipamd.SandboxKey) { delete(c, key) }
