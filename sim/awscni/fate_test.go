package awscni_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

// strike lets one thing befall a step, the first time that it is made, and
// calls then at that instant.
func (w *world) strike(step hostnet.Step, err error, then func()) {
	struck := false
	w.network.Fate = func(s hostnet.Step, _ netip.Addr) error {
		if s != step || struck {
			return nil
		}
		struck = true
		if then != nil {
			then()
		}
		return err
	}
}

// rules are the rules to and from a pod's address; the first one of a world
// is on a secondary interface.
func (w *world) rules(a string) (to, from bool) {
	list := strings.Join(w.network.Rules(), "\n") + "\n"
	return strings.Contains(list, "to "+a+" "), strings.Contains(list, "from "+a+" ")
}

const first = "10.1.0.1"

var wiringSteps = []hostnet.Step{hostnet.StepVeth, hostnet.StepPodRoute, hostnet.StepPodAddress, hostnet.StepPodNeighbour, hostnet.StepHostRoute, hostnet.StepToRule, hostnet.StepFromRule}

// until runs the world to the first instant of which a condition is true.
func (w *world) until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := w.kernel.Now() + time.Minute; !condition(); {
		if w.kernel.Now() > end {
			t.Fatal("never: " + what)
		}
		w.run(t, w.kernel.Now()+ms)
	}
}

// What an ADD leaves that ends at a step, by how it ends and by what the
// daemon does meanwhile.
func TestAnADDThatEndsAtAStep(t *testing.T) {
	for _, c := range []struct {
		name      string
		killed    bool
		down      time.Duration // of the daemon, from the step on
		dels      []bool        // found the address
		holds     int           // between the end of the ADD and the DEL
		rulesStay bool          // those that were written
		lost      int           // addresses that stay in the book
	}{
		{name: "refused: the plugin gives the address back and clears up nothing", dels: []bool{true, false}, rulesStay: true},
		{name: "killed: the DEL finds everything", killed: true, dels: []bool{true}, holds: 1},
		{name: "refused without a daemon: the DEL finds everything", down: ms, dels: []bool{true}, holds: 1},
		{name: "refused without a daemon at the DEL either", down: time.Second, holds: 1, rulesStay: true, lost: 1},
		{name: "killed, and no daemon at the DEL: it has no result to go by", killed: true, down: time.Second, holds: 1, rulesStay: true, lost: 1},
	} {
		for _, step := range wiringSteps {
			t.Run(c.name+"/"+step.String(), func(t *testing.T) {
				w := newWorld(10)
				err := fateOf(step, c.killed)
				at := des.Never
				w.strike(step, err, func() {
					at = w.kernel.Now()
					if c.down > 0 {
						w.ipam.down = true
						w.kernel.At(at+c.down, func() { w.ipam.down = false })
					}
				})
				p := w.start(1)
				w.until(t, "an ADD fails", func() bool { return w.timesOf(p).FailedAdds == 1 })
				if w.kubelet.Holding() != c.holds || p.Holds() != (c.holds == 1) || w.network.HasVeth(p.Key) != (step > hostnet.StepVeth) {
					t.Errorf("after the ADD: %d held, veth %v", w.kubelet.Holding(), w.network.HasVeth(p.Key))
				}
				w.run(t, at+5*time.Second)
				to, from := w.rules(first)
				if want := c.rulesStay && step > hostnet.StepToRule; to != want || from {
					t.Errorf("the rule to the address is there: %v, want %v; the one from it %v", to, want, from)
				}
				if w.kubelet.Holding() != 0 || w.network.Pods() != 0 || len(w.ipam.held) != c.lost {
					t.Errorf("before the next try: %d held, %d veths, %d in the book", w.kubelet.Holding(), w.network.Pods(), len(w.ipam.held))
				}
				if found := found(w.ipam.dels); !slices.Equal(found, c.dels) {
					t.Errorf("DELs found %v, want %v", found, c.dels)
				}
				for i, why := range w.ipam.reasons {
					if givenBack := i == 0 && len(c.dels) == 2; (why == ipamd.SetupNSFailed) != givenBack {
						t.Errorf("DEL %d is for the reason %v", i+1, why)
					}
				}
				w.run(t, 10*time.Minute)
				s := w.timesOf(p)
				if p.Running == des.Never || s.Attempts != 2 || s.FailedAdds != 1 || sum(s) != p.Running-p.Bound || len(w.ipam.dels) != len(c.dels) {
					t.Errorf("in the end: %+v, %d DELs", s, len(w.ipam.dels))
				}
				within(t, "time to the next sandbox", s.AddDone-at, 10*time.Second, 17*time.Second)
				w.kubelet.Stop(p)
				w.run(t, 20*time.Minute)
				if len(w.gone) != 1 || len(w.ipam.held) != c.lost || w.network.Pods() != 0 {
					t.Errorf("%d gone, %d in the book", len(w.gone), len(w.ipam.held))
				}
			})
		}
	}
}

func fateOf(step hostnet.Step, killed bool) error {
	if killed {
		return hostnet.ErrKilled
	}
	return &hostnet.RefusedError{Step: step}
}

func found(dels []request) (list []bool) {
	for _, d := range dels {
		list = append(list, d.ok)
	}
	return list
}

// What the DEL of a pod that ends leaves when it fails at a step.
func TestADELThatEndsAtAStep(t *testing.T) {
	type rules struct{ to, from bool }
	stays := map[hostnet.Step]rules{hostnet.StepDelToRule: {true, true}, hostnet.StepDelFromRule: {false, true}}
	for _, c := range []struct {
		name         string
		killed, down bool
		dels         []bool // until the pod is gone
		retried      bool
		later        []bool // when kubelet removes the dead sandbox
		held         int    // addresses in the book when the pod is gone
		clean        bool   // no rule stays: at once, with the removal
		cleaned      bool
	}{
		{name: "refused: the next finds nothing", dels: []bool{true, false}, retried: true},
		{name: "killed: the next finds nothing", killed: true, dels: []bool{true, false}, retried: true},
		{name: "refused without a daemon: it is only logged", down: true, held: 1, later: []bool{true}, cleaned: true},
		{name: "killed without a daemon: the next has the result still", killed: true, down: true, retried: true, held: 1, clean: true, later: []bool{true}, cleaned: true},
	} {
		for step, stay := range stays {
			t.Run(c.name+"/"+step.String(), func(t *testing.T) {
				w := newWorld(10)
				p := w.start(1)
				w.run(t, 10*time.Second)
				at := des.Never
				w.strike(step, fateOf(step, c.killed), func() { at = w.kernel.Now() })
				w.ipam.down = c.down
				w.kubelet.Stop(p)
				w.until(t, "a DEL fails", func() bool { return at != des.Never })
				if p.Holds() || w.kubelet.Holding() != 0 || !w.network.HasVeth(p.Key) {
					t.Errorf("after the DEL: %d held, veth %v", w.kubelet.Holding(), w.network.HasVeth(p.Key))
				}
				w.until(t, "it is gone", func() bool { return len(w.gone) == 1 })
				within(t, "time to the end", w.goneAt[p]-at, 50*ms, 1200*ms)
				want := stay
				if c.clean {
					want = rules{}
				}
				if to, from := w.rules(first); (rules{to, from}) != want || w.network.Pods() != 0 || len(w.ipam.held) != c.held {
					t.Errorf("rules to %v, from %v, %d in the book", to, from, len(w.ipam.held))
				}
				if found := found(w.ipam.dels); !slices.Equal(found, c.dels) {
					t.Errorf("DELs found %v, want %v", found, c.dels)
				}
				w.ipam.down, w.ipam.dels = false, nil
				w.run(t, 10*time.Minute)
				if to, from := w.rules(first); (to || from) == (c.cleaned || c.clean) || len(w.ipam.held) != 0 || len(w.gone) != 1 {
					t.Errorf("in the end: rules to %v, from %v, %d in the book, gone %d times", to, from, len(w.ipam.held), len(w.gone))
				}
				if found := found(w.ipam.dels); !slices.Equal(found, c.later) {
					t.Errorf("later DELs found %v, want %v", found, c.later)
				}
			})
		}
	}
}

// A DEL that fails again and again is tried after kubelet's pause from the
// second time on, and ends when it succeeds.
func TestADELThatFailsAgainWaitsForKubeletsPause(t *testing.T) {
	w := newWorld(1)
	p := w.start(1)
	w.run(t, 10*time.Second)
	w.ipam.down = true
	var at []time.Duration
	w.network.Fate = func(step hostnet.Step, _ netip.Addr) error {
		if at = append(at, w.kernel.Now()); len(at) < 4 {
			return hostnet.ErrKilled
		}
		w.network.Fate = nil
		return nil
	}
	w.kubelet.Stop(p)
	w.run(t, time.Minute)
	if len(at) != 4 || len(w.gone) != 1 || len(w.network.Rules()) != 3 {
		t.Fatalf("DELs at %v, gone %d times, rules %q", at, len(w.gone), w.network.Rules())
	}
	within(t, "first pause", at[1]-at[0], 0, time.Second)
	within(t, "second pause", at[2]-at[1], 10*time.Second, 16*time.Second)
	within(t, "third pause", at[3]-at[2], 10*time.Second, 16*time.Second)
}

// A stop at any moment around a step that fails: the pod is gone soon, and
// once, and what stays is what the step leaves.
func TestStopAroundAStepThatFails(t *testing.T) {
	steps := append(slices.Clone(wiringSteps), hostnet.StepDelToRule, hostnet.StepDelFromRule)
	for _, step := range steps {
		for _, killed := range []bool{false, true} {
			ends := map[string]bool{}
			for at := 300 * ms; at < 1500*ms; at += 5 * ms {
				w := newWorld(5)
				struck := false
				w.strike(step, fateOf(step, killed), func() { struck = true })
				p := w.start(1)
				w.kernel.At(at, func() { w.kubelet.Stop(p) })
				for w.kernel.Now() < 3*time.Minute {
					w.run(t, w.kernel.Now()+50*ms)
					if w.kubelet.Holding() != len(w.ipam.held) || p.Holds() != (w.kubelet.Holding() == 1) {
						t.Fatalf("%v, stopped at %v: at %v the runtime counts %d and the daemon %d", step, at, w.kernel.Now(), w.kubelet.Holding(), len(w.ipam.held))
					}
				}
				name := fmt.Sprintf("%v, killed %v, stopped at %v", step, killed, at)
				if len(w.gone) != 1 || w.goneAt[p] > at+3*time.Second || len(w.ipam.held) != 0 || w.network.Pods() != 0 {
					t.Fatalf("%s: gone %d times, last at %v; %d in the book, %d veths", name, len(w.gone), w.goneAt[p], len(w.ipam.held), w.network.Pods())
				}
				to, from := w.rules(first)
				wantTo := struck && (step == hostnet.StepFromRule && !killed || step == hostnet.StepDelToRule)
				wantFrom := struck && step >= hostnet.StepDelToRule
				if to != wantTo || from != wantFrom {
					t.Fatalf("%s: rules to %v, from %v", name, to, from)
				}
				ends[fmt.Sprint(struck, p.Running != des.Never)] = true
			}
			if !ends["true false"] || !ends["false false"] {
				t.Errorf("%v, killed %v: the stops fell on %v", step, killed, ends)
			}
		}
	}
}
