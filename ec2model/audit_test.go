package ec2model

import (
	"net/netip"
	"testing"

	"ipamsim/sim/des"
)

// audited is an account with an instance, to which an interface with two
// addresses and one with a prefix are attached, and an interface that is
// attached to nothing.
func audited(t *testing.T) (a *Account, node *instance, loose *eni) {
	t.Helper()
	vpc := netip.MustParsePrefix("10.0.0.0/24")
	cfg := Config{CIDRs: []netip.Prefix{vpc}, Subnets: []SubnetConfig{{Name: "a", CIDR: vpc, AZ: "a"}}, Profile: DefaultProfile()}
	a, err := NewAccount(des.New(1, 0, des.Limits{}), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := a.subnets[0]
	id, err := a.Launch("m5.large", s.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ addresses, prefixes int }{{2, 0}, {0, 1}} {
		if _, err := a.AttachNew(id, s.id, c.addresses, c.prefixes, nil); err != nil {
			t.Fatal(err)
		}
	}
	loose, rejected := a.newInterface(s, 1, 0)
	if rejected != nil {
		t.Fatal(rejected)
	}
	if err := a.Audit(); err != nil {
		t.Fatal(err)
	}
	return a, a.instance(id), loose
}

// Whatever goes wrong in a change, the check of the changes finds it, and so
// does that of all books.
func TestBothChecksFindABrokenBook(t *testing.T) {
	for name, breakIt := range map[string]func(a *Account, node *instance, loose *eni){
		"an address without an owner's claim": func(a *Account, _ *instance, loose *eni) { loose.subnet.hold(77, loose.number) },
		"a claim without the address":         func(_ *Account, _ *instance, loose *eni) { loose.held = loose.held.with(nil, []offset{77}) },
		"a claim to another's address":        func(_ *Account, node *instance, loose *eni) { loose.primary = node.enis[1].primary },
		"an address in the free set":          func(_ *Account, _ *instance, loose *eni) { loose.subnet.singles[general].add(int(loose.primary)) },
		"a block in the free set":             func(_ *Account, _ *instance, loose *eni) { loose.subnet.pools[0].add(int(loose.primary) / blockSize) },
		"a block's count":                     func(_ *Account, _ *instance, loose *eni) { loose.subnet.inBlock[loose.primary/blockSize]++ },
		"a subnet's free addresses":           func(_ *Account, _ *instance, loose *eni) { loose.subnet.free-- },
		"a subnet's secondary addresses":      func(_ *Account, _ *instance, loose *eni) { loose.subnet.held[secondaryAddress]++ },
		"a subnet's other users":              func(_ *Account, _ *instance, loose *eni) { loose.subnet.held[othersAddress]++ },
		"the count of interfaces":             func(a *Account, _ *instance, _ *eni) { a.interfaces++ },
		"the count of instances":              func(a *Account, _ *instance, _ *eni) { a.running++ },
		"the network address usage":           func(a *Account, _ *instance, _ *eni) { a.nau++ },
		"an interface that is not listed":     func(a *Account, _ *instance, loose *eni) { a.loose = withoutENI(a.loose, loose) },
		"an instance that is not found":       func(a *Account, node *instance, _ *eni) { a.instances[node.number] = nil },
		"an attachment that is not found":     func(a *Account, node *instance, _ *eni) { a.attachments[node.enis[1].at.number] = nobody },
		"an instance that forgot one":         func(_ *Account, node *instance, _ *eni) { node.enis = node.enis[:2] },
		"two at one place":                    func(_ *Account, node *instance, _ *eni) { node.enis[2].at.device = node.enis[1].at.device },
		"more than the type carries": func(_ *Account, node *instance, _ *eni) {
			node.kind = &kind{"t", InstanceLimits{ENIs: 2, IPv4PerENI: 2}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, node, loose := audited(t)
			for _, e := range append([]*eni{loose}, node.enis...) { // all of them change
				a.addSecondaries(e, 1)
			}
			if err := a.CheckChanges(); err != nil {
				t.Fatalf("before: %v", err)
			}
			for _, e := range append([]*eni{loose}, node.enis...) {
				a.addSecondaries(e, 1)
			}
			for block := range loose.subnet.inBlock {
				a.audit.touchAddress(loose.subnet, block*blockSize, nobody, 0)
			}
			breakIt(a, node, loose)
			if err := a.CheckChanges(); err == nil {
				t.Error("the check of the changes does not find it")
			}
			if err := a.CheckBooks(); err == nil {
				t.Error("the check of all books does not find it")
			}
		})
	}
}

// The check of a change costs no more in a large account than in a small one.
func TestTheCheckOfAChangeDoesNotGrowWithTheAccount(t *testing.T) {
	a, node, _ := audited(t)
	allocations := func() float64 {
		return testing.AllocsPerRun(20, func() {
			e := node.enis[1]
			a.remove(e, nil, e.held.addresses())
			a.addSecondaries(e, 1)
			if err := a.CheckChanges(); err != nil {
				t.Fatal(err)
			}
		})
	}
	small := allocations()
	for range 60 {
		if _, err := a.Launch("m5.large", a.subnets[0].id); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.CheckChanges(); err != nil {
		t.Fatal(err)
	}
	if large := allocations(); large > small {
		t.Errorf("%v allocations beside 61 instances, %v beside one", large, small)
	}
}
