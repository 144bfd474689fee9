package sim

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// clock is a machine's virtual time for blocking code: whichever process calls
// it.
type clock machine

func (c *clock) Now() time.Duration { return c.world.kernel.Now() }

func (c *clock) Sleep(d time.Duration) { c.world.kernel.Current().Sleep(d) }

// WakeAt and Resume implement ipamd.Parker. The daemon's sleeps end Early.
func (c *clock) WakeAt(t time.Duration, wake func()) {
	c.world.kernel.AtPriority(t, des.Early, wake)
}

func (c *clock) Resume(fn func()) { c.agent.Resume(fn) }

// machine implements ipamd.Metadata over its instance's view.

// Identity implements ipamd.Metadata.
func (m *machine) Identity() (ipamd.Identity, error) {
	if err := m.readMetadata("dynamic/instance-identity/document"); err != nil {
		return ipamd.Identity{}, err
	}
	return ipamd.Identity{
		InstanceID:       m.node.Instance.ID,
		InstanceType:     m.node.Group.InstanceType,
		AvailabilityZone: m.world.zone(m.node.Instance.Subnet),
		VPCID:            m.world.account.VPCID(),
		PrimaryENI:       m.primary.ID,
		SubnetID:         m.primary.SubnetID,
	}, nil
}

// Interfaces implements ipamd.Metadata. A read takes 0.05 ms in reality
// (reference: the metrics fixture of amazon-vpc-cni-k8s), a sweep of two
// interfaces 1 ms: we take it as nothing.
func (m *machine) Interfaces() ([]ipamd.Interface, error) {
	if err := m.readMetadata("network/interfaces/macs"); err != nil {
		return nil, err
	}
	return m.interfaces(), nil
}

func (m *machine) interfaces() []ipamd.Interface {
	seen := m.world.account.Metadata(m.node.Instance.ID)
	list := make([]ipamd.Interface, len(seen))
	for i := range seen {
		list[i] = ipamd.Interface(seen[i])
	}
	return list
}

// SecurityGroups implements ipamd.Metadata.
func (m *machine) SecurityGroups() ([]string, error) {
	if err := m.readMetadata("network/interfaces/macs/security-group-ids"); err != nil {
		return nil, err
	}
	return []string{m.world.account.SecurityGroupID()}, nil
}

// VPCCIDRs implements ipamd.Metadata. The read of a real ADD gives up after
// three tries, as the others do; here it fails at once, so the failure of the
// pod's sandbox comes up to 3 s earlier.
func (m *machine) VPCCIDRs() ([]netip.Prefix, error) {
	if m.world.faults.MetadataDown(m.node) {
		return nil, silence("network/interfaces/macs/vpc-ipv4-cidr-blocks")
	}
	return m.world.blocks, nil
}

// Settled implements ipamd.Metadata. A service that answers nothing has an
// answer to come.
func (m *machine) Settled() bool {
	return !m.world.faults.MetadataDown(m.node) && m.world.account.MetadataSettled(m.node.Instance.ID)
}

// The metadata client tries a read so often and so far apart, and waits so
// long for a connection (reference: measured on the client of v1.23.1; that a
// service that answers nothing takes no connections is our assumption).
const (
	metadataTries = 3
	metadataDial  = 250 * time.Millisecond
	metadataPause = time.Second
)

// errSilent is the reason of a read that nobody answered.
var errSilent = errors.New("no answer from the service")

func silence(key string) error {
	return fmt.Errorf("failed to retrieve %s from instance metadata %w", key, errSilent)
}

// readMetadata is the way to an answer. It takes time only where none comes.
func (m *machine) readMetadata(key string) error {
	for try := 1; m.world.faults.MetadataDown(m.node); try++ {
		p := m.world.kernel.Current()
		if p.Sleep(metadataDial); try == metadataTries {
			return silence(key)
		}
		p.Sleep(metadataPause)
	}
	return nil
}

func (w *world) zone(subnet string) string {
	for i := range w.scenario.VPC.Subnets {
		if w.scenario.VPC.Subnets[i].Name == subnet {
			return w.scenario.VPC.Subnets[i].AZ
		}
	}
	panic("sim: no subnet " + subnet)
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
