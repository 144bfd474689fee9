package awssdk

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// The client of instance metadata tries a read so often and so far apart, and
// waits so long for a connection: measured on that of the VPC CNI v1.23.1.
// That a service that answers nothing takes no connections is our assumption.
const (
	metadataTries = 3
	metadataDial  = 250 * time.Millisecond
	metadataPause = time.Second
)

// ErrSilent is the reason of a metadata read that nobody answered.
var ErrSilent = errors.New("no answer from the service")

// Metadata is the client of one instance's metadata service, as ipamd asks for
// it. A read takes 0.05
// ms in reality (the metrics fixture of amazon-vpc-cni-k8s), a sweep of two
// interfaces 1 ms: we take it as nothing. Where no answer comes, a read blocks
// the current process until its tries are over, and its error wraps ErrSilent.
type Metadata struct {
	kernel   *des.Kernel
	account  *ec2model.Account
	instance string
	down     func() bool
}

// NewMetadata returns the client of an instance. down says whether its service
// answers nothing now; nil is never.
func NewMetadata(k *des.Kernel, a *ec2model.Account, instance string, down func() bool) *Metadata {
	if down == nil {
		down = func() bool { return false }
	}
	return &Metadata{kernel: k, account: a, instance: instance, down: down}
}

// Identity reads the instance identity document and what else never changes.
func (m *Metadata) Identity() (ipamd.Identity, error) {
	if err := m.read("dynamic/instance-identity/document"); err != nil {
		return ipamd.Identity{}, err
	}
	identity, ok := m.account.Identity(m.instance)
	if !ok {
		panic("awssdk: metadata of an instance that does not run: " + m.instance)
	}
	return ipamd.Identity(identity), nil
}

// SecurityGroups reads those of the primary interface.
func (m *Metadata) SecurityGroups() ([]string, error) {
	if err := m.read("network/interfaces/macs/security-group-ids"); err != nil {
		return nil, err
	}
	return []string{m.account.SecurityGroupID()}, nil
}

// VPCCIDRs reads the blocks of the VPC. A real read gives up after its tries,
// as the others do; here it fails at once and never blocks, so that the
// failure of a pod's sandbox comes up to 3 s earlier. The list is shared: do
// not modify it.
func (m *Metadata) VPCCIDRs() ([]netip.Prefix, error) {
	if m.down() {
		return nil, silence("network/interfaces/macs/vpc-ipv4-cidr-blocks")
	}
	return m.account.VPCCIDRs(), nil
}

// Settled says that Interfaces will keep answering the same until the next
// change in EC2. A service that answers nothing has an answer to come.
func (m *Metadata) Settled() bool { return !m.down() && m.account.MetadataSettled(m.instance) }

// Interfaces is one sweep over the instance's interfaces. Their lists hold for
// the visit: copy what you keep.
func (m *Metadata) Interfaces(visit func(ipamd.Interface)) error {
	if err := m.read("network/interfaces/macs"); err != nil {
		return err
	}
	for _, seen := range m.account.Metadata(m.instance) {
		visit(ipamd.Interface(seen))
	}
	return nil
}

func silence(key string) error {
	return fmt.Errorf("failed to retrieve %s from instance metadata %w", key, ErrSilent)
}

// read is the way to an answer. It takes time only where none comes.
func (m *Metadata) read(key string) error {
	for try := 1; m.down(); try++ {
		p := m.kernel.Current()
		if p.Sleep(metadataDial); try == metadataTries {
			return silence(key)
		}
		p.Sleep(metadataPause)
	}
	return nil
}
