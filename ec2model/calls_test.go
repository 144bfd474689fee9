package ec2model_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// twoZones is a VPC with a subnet in each of two zones.
func twoZones(first, second string) ec2model.Config {
	a, b := netip.MustParsePrefix(first), netip.MustParsePrefix(second)
	return ec2model.Config{
		CIDRs:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Subnets: []ec2model.SubnetConfig{{Name: "a", CIDR: a, AZ: "us-east-1a"}, {Name: "b", CIDR: b, AZ: "us-east-1b"}},
		Profile: steady(),
	}
}

// Every rejection that address management runs into, with EC2's code for it.
func TestErrorCodes(t *testing.T) {
	full := func(cfg *ec2model.Config) {
		cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: 242, Pattern: ec2model.Contiguous}}
	}
	for _, c := range []struct {
		name   string
		change func(*ec2model.Config)
		call   func(w *world, node, eni string) error
		want   string
	}{
		{"create without free addresses", full, func(w *world, _, _ string) error {
			_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 8})
			return err
		}, "InsufficientFreeAddressesInSubnet"},
		{"create without a free block", full, func(w *world, _, _ string) error {
			_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), IPv4PrefixCount: 1})
			return err
		}, "InvalidParameterValue"},
		{"create without a free block, as the recordings have it", func(cfg *ec2model.Config) { full(cfg); cfg.Profile.CreateSaysCidrBlocks = true },
			func(w *world, _, _ string) error {
				_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), IPv4PrefixCount: 1})
				return err
			}, "InsufficientCidrBlocks"},
		{"create in an unknown subnet", nil, func(w *world, _, _ string) error {
			_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: "subnet-1"})
			return err
		}, "InvalidSubnetID.NotFound"},
		{"create beyond the quota", func(cfg *ec2model.Config) { cfg.Quotas.NetworkInterfaces = 2 }, func(w *world, _, _ string) error {
			_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
			return err
		}, "NetworkInterfaceLimitExceeded"},
		{"assign without free addresses", full, func(w *world, _, eni string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 9})
			return err
		}, "InsufficientFreeAddressesInSubnet"},
		{"assign without a free block", full, func(w *world, _, eni string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, IPv4PrefixCount: 1})
			return err
		}, "InsufficientCidrBlocks"},
		{"assign beyond the slots of m5.large", nil, func(w *world, _, eni string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 10})
			return err
		}, "PrivateIpAddressLimitExceeded"},
		{"assign beyond network address usage", func(cfg *ec2model.Config) { cfg.Quotas.NAU = 5 }, func(w *world, _, eni string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 5})
			return err
		}, "NetworkAddressUsageLimitExceeded"},
		{"assign to an unknown interface", nil, func(w *world, _, _ string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: "eni-1", SecondaryPrivateIPAddressCount: 1})
			return err
		}, "InvalidNetworkInterfaceID.NotFound"},
		{"assign a prefix to a Xen instance", nil, func(w *world, _, _ string) error {
			_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: w.primary(w.launch("m4.large", "a")), IPv4PrefixCount: 1})
			return err
		}, "UnsupportedOperation"},
		{"unassign what is not there", nil, func(w *world, _, eni string) error {
			return w.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, PrivateIPAddresses: []netip.Addr{netip.MustParseAddr("10.0.0.77")}})
		}, "InvalidParameterValue"},
		{"attach more addresses than the type allows", nil, func(w *world, node, _ string) error {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 10}))
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 1})
			return err
		}, "InvalidInterface.IpAddressLimitExceeded"},
		{"attach a fourth interface to m5.large", nil, func(w *world, node, _ string) error {
			var err error
			for device := range 3 {
				e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
				_, err = w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: device + 1})
			}
			return err
		}, "AttachmentLimitExceeded"},
		{"attach to a taken device", nil, func(w *world, node, _ string) error {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 0})
			return err
		}, "InvalidParameterValue"},
		{"attach across zones", nil, func(w *world, node, _ string) error {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("b")}))
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 1})
			return err
		}, "InvalidParameterCombination"},
		{"attach what is attached", nil, func(w *world, node, eni string) error {
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: eni, InstanceID: node, DeviceIndex: 1})
			return err
		}, "InvalidNetworkInterface.InUse"},
		{"attach to an unknown instance", nil, func(w *world, _, eni string) error {
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: eni, InstanceID: "i-1", DeviceIndex: 1})
			return err
		}, "InvalidInstanceID.NotFound"},
		{"attach beyond network address usage", func(cfg *ec2model.Config) { cfg.Quotas.NAU = 12 }, func(w *world, node, _ string) error {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 9}))
			_, err := w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 1})
			return err
		}, "NetworkAddressUsageLimitExceeded"},
		{"delete while attached", nil, func(w *world, _, eni string) error { return w.delete(eni) }, "InvalidParameterValue"},
		{"delete while detaching", func(cfg *ec2model.Config) { cfg.Profile.DetachTime = ec2model.Fixed(2 * time.Second) }, func(w *world, node, _ string) error {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
			at := must(w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 1}))
			if err := w.detach(at); err != nil {
				return err
			}
			return w.delete(*e.NetworkInterfaceId)
		}, "InvalidParameterValue"},
		{"delete what is gone", nil, func(w *world, _, _ string) error { return w.delete("eni-1") }, "InvalidNetworkInterfaceID.NotFound"},
		{"detach what is gone", nil, func(w *world, _, _ string) error { return w.detach("eni-attach-1") }, "InvalidAttachmentID.NotFound"},
		{"modify a foreign attachment", nil, func(w *world, _, eni string) error {
			return waitErr(w, func(done func(ec2model.Nothing, error)) {
				w.ModifyNetworkInterfaceAttribute("test", ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: eni, AttachmentID: "eni-attach-1", DeleteOnTermination: new(true)}, done)
			})
		}, "InvalidAttachmentID.NotFound"},
		{"tag what is gone", nil, func(w *world, _, _ string) error {
			return waitErr(w, func(done func(ec2model.Nothing, error)) {
				w.CreateTags("test", []string{"eni-1"}, []types.Tag{{Key: new("k"), Value: new("v")}}, done)
			})
		}, "InvalidNetworkInterfaceID.NotFound"},
		{"describe one that is gone among others", nil, func(w *world, _, eni string) error {
			_, err := wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
				w.DescribeNetworkInterfaces("test", ec2model.DescribeNetworkInterfacesInput{NetworkInterfaceIDs: []string{eni, "eni-1"}}, done)
			})
			return err
		}, "InvalidNetworkInterfaceID.NotFound"},
		{"run instances of an unknown type", nil, func(w *world, _, _ string) error {
			return run(w, ec2model.RunInstancesInput{InstanceType: "m5.huge", SubnetID: w.subnet("a"), Count: 1})
		}, "InvalidParameterValue"},
		{"run instances beyond network address usage", func(cfg *ec2model.Config) { cfg.Quotas.NAU = 4 }, func(w *world, _, _ string) error {
			return run(w, ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet("a"), Count: 3})
		}, "NetworkAddressUsageLimitExceeded"},
		{"run instances beyond the quota of interfaces", func(cfg *ec2model.Config) { cfg.Quotas.NetworkInterfaces = 4 }, func(w *world, _, _ string) error {
			return run(w, ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet("a"), Count: 3})
		}, "NetworkInterfaceLimitExceeded"},
		{"run more instances than addresses", full, func(w *world, _, _ string) error {
			return run(w, ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet("a"), Count: 10})
		}, "InsufficientFreeAddressesInSubnet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
			if c.change != nil {
				c.change(&cfg)
			}
			w := newWorld(t, 1, cfg)
			node := w.launch("m5.large", "a")
			w.launch("m5.large", "b")
			before, usage := w.Subnets()[1], w.Usage()
			err := c.call(w, node, w.primary(node))
			expectCode(t, err, c.want)
			if after := w.Subnets()[1]; after.Free < before.Free-1 || w.Usage().NAU < usage.NAU {
				t.Errorf("the rejected call changed %+v to %+v", before, after)
			}
			w.checkBooks()
		})
	}
}

func run(w *world, in ec2model.RunInstancesInput) error {
	_, err := wait(w, func(done func([]string, error)) { w.RunInstances("test", in, done) })
	return err
}

// The most that subnets hold at once is not the sum of what each holds at most.
func TestThePeakOfAllSubnetsIsOfOneMoment(t *testing.T) {
	w := newWorld(t, 1, twoZones("10.0.0.0/24", "10.0.1.0/24"))
	first, second := w.primary(w.launch("m5.large", "a")), w.primary(w.launch("m5.large", "b"))
	w.ResetExtremes()
	for _, eni := range []string{first, second} {
		out := must(w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 5}))
		if err := w.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, PrivateIPAddresses: out.Addresses}); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := w.Subnets()[0].AllocatedPeak, w.Subnets()[1].AllocatedPeak; w.HeldPeak() != 7 || a != 6 || b != 6 {
		t.Fatalf("2 primaries and 5 addresses at a time; peaks %d and %d, of both together %d", a, b, w.HeldPeak())
	}
	w.ResetExtremes()
	if w.HeldPeak() != 2 {
		t.Fatalf("%d after all were given back", w.HeldPeak())
	}
}

func TestACallTakesAllOrNothing(t *testing.T) {
	cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
	cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: 245, Pattern: ec2model.Contiguous}}
	w := newWorld(t, 1, cfg)
	eni := w.primary(w.launch("m5.large", "a"))
	w.ResetExtremes()
	_, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 9})
	expectCode(t, err, ec2model.CodeInsufficientFreeAddresses)
	if s := w.Subnets()[0]; s.Free != 5 || s.FreeMin != 5 {
		t.Fatalf("5 were free, now %+v", s)
	}
	out := must(w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 5}))
	if err := w.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, PrivateIPAddresses: append(out.Addresses[:2:2], netip.MustParseAddr("10.0.0.4"))}); err == nil {
		t.Fatal("an address of others was taken back")
	}
	if s := w.Subnets()[0]; s.Free != 0 || s.FreeMin != 0 || s.AllocatedPeak != 251 {
		t.Fatalf("%+v", s)
	}
	w.checkBooks()
}

// The primary address of a new interface may land in the last free block: then
// the prefix that was asked for with it has none, and nothing stays taken.
func TestACreateWhosePrimaryAddressTakesTheLastBlockTakesNothing(t *testing.T) {
	p := netip.MustParsePrefix
	cfg := twoZones("10.0.0.0/26", "10.0.1.0/24")
	cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Explicit: []netip.Prefix{p("10.0.0.0/28"), p("10.0.0.32/27")}}}
	w := newWorld(t, 1, cfg)
	_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), IPv4PrefixCount: 1})
	expectCode(t, err, ec2model.CodeInvalidParameterValue)
	if s := w.Subnets()[0]; s.Free != 16 || s.FreeMin != 16 || s.FreeBlocks != 1 || s.FreeBlocksMin != 1 {
		t.Fatalf("%+v", s)
	}
	w.checkBooks()
}

// Between creation and deletion an interface is available, in use, detaching
// for the settling time, and available again.
func TestLifeOfAnInterface(t *testing.T) {
	cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
	cfg.Profile.DetachTime = ec2model.Fixed(2500 * time.Millisecond)
	w := newWorld(t, 1, cfg)
	node := w.launch("m5.large", "a")
	e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 3, Description: "aws-K8S-x"}))
	id := *e.NetworkInterfaceId
	status := func() types.NetworkInterfaceStatus { s, _ := w.Interface(id); return s.Status }
	if status() != "available" || len(e.PrivateIpAddresses) != 4 || w.Subnets()[0].Secondary != 3 {
		t.Fatalf("after creation: %v", e)
	}
	at := must(w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: id, InstanceID: node, DeviceIndex: 1}))
	if status() != "in-use" || w.device(node, 1) != id {
		t.Fatal("not attached")
	}
	if err := w.detach(at); err != nil {
		t.Fatal(err)
	}
	if status() != "detaching" {
		t.Fatalf("after detach: %s", status())
	}
	if w.sleep(2400 * time.Millisecond); status() != "detaching" {
		t.Fatalf("2.4 s after detach: %s", status())
	}
	if err := w.delete(id); err != nil { // ends 2.5 s after the detach, just in time
		t.Fatal(err)
	}
	if s := w.Subnets()[0]; s.Secondary != 0 || s.Primaries != 1 || s.Free != 250 {
		t.Fatalf("%+v", s)
	}
	w.checkBooks()
}

// An interface without DeleteOnTermination outlives its instance and keeps
// its addresses: this is how interfaces leak.
func TestTerminationLeaksWhatWasNotMarked(t *testing.T) {
	w := newWorld(t, 1, twoZones("10.0.0.0/24", "10.0.1.0/24"))
	node := w.launch("m5.large", "a")
	marked := must(w.AttachNew(node, w.subnet("a"), 2, 0, nil))
	leaked := must(w.AttachNew(node, w.subnet("a"), 3, 0, nil))
	e, _ := w.Interface(marked)
	err := waitErr(w, func(done func(ec2model.Nothing, error)) {
		w.ModifyNetworkInterfaceAttribute("test", ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: marked, AttachmentID: *e.Attachment.AttachmentId, DeleteOnTermination: new(true)}, done)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := waitErr(w, func(done func(ec2model.Nothing, error)) { w.TerminateInstances("test", []string{node}, done) }); err != nil {
		t.Fatal(err)
	}
	if got := w.InterfaceIDs(); !slices.Equal(got, []string{leaked}) {
		t.Fatalf("left: %v, want %v", got, leaked)
	}
	if e, _ := w.Interface(leaked); e.Status != "available" || w.Usage() != (ec2model.Usage{NetworkInterfaces: 1}) {
		t.Fatalf("%v %+v", e.Status, w.Usage())
	}
	w.checkBooks()
}

// An instance that shuts down is gone for callers, and its interfaces hold their
// addresses until it has.
func TestAnInstanceHoldsItsAddressesWhileItShutsDown(t *testing.T) {
	cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
	cfg.Profile.ShutdownTime = ec2model.Fixed(40 * time.Second)
	w := newWorld(t, 1, cfg)
	free := func() int {
		s, _ := w.Subnet("a")
		return s.Free
	}
	before := free()
	node := w.launch("m5.large", "a")
	must(w.AssignAddresses(w.primary(node), 5))
	if err := waitErr(w, func(done func(ec2model.Nothing, error)) { w.TerminateInstances("test", []string{node}, done) }); err != nil {
		t.Fatal(err)
	}
	if got := w.InstanceIDs(); len(got) != 0 {
		t.Errorf("%v run", got)
	}
	err := waitErr(w, func(done func(ec2model.Nothing, error)) { w.TerminateInstances("test", []string{node}, done) })
	expectCode(t, err, "InvalidInstanceID.NotFound")
	w.sleep(30 * time.Second)
	if got := free(); got != before-6 {
		t.Errorf("%d addresses are free while it shuts down, want %d", got, before-6)
	}
	w.checkBooks()
	w.sleep(10 * time.Second)
	if got := free(); got != before || len(w.InterfaceIDs()) != 0 {
		t.Errorf("%d addresses are free after it, want %d; %v", got, before, w.InterfaceIDs())
	}
	w.checkBooks()
}

func TestDescribeFiltersAndPages(t *testing.T) {
	w := newWorld(t, 1, twoZones("10.0.0.0/24", "10.0.1.0/24"))
	node := w.launch("m5.large", "a")
	tag := func(k, v string) types.Tag { return types.Tag{Key: &k, Value: &v} }
	var mine []string
	for k := range 25 {
		tags := []types.Tag{tag("cluster", fmt.Sprint("c", k%2)), tag("instance", "i")}
		e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("b"), Tags: tags}))
		if k%2 == 0 {
			mine = append(mine, *e.NetworkInterfaceId)
		}
	}
	filter := func(name string, values ...string) types.Filter { return types.Filter{Name: &name, Values: values} }
	in := ec2model.DescribeNetworkInterfacesInput{MaxResults: 5, Filters: []types.Filter{
		filter("status", "available"), filter("vpc-id", w.VPCID()), filter("tag-key", "instance"), filter("tag:cluster", "c0", "other"),
	}}
	var got []string
	pages := 0
	for pages < 10 {
		out := must(wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
			w.DescribeNetworkInterfaces("test", in, done)
		}))
		pages++
		for _, e := range out.NetworkInterfaces {
			got = append(got, *e.NetworkInterfaceId)
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	if !slices.Equal(got, mine) || pages != 3 {
		t.Errorf("got %v on %d pages, want %v", got, pages, mine)
	}
	in = ec2model.DescribeNetworkInterfacesInput{Filters: []types.Filter{filter("attachment.instance-id", node)}}
	out := must(wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
		w.DescribeNetworkInterfaces("test", in, done)
	}))
	if len(out.NetworkInterfaces) != 1 || *out.NetworkInterfaces[0].NetworkInterfaceId != w.primary(node) {
		t.Errorf("got %v", out)
	}
	_, err := wait(w, func(done func(ec2model.DescribeNetworkInterfacesOutput, error)) {
		w.DescribeNetworkInterfaces("test", ec2model.DescribeNetworkInterfacesInput{Filters: []types.Filter{filter("colour", "red")}}, done)
	})
	expectCode(t, err, ec2model.CodeInvalidParameterValue)
}

func TestSubnetsAreDescribedInOrderWithTheirFreeAddresses(t *testing.T) {
	w := newWorld(t, 1, twoZones("10.0.0.0/24", "10.0.1.0/25"))
	w.launch("m5.large", "b")
	all := must(wait(w, func(done func([]*types.Subnet, error)) { w.DescribeSubnets("test", w.VPCID(), "", done) }))
	if len(all) != 2 || *all[0].AvailableIpAddressCount != 251 || *all[1].AvailableIpAddressCount != 122 || *all[1].SubnetId != w.subnet("b") {
		t.Fatalf("%v", all)
	}
	one := must(wait(w, func(done func([]*types.Subnet, error)) { w.DescribeSubnets("test", w.VPCID(), "us-east-1b", done) }))
	if len(one) != 1 || *one[0].CidrBlock != "10.0.1.0/25" {
		t.Fatalf("%v", one)
	}
}

func TestAFleetFillsOneSubnetAfterTheOtherAndSaysWhatIsMissing(t *testing.T) {
	fixed := twoZones("10.0.0.0/28", "10.0.0.16/28")
	fixed.Profile.FleetZone = ec2model.FixedZone
	w := newWorld(t, 1, fixed)
	ask := func(count int) ec2model.CreateFleetOutput {
		return must(wait(w, func(done func(ec2model.CreateFleetOutput, error)) {
			w.CreateFleet("karpenter", ec2model.CreateFleetInput{Pools: []ec2model.Pool{{InstanceType: "m5.large", SubnetID: w.subnet("b")}, {InstanceType: "m5.large", SubnetID: w.subnet("a")}}, Count: count}, done)
		}))
	}
	out := ask(12)
	if len(out.InstanceIDs) != 12 || len(out.Errors) != 1 || out.Errors[0].SubnetID != w.subnet("b") || out.Errors[0].Err.Code != ec2model.CodeInsufficientFreeAddresses {
		t.Fatalf("%d instances, errors %v", len(out.InstanceIDs), out.Errors)
	}
	first, _ := w.Instance(out.InstanceIDs[10])
	second, _ := w.Instance(out.InstanceIDs[11])
	if *first.SubnetId != w.subnet("b") || *second.SubnetId != w.subnet("a") {
		t.Error("the order of preference was not kept")
	}
	if out = ask(13); len(out.InstanceIDs) != 10 || len(out.Errors) != 2 {
		t.Errorf("%d instances in a part of what was asked for, errors %v", len(out.InstanceIDs), out.Errors)
	}
	w.checkBooks()
}

func pools(w *world, kinds, subnets []string) (list []ec2model.Pool) {
	for _, kind := range kinds {
		for _, name := range subnets {
			list = append(list, ec2model.Pool{InstanceType: kind, SubnetID: w.subnet(name)})
		}
	}
	return list
}

// On demand the cheapest type comes first, in each zone, and the next one when
// there is no more of it; a shortage says how much there is.
func TestAFleetTakesTheCheapestTypeThatIsThere(t *testing.T) {
	cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
	cfg.Profile.FleetZone = ec2model.FixedZone
	w := newWorld(t, 1, cfg)
	ask := func(spot bool) (got []string, refused []ec2model.Pool) {
		out := must(wait(w, func(done func(ec2model.CreateFleetOutput, error)) {
			w.CreateFleet("karpenter", ec2model.CreateFleetInput{Pools: pools(w, []string{"m5.large", "m5.xlarge"}, []string{"a", "b"}), Count: 5, Spot: spot}, done)
		}))
		for _, id := range out.InstanceIDs {
			kind, _ := w.TypeOf(id)
			zone, _ := w.SubnetOf(id)
			got = append(got, kind+" "+zone)
		}
		for _, e := range out.Errors {
			if e.Err.Code != ec2model.CodeInsufficientInstanceCapacity {
				t.Errorf("%v", e.Err)
			}
			refused = append(refused, e.Pool)
		}
		return got, refused
	}
	if got, refused := ask(false); !slices.Equal(slices.Compact(got), []string{"m5.large a"}) || refused != nil {
		t.Errorf("%v, refused %v", got, refused)
	}
	ofType := w.RunShort(ec2model.Shortage{InstanceType: "m5.large", Zone: "us-east-1a", OnDemand: true, Left: 2})
	w.RunShort(ec2model.Shortage{InstanceType: "m5.large", Zone: "us-east-1b", Left: 1})
	want := []string{"m5.large a", "m5.large a", "m5.large b", "m5.xlarge a", "m5.xlarge a"}
	if got, refused := ask(false); !slices.Equal(got, want) || len(refused) != 2 {
		t.Errorf("%v, refused %v", got, refused)
	}
	ofType()
	if got, _ := ask(false); !slices.Equal(slices.Compact(got), []string{"m5.large a"}) {
		t.Errorf("after the shortage: %v", got)
	}
	w.RunShort(ec2model.Shortage{Spot: true})
	if got, refused := ask(true); len(got) != 0 || len(refused) != 4 {
		t.Errorf("without any spot: %v, refused %v", got, refused)
	}
	w.checkBooks()
}

// Where fleets have a bucket of instances, one gets what is in it, and hears
// that the rest was throttled.
func TestAFleetMayBeThrottledInPart(t *testing.T) {
	cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
	cfg.Profile.Throttling, cfg.Profile.Resources[ec2model.CreateFleet] = true, ec2model.Bucket{Burst: 7}
	w := newWorld(t, 1, cfg)
	for _, want := range []int{5, 2, 0} {
		out := must(wait(w, func(done func(ec2model.CreateFleetOutput, error)) {
			w.CreateFleet("karpenter", ec2model.CreateFleetInput{Pools: pools(w, []string{"m5.large"}, []string{"a", "b"}), Count: 5}, done)
		}))
		if len(out.InstanceIDs) != want || (want < 5) != (len(out.Errors) > 0) {
			t.Fatalf("%d instances, want %d; errors %v", len(out.InstanceIDs), want, out.Errors)
		}
		for _, e := range out.Errors {
			if e.Err.Code != ec2model.CodeRequestLimitExceeded {
				t.Errorf("%v", e.Err)
			}
		}
	}
	w.checkBooks()
}

// A fleet of one type lands in one zone: which one is the policy's choice, and
// only most-free looks at the addresses.
func TestAFleetLandsInOneZone(t *testing.T) {
	zones := func(policy ec2model.ZonePolicy) map[string]int {
		cfg := twoZones("10.0.0.0/24", "10.0.1.0/24")
		cfg.Profile.FleetZone, cfg.Profile.Throttling = policy, false
		w := newWorld(t, 1, cfg)
		landed := map[string]int{}
		for range 40 {
			out := must(wait(w, func(done func(ec2model.CreateFleetOutput, error)) {
				w.CreateFleet("karpenter", ec2model.CreateFleetInput{Pools: []ec2model.Pool{{InstanceType: "m5.large", SubnetID: w.subnet("a")}, {InstanceType: "m5.large", SubnetID: w.subnet("b")}}, Count: 5}, done)
			}))
			in := map[string]bool{}
			for _, id := range out.InstanceIDs {
				i, _ := w.Instance(id)
				in[*i.SubnetId] = true
			}
			if len(in) != 1 {
				t.Fatalf("%s: a fleet of five in %d subnets", policy, len(in))
			}
			for id := range in {
				landed[id]++
			}
		}
		return map[string]int{"a": landed[w.subnet("a")], "b": landed[w.subnet("b")]}
	}
	if got := zones(ec2model.FixedZone); got["a"] != 40 {
		t.Errorf("fixed: %v", got)
	}
	if got := zones(ec2model.MostFreeZone); got["a"] != 20 {
		t.Errorf("most-free: %v", got)
	}
	if got := zones(ec2model.RandomZone); got["a"] < 8 || got["b"] < 8 {
		t.Errorf("random: %v", got)
	}
}

func TestForeignHands(t *testing.T) {
	w := newWorld(t, 1, twoZones("10.0.0.0/24", "10.0.1.0/24"))
	node := w.launch("m5.large", "a")
	eni := w.primary(node)
	told, own := 0, 0
	w.OnInstanceChange(node, func(by ec2model.Caller, _ bool) {
		told++
		if by == ec2model.Caller(node) {
			own++
		}
	})
	added := must(w.AssignAddresses(eni, 6))
	highest := slices.SortedFunc(slices.Values(added), netip.Addr.Compare)[2:]
	if gone := must(w.UnassignHighest(eni, 4)); !slices.Equal(gone, highest) {
		t.Errorf("%v went, want %v", gone, highest)
	}
	other := must(w.AttachNew(node, w.subnet("a"), 4, 0, []types.Tag{{Key: new("k"), Value: new("v")}}))
	if err := w.RemoveInterface(other); err != nil {
		t.Fatal(err)
	}
	if told != 4 || own != 0 {
		t.Errorf("the host was told %d times, want 4, and %d times of its own calls", told, own)
	}
	in := ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 1}
	must(wait(w, func(done func(ec2model.AssignPrivateIPAddressesOutput, error)) {
		w.AssignPrivateIPAddresses(ec2model.Caller(node), in, done)
	}))
	if told != 5 || own != 1 {
		t.Error("the host was not told of its own call")
	}
	if must(w.assign(in)); told != 6 || own != 1 {
		t.Error("the host was not told of another's call")
	}
	if err := w.SetTags(eni, []types.Tag{{Key: new("a"), Value: new("1")}}); err != nil {
		t.Fatal(err)
	}
	if e, _ := w.Interface(eni); len(e.TagSet) != 1 {
		t.Errorf("tags %v", e.TagSet)
	}
	if took := must(w.Occupy(w.subnet("a"), -1)); took != 251-1-4 || w.Subnets()[0].Free != 0 {
		t.Errorf("others took %d", took)
	}
	if gave := must(w.Vacate(w.subnet("a"), 20)); gave != 20 || w.Subnets()[0].Free != 20 {
		t.Errorf("others gave %d", gave)
	}
	w.checkBooks()
}

// Network Address Usage is one unit an address and one a prefix, whichever 16
// addresses that holds, and one more for each interface besides the first: also of
// what comes to an interface that is attached already, and until it goes.
func TestNetworkAddressUsageCountsWhatComesToAnAttachedInterface(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	node := w.launch("m5.large", "a")
	expect := func(what string, nau int) {
		t.Helper()
		if got := w.Usage().NAU; got != nau {
			t.Errorf("%s: %d units, and %d were expected", what, got, nau)
		}
		w.checkBooks()
	}
	expect("one interface with its address", 1)
	out, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: w.primary(node), IPv4PrefixCount: 2})
	if err != nil {
		t.Fatal(err)
	}
	expect("two prefixes on it", 3)
	if _, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: w.primary(node), SecondaryPrivateIPAddressCount: 3}); err != nil {
		t.Fatal(err)
	}
	expect("three addresses besides", 6)
	e, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
	if err != nil {
		t.Fatal(err)
	}
	expect("an interface that is not attached", 6)
	if _, err := w.attach(ec2model.AttachNetworkInterfaceInput{InstanceID: node, NetworkInterfaceID: *e.NetworkInterfaceId, DeviceIndex: 1}); err != nil {
		t.Fatal(err)
	}
	expect("it is attached: its address, and itself", 8)
	if _, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: *e.NetworkInterfaceId, IPv4PrefixCount: 1}); err != nil {
		t.Fatal(err)
	}
	expect("a prefix on it", 9)
	if err := w.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: w.primary(node), IPv4Prefixes: out.Prefixes[:1]}); err != nil {
		t.Fatal(err)
	}
	expect("one prefix less", 8)
}
