package hostnet_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

// until lets everything happen before a step and nothing from it on.
func until(step hostnet.Step, with error) func(hostnet.Step, netip.Addr) error {
	return func(s hostnet.Step, _ netip.Addr) error {
		if s == step {
			return with
		}
		return nil
	}
}

// What an ADD that ends before a step leaves behind, and what becomes of the
// pod's packets.
func TestAnInterruptedADDLeavesWhatItHasWritten(t *testing.T) {
	pod := ip("10.0.1.22")
	for _, c := range []struct {
		before   hostnet.Step
		veth     bool
		arrives  hostnet.Verdict // for a packet to the pod
		reason   string          // why a packet from it is dropped on the node
		to, from bool            // its rules
	}{
		{before: hostnet.StepVeth, arrives: hostnet.ByInterface},
		{before: hostnet.StepPodRoute, veth: true, arrives: hostnet.ByInterface, reason: hostnet.ReasonPodRoute},
		{before: hostnet.StepPodAddress, veth: true, arrives: hostnet.ByInterface, reason: hostnet.ReasonPodAddress},
		{before: hostnet.StepPodNeighbour, veth: true, arrives: hostnet.ByInterface, reason: hostnet.ReasonNeighbour},
		{before: hostnet.StepHostRoute, veth: true, arrives: hostnet.ByInterface, reason: hostnet.ReasonReversePath},
		{before: hostnet.StepToRule, veth: true, arrives: hostnet.ToPod},
		{before: hostnet.StepFromRule, veth: true, arrives: hostnet.ToPod, to: true},
	} {
		for _, with := range []error{hostnet.ErrKilled, &hostnet.RefusedError{Step: c.before}} {
			n := node(t, config())
			n.Fate = until(c.before, with)
			err := n.AddPod("default/c", pod, 1)
			var killed *hostnet.KilledError
			if !errors.Is(err, with) || errors.As(err, &killed) != (with == hostnet.ErrKilled) || killed != nil && killed.Step != c.before {
				t.Errorf("%v: error %v, want %v", c.before, err, with)
			}
			list := strings.Join(n.Rules(), "\n")
			if n.HasVeth("default/c") != c.veth || strings.Contains(list, "to 10.0.1.22 ") != c.to || strings.Contains(list, "from 10.0.1.22 ") != c.from {
				t.Errorf("%v: veth %v, rules\n%s", c.before, n.HasVeth("default/c"), list)
			}
			if got := n.Route(inVPC, pod, nil); got.Verdict != c.arrives {
				t.Errorf("%v: to the pod: %+v", c.before, got)
			}
			if got := n.Route(pod, inVPC, nil); got.Reason != c.reason {
				t.Errorf("%v: from the pod: %+v", c.before, got)
			}
		}
	}
}

func TestAnInterruptedDELLeavesTheRest(t *testing.T) {
	for _, c := range []struct {
		before   hostnet.Step
		to, from bool
	}{{hostnet.StepDelToRule, true, true}, {hostnet.StepDelFromRule, false, true}} {
		n := node(t, config())
		n.Fate = until(c.before, hostnet.ErrKilled)
		if err := n.RemovePod(podB, 1); !errors.Is(err, hostnet.ErrKilled) {
			t.Errorf("%v: error %v", c.before, err)
		}
		list := strings.Join(n.Rules(), "\n")
		if strings.Contains(list, "to 10.0.1.21") != c.to || strings.Contains(list, "from 10.0.1.21") != c.from {
			t.Errorf("%v: rules\n%s", c.before, list)
		}
		if got := n.Route(inVPC, podB, nil); got.Verdict != hostnet.ToPod {
			t.Errorf("%v: the route goes last, and has gone: %+v", c.before, got)
		}
	}
}

// An interface is of use to pods from the moment its table has routes.
func TestAnInterruptedSetUpOfAnInterface(t *testing.T) {
	for _, c := range []struct {
		before        hostnet.Step
		device, rules int    // that a pod of it leaves by; of the interface
		connected     bool   // the main table has the route that came with its address
		local         bool   // its address is the node's
		table         string // first route
	}{
		{before: hostnet.StepENILink},
		{before: hostnet.StepENIAddress},
		{before: hostnet.StepENIRoute, connected: true, local: true},
		{before: hostnet.StepENIRule, device: 1, local: true, table: "default via 10.0.1.1 dev eth1"},
	} {
		n := booted(config())
		n.SetupHost()
		n.Fate = until(c.before, &hostnet.RefusedError{Step: c.before})
		var refused *hostnet.RefusedError
		if err := n.SetupENI(1, secondary, subnet); !errors.As(err, &refused) || refused.Step != c.before {
			t.Errorf("%v: error %v", c.before, err)
		}
		n.Fate = nil
		_ = n.AddPod("default/b", podB, 1)
		if got := n.Route(podB, inVPC, nil); got.Device != c.device {
			t.Errorf("%v: a pod leaves by %+v", c.before, got)
		}
		if got := n.Route(podB, secondary, nil); (got.Verdict == hostnet.ToHost) != c.local {
			t.Errorf("%v: to the interface's address: %+v", c.before, got)
		}
		main := slices.ContainsFunc(n.Routes(hostnet.TableMain), func(r hostnet.Route) bool {
			return r.String() == "10.0.1.0/24 dev eth1 proto kernel scope link src 10.0.1.20"
		})
		table := ""
		if list := n.Routes(2); len(list) > 0 {
			table = list[0].String()
		}
		if main != c.connected || table != c.table {
			t.Errorf("%v: in main %v, table 2 begins with %q", c.before, main, table)
		}
		if err := n.SetupENI(1, secondary, subnet); err != nil || n.Route(podB, inVPC, nil).Device != 1 {
			t.Errorf("%v: the next set-up does not mend it: %v", c.before, err)
		}
	}
}

// A start deletes the rules from a pod before it writes the one that counts:
// the only moment in which ipamd itself can lose one, and no later start
// brings it back.
func TestARefreshThatIsRefusedLosesTheRuleForGood(t *testing.T) {
	n := node(t, config())
	n.Fate = until(hostnet.StepRefreshRule, hostnet.ErrKilled)
	n.RefreshPodRule(podB)
	n.Fate = nil
	restart(n)
	if got := n.Route(podB, inVPC, nil); got.Device != 0 {
		t.Errorf("the pod leaves by %+v", got)
	}
}

func TestTwoPodsOnOneAddressBothHaveAVethAndOneHasTheRoute(t *testing.T) {
	n := node(t, config())
	_ = n.AddPod("default/twin", podB, 1)
	if !n.HasVeth("default/b") || !n.HasVeth("default/twin") {
		t.Error("a veth has gone")
	}
	if got := n.Route(inVPC, podB, nil); got.Pod != "default/twin" {
		t.Errorf("packets go to %+v, want the later pod", got)
	}
	take(n, "default/twin", podB, 1)
	if got := n.Route(inVPC, podB, nil); got.Verdict == hostnet.ToPod || !n.HasVeth("default/b") {
		t.Errorf("the first pod's veth %v, and packets go to %+v", n.HasVeth("default/b"), got)
	}
}

func TestStepsHaveDistinctNames(t *testing.T) {
	names := map[string]bool{}
	for s := hostnet.StepVeth; s <= hostnet.StepRefreshRule; s++ {
		if s.String() == "" || names[s.String()] || (&hostnet.RefusedError{Step: s}).Error() == ": no buffer space available" {
			t.Errorf("step %d: %q, %v", s, s, &hostnet.RefusedError{Step: s})
		}
		names[s.String()] = true
	}
}

// printf default.web-0 | sha1sum | cut -c1-11
func TestVethNamesAreTheRealOnes(t *testing.T) {
	for _, pod := range []string{"web-0", "default/web-0"} {
		if got := hostnet.VethName("eni", pod); got != "eni0d7763386da" {
			t.Errorf("%s: %s", pod, got)
		}
	}
}

// Whoever listens is told of each change, with the address where it is about
// one.
func TestChangesAreToldWithTheAddressTheyConcern(t *testing.T) {
	n := node(t, config())
	var heard []netip.Addr
	n.Changed = func(a netip.Addr) { heard = append(heard, a) }
	all := netip.Addr{}
	for _, c := range []struct {
		name string
		do   func()
		want netip.Addr
	}{
		{"add", func() { _ = n.AddPod("default/c", ip("10.0.1.30"), 1) }, ip("10.0.1.30")},
		{"remove", func() { _ = n.RemovePod(podB, 1) }, podB},
		{"namespace", func() { n.DropVeth("default/b") }, podB},
		{"refresh", func() {
			_, _ = n.AddPod("default/d", podB, 1), n.AddPod("default/e", podB, 2)
			heard = nil
			n.RefreshPodRule(podB)
		}, podB},
		{"prune", func() { n.RemovePodRules(podA) }, podA},
		{"flush", n.FlushRules, all},
		{"table", func() { n.FlushTable(1) }, all},
		{"set-up", func() { _ = n.SetupENI(1, secondary, subnet) }, all},
		{"host", n.SetupHost, all},
		{"detach", func() { n.Detached(1) }, all},
		{"free", func() { n.RemoveENI(secondary) }, all},
	} {
		heard = nil
		c.do()
		if len(heard) == 0 || heard[len(heard)-1] != c.want {
			t.Errorf("%s: told of %v, want %v", c.name, heard, c.want)
		}
	}
}

// A start of ipamd on a node where all is well is heard of by nobody.
func TestWhatIsWrittenAgainAsItWasIsNoChange(t *testing.T) {
	n := node(t, config())
	var heard []netip.Addr
	n.Changed = func(a netip.Addr) { heard = append(heard, a) }
	if err := n.SetupENI(1, secondary, subnet); err != nil {
		t.Fatal(err)
	}
	n.RefreshPodRule(podA)
	n.RefreshPodRule(podB)
	if len(heard) > 0 {
		t.Errorf("told of %v", heard)
	}
}

// Whoever knows of nothing wrong does not hear of ends that leave nothing
// behind, and hears of those that do.
func TestTheCalmHearOnlyOfWhatStaysBehind(t *testing.T) {
	n := node(t, config())
	n.Calm = true
	var heard []netip.Addr
	n.Changed = func(a netip.Addr) { heard = append(heard, a) }
	n.Retire("default/b", podB)
	if err := n.RemovePod(podB, 1); err != nil {
		t.Fatal(err)
	}
	n.DropVeth("default/b")
	if len(heard) > 0 {
		t.Errorf("told of %v, when a pod ended as it should", heard)
	}
	n.DropVeth("default/a") // its rule stays
	if !slices.Equal(heard, []netip.Addr{podA}) || !n.Orphaned(podA) {
		t.Errorf("told of %v, when a namespace went without a DEL", heard)
	}
}

// A packet between two pods of a node that has left it comes back by an
// interface: it does not leave a pod a second time.
func TestWhatTheVPCBringsBackArrives(t *testing.T) {
	n := node(t, config())
	n.FlushRules()
	_ = n.AddPod("default/b", podB, 1) // with its rules; the other pod has lost its own
	n.FlushTable(1)
	if got := n.Receive(podB, podA, nil); got.Verdict != hostnet.ToPod || got.Pod != "default/a" {
		t.Errorf("from %v to %v: %+v", podB, podA, got)
	}
	if got := n.Receive(podA, podB, nil); got.Verdict != hostnet.ToPod || got.Pod != "default/b" {
		t.Errorf("from %v to %v: %+v", podA, podB, got)
	}
}
