package sim

import (
	"maps"
	"slices"
	"time"

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

// machine implements ipamd.Metadata over its instance's view.

// Identity implements ipamd.Metadata.
func (m *machine) Identity() ipamd.Identity {
	return ipamd.Identity{
		InstanceID:       m.node.Instance.ID,
		InstanceType:     m.node.Group.InstanceType,
		AvailabilityZone: m.world.zone(m.node.Instance.Subnet),
		VPCID:            m.world.account.VPCID(),
		PrimaryENI:       m.primary.ID,
		SubnetID:         m.primary.SubnetID,
	}
}

// Interfaces implements ipamd.Metadata. A read takes 0.05 ms in reality
// (reference: the metrics fixture of amazon-vpc-cni-k8s), a sweep of two
// interfaces 1 ms: we take it as nothing.
func (m *machine) Interfaces() ([]ipamd.Interface, error) { return m.interfaces(), nil }

func (m *machine) interfaces() []ipamd.Interface {
	seen := m.world.account.Metadata(m.node.Instance.ID)
	list := make([]ipamd.Interface, len(seen))
	for i := range seen {
		list[i] = ipamd.Interface(seen[i])
	}
	return list
}

// SecurityGroups implements ipamd.Metadata.
func (m *machine) SecurityGroups() []string { return []string{m.world.account.SecurityGroupID()} }

// Settled implements ipamd.Metadata.
func (m *machine) Settled() bool { return m.world.account.MetadataSettled(m.node.Instance.ID) }

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
