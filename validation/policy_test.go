package validation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ipamsim/sim/ipamd"
)

// Changes that no released daemon has: each against the daemon as it is.

func with(p ipamd.Policies) part {
	return part{settings: func(s *ipamd.Settings) { s.Policies = p }, picks: randomPicks(7)}
}

// Pods on random interfaces keep all of them; on the first ones they leave
// the last ones empty.
func TestPolicyLowestDeviceFirstFreesInterfacesAfterAPeak(t *testing.T) {
	interfaces := func(p ipamd.Policies) int {
		s := onNode("m5.xlarge", nil) // 4 interfaces of 14 addresses
		r := build(t, s, with(p))
		pods := podsNamed("pod", 50)
		for i := 0; i < len(pods); i += 10 {
			r.run(20 * time.Second)
			r.add(pods[i : i+10]...)
		}
		r.run(time.Minute)
		for i, pod := range pods { // ten are left, all over the interfaces
			if i%5 != 0 {
				r.del(pod)
			}
		}
		for i := 0; i < len(pods); i += 5 { // and are replaced one by one
			r.run(40 * time.Second)
			if r.add("late-"+pods[i]) != 1 {
				t.Fatal("no address")
			}
			r.del(pods[i])
		}
		r.run(5 * time.Minute)
		return len(slices.Collect(r.daemon.ENIs))
	}
	if got := interfaces(ipamd.Policies{}); got < 3 {
		t.Errorf("%d interfaces as it is, want nearly all", got)
	}
	if got := interfaces(ipamd.Policies{LowestDeviceFirst: true}); got != 2 {
		t.Errorf("%d interfaces with the policy, want the pods' and the warm one", got)
	}
}

// 19 pods, 4 cooling addresses: the targets are met, and the next pods wait
// for the cooldown to end, unless cooling addresses count as used.
func TestPolicyCooldownCountsAsUsedEndsTheStall(t *testing.T) {
	firstAddress := func(p ipamd.Policies) time.Duration {
		s := onNode("c5.4xlarge", map[string]string{"WARM_IP_TARGET": "2", "MINIMUM_IP_TARGET": "23", "WARM_ENI_TARGET": "0"})
		r := build(t, s, with(p))
		r.run(10 * time.Second)
		pods := podsNamed("pod", 23)
		if got := r.add(pods...); got != 23 {
			t.Fatalf("%d of 23 pods have an address", got)
		}
		r.del(pods[19:]...)
		if got := r.daemon.Stats(); got.Total != 23 || got.Assigned != 19 || got.Cooling != 4 {
			t.Fatalf("the state is %+v", got)
		}
		start := r.kernel.Now()
		for r.add("next") == 0 {
			r.run(100 * time.Millisecond)
		}
		return r.kernel.Now() - start
	}
	if got := firstAddress(ipamd.Policies{}); got <= 30*time.Second || got > 30200*time.Millisecond {
		t.Errorf("as it is, a pod gets an address after %v", got)
	}
	if got := firstAddress(ipamd.Policies{CooldownCountsAsUsed: true}); got > 6*time.Second {
		t.Errorf("with the policy, a pod gets an address after %v", got)
	}
}

// An interface that only holds what the others have
// cooling is still needed.
func TestPolicyCooldownCountsAsUsedKeepsInterfacesWhileOthersCool(t *testing.T) {
	kept := func(p ipamd.Policies) bool {
		s := onNode("t3.small", map[string]string{"WARM_IP_TARGET": "2", "IP_COOLDOWN_PERIOD": "600"})
		x := with(p)
		x.picks = descending // a decrease empties the second interface first
		r := build(t, s, x)
		r.run(10 * time.Second)
		r.add("a", "b")
		r.run(20 * time.Second)
		if total, _ := r.held(1); total < 1 {
			t.Fatal("no second interface")
		}
		r.run(2 * time.Minute)
		r.del("a", "b")
		r.run(6 * time.Second)
		total, _ := r.held(1)
		return total >= 0
	}
	if kept(ipamd.Policies{}) {
		t.Error("as it is, the interface is kept")
	}
	if !kept(ipamd.Policies{CooldownCountsAsUsed: true}) {
		t.Error("with the policy, the interface is given back")
	}
}

// One pod at a time: as it is, used addresses are preferred and reused by
// chance; with the policy each address rests until all others had their turn.
func TestPolicyLongestFreeFirstLengthensReuse(t *testing.T) {
	shortest := func(p ipamd.Policies, prefixes bool) time.Duration {
		env := map[string]string{"WARM_ENI_TARGET": "0"}
		if prefixes {
			env = map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_IP_TARGET": "1", "MINIMUM_IP_TARGET": "32"}
		}
		r := build(t, onNode("m5.large", env), with(p))
		r.run(10 * time.Second)
		freed := map[string]time.Duration{}
		least := time.Hour
		for i := range 60 {
			pod := fmt.Sprint("pod-", i)
			if r.add(pod) != 1 {
				t.Fatal("no address")
			}
			address := r.address[pod]
			if at, used := freed[address]; used {
				least = min(least, r.kernel.Now()-at)
			}
			r.run(5 * time.Second)
			r.del(pod)
			freed[address] = r.kernel.Now()
			r.run(30 * time.Second)
		}
		return least
	}
	for _, prefixes := range []bool{false, true} {
		before, after := shortest(ipamd.Policies{}, prefixes), shortest(ipamd.Policies{LongestFreeFirst: true}, prefixes)
		if before > 70*time.Second || after < 4*time.Minute {
			t.Errorf("prefixes %v: the shortest reuse is after %v, with the policy after %v", prefixes, before, after)
		}
	}
}

func TestPoliciesLowestDeviceAndLongestFreeTogether(t *testing.T) {
	r := build(t, onNode("t3.small", nil), with(ipamd.Policies{LowestDeviceFirst: true, LongestFreeFirst: true}))
	r.run(10 * time.Second)
	r.add("a", "b", "c")
	r.run(20 * time.Second) // a second interface
	first := []string{r.address["a"], r.address["b"], r.address["c"]}
	for _, pod := range []string{"b", "a", "c"} {
		r.del(pod)
		r.run(time.Second)
	}
	r.run(40 * time.Second)
	r.add("d", "e", "f")
	if got, want := []string{r.address["d"], r.address["e"], r.address["f"]}, []string{first[1], first[0], first[2]}; !slices.Equal(got, want) {
		t.Errorf("addresses %v of the first interface by age, want %v", got, want)
	}
}

func TestPolicyCooldownSurvivesARestart(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := build(t, onNode("m5.large", map[string]string{"MINIMUM_IP_TARGET": "3", "MAX_ENI": "1"}), with(ipamd.Policies{CooldownSurvivesRestart: on}))
		r.run(10 * time.Second)
		r.add("a", "b", "c")
		r.del("a", "b")
		freed := r.kernel.Now()
		r.restart(nil)
		r.run(5 * time.Second)
		want := 2
		if on {
			want = 0
		}
		if got := r.add("d", "e"); got != want {
			t.Errorf("policy %v: %d pods got an address that was freed before the restart, want %d", on, got, want)
		}
		if !on {
			continue
		}
		r.run(freed + 30*time.Second - r.kernel.Now())
		if got := r.add("d"); got != 0 {
			t.Error("the cooldown ended early")
		}
		r.run(time.Nanosecond)
		if got := r.add("d", "e"); got != 2 {
			t.Errorf("after the cooldown %d pods got an address, want 2", got)
		}
		// What is on a pod cools no more, and what has cooled is forgotten.
		if len(r.Read()) != 3 {
			t.Errorf("the checkpoint has %v", r.Read())
		}
		r.del("d")
		r.run(time.Hour)
		r.restart(nil)
		r.run(5 * time.Second)
		if len(r.Read()) != 2 {
			t.Errorf("after an hour and a restart the checkpoint has %v", r.Read())
		}
		if got := r.add("f"); got != 1 {
			t.Error("no address after the restart")
		}
	}
}
