package ec2model_test

import (
	"fmt"
	"math"
	"net/netip"
	"testing"

	"ipamsim/ec2model"
)

// The sizes are of https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html;
// the first and the last block hold reserved addresses.
func TestUsableAddressesAndBlocksPerSize(t *testing.T) {
	for _, c := range []struct{ bits, usable, blocks int }{
		{28, 11, 0}, {27, 27, 0}, {26, 59, 2}, {25, 123, 6}, {24, 251, 14}, {23, 507, 30}, {22, 1019, 62},
		{21, 2043, 126}, {20, 4091, 254}, {19, 8187, 510}, {18, 16379, 1022}, {17, 32763, 2046}, {16, 65531, 4094},
	} {
		t.Run(fmt.Sprint("/", c.bits), func(t *testing.T) {
			w := newWorld(t, 1, oneSubnet(fmt.Sprintf("10.0.0.0/%d", c.bits)))
			got := w.Subnets()[0]
			if got.Usable != c.usable || got.Free != c.usable || got.FreeBlocks != c.blocks || got.Allocated != 0 {
				t.Fatalf("%+v, want %d usable and %d blocks", got, c.usable, c.blocks)
			}
			w.checkBooks()
		})
	}
}

func TestTheFiveReservedAddressesAreNeverGivenAway(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/28")
	cfg.Profile = steady()
	w := newWorld(t, 1, cfg)
	for range 11 {
		must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
	}
	_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
	expectCode(t, err, ec2model.CodeInsufficientFreeAddresses)
	for _, host := range []string{"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.15"} {
		if owner, ok := w.Owner(netip.MustParseAddr(host)); !ok || owner != ec2model.OwnedByAWS {
			t.Errorf("%s is owned by %q", host, owner)
		}
	}
	w.checkBooks()
}

// A random single address hits a given block with equal probability, so after
// k of them about (B-2)(1 - k/16B)^16 blocks are whole.
func TestRandomAddressesFragmentASubnetAsTheFormulaSays(t *testing.T) {
	for _, c := range []struct {
		bits, used int
		tolerance  float64
	}{{23, 135, 0.08}, {20, 1000, 0.25}, {20, 200, 3}} {
		const seeds = 600
		sum := 0
		for seed := range uint64(seeds) {
			cfg := oneSubnet(fmt.Sprintf("10.0.0.0/%d", c.bits))
			cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: c.used}}
			sum += newWorld(t, seed, cfg).Subnets()[0].FreeBlocks
		}
		blocks := math.Pow(2, float64(28-c.bits))
		want := (blocks - 2) * math.Pow(1-float64(c.used)/(16*blocks), 16)
		if got := float64(sum) / seeds; math.Abs(got-want) > c.tolerance {
			t.Errorf("/%d with %d used: %.3f free blocks on average, the formula says %.3f", c.bits, c.used, got, want)
		}
	}
}

// Assigning at random through the API fragments as a scattered start does.
func TestAssignedAddressesAreSpreadOverTheSubnet(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/20")
	cfg.Profile = steady()
	halves := [2]int{}
	w := newWorld(t, 3, cfg)
	for range 20 {
		e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 49}))
		for _, a := range e.PrivateIpAddresses {
			third := netip.MustParseAddr(*a.PrivateIpAddress).As4()[2]
			halves[third/8]++
		}
	}
	if halves[0] < 400 || halves[1] < 400 {
		t.Errorf("1,000 random addresses fall %v on the two halves", halves)
	}
	if blocks := w.Subnets()[0].FreeBlocks; blocks > 10 {
		t.Errorf("%d blocks are left of 254 after 1,000 random addresses, about 3 are expected", blocks)
	}
	w.checkBooks()
}

func TestLowestPolicyFillsFromTheBottom(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.Addresses, cfg.Profile.Prefixes = ec2model.Lowest, ec2model.Lowest
	w := newWorld(t, 1, cfg)
	e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), IPv4PrefixCount: 2}))
	if *e.PrivateIpAddress != "10.0.0.4" || *e.Ipv4Prefixes[0].Ipv4Prefix != "10.0.0.16/28" || *e.Ipv4Prefixes[1].Ipv4Prefix != "10.0.0.32/28" {
		t.Fatalf("got %s and %v", *e.PrivateIpAddress, e.Ipv4Prefixes)
	}
	out := must(w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: *e.NetworkInterfaceId, SecondaryPrivateIPAddressCount: 13}))
	if first, last := out.Addresses[0].String(), out.Addresses[12].String(); first != "10.0.0.5" || last != "10.0.0.49" {
		t.Fatalf("got %s to %s, want 10.0.0.5 to 10.0.0.49", first, last)
	}
}

func TestUsedPatterns(t *testing.T) {
	with := func(used ...ec2model.UsedAddresses) *world {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Subnets[0].Used = used
		w := newWorld(t, 1, cfg)
		w.checkBooks()
		return w
	}
	owner := func(w *world, host string) string {
		o, _ := w.Owner(netip.MustParseAddr(host))
		return o
	}
	low := with(ec2model.UsedAddresses{Count: 12, Pattern: ec2model.Contiguous})
	if owner(low, "10.0.0.4") != ec2model.OwnedByOthers || owner(low, "10.0.0.15") != ec2model.OwnedByOthers || owner(low, "10.0.0.16") != "" {
		t.Error("contiguous is not the lowest twelve")
	}
	if blocks := low.Subnets()[0].FreeBlocks; blocks != 14 {
		t.Errorf("%d blocks are free, want 14", blocks)
	}
	high := with(ec2model.UsedAddresses{Count: 16, Pattern: ec2model.Highest})
	if owner(high, "10.0.0.254") != ec2model.OwnedByOthers || owner(high, "10.0.0.239") != ec2model.OwnedByOthers || owner(high, "10.0.0.238") != "" {
		t.Error("highest is not the highest sixteen")
	}
	explicit := with(ec2model.UsedAddresses{Explicit: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/28"), netip.MustParsePrefix("10.0.0.77/32")}},
		ec2model.UsedAddresses{Count: 3})
	if s := explicit.Subnets()[0]; s.Others != 12+1+3 || owner(explicit, "10.0.0.77") != ec2model.OwnedByOthers {
		t.Errorf("others have %d", s.Others)
	}
	cfg := oneSubnet("10.0.0.0/28")
	cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: 12}}
	if _, err := ec2model.NewAccount(newWorld(t, 1, oneSubnet("10.0.0.0/28")).k, cfg); err == nil {
		t.Error("12 used addresses fit into a /28 with 11")
	}
}

func TestReservations(t *testing.T) {
	prefix, explicit := netip.MustParsePrefix("10.0.0.64/26"), netip.MustParsePrefix("10.0.0.128/25")
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Subnets[0].Reservations = []ec2model.Reservation{{CIDR: explicit, Type: ec2model.ReserveExplicit}, {CIDR: prefix, Type: ec2model.ReservePrefix}}
	w := newWorld(t, 5, cfg)
	if blocks := w.Subnets()[0].FreeBlocks; blocks != 3+4 {
		t.Fatalf("%d free blocks, want 3 in general and 4 reserved", blocks)
	}
	e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), IPv4PrefixCount: 4}))
	for _, p := range e.Ipv4Prefixes {
		if !prefix.Contains(netip.MustParsePrefix(*p.Ipv4Prefix).Addr()) {
			t.Errorf("%s is outside the reservation although it had room", *p.Ipv4Prefix)
		}
	}
	general := must(w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: *e.NetworkInterfaceId, IPv4PrefixCount: 1}))
	if p := general.Prefixes[0]; prefix.Overlaps(p) || explicit.Overlaps(p) {
		t.Errorf("%v is not of the general space when the reservation is full", p)
	}

	w = newWorld(t, 6, cfg) // single addresses: general space, then the prefix reservation, never the explicit one
	for k := range 60 + 64 {
		e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
		a := netip.MustParseAddr(*e.PrivateIpAddress)
		if prefix.Contains(a) != (k >= 60) || explicit.Contains(a) {
			t.Fatalf("address %d is %v", k, a)
		}
	}
	_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
	expectCode(t, err, ec2model.CodeInsufficientFreeAddresses)
	w.checkBooks()
}

func TestConfigurationMistakesAreReportedTogether(t *testing.T) {
	p := netip.MustParsePrefix
	cfg := ec2model.Config{
		CIDRs: []netip.Prefix{p("10.0.0.0/15"), p("10.4.0.0/16")},
		Subnets: []ec2model.SubnetConfig{
			{Name: "100%", CIDR: p("10.4.0.0/24"), Used: []ec2model.UsedAddresses{{Count: -1}}},
			{Name: "b", CIDR: p("10.4.0.128/25"), Reservations: []ec2model.Reservation{{CIDR: p("10.4.0.128/29"), Type: "prefix"}}},
			{Name: "c", CIDR: p("192.168.0.0/24")},
			{Name: "d", CIDR: p("10.4.1.0/29")},
		},
		Profile: ec2model.DefaultProfile(),
	}
	_, err := ec2model.NewAccount(newWorld(t, 1, oneSubnet("10.0.0.0/24")).k, cfg)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 6 {
		t.Fatalf("want six problems, got:\n%v", err)
	}
	t.Log(err)
}

// A closed subnet gives nothing, and takes back what it gave. A fleet goes on
// in the next one. Two closings take two openings.
func TestAClosedSubnetGivesNothing(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	other := netip.MustParsePrefix("10.0.1.0/24")
	cfg.CIDRs = append(cfg.CIDRs, other)
	cfg.Subnets = append(cfg.Subnets, ec2model.SubnetConfig{Name: "b", CIDR: other, AZ: "us-east-1b"})
	w := newWorld(t, 1, cfg)
	eni := w.primary(w.launch("m5.large", "a"))
	given := must(w.AssignAddresses(eni, 2))
	must(0, w.CloseSubnet(w.subnet("a")))
	must(0, w.CloseSubnet(w.subnet("a")))

	_, launch := wait(w, func(done func([]string, error)) {
		w.RunInstances("test", ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet("a"), Count: 1}, done)
	})
	expectCode(t, launch, "InsufficientInstanceCapacity")
	_, create := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
	expectCode(t, create, "Unavailable")
	_, assign := w.AssignAddresses(eni, 1)
	expectCode(t, assign, "Unavailable")
	out := must(wait(w, func(done func(ec2model.CreateFleetOutput, error)) {
		w.CreateFleet("test", ec2model.CreateFleetInput{Pools: []ec2model.Pool{{InstanceType: "m5.large", SubnetID: w.subnet("a")}, {InstanceType: "m5.large", SubnetID: w.subnet("b")}}, Count: 2}, done)
	}))
	if len(out.InstanceIDs) != 2 {
		t.Fatalf("%+v", out)
	}
	for _, e := range out.Errors {
		if e.SubnetID != w.subnet("a") || e.Err.Code != "InsufficientInstanceCapacity" {
			t.Errorf("%s refused: %v", e.SubnetID, e.Err)
		}
	}
	if gone := must(w.UnassignHighest(eni, 1)); len(gone) != 1 || len(given) != 2 {
		t.Errorf("%v of %v were taken back", gone, given)
	}

	must(0, w.OpenSubnet(w.subnet("a")))
	if _, err := w.AssignAddresses(eni, 1); err == nil {
		t.Error("it gives after the first of two openings")
	}
	must(0, w.OpenSubnet(w.subnet("a")))
	must(0, w.OpenSubnet(w.subnet("a"))) // of none
	must(w.AssignAddresses(eni, 1))
	w.launch("m5.large", "a")
	expectCode(t, w.CloseSubnet("subnet-x"), "InvalidSubnetID.NotFound")
	expectCode(t, w.OpenSubnet("subnet-x"), "InvalidSubnetID.NotFound")
}
