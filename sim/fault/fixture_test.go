package fault

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// site is a fleet of nodes without an inside, disturbed by faults. Its target
// writes down what is done to it.
type site struct {
	t testing.TB
	*Injector
	kernel  *des.Kernel
	account *ec2model.Account
	cluster *cluster.Cluster
	log     []string // second, what, node
}

// newSite has the groups red and blue of so many nodes each, in turn over the
// subnets a and b. They all join at second 0; the faults are of seconds.
func newSite(t testing.TB, nodes int, faults ...Fault) *site {
	t.Helper()
	s := &site{t: t, kernel: des.New(1, 0, des.Limits{})}
	cfg := ec2model.Config{CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}, Profile: ec2model.DefaultProfile()}
	for k, name := range []string{"a", "b"} {
		cidr := netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", k))
		cfg.Subnets = append(cfg.Subnets, ec2model.SubnetConfig{Name: name, CIDR: cidr, AZ: name})
	}
	var err error
	if s.account, err = ec2model.NewAccount(s.kernel, cfg); err != nil {
		t.Fatal(err)
	}
	fleet := cluster.Config{WarmUp: time.Nanosecond, End: time.Hour}
	for _, name := range []string{"red", "blue"} {
		fleet.Groups = append(fleet.Groups, cluster.GroupConfig{
			Name: name, InstanceType: "m5.xlarge", Count: nodes, Subnets: []string{"a", "b"}, MaxPods: 10,
			Allocatable: cluster.Resources{MilliCPU: 2000, Memory: 1 << 30},
		})
	}
	s.cluster, err = cluster.New(s.kernel, fleet, s, func(n *cluster.Node) cluster.Machine {
		s.Joined(n)
		return machine{s, n}
	}, cluster.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	note := func(what string) func(*cluster.Node) {
		return func(n *cluster.Node) { s.note(what, n) }
	}
	s.Injector = New(Target{
		Kernel: s.kernel, Account: s.account, Cluster: s.cluster,
		DaemonSet: DaemonSet{Restart: note("restart"), Replace: note("replace")},
		Changed:   note("changed"), Flush: note("flush"),
		LinkGone:   func(*cluster.Node, int) {},
		FlushTable: func(n *cluster.Node, device int) { s.note(fmt.Sprintf("table %d", device), n) },
	}, faults)
	s.cluster.Start()
	return s
}

func (s *site) note(what string, n *cluster.Node) {
	s.log = append(s.log, fmt.Sprintf("%d %s %s", s.kernel.Now()/time.Second, what, n.Name))
}

// to runs until a second.
func (s *site) to(second int) {
	s.t.Helper()
	if err := s.kernel.Run(time.Duration(second) * time.Second); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) node(name string) *cluster.Node {
	s.t.Helper()
	list := s.cluster.Select(func(n *cluster.Node) bool { return n.Name == name }, 1, -1, "")
	if len(list) != 1 {
		s.t.Fatalf("no node %s", name)
	}
	return list[0]
}

// join adds a node to the group red, in a subnet.
func (s *site) join(subnet string) *cluster.Node {
	s.t.Helper()
	g := s.cluster.Select(func(n *cluster.Node) bool { return n.Group.Name == "red" }, 1, -1, "")[0].Group
	id, err := s.account.Launch(g.InstanceType, s.subnet(subnet))
	if err != nil {
		s.t.Fatal(err)
	}
	n := &cluster.Node{Name: fmt.Sprintf("red-late-%s", id), Group: g, Instance: cluster.Instance{ID: id, Subnet: subnet}}
	s.Joined(n)
	return n
}

func (s *site) subnet(name string) string {
	id, _ := s.account.SubnetID(name)
	return id
}

// attach is what a node's ipamd does: it makes an interface and attaches it.
func (s *site) attach(n *cluster.Node, device int) {
	by := ec2model.Caller(n.Instance.ID)
	create := ec2model.CreateNetworkInterfaceInput{SubnetID: s.subnet(n.Instance.Subnet)}
	s.account.CreateNetworkInterface(by, create, func(e *types.NetworkInterface, err error) {
		if err != nil {
			s.t.Error(err)
			return
		}
		attach := ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: n.Instance.ID, DeviceIndex: device}
		s.account.AttachNetworkInterface(by, attach, func(_ string, err error) {
			if err != nil {
				s.t.Error(err)
			}
		})
	})
}

// Launch implements cluster.Cloud: nobody gets anything.
func (s *site) Launch(req cluster.LaunchRequest, done func(cluster.LaunchResult)) {
	s.kernel.After(time.Hour, func() { done(cluster.LaunchResult{}) })
}

// Existing implements cluster.Cloud.
func (s *site) Existing(g *cluster.Group, subnet string) (cluster.Instance, error) {
	id, err := s.account.Launch(g.InstanceType, s.subnet(subnet))
	return cluster.Instance{ID: id, Subnet: subnet}, err
}

// Restore implements cluster.Cloud.
func (s *site) Restore(g *cluster.Group, e *cluster.ExistingNodes) (cluster.Instance, error) {
	return s.Existing(g, e.Subnet)
}

// Terminate implements cluster.Cloud.
func (s *site) Terminate(instances []string) {
	for _, id := range instances {
		if err := s.account.Terminate(id); err != nil {
			s.t.Error(err)
		}
	}
}

// TakeBack implements cluster.Cloud.
func (s *site) TakeBack(instance string) { s.Terminate([]string{instance}) }

// Zone implements cluster.Cloud.
func (s *site) Zone(string) string { return "a" }

// FreeAddresses implements cluster.Cloud.
func (s *site) FreeAddresses(string) int { return 0 }

// machine is ready at once.
type machine struct {
	site *site
	node *cluster.Node
}

func (m machine) Boot(ready func())     { ready() }
func (m machine) Resume([]*cluster.Pod) {}
func (m machine) StartPod(*cluster.Pod) {}
func (m machine) StopPod(*cluster.Pod)  {}
func (m machine) Shutdown() {
	m.site.note("gone", m.node)
	m.site.Gone(m.node)
}
