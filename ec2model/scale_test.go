package ec2model_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// roomFor is an account with 50 subnets of 65,531 addresses, in three zones.
func roomFor(t failer) *world {
	cfg := ec2model.Config{Profile: ec2model.DefaultProfile(), Quotas: ec2model.Quotas{NetworkInterfaces: 1e6, NAU: 1e7}}
	cfg.Profile.Throttling = false
	for k := range 50 {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(k)}), 16)
		cfg.CIDRs = append(cfg.CIDRs, p)
		cfg.Subnets = append(cfg.Subnets, ec2model.SubnetConfig{Name: fmt.Sprint(k), CIDR: p, AZ: string(rune('a' + k%3))})
	}
	return newWorld(t, 1, cfg)
}

// cniTags are those of the VPC CNI on an interface.
func cniTags(node string) []types.Tag {
	list := []types.Tag{
		{Key: new("cluster.k8s.amazonaws.com/name"), Value: new("cluster")}, {Key: new("eks:eni:owner"), Value: new("amazon-vpc-cni")},
		{Key: new("node.k8s.amazonaws.com/createdAt"), Value: new("2026-01-01T00:00:00Z")}, {Key: new("node.k8s.amazonaws.com/instance_id"), Value: &node},
	}
	return list
}

// withPrefix starts a node that has one prefix on its primary interface.
func (w *world) withPrefix(subnet string) string {
	node := must(w.Launch("m5.large", subnet))
	primary, _ := w.Primary(node)
	must(w.AssignPrefixes(primary.Interface, 1))
	if err := w.SetTags(primary.Interface, cniTags(node)[3:]); err != nil {
		w.t.Fatal(err)
	}
	return node
}

// withInterfaces starts a node that has three interfaces full of addresses.
func (w *world) withInterfaces(subnet string) string {
	node := must(w.Launch("m5.large", subnet))
	primary, _ := w.Primary(node)
	must(w.AssignAddresses(primary.Interface, 9))
	for range 2 {
		must(w.AttachNew(node, subnet, 9, 0, cniTags(node)))
	}
	if err := w.SetTags(primary.Interface, cniTags(node)[3:]); err != nil {
		w.t.Fatal(err)
	}
	return node
}

// settleAll lets metadata show everything, as it does in a fleet at rest.
func (w *world) settleAll() {
	for _, id := range w.InstanceIDs() {
		w.SettleMetadata(id)
	}
}

// The budgets of a node at rest, so that 100,000 of them take 55 and 150 MB: with
// a prefix, and with three interfaces of ten addresses, the tags of each
// included.
func TestANodeFitsItsBudgetOfMemory(t *testing.T) {
	const nodes = 20_000
	for _, c := range []struct {
		name   string
		start  func(w *world, subnet string) string
		budget uint64 // bytes
	}{
		{"a prefix", (*world).withPrefix, 550},
		{"three interfaces", (*world).withInterfaces, 1500},
	} {
		w := roomFor(t)
		subnets := w.Subnets()
		before := heap()
		for k := range nodes {
			c.start(w, subnets[k%len(subnets)].ID)
		}
		w.settleAll()
		if got := (heap() - before) / nodes; got > c.budget {
			t.Errorf("a node with %s takes %d bytes, its budget is %d", c.name, got, c.budget)
		} else {
			t.Logf("a node with %s takes %d bytes of %d", c.name, got, c.budget)
		}
		runtime.KeepAlive(w)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkFleet is the life of nodes with three interfaces in accounts that
// have so many of them already: launch, attach, what metadata and the small
// questions say, termination. Budget of CPU: 40 µs a node with 1,000 others, and
// not more than 1.6 times as much with 100,000, whose memory no cache holds.
func BenchmarkFleet(b *testing.B) {
	for _, nodes := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(nodes), func(b *testing.B) {
			w := roomFor(b)
			subnets := w.Subnets()
			for k := range nodes {
				w.withInterfaces(subnets[k%len(subnets)].ID)
			}
			w.settleAll()
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				node := w.withInterfaces(subnets[k%len(subnets)].ID)
				w.SettleMetadata(node)
				for _, e := range w.Metadata(node) {
					w.PlaceOf(e.PrivateIPs[len(e.PrivateIPs)-1])
				}
				for range w.Devices(node) {
				}
				w.Subnet(subnets[k%len(subnets)].Name)
				if err := w.Terminate(node); err != nil {
					b.Fatal(err)
				}
				for _, id := range w.loose() {
					if err := w.RemoveInterface(id); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// loose asks for what is attached to nothing, as the VPC CNI does for leaked
// interfaces.
func (w *world) loose() (ids []string) {
	in := ec2model.DescribeNetworkInterfacesInput{MaxResults: 1000, Filters: []types.Filter{{Name: new("status"), Values: []string{"available"}}}}
	out := must(wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
		w.DescribeNetworkInterfaces("test", in, done)
	}))
	for _, e := range out.NetworkInterfaces {
		ids = append(ids, *e.NetworkInterfaceId)
	}
	return ids
}

// BenchmarkSearchForLeaked is one node's search while 300 interfaces of others
// wait for their attachment. Budget of CPU: 30 µs; of garbage: 4 KB.
func BenchmarkSearchForLeaked(b *testing.B) {
	w := roomFor(b)
	subnet := w.Subnets()[0].ID
	for range 300 {
		must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: subnet, SecondaryPrivateIPAddressCount: 9, Tags: cniTags("i-1")}))
	}
	in := ec2model.DescribeNetworkInterfacesInput{MaxResults: 1000, Filters: []types.Filter{
		{Name: new("status"), Values: []string{"available"}}, {Name: new("vpc-id"), Values: []string{w.VPCID()}},
		{Name: new("tag-key"), Values: []string{"node.k8s.amazonaws.com/instance_id"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		out := must(wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
			w.DescribeNetworkInterfaces("test", in, done)
		}))
		if len(out.NetworkInterfaces) != 300 {
			b.Fatal(len(out.NetworkInterfaces))
		}
	}
}

// BenchmarkDescribeSubnets is what each new interface of a node asks: all
// subnets of a zone, between changes of two of them. Budget of CPU: 4 µs; of garbage: 1 KB.
func BenchmarkDescribeSubnets(b *testing.B) {
	w := roomFor(b)
	subnets := w.Subnets()
	node := must(w.Launch("m5.large", subnets[0].ID))
	primary, _ := w.Primary(node)
	b.ReportAllocs()
	for b.Loop() {
		must(w.AssignAddresses(primary.Interface, 1))
		must(w.UnassignHighest(primary.Interface, 1))
		out := must(wait(w, func(done func([]*types.Subnet, error)) { w.DescribeSubnets("test", "", "a", done) }))
		if len(out) != 17 {
			b.Fatal(len(out))
		}
	}
}

// BenchmarkThrottledRequest is a request that finds no token, of which a storm
// has millions. Budget of CPU: 0.3 µs; of garbage: 1
// allocation.
func BenchmarkThrottledRequest(b *testing.B) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile.Requests[ec2model.DescribeSubnets] = ec2model.Bucket{}
	w := newWorld(b, 1, cfg)
	done := func([]*types.Subnet, error) {}
	b.ReportAllocs()
	for b.Loop() {
		w.DescribeSubnets("test", "", "", done)
		w.k.Run(w.k.Now() + cfg.Profile.Throttled.Mean()*2)
	}
}

// BenchmarkPlaceOf asks who has an address in an account of 50 subnets. Budget
// of CPU: 50 ns; of garbage: none.
func BenchmarkPlaceOf(b *testing.B) {
	w := roomFor(b)
	var addresses []netip.Addr
	for _, s := range w.Subnets() {
		primary, _ := w.Primary(w.withInterfaces(s.ID))
		addresses = append(addresses, primary.PrimaryIP)
	}
	slices.Reverse(addresses)
	b.ReportAllocs()
	for k := 0; b.Loop(); k++ {
		if _, ok := w.PlaceOf(addresses[k%len(addresses)]); !ok {
			b.Fatal("nobody has it")
		}
	}
}
