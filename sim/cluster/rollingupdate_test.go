package cluster

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
)

// watched is a Deployment whose update is followed.
type watched struct {
	*world
	web        *Workload
	over       int // updates that came to their end
	superseded int
	done       int
}

func (w *watched) roll(surge, away string) int {
	parse := func(text string) controlplane.IntOrPercent {
		v, err := controlplane.ParseIntOrPercent(text, 0, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		return v
	}
	n, updated := w.RollDeployment("web", parse(surge), parse(away), func(updated int, superseded bool) {
		w.done = updated
		if superseded {
			w.superseded++
		} else {
			w.over++
		}
	})
	if w.over == 0 && updated() > n {
		w.t.Fatalf("%d of %d are updated at the beginning", updated(), n)
	}
	return n
}

func deployed(t testing.TB, rate controlplane.Rate, more WorkloadConfig) *watched {
	more.Name, more.Kind = "web", Deployment
	w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, PodCreation: rate, Groups: []GroupConfig{workers(20)}, Workloads: []WorkloadConfig{more, {Name: "other", Kind: Deployment, Initial: 5}}})
	w.runTo(0)
	return &watched{world: w, web: w.workloads[0]}
}

// An update replaces each pod once, and never are there more pods than its surge
// allows nor fewer ready ones than it keeps; the numbers are those of Kubernetes.
func TestARollingUpdateKeepsToItsBounds(t *testing.T) {
	for _, test := range []struct {
		surge, away     string
		replicas        int
		most, least     int
		ready           time.Duration
		shortest, bound time.Duration
	}{
		{"25%", "25%", 10, 13, 8, 0, 0, 20 * time.Second}, // of the Kubernetes documentation: 130 % and 80 %
		{"1", "0", 10, 11, 10, 0, 10 * time.Second, 30 * time.Second},
		{"0", "1", 10, 10, 9, 0, 10 * time.Second, 30 * time.Second},
		{"0", "0%", 10, 10, 9, 0, 10 * time.Second, 30 * time.Second}, // one in any case
		{"0", "9%", 10, 10, 9, 0, 10 * time.Second, 30 * time.Second}, // rounds down to 0, and so it is one
		{"100%", "0", 10, 20, 10, 0, 0, 10 * time.Second},
		{"250%", "0", 10, 20, 10, 0, 0, 10 * time.Second}, // there are never more new ones than are wanted
		{"0", "100%", 10, 10, 0, 0, 0, 10 * time.Second},
		{"25%", "25%", 1, 2, 1, 0, 0, 10 * time.Second},
		{"1", "0", 5, 6, 5, 20 * time.Second, 100 * time.Second, 130 * time.Second},
		{"25%", "25%", 0, 0, 0, 0, 0, time.Second},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			w := deployed(t, controlplane.Rate{}, WorkloadConfig{Initial: test.replicas, ReadyAfter: test.ready})
			w.runTo(time.Minute)
			before := w.created
			if n := w.roll(test.surge, test.away); n != test.replicas {
				t.Fatalf("%d pods are rolled", n)
			}
			took := time.Duration(-1)
			for at := time.Duration(0); at < 3*time.Minute; at += 100 * time.Millisecond {
				w.runTo(time.Minute + at)
				if len(w.web.replicas) > test.most || w.web.up < test.least {
					t.Fatalf("%d pods, %d ready", len(w.web.replicas), w.web.up)
				}
				if w.over == 1 && took < 0 {
					took = at
				}
			}
			if w.created-before != test.replicas || w.web.up != test.replicas || w.over != 1 || took < test.shortest || took > test.bound || w.web.update != nil || w.done != test.replicas {
				t.Errorf("%d pods are made, %d ready, %d updated, over %d times after %v", w.created-before, w.web.up, w.done, w.over, took)
			}
			for _, p := range w.web.replicas {
				if p.Created < w.cfg.WarmUp+time.Minute {
					t.Errorf("%s is an old one", p.Name())
				}
			}
			w.verify(t)
		})
	}
}

// Whatever else happens, an update comes to its end: the Deployment grows and
// shrinks, nodes are drained and die, pods end, another update begins.
func TestARollingUpdateComesToItsEnd(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		replicas := rapid.IntRange(0, 25).Draw(t, "replicas")
		rate := rapid.SampledFrom([]controlplane.Rate{{}, {PerSecond: 20, Burst: 30}, {PerSecond: 2, Burst: 1}}).Draw(t, "rate")
		cfg := WorkloadConfig{Initial: replicas, ReadyAfter: time.Duration(rapid.IntRange(0, 4).Draw(t, "ready")) * time.Second}
		for at := range rapid.IntRange(0, 4).Draw(t, "steps") {
			cfg.Replicas = append(cfg.Replicas, Step{At: time.Duration(61+7*at) * time.Second, Count: rapid.IntRange(0, 40).Draw(t, fmt.Sprint("step", at))})
		}
		wanted := replicas
		if n := len(cfg.Replicas); n > 0 {
			wanted = cfg.Replicas[n-1].Count
		}
		if rapid.Bool().Draw(t, "lifetime") {
			cfg.Lifetime = constant(50 * time.Second)
		}
		w := deployed(outer, rate, cfg)
		surge, away := rapid.SampledFrom([]string{"25%", "1", "0", "100%"}).Draw(t, "surge"), rapid.SampledFrom([]string{"25%", "1", "0", "100%"}).Draw(t, "away")
		updates := rapid.IntRange(1, 4).Draw(t, "updates")
		for i := range updates {
			at := time.Duration(60+rapid.IntRange(0, 12).Draw(t, fmt.Sprint("after", i))) * time.Second
			w.kernel.At(max(w.kernel.Now(), w.cfg.WarmUp+at), func() { w.roll(surge, away) })
		}
		if rapid.Bool().Draw(t, "drain") {
			w.kernel.At(w.cfg.WarmUp+65*time.Second, func() {
				for _, n := range w.Select(nil, 0.2, -1, "drained") {
					w.drain(n)
				}
			})
		}
		if rapid.Bool().Draw(t, "kill") {
			w.kernel.At(w.cfg.WarmUp+66*time.Second, func() {
				for _, n := range w.Select(nil, 0.1, -1, "killed") {
					w.Kill(n)
				}
			})
		}
		for at := 60 * time.Second; at < 90*time.Second; at += 1300 * time.Millisecond {
			w.runTo(at)
			w.verify(t)
		}
		w.runTo(15 * time.Minute)
		w.verify(t)
		if cfg.Lifetime != nil { // then some pod is always away
			if w.over+w.superseded > updates {
				t.Fatalf("%d updates ended, %d superseded of %d", w.over, w.superseded, updates)
			}
			return
		}
		if w.over+w.superseded != updates || w.over == 0 || w.web.update != nil || w.web.up != wanted || len(w.web.replicas) != wanted {
			t.Fatalf("%d updates ended, %d superseded of %d; %d of %d replicas are ready, %d wanted", w.over, w.superseded, updates, w.web.up, len(w.web.replicas), wanted)
		}
	})
}
