package validation

import (
	"testing"
	"time"

	"ipamsim/ec2model"
)

// What surprises in the real daemon, one test each, as its code has it. The
// simulation must not be better than the daemon.

const codeThrottled = ec2model.CodeRequestLimitExceeded

// v1.23.1 enters a new interface before it looks at its subnet, and wires the
// host after that. If the look fails, the interface stays in the book without
// addresses; EC2 then says that it is full, its addresses are entered from
// there, and pods get addresses that the host does not route.
func TestTrapAnInterfaceThatFailsInSetupIsUsedWithoutHostWiring(t *testing.T) {
	s := onNode("m5.large", nil)
	// The first look is at the primary interface's subnet, the second chooses
	// a subnet for the new interface, the third is the new one's set-up.
	s.Faults = []Fault{{Op: "DescribeSubnets", Code: codeThrottled, Calls: []int{3}}}
	r := build(t, s, part{})
	r.run(time.Second)
	r.add("first")
	// At 3.0 s an interface is made; it shows at 4.4 s and is noticed after
	// 0.1 + 0.2 + 0.4 + 0.8 s.
	r.run(4500 * time.Millisecond)
	r.expect("after the failed set-up", 1, 0, 0)
	r.run(5 * time.Second)
	r.expect("after the next pass", 1, 9, 0)
	limit := r.calls(5*time.Second, "AssignPrivateIpAddresses")
	if len(limit) != 1 || limit[0].Err != ec2model.CodePrivateIPAddressLimitExceeded || limit[0].ENI != 1 {
		t.Errorf("the addresses came another way: %+v", limit)
	}
	r.add(podsNamed("more", 10)...)
	if _, pods := r.held(1); pods == 0 {
		t.Error("no pod is on the interface")
	}
	if r.wired[1] {
		t.Error("the host is wired for the interface")
	}
}

// With an IP target the next pass asks for more addresses on the interface,
// and the ones that it was made with come at the next reconcile.
func TestTrapAReconcileEntersTheAddressesOfAnInterfaceThatFailedInSetup(t *testing.T) {
	s := onNode("t3.small", map[string]string{"WARM_IP_TARGET": "4"})
	s.Faults = []Fault{{Op: "DescribeSubnets", Code: codeThrottled, Calls: []int{3}}}
	r := build(t, s, part{})
	r.run(20 * time.Second)
	r.expect("after the pass that followed", 1, 1, 0)
	r.run(80 * time.Second)
	r.expect("after the reconcile", 1, 2, 0)
	r.expect("after the surplus went, from the first interface", 0, 2, 0)
	if r.wired[1] {
		t.Error("the host is wired for the interface")
	}
}

// A full subnet makes ipamd pause only when a new interface fails. A node
// that may have no more interfaces asks twice per interface in every pass.
func TestTrapANodeWithoutAFreeSlotNeverPauses(t *testing.T) {
	s := onNode("m5.large", map[string]string{"MAX_ENI": "1"})
	s.Subnets[0].ReservedFreeLimit = 1 // the node's own
	r := build(t, s, part{})
	r.run(2 * time.Second)
	for i := range 12 {
		from := r.kernel.Now()
		r.run(5200 * time.Millisecond)
		calls := r.calls(from, "AssignPrivateIpAddresses")
		if len(calls) != 2 || calls[0].Asked != 9 || calls[1].Asked != 1 || calls[0].Err != ec2model.CodeInsufficientFreeAddresses {
			t.Fatalf("pass %d: %+v", i, calls)
		}
	}
}

// Without subnet discovery the same failure starts the pause of 120 s.
func TestWithoutSubnetDiscoveryAFullSubnetPausesAnyNode(t *testing.T) {
	s := onNode("m5.large", map[string]string{"MAX_ENI": "1", "ENABLE_SUBNET_DISCOVERY": "false"})
	s.Subnets[0].ReservedFreeLimit = 1
	r := build(t, s, part{})
	r.run(120 * time.Second)
	if calls := r.calls(0, "AssignPrivateIpAddresses"); len(calls) != 2 {
		t.Errorf("%d calls in the first 120 s, want 2", len(calls))
	}
	r.run(7 * time.Second)
	if calls := r.calls(120*time.Second, "AssignPrivateIpAddresses"); len(calls) != 2 {
		t.Errorf("%d calls after them, want 2", len(calls))
	}
}

// When the last step of making an interface fails and it can be removed
// again, the daemon takes it for made: it waits for an interface without a
// name, and the pool stands still.
func TestTrapAFailedModifyStallsThePoolForMinutes(t *testing.T) {
	for _, test := range []struct {
		jitter float64
		stall  time.Duration
	}{
		{0, 162300 * time.Millisecond},
		{1, 186645 * time.Millisecond},
	} {
		s := onNode("m5.large", nil)
		s.BackoffJitterFraction = test.jitter
		s.Faults = []Fault{{Op: "ModifyNetworkInterfaceAttribute", Code: codeThrottled, Calls: []int{2}}} // the first sets groups
		r := build(t, s, part{})
		r.run(time.Second)
		r.add("pod")
		r.run(5 * time.Minute)
		deleted := r.calls(0, "DeleteNetworkInterface")
		if len(deleted) != 1 || deleted[0].Err != "" {
			t.Fatalf("the interface was not removed: %+v", deleted)
		}
		next := r.calls(time.Duration(deleted[0].EndMS)*time.Millisecond + 1)
		if len(next) == 0 {
			t.Fatal("the pool never moved again")
		}
		// The wait, then two half passes.
		if got, want := next[0].StartMS-deleted[0].EndMS, roundToMS(test.stall+5*time.Second); got != want {
			t.Errorf("jitter %v: the pool stood still for %d ms, want %d", test.jitter, got, want)
		}
		r.expect("in the end", 2, 9, 0)
	}
}

// A forced removal of an interface with pods subtracts its prefixes twice
// from the running count.
func TestTrapAForcedRemovalSubtractsPrefixesTwice(t *testing.T) {
	s := onNode("t3.small", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}}
	r := build(t, s, part{})
	r.run(time.Second)
	for i := range 5 {
		r.add(podsNamed(string(rune('a'+i)), 10)...)
		r.run(15 * time.Second)
	}
	prefixes := r.daemon.Stats().Prefixes
	total, pods := r.held(1)
	if pods == 0 || total == 0 {
		t.Fatalf("the second interface has %d addresses and %d pods", total, pods)
	}
	id, _ := r.recorder.interfaceOf(1)
	if err := r.account.RemoveInterface(id); err != nil {
		t.Fatal(err)
	}
	grown := 0
	for range 30 {
		r.run(5 * time.Second)
		if left, _ := r.held(1); left < 0 {
			for e := range r.daemon.ENIs {
				grown += e.Total / addressesPerPrefix
			}
			break
		}
	}
	if got, want := r.daemon.Stats().Prefixes, grown-total/addressesPerPrefix; got != want {
		t.Errorf("%d prefixes counted of %d that were there, want %d", got, prefixes, want)
	}
}

// MINIMUM_IP_TARGET without WARM_IP_TARGET keeps nothing in reserve: pods
// beyond the minimum never get an address.
func TestTrapTheMinimumAloneNeverGrows(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"MINIMUM_IP_TARGET": "10", "WARM_ENI_TARGET": "1"}), part{})
	r.run(30 * time.Second)
	if got := r.add(podsNamed("pod", 12)...); got != 10 {
		t.Fatalf("%d pods got an address at once, want 10", got)
	}
	r.run(10 * time.Minute)
	if got := r.add("another"); got != 0 {
		t.Error("a pod beyond the minimum got an address")
	}
	if s := r.daemon.Stats(); s.Total != 10 {
		t.Errorf("the node holds %d addresses, want 10", s.Total)
	}
}

// With the binary's default of no warm prefix, an idle node gets a prefix
// because it has none and gives it back because nothing uses it.
func TestTrapNoWarmPrefixFlaps(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"ENABLE_PREFIX_DELEGATION": "true"}), part{})
	r.run(10 * time.Minute)
	gone := r.calls(time.Minute, "UnassignPrivateIpAddresses")
	if len(gone) < 15 {
		t.Fatalf("given back %d times in nine minutes", len(gone))
	}
	for i := 1; i < len(gone); i++ {
		if gap := gone[i].StartMS - gone[i-1].StartMS; gap < 30000 || gap > 31000 {
			t.Errorf("given back after %d ms", gap)
		}
	}
	back := r.calls(time.Minute, "AssignPrivateIpAddresses")
	if d := len(back) - len(gone); d < -1 || d > 1 {
		t.Errorf("assigned %d times, given back %d times", len(back), len(gone))
	}
}
