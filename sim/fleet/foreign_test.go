package fleet_test

import (
	"testing"
	"time"

	"ipamsim/sim/machine"
)

// The hazard of the real daemon: metadata that misses an attached interface
// at a start. The records of its pods are dropped, as those of pods that are
// presumed dead; later the interface is adopted with all addresses free, and
// they are handed out a second time while the first pods run.
func TestHazardStaleMetadataAtARestartHandsARunningPodsAddressOutAgain(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Replicas: "{at: 10m, count: 27}", Faults: []string{
		"{kind: stale-metadata, at: 1m, for: 3m, interfaces: 1}", "{kind: restart-ipamd, at: 1m}"}})
	m := l.Machines[0]
	l.to(59 * time.Second)
	whole := len(enis(m))
	l.servingAfter(m, time.Minute)
	lost := 20 - m.Daemon.Stats().Assigned
	if lost == 0 || len(enis(m)) != whole-1 || len(m.Files.Read()) != 20-lost {
		t.Fatalf("after the start %d of 20 records are lost, %d interfaces known, %d addresses in the checkpoint", lost, len(enis(m)), len(m.Files.Read()))
	}
	if got := len(l.pods()); got != 20 {
		t.Errorf("%d pods run, want all 20", got)
	}
	l.to(6 * time.Minute) // caught up, and reconciled
	if got := m.Daemon.Stats(); len(enis(m)) != whole || got.Assigned != 20-lost {
		t.Errorf("later %d interfaces are known, %d addresses assigned; want %d and %d", len(enis(m)), got.Assigned, whole, 20-lost)
	}
	if got := l.shared(); len(got) != 0 {
		t.Errorf("%v are shared before anybody needs them", got)
	}
	l.to(15 * time.Minute) // the node is filled up
	if got := l.shared(); len(got) == 0 || len(got) > lost {
		t.Errorf("%d addresses are on two running pods; %d were lost", len(got), lost)
	}
}

// Addresses alone may be missing, too: those that were assigned a moment
// before the restart and that metadata does not list yet.
func TestHazardARestartRightAfterAnAssignForgetsItsPods(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 3, CNI: "WARM_IP_TARGET: 3, MINIMUM_IP_TARGET: 6", Replicas: "{at: 2m, count: 5}, {at: 3m, count: 8}", Faults: []string{
		"{kind: stale-metadata, at: 1m, for: 10m}", "{kind: restart-ipamd, at: 4m}"}})
	m := l.Machines[0]
	l.to(4*time.Minute - 1)
	before := booked(m)
	l.servingAfter(m, 4*time.Minute)
	if after := booked(m); len(before) != 8 || len(after) >= 8 || len(l.pods()) != 8 {
		t.Errorf("%d pods run; %d were in the book before the restart, %d are after", len(l.pods()), len(before), len(after))
	}
}

// Without any restart metadata has the last word on interfaces, all the same:
// a reconcile that misses one drops it and its pods by force.
func TestHazardAReconcileWithStaleMetadataDropsAnInterfaceInUse(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{"{kind: stale-metadata, at: 1m, for: 3m, interfaces: 1}"}})
	m := l.Machines[0]
	l.to(59 * time.Second)
	whole := len(enis(m))
	l.to(2*time.Minute + 10*time.Second)
	if got := m.Daemon.Stats(); got.Assigned == 20 {
		t.Errorf("%d of %d interfaces known, %d addresses assigned", len(enis(m)), whole, got.Assigned)
	}
	l.to(10 * time.Minute)
	if len(enis(m)) != whole || len(l.pods()) != 20 {
		t.Errorf("after it caught up %d of %d interfaces are known; %d pods run", len(enis(m)), whole, len(l.pods()))
	}
}

func TestAForeignInterfaceIsAdoptedUnlessUntaggedOnesAreNotManaged(t *testing.T) {
	for cni, want := range map[string]int{"": 2, "MANAGE_UNTAGGED_ENI: false": 1} {
		l := inLab(t, setting{Nodes: 1, CNI: cni, Faults: []string{"{kind: attach-eni, at: 1m, addresses: 4}"}})
		m := l.Machines[0]
		l.to(time.Minute + time.Millisecond)
		instance, _ := l.Account.Instance(m.Node.Instance.ID)
		if len(instance.NetworkInterfaces) != 2 || l.secondaries(m) != 9+4 {
			t.Fatalf("attached: %v", instance.NetworkInterfaces)
		}
		l.to(2*time.Minute + 30*time.Second)
		if got := len(enis(m)); got != want {
			t.Errorf("cni {%s}: %d interfaces in the book, want %d", cni, got, want)
		}
		e, _ := l.Account.Interface(*instance.NetworkInterfaces[1].NetworkInterfaceId)
		if tagged := len(e.TagSet) > 0; tagged != (want == 2) {
			t.Errorf("cni {%s}: the interface has the tags %v", cni, e.TagSet)
		}
	}
}

func TestADetachedInterfaceLeavesTheBookAtTheNextReconcile(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{"{kind: detach-eni, at: 1m}"}})
	m := l.Machines[0]
	l.to(time.Minute + time.Millisecond)
	attached, available := l.interfaceIDs()
	if len(attached) != 2 || len(available) != 0 || len(enis(m)) != 3 {
		t.Fatalf("attached %v, available %v, %d in the book", attached, available, len(enis(m)))
	}
	assigned := m.Daemon.Stats().Assigned
	l.to(2*time.Minute + 15*time.Second)
	if got := m.Daemon.Stats(); got.Assigned >= assigned {
		t.Errorf("%d addresses are assigned, %d before", got.Assigned, assigned)
	}
	if got := len(l.pods()); got != 20 {
		t.Errorf("%d pods run: nobody tells them", got)
	}
	l.to(20 * time.Minute)
	if err := l.booksAgree(); err != nil {
		t.Error(err)
	}
}

func TestAddressesTakenAwayLeaveTheBookAtTheNextReconcile(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 5, CNI: "WARM_IP_TARGET: 3", Faults: []string{"{kind: unassign-addresses, at: 1m, addresses: 4}"}})
	m := l.Machines[0]
	l.to(time.Minute - 1)
	total := m.Daemon.Stats().Total
	l.to(time.Minute + time.Millisecond)
	if got := l.secondaries(m); got != total-4 {
		t.Fatalf("EC2 has %d addresses, want %d of %d", got, total-4, total)
	}
	l.to(10 * time.Minute)
	if err := l.booksAgree(); err != nil {
		t.Error(err)
	}
	if got := m.Daemon.Stats(); got.Total-got.Assigned != 3 || len(l.pods()) != 5 {
		t.Errorf("%d addresses, %d assigned, %d pods run", got.Total, got.Assigned, len(l.pods()))
	}
}

// secondaries are the addresses that EC2 has for pods on a node.
func (l *lab) secondaries(m *machine.Machine) int {
	n := 0
	instance, _ := l.Account.Instance(m.Node.Instance.ID)
	for _, e := range instance.NetworkInterfaces {
		eni, _ := l.Account.Interface(*e.NetworkInterfaceId)
		n += len(eni.PrivateIpAddresses) - 1
	}
	return n
}

func TestARollNeverTakesMoreNodesThanAllowed(t *testing.T) {
	for allowed, most := range map[string]int{"": 2, ", maxUnavailable: 1": 1, ", maxUnavailable: 1%": 1, ", maxUnavailable: 31%": 7, ", maxUnavailable: 7": 7, ", maxUnavailable: 100%": 20} {
		l := inLab(t, setting{Nodes: 20, Pods: 40, Faults: []string{"{kind: roll-aws-node, at: 1m" + allowed + "}"}})
		away, served := 0, map[*machine.Machine]bool{}
		for at := time.Minute; at < 15*time.Minute; at += 50 * time.Millisecond {
			l.to(at)
			n := 0
			for _, m := range l.Machines {
				if from, ok := m.Agent.Available(); !ok || from > l.Kernel.Now() {
					n++
					served[m] = true
				}
			}
			away = max(away, n)
		}
		if away != most || len(served) != 20 || l.restarts != 20 {
			t.Errorf("roll%s: %d at a time, want %d; %d of 20 nodes, %d restarts", allowed, away, most, len(served), l.restarts)
		}
	}
}

// Old pods that do not serve anyway go first, and do not hold the others up.
func TestARollReplacesWhatDoesNotServeAtOnce(t *testing.T) {
	l := inLab(t, setting{Nodes: 10, Faults: []string{"{kind: restart-ipamd, at: 59500ms, share: 0.5}", "{kind: roll-aws-node, at: 1m}"}})
	l.to(time.Minute + time.Millisecond)
	if got := l.restarts; got != 5 { // they had no container to end
		t.Errorf("%d containers have ended, want the 5 of the crash", got)
	}
	l.to(10 * time.Minute)
	if got := l.restarts; got != 10 {
		t.Errorf("%d containers have ended, want 10", got)
	}
}

// A rollout does not wait for a node that has died: it is no longer
// unavailable, and the next one's turn has come. Each of these dies while it
// is the one that may be away; the group makes up for none before 45 s.
func TestARollGoesOnWhenItsNodesDie(t *testing.T) {
	l := inLab(t, setting{Nodes: 10, Faults: []string{
		"{kind: roll-aws-node, at: 1m, cni: {WARM_IP_TARGET: 2}}", "{kind: kill-nodes, when: initialising, at: 61s, count: 3}"}})
	for alive := 9; alive >= 7; alive-- {
		for len(l.Machines) > alive && l.now() < 90*time.Second {
			l.to(l.now() + 10*time.Millisecond)
		}
		if rolling := l.Faults.Rolling(); len(l.Machines) != alive || len(rolling) != 1 || rolling[0] != alive-1 {
			t.Errorf("at %v %d nodes live, the rollout has %v to come to; want %d and %d", l.now(), len(l.Machines), rolling, alive, alive-1)
		}
	}
	l.to(20 * time.Minute)
	if len(l.Machines) != 10 {
		t.Fatalf("%d nodes", len(l.Machines))
	}
	for _, m := range l.Machines { // new nodes included
		if m.Daemon.WarmIPTarget != 2 || m.Daemon.Stats().Total != 2 {
			t.Errorf("%s has WARM_IP_TARGET=%d and holds %d addresses", m.Node.Name, m.Daemon.WarmIPTarget, m.Daemon.Stats().Total)
		}
	}
	if len(l.Faults.Rolling()) != 0 {
		t.Error("the rollout never ends")
	}
}

func TestARollCanSwitchPrefixDelegationOnInPlace(t *testing.T) {
	l := inLab(t, setting{Nodes: 2, Pods: 8, Replicas: "{at: 10m, count: 12}", Faults: []string{"{kind: roll-aws-node, at: 1m, cni: {ENABLE_PREFIX_DELEGATION: true}}"}})
	l.to(20 * time.Minute)
	for _, m := range l.Machines {
		stats := m.Daemon.Stats()
		if stats.Prefixes == 0 {
			t.Errorf("%s has no prefix", m.Node.Name)
		}
		if got := l.secondaries(m); got != 4 {
			t.Errorf("%s has %d single addresses, want those of its 4 old pods", m.Node.Name, got)
		}
	}
	if got := len(l.pods()); got != 12 {
		t.Errorf("%d pods run", got)
	}
}

func TestCountBoundsTheNodesThatAreHit(t *testing.T) {
	for fault, want := range map[string]int{
		"{kind: restart-ipamd, at: 1m, count: 3}":                                                3,
		"{kind: restart-ipamd, at: 1m, share: 0.5, count: 9}":                                    5,
		"{kind: restart-ipamd, at: 1m, count: 2, every: 1m, for: 3m}":                            6,
		"{kind: restart-ipamd, at: 1m, when: assigning, count: 4}":                               4,
		"{kind: restart-ipamd, at: 1m, when: assigning}":                                         10,
		"{kind: restart-ipamd, at: 1m, when: assigning, for: 30s}":                               0,
		"{kind: restart-ipamd, at: 1m, when: assigning, share: 0, every: 10s, for: 10m}":         0,
		"{kind: restart-ipamd, at: 1m, when: detached, count: 4}":                                0,
		"{kind: restart-ipamd, at: 1m, when: modifying}":                                         0, // security groups are another matter
		"{kind: restart-ipamd, at: 1m, when: assigning, group: nodes, share: 1, count: 3}":       3,
		"{kind: kill-nodes, at: 1m, when: unassigning, group: nodes, share: 1, count: 3}":        0,
		"{kind: stale-metadata, at: 1m, for: 1m, count: 2}":                                      0,
		"{kind: restart-ipamd, at: 1m, count: 0}":                                                0,
		"{kind: restart-ipamd, at: 1m, when: assigning, count: 0}":                               0,
		"{kind: restart-ipamd, at: 1m, every: 20m, for: 10m, count: 10}":                         10,
		"{kind: restart-ipamd, at: 1m, when: assigning, share: 1, count: 3, every: 1h, for: 1h}": 3,
	} {
		l := inLab(t, setting{Nodes: 10, Pods: 10, CNI: "WARM_IP_TARGET: 2", Replicas: "{at: 2m, count: 40}", Faults: []string{fault}})
		l.to(12 * time.Minute)
		if got := l.restarts; got != want {
			t.Errorf("%s: %d containers ended, want %d", fault, got, want)
		}
	}
}

// A node that joins while its moment is waited for is hit as well.
func TestNodesThatJoinLaterAreWatched(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Group: ", steps: [{at: 2m, count: 4}]", Faults: []string{"{kind: restart-ipamd, at: 1m, when: initialising}"}})
	l.to(10 * time.Minute)
	if got := l.restarts; got != 3 {
		t.Errorf("%d containers ended, want those of the 3 new nodes, once", got)
	}
}

// The start after the switch gives the single addresses back that no pod has.
// It forgets them first, and when the call fails they stay with EC2. If they
// fill the interface, every pass asks for a prefix, is refused for want of a
// slot, finds no prefix in EC2, and counts that as growth: the reconcile that
// would find the addresses never comes. Only another start helps.
func TestHazardAFailedUnassignAtTheSwitchToPrefixesLocksTheNode(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Replicas: "{at: 20m, count: 2}", Faults: []string{
		"{kind: roll-aws-node, at: 1m, cni: {ENABLE_PREFIX_DELEGATION: true}}",
		"{kind: api-errors, code: UnauthorizedOperation, action: UnassignPrivateIpAddresses, at: 1m, for: 1m}",
		"{kind: restart-ipamd, at: 30m}"}})
	m := l.Machines[0]
	l.to(29 * time.Minute)
	if got := m.Daemon.Stats(); got.Total != 0 || l.secondaries(m) != 9 || len(l.pods()) != 0 {
		t.Errorf("%d addresses in the book, %d in EC2, %d pods run; want 0, 9 and 0", got.Total, l.secondaries(m), len(l.pods()))
	}
	refused := l.Measured.Outcome().API["AssignPrivateIpAddresses"].Errors["PrivateIpAddressLimitExceeded"]
	if refused < 300 {
		t.Errorf("%d refused calls, want one in each pass of 5 s", refused)
	}
	l.to(35 * time.Minute)
	if got := m.Daemon.Stats(); got.Prefixes != 2 || l.secondaries(m) != 0 || len(l.pods()) != 2 {
		t.Errorf("after a restart %d prefixes, %d single addresses, %d pods run", got.Prefixes, l.secondaries(m), len(l.pods()))
	}
}
