package fleet_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
)

// rulesFrom are the rules from a pod on a node.
func rulesFrom(m *machine.Machine, address netip.Addr) (list []string) {
	for _, r := range m.Network.Rules() {
		if strings.HasPrefix(r, fmt.Sprintf("1536:\tfrom %v ", address)) {
			list = append(list, r)
		}
	}
	return list
}

// onSecondaries are a node's running pods that are on secondary interfaces,
// by address.
func (l *lab) onSecondaries() (list []*kubelet.Pod) {
	for _, p := range l.pods() {
		if p.Device() != 0 {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *kubelet.Pod) int { return a.Address().Compare(b.Address()) })
	return list
}

// A start replaces the rules from each recovered address by one to the table
// of the last of them, and does not make one that is missing. What belongs to
// the host it writes anew.
func TestARestartTidiesTheRulesFromPodsAndMakesNoMissingOne(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{"{kind: restart-ipamd, at: 1m}"}})
	m := l.Machines[0]
	l.to(59 * time.Second)
	pods := l.onSecondaries()
	if len(pods) < 3 {
		t.Fatalf("%d pods are on secondary interfaces", len(pods))
	}
	m.Network.FlushRules()
	corrupt, missing := pods[0], pods[1:]
	other := 3 - corrupt.Device()
	m.Network.AddPod(corrupt.Key, corrupt.Address(), other)
	m.Network.AddPod(corrupt.Key, corrupt.Address(), corrupt.Device())
	if got := rulesFrom(m, corrupt.Address()); len(got) != 2 {
		t.Fatalf("rules %v", got)
	}
	if got := m.Egress(corrupt.Address()); got.Kept || got.Path.Device != other {
		t.Fatalf("before the start: %+v", got)
	}

	l.servingAfter(m, time.Minute)
	want := fmt.Sprintf("1536:\tfrom %v lookup %d", corrupt.Address(), hostnet.Table(corrupt.Device()))
	if got := rulesFrom(m, corrupt.Address()); !slices.Equal(got, []string{want}) {
		t.Errorf("rules %v, want %s", got, want)
	}
	if got := m.Egress(corrupt.Address()); !got.Kept || got.Path.Device != corrupt.Device() {
		t.Errorf("after the start: %+v", got)
	}
	for _, p := range missing {
		if got := rulesFrom(m, p.Address()); len(got) != 0 {
			t.Errorf("%s: the start made %v", p.Key, got)
		}
		if got := m.Egress(p.Address()); got.Kept || got.Path.Device != 0 {
			t.Errorf("%s, without a rule: %+v", p.Key, got)
		}
	}
	if got := m.Network.Rules(); !slices.Contains(got, "1024:\tfrom all fwmark 0x80/0x80 lookup main") {
		t.Errorf("the rule for marked packets is not back: %v", got)
	}
}

// The pods of an interface that leaves the node behind ipamd's back have no
// table to go by, and what they send by the primary interface is dropped. The
// others see nothing of it.
func TestADetachedInterfaceCutsItsPodsOffAtOnce(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{"{kind: detach-eni, at: 1m}"}})
	m := l.Machines[0]
	devices := func() map[int]bool {
		list := map[int]bool{}
		instance, _ := l.Account.Instance(m.Node.Instance.ID)
		for _, e := range instance.NetworkInterfaces {
			list[int(*e.Attachment.DeviceIndex)] = true
		}
		return list
	}
	l.to(time.Minute - 1)
	for _, p := range l.pods() {
		if got := m.Egress(p.Address()); !got.Kept || got.Path.Device != p.Device() {
			t.Fatalf("%s, before: %+v", p.Key, got)
		}
	}
	l.to(time.Minute + time.Millisecond)
	attached, cut := devices(), 0
	for _, p := range l.pods() {
		got := m.Egress(p.Address())
		if attached[p.Device()] {
			if !got.Kept || got.Path.Device != p.Device() {
				t.Errorf("%s, whose interface stays: %+v", p.Key, got)
			}
			continue
		}
		cut++
		if got.Kept || got.Path.Table != hostnet.TableMain {
			t.Errorf("%s, whose interface %d is gone: %+v", p.Key, p.Device(), got)
		}
	}
	if len(attached) != 2 || cut == 0 {
		t.Errorf("attached %v, %d pods are cut off", attached, cut)
	}
}

// Every start changes the security groups of its interfaces with the request
// that also sets DeleteOnTermination: that is no moment of growth.
func TestSecurityGroupsAreNotModifying(t *testing.T) {
	for name, test := range map[string]struct {
		setting  setting
		restarts int
	}{
		"a restart": {setting{Nodes: 3, Pods: 6, Faults: []string{
			"{kind: restart-ipamd, at: 1m, when: modifying}", "{kind: restart-ipamd, at: 2m}"}}, 3},
		"a rollout": {setting{Nodes: 3, Pods: 6, Faults: []string{
			"{kind: restart-ipamd, at: 1m, when: modifying}", "{kind: roll-aws-node, at: 2m}"}}, 3},
		// The second process adopts what the first one has attached, and sets
		// nothing but its groups.
		"a restart before it is set": {setting{Nodes: 1, Replicas: "{at: 1m, count: 2}", EC2: noLag, Faults: []string{
			"{kind: restart-ipamd, when: attached, count: 1}", "{kind: restart-ipamd, when: modifying}"}}, 1},
	} {
		l := inLab(t, test.setting)
		l.to(10 * time.Minute)
		if n, _ := l.calls(ec2model.ModifyNetworkInterfaceAttribute); n < test.restarts {
			t.Fatalf("%s: security groups were set %d times", name, n)
		}
		if got := l.restarts; got != test.restarts {
			t.Errorf("%s: %d containers ended, want %d", name, got, test.restarts)
		}
	}
}

// The nodes that a rollout has not come to are the next one's, and go at its
// pace: the first takes three at a time, the second one.
func TestASecondRollTakesTheFirstOnesPlace(t *testing.T) {
	l := inLab(t, setting{Nodes: 10, Faults: []string{
		"{kind: roll-aws-node, at: 1m, maxUnavailable: 3, cni: {WARM_IP_TARGET: 2}}",
		"{kind: roll-aws-node, at: 61s, maxUnavailable: 10%, cni: {WARM_IP_TARGET: 3}}"}})
	away := func() (list []*machine.Machine) {
		for _, m := range l.Machines {
			if from, ok := m.Agent.Available(); !ok || from > l.Kernel.Now() {
				list = append(list, m)
			}
		}
		return list
	}
	l.to(61*time.Second - 1)
	first := away()
	if rolling := l.Faults.Rolling(); len(first) != 3 || len(rolling) != 1 || rolling[0] != 7 {
		t.Fatalf("%d of 10 nodes are away, %v to come", len(first), rolling)
	}
	for at := 61 * time.Second; at < 10*time.Minute; at += 50 * time.Millisecond {
		l.to(at)
		now := away()
		if others := slices.ContainsFunc(now, func(m *machine.Machine) bool { return !slices.Contains(first, m) }); others && len(now) > 1 {
			t.Fatalf("at %v the second rollout has %d nodes away, want one", at, len(now))
		}
	}
	if got := l.restarts; got != 10 { // the first three had no container when the second rollout came
		t.Errorf("%d containers ended, want each node's", got)
	}
	for _, m := range l.Machines {
		if m.Daemon.WarmIPTarget != 3 {
			t.Errorf("%s has WARM_IP_TARGET=%d", m.Node.Name, m.Daemon.WarmIPTarget)
		}
	}
	if got := l.Faults.Rolling(); len(got) != 0 {
		t.Errorf("rollouts go on: %v", got)
	}
}

// A rollout of another group leaves the first one's nodes alone.
func TestRolloutsOfTwoGroupsGoOnSideBySide(t *testing.T) {
	l := inLab(t, setting{Nodes: 5, Group: "}, {name: others, instanceType: m5.large, count: 5", Faults: []string{
		"{kind: roll-aws-node, at: 1m, group: nodes, cni: {WARM_IP_TARGET: 2}}", "{kind: roll-aws-node, at: 61s, group: others, cni: {WARM_IP_TARGET: 3}}"}})
	l.to(61 * time.Second)
	if got := l.Faults.Rolling(); !slices.Equal(got, []int{4, 4}) {
		t.Errorf("the rollouts have %v to come to, want 4 of 5 each", got)
	}
	l.to(20 * time.Minute)
	want := map[string]int{"nodes": 2, "others": 3}
	for _, m := range l.Machines {
		if got := m.Daemon.WarmIPTarget; got != want[m.Node.Group.Name] {
			t.Errorf("%s of %s has %d", m.Node.Name, m.Node.Group.Name, got)
		}
	}
	if got := l.restarts; got != 10 || len(l.Faults.Rolling()) != 0 {
		t.Errorf("%d containers ended, %v to come", got, l.Faults.Rolling())
	}
}

// The tokens that retries have cost are those of the process that tried.
func TestARestartFillsTheRetryQuota(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, CNI: "WARM_IP_TARGET: 3", Replicas: "{at: 1m, count: 5}", Faults: []string{
		"{kind: api-errors, code: InternalError, action: AssignPrivateIpAddresses, at: 1m, for: 4m}", "{kind: restart-ipamd, at: 5m}"}})
	m := l.Machines[0]
	full := m.Client.Quota()
	l.to(5*time.Minute - 1)
	if got := m.Client.Quota(); got > full-100 {
		t.Fatalf("%d of %d tokens are left: nothing was tried again", got, full)
	}
	l.servingAfter(m, 5*time.Minute)
	if got := m.Client.Quota(); got != full {
		t.Errorf("the new process has %d tokens, want %d", got, full)
	}
}

// A pod starts on the only node when no cordon holds it any more.
func TestPodsWaitForTheEndOfTheLastCordon(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []string
		end    time.Duration
	}{
		{"one", []string{"{kind: cordon, at: 1m, for: 2m}"}, 3 * time.Minute},
		{"overlapping", []string{"{kind: cordon, at: 1m, for: 2m}", "{kind: cordon, at: 2m, for: 3m}"}, 5 * time.Minute},
		{"one within the other", []string{"{kind: cordon, at: 1m, for: 4m}", "{kind: cordon, at: 2m, for: 1m}"}, 5 * time.Minute},
		{"ending together", []string{"{kind: cordon, at: 1m, for: 3m}", "{kind: cordon, at: 2m, for: 2m}"}, 4 * time.Minute},
		{"one after the other", []string{"{kind: cordon, at: 1m, for: 30s}", "{kind: cordon, at: 90s, for: 2m}"}, 210 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := inLab(t, setting{Nodes: 1, Pods: 2, Replicas: "{at: 100s, count: 7}", Faults: test.faults})
			m := l.Machines[0]
			l.to(time.Minute - 1)
			if m.Node.Unschedulable() {
				t.Error("unschedulable before the cordon")
			}
			for at := 100 * time.Second; at < test.end; at += 5 * time.Second {
				l.to(at)
				if !m.Node.Unschedulable() || len(l.pods()) != 2 {
					t.Fatalf("at %v: unschedulable %v, %d pods run", at, m.Node.Unschedulable(), len(l.pods()))
				}
			}
			l.to(test.end - 1)
			if !m.Node.Unschedulable() {
				t.Error("schedulable before the end")
			}
			l.to(test.end)
			if m.Node.Unschedulable() {
				t.Error("unschedulable after the end")
			}
			l.to(test.end + time.Minute)
			if got := len(l.pods()); got != 7 {
				t.Errorf("%d pods run", got)
			}
			for name, p := range l.pods() {
				if bound := p.Bound - l.WarmUp; bound >= 0 && (bound < test.end || bound > test.end+5*time.Second) {
					t.Errorf("%s was bound at %v, want after %v", name, bound, test.end)
				}
			}
		})
	}
}
