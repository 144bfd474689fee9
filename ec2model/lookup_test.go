package ec2model_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ipamsim/ec2model"
)

// An ID is found in exactly the form in which it was given out.
func TestOnlyExactIDsAreFound(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	var node string
	for range 12 { // so that the last number has a letter
		node = w.launch("m5.large", "a")
	}
	eni := w.primary(node)
	find := map[string]func(id string) bool{
		node: func(id string) bool { _, ok := w.Instance(id); return ok },
		eni:  func(id string) bool { _, ok := w.Interface(id); return ok },
	}
	for id, found := range find {
		if !found(id) {
			t.Errorf("%s is not found", id)
		}
		zeros := strings.Index(id, "0")
		for _, wrong := range []string{
			"", "x", strings.ToUpper(id), strings.ToUpper(id[:1]) + id[1:], id[:zeros] + strings.ToUpper(id[zeros:]), id + "0", id[:len(id)-1], " " + id, id + " ",
			id[:zeros] + id[zeros+1:], id[:zeros] + "0" + id[zeros:], id[:zeros] + "+" + id[zeros+1:], id[:zeros] + "1" + id[zeros+1:],
			"i-" + id, "eni-" + id, strings.Repeat("f", 30), id[:zeros] + strings.Repeat("f", 17), id[:zeros] + strings.Repeat("0", 17),
		} {
			if found(wrong) {
				t.Errorf("%q is found, as %s would be", wrong, id)
			}
		}
	}
}

// The owner of an address is found in any order of the subnets, and at their
// edges.
func TestAnAddressIsFoundInItsSubnet(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/16")
	cfg.Subnets = nil
	for _, s := range []string{"10.0.3.0/24", "10.0.0.0/24", "10.0.128.0/17", "10.0.1.0/28"} {
		cfg.Subnets = append(cfg.Subnets, ec2model.SubnetConfig{Name: s, CIDR: netip.MustParsePrefix(s), AZ: "a"})
	}
	w := newWorld(t, 1, cfg)
	for _, c := range []struct {
		addr, owner string
		inside      bool
	}{
		{"10.0.0.0", ec2model.OwnedByAWS, true}, {"10.0.0.255", ec2model.OwnedByAWS, true}, {"10.0.0.4", ec2model.OwnedByNobody, true},
		{"10.0.1.15", ec2model.OwnedByAWS, true}, {"10.0.1.16", "", false}, {"10.0.2.0", "", false}, {"10.0.127.255", "", false},
		{"10.0.128.3", ec2model.OwnedByAWS, true}, {"10.0.255.255", ec2model.OwnedByAWS, true}, {"10.1.0.0", "", false}, {"9.255.255.255", "", false},
		{"::ffff:10.0.0.4", "", false}, {"2001:db8::1", "", false},
	} {
		if owner, ok := w.Owner(netip.MustParseAddr(c.addr)); owner != c.owner || ok != c.inside {
			t.Errorf("%s is owned by %q (%v), want %q (%v)", c.addr, owner, ok, c.owner, c.inside)
		}
	}
	if _, ok := w.Owner(netip.Addr{}); ok {
		t.Error("the zero address is in a subnet")
	}
	for _, s := range w.Subnets() {
		id, err := w.Launch("m5.large", s.ID)
		if err != nil {
			t.Fatal(err)
		}
		primary, _ := w.Primary(id)
		if place, ok := w.PlaceOf(primary.PrimaryIP); !ok || place.Instance != id || place.Interface != primary.Interface {
			t.Errorf("%v of %s is at %+v", primary.PrimaryIP, s.Name, place)
		}
	}
}

// What the small questions answer is what the large one does.
func TestSmallAnswersAgreeWithTheDescription(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	w := newWorld(t, 1, cfg)
	stray := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})) // older than the primary one
	node := w.launch("m5.large", "a")
	must(w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *stray.NetworkInterfaceId, InstanceID: node, DeviceIndex: 2}))
	must(w.AttachNew(node, w.subnet("a"), 3, 0, nil))
	described, _ := w.Instance(node)
	devices := slices.Collect(w.Devices(node))
	if len(devices) != 3 || len(described.NetworkInterfaces) != 3 {
		t.Fatalf("%d devices", len(devices))
	}
	for k, d := range devices {
		e := described.NetworkInterfaces[k]
		if d.Index != int(*e.Attachment.DeviceIndex) || d.Interface != *e.NetworkInterfaceId || d.MAC != *e.MacAddress || d.PrimaryIP.String() != *e.PrivateIpAddress {
			t.Errorf("%+v, described as %+v", d, e)
		}
		if primary, ok := w.Primary(node); !ok || (d.Index == 0) != (d == primary) {
			t.Errorf("the primary one is %+v, device %d is %+v", primary, d.Index, d)
		}
	}
	identity, ok := w.Identity(node)
	want := ec2model.Identity{InstanceID: node, InstanceType: "m5.large", AvailabilityZone: "us-east-1a", VPCID: w.VPCID(), PrimaryENI: w.primary(node), SubnetID: w.subnet("a")}
	if !ok || identity != want {
		t.Errorf("%+v, want %+v", identity, want)
	}
	if name, ok := w.SubnetOf(node); name != "a" || !ok {
		t.Errorf("it is in subnet %q", name)
	}
	if s, ok := w.Subnet("a"); !ok || s != w.Subnets()[0] {
		t.Errorf("subnet a is %+v", s)
	}
	_, primary := w.Primary("i-none")
	_, known := w.Identity("i-none")
	_, placed := w.SubnetOf("i-none")
	_, subnet := w.Subnet("none")
	if primary || known || placed || subnet || len(slices.Collect(w.Devices("i-none"))) > 0 {
		t.Error("there is something of an unknown instance or subnet")
	}
}

// Questions that are asked of each node of a fleet make no garbage.
func TestSmallQuestionsCostNothing(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	node, other := w.launch("m5.large", "a"), w.launch("m5.large", "a")
	address := must(w.AssignAddresses(w.primary(node), 9))[0]
	w.SettleMetadata(node)
	for name, ask := range map[string]func(){
		"Subnet": func() { w.Subnet("a") }, "SubnetOf": func() { w.SubnetOf(node) }, "Primary": func() { w.Primary(node) },
		"PlaceOf": func() { w.PlaceOf(address) }, "Identity": func() { w.Identity(node) }, "Abandoned": func() { w.Abandoned("x", 0) },
		"Devices": func() {
			for d := range w.Devices(node) {
				_ = d.Index
			}
		},
		"Metadata of two": func() { w.Metadata(node); w.Metadata(other) },
	} {
		if n := testing.AllocsPerRun(100, ask); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
