package fleet_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
	"ipamsim/sim/measure"
)

func TestARestartTouchesNoRunningPod(t *testing.T) {
	for _, kind := range []string{"restart-ipamd", "roll-aws-node"} {
		t.Run(kind, func(t *testing.T) {
			l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{"{kind: " + kind + ", at: 1m}"}})
			m := l.Machines[0]
			l.to(time.Minute - 1)
			before, book := addresses(l.pods()), booked(m)
			if len(before) != 20 || len(book) != 20 {
				t.Fatalf("%d pods, %d in the book", len(before), len(book))
			}
			l.to(time.Minute)
			if m.Serving() {
				t.Fatal("ipamd serves all the while")
			}
			if took := l.toServing(m) - time.Minute; took < time.Second || took > 6*time.Second {
				t.Errorf("ipamd was away for %v", took)
			}
			if after := booked(m); !maps.Equal(book, after) {
				t.Errorf("the same addresses are recovered to the same pods, with their times:\nbefore %v\nafter  %v", book, after)
			}
			l.to(30 * time.Minute)
			if after := addresses(l.pods()); !maps.Equal(before, after) {
				t.Errorf("running pods changed:\nbefore %v\nafter  %v", before, after)
			}
			if l.restarts != 1 || l.Measured.Outcome().Pods.FailedAdds != 0 {
				t.Errorf("%d restarts, %d failed ADDs", l.restarts, l.Measured.Outcome().Pods.FailedAdds)
			}
		})
	}
}

// One sweep is one DescribeNetworkInterfaces; then the subnet of each
// interface is looked at, and its security groups are applied.
func TestWhatARestartAsksOfEC2(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 12, CNI: "DISABLE_LEAKED_ENI_CLEANUP: true", Faults: []string{"{kind: restart-ipamd, at: 1m}"}})
	l.to(2 * time.Minute)
	want := map[ec2model.Action]int{ec2model.DescribeNetworkInterfaces: 1, ec2model.DescribeSubnets: 3, ec2model.ModifyNetworkInterfaceAttribute: 3}
	got := map[ec2model.Action]int{}
	for _, a := range l.attempts {
		got[a.Action]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("a restart with 3 interfaces made %v, want %v", got, want)
	}
}

func TestAPodThatStartsWhileIpamdIsAwayIsTriedAgainAfterTenToSixteenSeconds(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 5, Replicas: "{at: 60s, count: 8}", Faults: []string{"{kind: restart-ipamd, at: 60s}"}})
	ran := 0
	l.Listener.PodRunning = func(p *cluster.Pod) {
		ran++
		s := p.Times()
		if s.FailedAdds != 1 || s.AddressWait > 100*time.Millisecond {
			t.Errorf("%s: %d ADDs failed, after %v", p.Key, s.FailedAdds, s.AddressWait)
		}
		if s.Backoff < 10*time.Second || s.Backoff > 16*time.Second {
			t.Errorf("%s was tried again after %v", p.Key, s.Backoff)
		}
	}
	l.to(2 * time.Minute)
	if ran != 3 {
		t.Errorf("%d pods ran, want 3", ran)
	}
	if got := l.Measured.Outcome().Pods.FailedAddCauses["ipamd_down"]; got != 3 {
		t.Errorf("%d ADDs met no ipamd, want 3", got)
	}
}

// A DEL that nobody answers succeeds, and the veth goes with the pod. The
// next start of ipamd finds the record of a pod without a veth and drops it,
// without a cooldown.
func TestANextStartFreesAnAddressWhoseDelWasMissed(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 9, Replicas: "{at: 59s, count: 4}",
		Faults: []string{"{kind: restart-ipamd, at: 59s}", "{kind: api-errors, code: InternalError, action: DescribeNetworkInterfaces, at: 59s, for: 20s}"}})
	m := l.Machines[0]
	l.to(65 * time.Second) // in a crash loop, and the pods are gone
	if got := len(l.pods()); got != 4 {
		t.Fatalf("%d pods run", got)
	}
	if got := len(m.Files.Read()); got != 9 {
		t.Errorf("the checkpoint has %d addresses, want still 9", got)
	}
	l.toServing(m)
	if stock := m.Daemon.Stats(); stock.Assigned != 4 || stock.Cooling != 0 || len(m.Files.Read()) != 4 {
		t.Errorf("after the start %d are assigned, %d cool down, the checkpoint has %d; want 4, 0, 4", stock.Assigned, stock.Cooling, len(m.Files.Read()))
	}
}

// A pod that goes between the reading of the checkpoint and the moment at
// which ipamd serves keeps its address in the book, until kubelet removes the
// dead sandbox and asks once more.
func TestASecondDelFreesAnAddressWhoseFirstWasMissed(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 9, Replicas: "{at: 66s, count: 4}", EC2: "latency: {ModifyNetworkInterfaceAttribute: {constant: 5s}}",
		Faults: []string{"{kind: restart-ipamd, at: 1m}"}})
	m := l.Machines[0]
	served := l.servingAfter(m, time.Minute)
	if served < 69*time.Second {
		t.Fatalf("served at %v, before the pods were gone", served)
	}
	if got := len(l.pods()); got != 4 {
		t.Fatalf("%d pods run", got)
	}
	if stock := m.Daemon.Stats(); stock.Assigned != 9 {
		t.Errorf("%d addresses are assigned, want still 9", stock.Assigned)
	}
	for end := served + 62*time.Second; l.now() < end && len(booked(m)) > 4; {
		l.to(l.now() + time.Second)
	}
	if stock := m.Daemon.Stats(); stock.Assigned != 4 || stock.Cooling != 5 {
		t.Errorf("after a minute %d are assigned and %d cool down, want 4 and 5", stock.Assigned, stock.Cooling)
	}
}

// The checkpoint holds assigned addresses only.
func TestARestartEndsEveryCooldown(t *testing.T) {
	for _, restart := range []bool{true, false} {
		s := setting{Nodes: 1, Pods: 9, CNI: "MAX_ENI: 1", Group: ", maxPods: 11", Replicas: "{at: 60s, count: 4}, {at: 70s, count: 9}"}
		if restart {
			s.Faults = []string{"{kind: restart-ipamd, at: 62s}"}
		}
		l := inLab(t, s)
		l.to(61900 * time.Millisecond)
		if got := l.Machines[0].Daemon.Stats().Cooling; got != 5 {
			t.Fatalf("%d addresses cool down before the restart, want 5", got)
		}
		l.to(75 * time.Second)
		switch failed := l.Measured.Outcome().Pods.FailedAddCauses["cooling_full"]; {
		case restart && (failed != 0 || len(l.pods()) != 9):
			t.Errorf("after a restart %d ADDs found only cooling addresses, %d pods run", failed, len(l.pods()))
		case !restart && failed != 5:
			t.Errorf("without a restart %d ADDs found only cooling addresses, want 5", failed)
		}
	}
}

// So do the ages of interfaces: none is given back in a process's first
// minute.
func TestARestartMakesEveryInterfaceYoung(t *testing.T) {
	detachedAfter := func(faults ...string) time.Duration {
		l := inLab(t, setting{Nodes: 1, Pods: 20, Replicas: "{at: 60s, count: 0}", Faults: faults})
		l.to(10 * time.Minute)
		n, first := l.calls(ec2model.DetachNetworkInterface)
		if n == 0 {
			t.Fatal("no interface was ever given back")
		}
		return first
	}
	if got := detachedAfter(); got > 100*time.Second {
		t.Errorf("without a restart the first interface goes at %v, want when the cooldown is over", got)
	}
	if got := detachedAfter("{kind: restart-ipamd, at: 80s}"); got < 140*time.Second || got > 155*time.Second {
		t.Errorf("after a restart at 80 s the first interface goes at %v, want a minute after the start", got)
	}
}

// noLag is an EC2 whose changes show in instance metadata at once: what a
// restart finds is then what there is.
const noLag = "metadata: {interface: {constant: 0s}, addresses: {constant: 0s}}, detachTime: {constant: 0s}"

// What becomes of the interface when ipamd dies in each window of AllocENI
// and FreeENI.
func TestARestartInEachWindow(t *testing.T) {
	for _, test := range []struct {
		when      string
		available bool // it is attached to nothing: leaked until the clean-up
		attached  bool // it is in use, because the new process adopts it
		protected bool // with DeleteOnTermination
	}{
		{when: "creating", available: true},
		{when: "created", available: true},
		{when: "attaching", attached: true},
		{when: "attached", attached: true},
		{when: "modifying", attached: true, protected: true},
	} {
		t.Run(test.when, func(t *testing.T) {
			l := inLab(t, setting{Nodes: 1, Pods: 0, Replicas: "{at: 1m, count: 2}", EC2: noLag, Faults: []string{"{kind: restart-ipamd, count: 1, when: " + test.when + "}"}})
			l.to(59 * time.Second)
			l.toRestart(1)
			l.to(l.now() + 100*time.Second) // a reconcile included
			attached, available := l.interfaceIDs()
			if got := len(available) == 1; got != test.available {
				t.Errorf("attached %v, available %v", attached, available)
			}
			if enis := enis(l.Machines[0]); len(enis) != 2 || len(attached) != 2 {
				t.Errorf("%d interfaces in the book, %v attached", len(enis), attached)
			}
			if test.attached {
				e, _ := l.Account.Interface(attached[1])
				if got := *e.Attachment.DeleteOnTermination; got != test.protected {
					t.Errorf("DeleteOnTermination is %v", got)
				}
				if n, _ := l.calls(ec2model.CreateNetworkInterface); n != 1 {
					t.Errorf("%d interfaces were made", n)
				}
			}
			if test.available {
				l.cleanedUp(available[0], time.Hour, 2*time.Hour) // the first run finds it too young
			}
		})
	}
}

func TestARestartWhileAnInterfaceIsGivenBack(t *testing.T) {
	for when, leaks := range map[string]bool{"detaching": true, "detached": true, "deleting": false} {
		t.Run(when, func(t *testing.T) {
			l := inLab(t, setting{Nodes: 1, Pods: 2, Replicas: "{at: 10m, count: 0}", EC2: noLag,
				Faults: []string{"{kind: restart-ipamd, count: 1, when: " + when + "}"}})
			l.to(10 * time.Minute)
			l.toRestart(1)
			l.to(l.now() + 4*time.Second)
			_, available := l.interfaceIDs()
			if got := len(available) == 1; got != leaks {
				t.Fatalf("available: %v", available)
			}
			if enis := enis(l.Machines[0]); len(enis) != 1 {
				t.Errorf("%d interfaces in the book", len(enis))
			}
			if leaks { // it is old, so that the first run after the start deletes it
				l.cleanedUp(available[0], 0, 5*time.Minute+10*time.Second)
			}
		})
	}
}

// With the usual lag of metadata a start does not see an interface that was
// attached a moment before and gets another one: later one of them is too
// many. The other way round it looks for the link of an interface that is
// detached already, and does not serve before it has given up.
func TestARestartWithinMetadataLagMistakesWhatIsAttached(t *testing.T) {
	lag := "metadata: {interface: {constant: 10s}, addresses: {constant: 0s}}, detachTime: {constant: 0s}"
	l := inLab(t, setting{Nodes: 1, Pods: 0, Replicas: "{at: 1m, count: 2}", EC2: lag, Faults: []string{"{kind: restart-ipamd, count: 1, when: attached}"}})
	l.to(5 * time.Minute)
	made, _ := l.calls(ec2model.CreateNetworkInterface)
	if deleted, _ := l.calls(ec2model.DeleteNetworkInterface); made != 2 || deleted != 1 {
		t.Errorf("%d interfaces were made and %d deleted, want one too many", made, deleted)
	}
	l = inLab(t, setting{Nodes: 1, Pods: 2, Replicas: "{at: 10m, count: 0}", EC2: lag, Faults: []string{"{kind: restart-ipamd, count: 1, when: detached}"}})
	l.to(10 * time.Minute)
	l.toRestart(1)
	away := l.now()
	if away = l.toServing(l.Machines[0]) - away; away < 13*time.Second {
		t.Errorf("ipamd was away for %v, want 12 s of looking for the link and its start", away)
	}
	if got := len(enis(l.Machines[0])); got != 1 {
		t.Errorf("%d interfaces in the book, want 1", got)
	}
}

// A node that dies in a window leaves the interface behind; outside it does
// not. The change of DeleteOnTermination is safe from its request on, as long
// as EC2 is faster with it than with the instance.
func TestANodeKilledInEachWindow(t *testing.T) {
	for when, leaks := range map[string]int{
		"initialising": 0, "assigning": 0, "creating": 1, "created": 1, "attaching": 1, "attached": 1, "modifying": 0,
		"detaching": 1, "detached": 1, "deleting": 0,
	} {
		t.Run(when, func(t *testing.T) {
			l := inLab(t, setting{Nodes: 1, Pods: 0, CNI: "DISABLE_LEAKED_ENI_CLEANUP: true", Replicas: "{at: 1m, count: 2}, {at: 10m, count: 0}",
				Group: ", steps: [{at: 30s, count: 2}]", EC2: "detachTime: {constant: 0s}, latency: {TerminateInstances: {constant: 1s}, ModifyNetworkInterfaceAttribute: {constant: 100ms}}",
				Faults: []string{"{kind: kill-nodes, count: 1, when: " + when + "}"}})
			l.to(30 * time.Minute)
			if counts := l.Cluster.Counts(); counts.Nodes != 2 {
				t.Errorf("%d nodes, want 2 again", counts.Nodes)
			}
			attempts := 0
			for _, a := range l.attempts {
				if a.Action == ec2model.TerminateInstances {
					attempts++
				}
			}
			if attempts != 1 {
				t.Fatalf("%d nodes were killed", attempts)
			}
			if got := l.Account.Abandoned(ipamd.TagInstance, measure.LeakedAfter); got != leaks {
				t.Errorf("%d interfaces have leaked, want %d", got, leaks)
			}
		})
	}
}

// The process that adopts an interface does not set DeleteOnTermination: it
// leaks in the end, when its node goes.
func TestAnAdoptedInterfaceLeaksWithItsNode(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 0, CNI: "DISABLE_LEAKED_ENI_CLEANUP: true", Replicas: "{at: 1m, count: 2}",
		Faults: []string{"{kind: restart-ipamd, count: 1, when: attached}", "{kind: kill-nodes, at: 10m}"}})
	l.to(9 * time.Minute)
	if attached, available := l.interfaceIDs(); len(attached) != 2 || len(available) != 0 {
		t.Fatalf("attached %v, available %v", attached, available)
	}
	l.to(12 * time.Minute)
	if _, available := l.interfaceIDs(); len(available) != 1 {
		t.Errorf("available: %v", available)
	}
}

// A node init that cannot look at its subnets tries six times per interface,
// 10 s apart: with two interfaces the liveness probe is faster.
func TestLivenessKillsAStartThatWaitsForItsSubnets(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 2,
		Faults: []string{"{kind: restart-ipamd, at: 1m}", "{kind: api-errors, code: UnauthorizedOperation, action: DescribeSubnets, at: 1m, for: 10m}"}})
	var exits []time.Duration
	for at := time.Minute; at < 10*time.Minute; at += time.Second {
		l.to(at)
		if n := l.restarts; n > len(exits) {
			exits = append(exits, at)
		}
	}
	if len(exits) < 3 {
		t.Fatalf("containers ended at %v", exits)
	}
	if life := exits[1] - exits[0]; life < 86*time.Second || life > 99*time.Second {
		t.Errorf("the first container ended %v after the one before it", life)
	}
	l.to(20 * time.Minute)
	if !l.Machines[0].Serving() || len(l.pods()) != 2 {
		t.Error("it does not recover")
	}
}

// A failing assign ends a start: the container crash-loops.
func TestAStartThatCannotAssignCrashLoopsWithADoublingBackoff(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Group: ", steps: [{at: 10s, count: 2}]",
		Faults: []string{"{kind: api-errors, code: UnauthorizedOperation, action: AssignPrivateIpAddresses, at: 0s}"}})
	var exits []time.Duration
	for at := time.Duration(0); at < 20*time.Minute; at += 100 * time.Millisecond {
		l.to(at)
		if n := l.restarts; n > len(exits) {
			exits = append(exits, at)
		}
	}
	if len(exits) < 8 {
		t.Fatalf("containers ended at %v", exits)
	}
	for i, want := range []time.Duration{0, 10, 20, 40, 80, 160, 300} {
		if got := exits[i+1] - exits[i]; got < want*time.Second+time.Second || got > want*time.Second+8*time.Second {
			t.Errorf("container %d ended %v after the one before it, want %d s and its start", i+1, got, want)
		}
	}
}

func addresses(pods map[string]*kubelet.Pod) map[string]string {
	list := map[string]string{}
	for name, p := range pods {
		list[name] = p.Address().String()
	}
	return list
}

// servingAfter runs past a moment and then until ipamd serves.
func (l *lab) servingAfter(m *machine.Machine, at time.Duration) time.Duration {
	l.t.Helper()
	l.to(at)
	return l.toServing(m)
}

// toRestart runs until so many containers have ended.
func (l *lab) toRestart(n int) {
	l.t.Helper()
	for end := l.now() + 15*time.Minute; l.now() < end; l.to(l.now() + 5*time.Millisecond) {
		if l.restarts >= n {
			return
		}
	}
	l.t.Fatalf("%d containers have ended, want %d", l.restarts, n)
}

// cleanedUp demands that an interface is deleted between two spans of time
// from now.
func (l *lab) cleanedUp(id string, earliest, latest time.Duration) {
	l.t.Helper()
	now := l.now()
	l.to(now + earliest)
	if _, there := l.Account.Interface(id); !there {
		l.t.Errorf("%s was deleted in less than %v", id, earliest)
	}
	l.to(now + latest)
	if _, there := l.Account.Interface(id); there {
		l.t.Errorf("%s is there after %v", id, latest)
	}
	if attached, _ := l.interfaceIDs(); slices.Contains(attached, id) {
		l.t.Errorf("%s was adopted", id)
	}
}
