package fleet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/findings"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
)

// What a minute in which a step always fails leaves behind for good: nothing,
// unless it is named here.
var leftovers = map[string]map[hostnet.Step]result.DefectKind{
	"netlink-errors": {
		hostnet.StepFromRule:    result.StaleRule, // the plugin gives the address back and leaves the rule to it
		hostnet.StepDelToRule:   result.StaleRule, // ipamd does not know the address at the next try
		hostnet.StepDelFromRule: result.StaleRule,
		hostnet.StepRefreshRule: result.WrongInterface, // the old rule has gone
	},
	"kill-plugin": {
		hostnet.StepDelToRule:   result.StaleRule,
		hostnet.StepDelFromRule: result.StaleRule,
	},
}

func TestWhatAMinuteOfAFailingStepLeaves(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"netlink-errors", "kill-plugin"} {
		for step := hostnet.StepVeth; step <= hostnet.StepRefreshRule; step++ {
			if kind == "kill-plugin" && step > hostnet.StepDelFromRule {
				continue // ipamd's own
			}
			t.Run(kind+"/"+step.String(), func(t *testing.T) {
				l := inLab(t, setting{Nodes: 2, Pods: 24, Replicas: "{at: 65s, count: 36}, {at: 100s, count: 28}", Faults: []string{
					"{kind: " + kind + ", step: " + step.String() + ", at: 1m, for: 1m}", "{kind: restart-ipamd, at: 80s}"}})
				l.to(15 * time.Minute)
				if l.Faults.Hits()[0] == 0 {
					t.Fatal("the step is not made")
				}
				if got := len(l.pods()); got != 28 {
					t.Errorf("%d of 28 pods run", got)
				}
				left := map[result.DefectKind]int{}
				for _, m := range l.Machines {
					for _, a := range m.Defects {
						left[a.Kind]++
						if !strings.Contains(a.Cause.Text, "the step "+step.String()) {
							t.Errorf("another cause: %+v", a.Shown(l.WarmUp))
						}
					}
				}
				want, some := leftovers[kind][step]
				if some && (left[want] == 0 || len(left) != 1) || !some && len(left) != 0 {
					t.Errorf("%v is left, want %q", left, want)
				}
				if err := l.trafficExplained(blames{}); err != nil {
					t.Error(err)
				}
				for _, m := range l.Machines {
					if got := m.LeakedAddresses(); len(got) > 0 || len(m.Daemon.Allocations()) != m.Kubelet.Holding() {
						t.Errorf("%s: %v have leaked, %d addresses in the book, %d held", m.Node.Name, got, len(m.Daemon.Allocations()), m.Kubelet.Holding())
					}
				}
			})
		}
	}
}

// A rule that stayed behind catches what pods of the node's secondary
// interfaces send to the next pod with the address, when that one is on
// another node; what pods of the primary interface send goes the right way all
// the same.
func TestAStaleRuleCatchesWhatIsSentToTheNextPodOfItsAddress(t *testing.T) {
	t.Parallel()
	s := setting{Nodes: 3, Pods: 75, CNI: "WARM_IP_TARGET: 1", Replicas: "{at: 70s, count: 6}, {at: 10m, count: 75}",
		Faults: []string{"{kind: netlink-errors, step: del-to-rule, at: 1m, for: 2m}"}}
	l := inText(t, strings.Replace(s.String(), "10.0.0.0/20", "10.0.0.0/25", 1))
	l.to(20 * time.Minute)
	pods := l.inService()
	caught := map[string]bool{}
	for _, from := range pods {
		for _, to := range pods {
			if from.at == to.at {
				l.expect(from, inspect.Target{Name: to.Key}, true, true)
				continue
			}
			l.expect(from, inspect.Target{Name: to.Key}, from.leavesFor(to), to.leavesFor(from))
			if from.Device == 0 || !from.misdirected(to) {
				continue
			}
			caught[from.at.Node.Name+" "+to.Address.String()] = true
			way, _ := l.way(from.Key, inspect.Target{Name: to.Key})
			if !slices.ContainsFunc(way.There, func(s inspect.Hop) bool {
				return s.What == "rule 512: from all to "+to.Address.String()+" lookup main"
			}) {
				t.Errorf("the way does not name the rule: %+v", way.There)
			}
		}
	}
	o := l.Outcome().Outcome
	misdirecting := 0
	for _, e := range o.Network.Of(result.StaleRule) {
		misdirecting += e.Misdirecting
	}
	for _, e := range o.Network.Of(result.WrongInterface) {
		if e.Cause.Kind != result.RuleLeftBehind && e.Cause != result.StepRefused.Of("del-to-rule") {
			t.Errorf("another cause: %+v", e)
		}
	}
	if len(caught) == 0 || misdirecting < len(caught) {
		t.Fatalf("%d rules misdirect packets, %d by the outcome", len(caught), misdirecting)
	}
	list := findings.Find(&o, findings.FactsOf(l.Scenario))
	i := slices.IndexFunc(list, func(f result.Finding) bool { return f.Mode == result.ModeStaleRules })
	if i < 0 || !strings.Contains(list[i].Summary, "caught what pods of the node sent") {
		t.Errorf("found %+v", list)
	}
	if !slices.ContainsFunc(o.Network.Broken, func(s string) bool { return strings.Contains(s, "stale rule") }) {
		t.Errorf("broken: %v", o.Network.Broken)
	}
}

// leavesFor says whether what a pod sends to one of another node leaves by its
// own interface: a rule to the address leads to the primary one, whatever rules
// there are from the pod.
func (s served) leavesFor(other served) bool {
	if s.misdirected(other) {
		return s.Device == 0
	}
	return !s.ails()
}

// A daemon that dies between an ADD's answer and the wiring harms nobody: not
// the pod, whose plugin wires it, and not those that run.
func TestACrashInTheMiddleOfAnADDHarmsNobody(t *testing.T) {
	t.Parallel()
	l := inLab(t, setting{Nodes: 2, Pods: 20, Replicas: "{at: 2m, count: 40}, {at: 5m, count: 10}, {at: 8m, count: 50}",
		Faults: []string{"{kind: restart-ipamd, when: adding, at: 1m, every: 1m, for: 10m}"}})
	before := map[string]string{}
	for at := 90 * time.Second; at < 15*time.Minute; at += 10 * time.Second {
		l.to(at)
		now := addresses(l.pods())
		for pod, a := range before {
			if b, runs := now[pod]; runs && a != b {
				t.Fatalf("at %v %s has %s, and had %s", at, pod, b, a)
			}
		}
		before = now
		for _, from := range l.inService() {
			for _, to := range l.inService() {
				if from.at != to.at && at%time.Minute == 0 {
					l.expect(from, inspect.Target{Name: to.Key}, true, true)
				}
			}
		}
	}
	if l.restarts < 4 || len(l.pods()) != 50 {
		t.Errorf("%d restarts, %d of 50 pods run", l.restarts, len(l.pods()))
	}
	if err := l.noPacketIsLost(); err != nil {
		t.Error(err)
	}
}
