package awscni_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
)

func TestADaemonThatIsDownFailsTheAddAtOnce(t *testing.T) {
	w := newWorld(10)
	w.ipam.down = true
	p := w.start(1)
	w.kernel.At(5*time.Second, func() { w.ipam.down = false })
	w.run(t, time.Minute)
	s := w.timesOf(p)
	if s.FailedAdds != 1 || s.Attempts != 2 || p.Running == des.Never || len(w.ipam.adds) != 1 || sum(s) != p.Running-p.Bound {
		t.Errorf("%+v with %d ADDs", s, len(w.ipam.adds))
	}
	within(t, "address wait", s.AddressWait, 20*ms, 50*ms)
}

func TestADelWhileTheDaemonIsDownSucceedsAndLosesTheAddress(t *testing.T) {
	for _, c := range []struct {
		name string
		back time.Duration // the daemon serves again after the stop
		held int           // addresses in its books at the end
	}{
		{"until kubelet removes the dead sandbox", 3 * time.Second, 0},
		{"for longer", 2 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(10)
			// The second DEL comes within a minute of the first, but not
			// before it.
			p := w.start(1)
			w.kernel.At(10*time.Second, func() { w.ipam.down = true; w.kubelet.Stop(p) })
			w.run(t, 13*time.Second)
			if len(w.gone) != 1 || w.network.HasVeth(p.Key) || len(w.network.Rules()) != 3 || len(w.ipam.held) != 1 {
				t.Fatalf("gone %d, rules %q, %d in the books", len(w.gone), w.network.Rules(), len(w.ipam.held))
			}
			w.kernel.At(10*time.Second+c.back, func() { w.ipam.down = false })
			w.run(t, 10*time.Minute)
			if len(w.ipam.held) != c.held {
				t.Errorf("%d addresses in the books, want %d", len(w.ipam.held), c.held)
			}
		})
	}
}

// A stop at any moment: the pod is gone soon, exactly once, its sandbox is
// released exactly once if it had one, and nothing of it is left.
func TestStopAtAnyMoment(t *testing.T) {
	stages := map[string]bool{}
	for at := time.Duration(0); at < 30*time.Second; at += 7 * ms {
		if at > 3*time.Second {
			at += 300 * ms
		}
		for _, stock := range []int{0, 5} {
			w := newWorld(stock)
			p := w.start(1)
			w.kernel.At(at, func() { w.kubelet.Stop(p); w.kubelet.Stop(p) })
			w.run(t, 2*time.Minute)
			if len(w.gone) != 1 || w.goneAt[p] < at || w.goneAt[p] > at+2*time.Second {
				t.Fatalf("stopped at %v: gone %d times, last at %v", at, len(w.gone), w.goneAt[p])
			}
			if len(w.ipam.held) != 0 || w.network.Pods() != 0 || len(w.network.Rules()) != 3 {
				t.Fatalf("stopped at %v: %d addresses, %d veths and rules %q are left", at, len(w.ipam.held), w.network.Pods(), w.network.Rules())
			}
			if len(w.ipam.dels) != len(w.ipam.adds) {
				t.Fatalf("stopped at %v: %d ADDs and %d DELs", at, len(w.ipam.adds), len(w.ipam.dels))
			}
			if p.Running != des.Never && p.Running > at {
				t.Fatalf("stopped at %v: ran at %v", at, p.Running)
			}
			stages[fmt.Sprint(len(w.ipam.adds), len(w.running))] = true
		}
	}
	for _, want := range []string{"0 0", "1 0", "1 1", "2 0", "3 0"} { // ADDs, running
		if !stages[want] {
			t.Errorf("no stop fell on a pod with %s", want)
		}
	}
}

// Pods come and go, the daemon dies and recovers and runs dry, the kernel
// refuses steps and plugins are killed: no sandbox is released twice or while
// it lives, and what an ADD gave comes back once the pod is gone, unless the
// daemon missed both DELs.
func TestAddressesFollowTheirSandboxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.IntRange(0, 8).Draw(t, "stock"))
		stock := w.ipam.stock
		var pods []*kubelet.Pod
		stopped := map[*kubelet.Pod]bool{}
		outage, struck := false, false
		odds := rapid.IntRange(0, 3).Draw(t, "fates in ten")
		w.network.Fate = func(step hostnet.Step, _ netip.Addr) error {
			fates := []error{&hostnet.RefusedError{Step: step}, hostnet.ErrKilled}
			if rapid.IntRange(0, 9).Draw(t, "fate") >= odds {
				return nil
			}
			struck = true
			return rapid.SampledFrom(fates).Draw(t, "as")
		}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"start", "start", "stop", "stop", "down", "up", "wait"}).Draw(t, "step") {
			case "start":
				pods = append(pods, w.start(step))
			case "stop":
				if len(pods) > 0 {
					p := pods[rapid.IntRange(0, len(pods)-1).Draw(t, "pod")]
					w.kubelet.Stop(p)
					stopped[p] = true
				}
			case "down":
				w.ipam.down, outage = true, true
			case "up":
				w.ipam.down = false
			}
			w.run(t, w.kernel.Now()+time.Duration(rapid.IntRange(0, 4000).Draw(t, "milliseconds"))*ms)
			w.check(t)
			if !outage && w.kubelet.Holding() != len(w.ipam.held) {
				t.Fatalf("the runtime counts %d addresses, the daemon %d", w.kubelet.Holding(), len(w.ipam.held))
			}
			if holds := holders(pods); w.kubelet.Holding() != holds {
				t.Fatalf("%d addresses are counted, %d pods have one", w.kubelet.Holding(), holds)
			}
		}
		w.ipam.down = false
		if !outage {
			// whoever has an address and was not stopped runs in the end
			w.run(t, w.kernel.Now()+10*time.Second)
		}
		for _, p := range pods {
			w.kubelet.Stop(p)
		}
		w.run(t, w.kernel.Now()+3*time.Minute)
		w.check(t)
		if len(w.gone) != len(pods) || w.network.Pods() != 0 {
			t.Fatalf("%d of %d pods are gone, %d wired", len(w.gone), len(pods), w.network.Pods())
		}
		for _, p := range pods {
			if s := w.timesOf(p); p.Running != des.Never && sum(s) != p.Running-p.Bound {
				t.Fatalf("%s: phases add up to %v of %+v", p.Key, sum(s), s)
			}
		}
		if !outage && (len(w.ipam.held) != 0 || w.ipam.stock != stock) || !outage && !struck && len(w.network.Rules()) != 3 {
			t.Fatalf("%d addresses are lost, rules %q", len(w.ipam.held), w.network.Rules())
		}
		if w.kubelet.Holding() != 0 {
			t.Fatalf("%d addresses are counted in the end", w.kubelet.Holding())
		}
		for _, a := range w.ipam.adds {
			released := 0
			for _, d := range w.ipam.dels {
				if d.sandbox == a.sandbox && d.ok {
					released++
				}
			}
			if _, kept := w.ipam.held[a.sandbox]; a.ok && released != 1 && !(kept && outage) || !a.ok && released != 0 {
				t.Fatalf("ADD %+v was released %d times, kept %v", a, released, kept)
			}
		}
	})
}

func holders(pods []*kubelet.Pod) (n int) {
	for _, p := range pods {
		if p.Holds() {
			n++
		}
	}
	return n
}

// check holds at any moment: a pod between the end of its ADD and the request
// to end it holds exactly one address, the one that it knows.
func (w *world) check(t *rapid.T) {
	holders := map[string]int{}
	for _, pod := range w.ipam.pods {
		holders[pod]++
	}
	w.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
		if holders[p.Key] == 0 || !p.Routed {
			t.Fatalf("%s is in service without an address, or without a route to it", p.Key)
		}
	})
	addresses := map[netip.Addr]string{}
	for sandbox, a := range w.ipam.held {
		if other, taken := addresses[a]; taken {
			t.Fatalf("%s and %s hold %v", sandbox, other, a)
		}
		addresses[a] = sandbox
	}
}
