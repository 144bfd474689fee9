package cluster

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// Whatever happens, no node is ever over its limits, everything that is
// counted is counted right, and every pod ends once or is still somewhere.
func TestBooksAgreeWithARecountWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, randomConfig(rt))
		end := w.cfg.WarmUp + w.cfg.End
		for at := time.Duration(0); at < end; at += 7 * time.Second {
			if err := w.kernel.Run(at); err != nil || w.Err() != nil {
				rt.Fatalf("%v, %v", err, w.Err())
			}
			w.verify(rt)
			disturb(rt, w)
			w.verify(rt)
		}
		clear(w.cloud.code)
		for _, g := range w.groups {
			w.Uncordon(g.nodes.all())
			clear(w.cloud.room)
		}
		w.runTo(w.cfg.End + 2*time.Hour)
		w.verify(rt)
		for _, wl := range w.workloads {
			if wl.Kind != Deployment {
				continue
			}
			// Replicas that are replaced all the time are never all running.
			running := w.runningOf(wl.Name) == wl.desired || wl.Lifetime != nil || w.cfg.Autoscaler == nil
			short := wl.Lifetime != nil && w.cfg.PodCreation != controlplane.Rate{} // the controller is always a little behind
			if len(wl.replicas) != wl.desired && !short || len(wl.replicas) > wl.desired || !running {
				rt.Fatalf("%s has %d replicas, %d running, wants %d; %+v", wl.Name, len(wl.replicas), w.runningOf(wl.Name), wl.desired, w.Counts())
			}
		}
		for _, g := range w.groups {
			if !g.managed && g.live() != g.target || g.nodes.count != g.live() {
				rt.Fatalf("group %s has %d nodes, wants %d", g.Name, g.nodes.count, g.target)
			}
		}
	})
}

func randomConfig(t *rapid.T) Config {
	sec := func(name string, hi int) time.Duration {
		return time.Duration(rapid.IntRange(0, hi).Draw(t, name)) * time.Second
	}
	steps := func(name string, most int) (list []Step) {
		for range rapid.IntRange(0, 3).Draw(t, name) {
			list = append(list, Step{At: sec("at", 200), Count: rapid.IntRange(0, most).Draw(t, "count"), Over: sec("over", 60)})
		}
		return list
	}
	cfg := Config{WarmUp: sec("warmUp", 100), End: 5 * time.Minute, Scheduling: controlplane.Rate{PerSecond: 20},
		PodCreation: rapid.SampledFrom([]controlplane.Rate{{}, {PerSecond: 20, Burst: 30}, {PerSecond: 2, Burst: 1}}).Draw(t, "creation")}
	for _, name := range []string{"red", "blue"} {
		g := workers(rapid.IntRange(0, 6).Draw(t, "nodes"))
		g.Name, g.Steps = name, steps(name, 8)
		cfg.Groups = append(cfg.Groups, g)
	}
	if kind := rapid.SampledFrom([]AutoscalerKind{"", Karpenter, ClusterAutoscaler}).Draw(t, "autoscaler"); kind != "" {
		cfg.Autoscaler = &AutoscalerConfig{
			Kind: kind, ScaleDown: rapid.Bool().Draw(t, "down"), ScaleDownAfter: 20 * time.Second,
			Utilization: rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "utilization"),
		}
	}
	lifetime := func(r *rand.Rand) time.Duration { return time.Duration(1+r.IntN(60)) * time.Second }
	cfg.Workloads = []WorkloadConfig{
		{Name: "web", Kind: Deployment, Initial: rapid.IntRange(0, 40).Draw(t, "initial"), Replicas: steps("web", 60), Requests: Resources{MilliCPU: 150}},
		{Name: "api", Kind: Deployment, Replicas: steps("api", 30), Lifetime: lifetime, NotOn: []string{"red"}, Requests: Resources{Memory: 1 << 30}},
		{Name: "agent", Kind: DaemonSet, Requests: Resources{MilliCPU: 50}},
		{Name: "log", Kind: DaemonSet, HostNetwork: true, NotOn: []string{"blue"}},
		{Name: "batch", Kind: Job, Lifetime: lifetime, Arrivals: &Arrivals{Rate: 0.5, Batch: 2, To: 4 * time.Minute}},
		{Name: "trace", Kind: Trace, Trace: []TracePod{
			{Created: 0, Lifetime: 10 * time.Second, Requests: Resources{MilliCPU: 700}},
			{Created: time.Minute, Lifetime: des.Never}, {Created: time.Minute, Lifetime: 0}}},
	}
	return cfg
}

func disturb(t *rapid.T, w *world) {
	switch rapid.IntRange(0, 9).Draw(t, "disturbance") {
	case 0:
		if all := w.Select(nil, 1, -1, "any"); len(all) > 0 {
			w.Kill(all[rapid.IntRange(0, len(all)-1).Draw(t, "victim")])
		}
	case 1:
		w.Cordon(w.Select(of("blue"), 0.5, -1, "cordon"))
	case 2:
		w.Uncordon(w.Select(of("blue"), 1, -1, "cordon"))
	case 3:
		w.cloud.code["a"] = rapid.SampledFrom([]string{"", codeNoCapacity, "RequestLimitExceeded"}).Draw(t, "code")
	case 4:
		w.cloud.room["b"] = rapid.IntRange(0, 3).Draw(t, "room")
	}
}

func TestEqualRunsAreEqual(t *testing.T) {
	digest := func() string {
		cfg := Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(4)},
			Autoscaler: &AutoscalerConfig{Kind: Karpenter, ScaleDown: true},
			Workloads: []WorkloadConfig{
				{Name: "web", Kind: Deployment, Initial: 10, Replicas: []Step{{At: time.Minute, Count: 90, Over: time.Minute}, {At: 4 * time.Minute, Count: 5}}},
				{Name: "batch", Kind: Job, Arrivals: &Arrivals{Rate: 1}, Lifetime: constant(20 * time.Second)},
			}}
		w := newWorld(t, cfg)
		w.runTo(10 * time.Minute)
		var f des.Fingerprint
		for _, p := range w.pods {
			f.AddString(p.Name())
			f.Add(uint64(p.Created), uint64(p.Schedulable), uint64(p.Bound), uint64(p.Running), uint64(p.Deleted))
			if p.Node != nil {
				f.AddString(p.Node.Name)
			}
		}
		f.Add(w.kernel.Executed())
		return f.String()
	}
	if a, b := digest(), digest(); a != b {
		t.Fatalf("%s and %s", a, b)
	}
}

func TestBoundsEndTheRunWithAnError(t *testing.T) {
	for name, limits := range map[string]Limits{
		"bound of 50 pods":  {Pods: 50},
		"bound of 20 pods":  {Queue: 20},
		"bound of 10 nodes": {Nodes: 10},
	} {
		cfg := Config{End: time.Minute, Limits: limits, Groups: []GroupConfig{workers(20)},
			Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 100}}}
		w := newWorld(t, cfg)
		if err := w.kernel.Run(time.Minute); err != nil {
			t.Fatal(err)
		}
		if w.Err() == nil || !contains(w.Err().Error(), name) {
			t.Errorf("%s: %v", name, w.Err())
		}
	}
}

// Numbers come from scenarios: what cannot fit must not be made until it does
// not fit.
func TestBoundsAreFoundBeforeThePodsExist(t *testing.T) {
	trace := make([]TracePod, 1000)
	for name, work := range map[string]WorkloadConfig{
		"initial replicas": {Kind: Deployment, Initial: 1 << 20},
		"replicas":         {Kind: Deployment, Replicas: []Step{{Count: 21}}},
		"batch":            {Kind: Job, Lifetime: constant(time.Minute), Arrivals: &Arrivals{Every: time.Second, Batch: 1 << 20}},
	} {
		for bound, limits := range map[string]Limits{"bound of 20 pods": {Queue: 20}, "reached its bound of 20 pods": {Pods: 20}} {
			work.Name = "web"
			w := newWorld(t, Config{End: time.Minute, Limits: limits, Groups: []GroupConfig{workers(0)}, Workloads: []WorkloadConfig{work}})
			if err := w.kernel.Run(time.Minute); err != nil {
				t.Fatal(err)
			}
			if w.Err() == nil || !contains(w.Err().Error(), bound) || len(w.pods) != 0 {
				t.Errorf("%s, %s: %d pods exist, %v", name, bound, len(w.pods), w.Err())
			}
		}
	}
	w := newWorld(t, Config{End: time.Minute, Limits: Limits{Queue: 20}, Groups: []GroupConfig{workers(0)}, Workloads: []WorkloadConfig{{Name: "t", Kind: Trace, Trace: trace}}})
	if err := w.kernel.Run(time.Minute); err != nil || w.Err() == nil || len(w.pods) != 20 {
		t.Errorf("a trace: %d pods exist, %v, %v", len(w.pods), w.Err(), err)
	}
	w = newWorld(t, Config{End: time.Minute, Limits: Limits{Queue: 20}, Groups: []GroupConfig{workers(0)}, Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 20}}})
	if err := w.kernel.Run(time.Minute); err != nil || w.Err() != nil || len(w.pods) != 20 {
		t.Errorf("as many as there may be: %d pods exist, %v, %v", len(w.pods), w.Err(), err)
	}
}

func TestConfigThatCannotWorkIsAnError(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		"no node group":      func(c *Config) { c.Groups = nil },
		"two node groups":    func(c *Config) { c.Groups = append(c.Groups, c.Groups[0]) },
		"no subnet":          func(c *Config) { c.Groups[0].Subnets = nil },
		"unknown autoscaler": func(c *Config) { c.Autoscaler = &AutoscalerConfig{Kind: "x"} },
		"does not exist":     func(c *Config) { c.Autoscaler = &AutoscalerConfig{Kind: Karpenter, Groups: []string{"x"}} },
		"two workloads":      func(c *Config) { c.Workloads = append(c.Workloads, c.Workloads[0]) },
		"negative requests":  func(c *Config) { c.Workloads[0].Requests.MilliCPU = -1 },
		"unknown kind":       func(c *Config) { c.Workloads[0].Kind = "x" },
		"needs arrivals":     func(c *Config) { c.Workloads[0].Kind = Job },
		"order of creation":  func(c *Config) { c.Workloads[0].Kind = Trace; c.Workloads[0].Trace = []TracePod{{Created: 1}, {}} },
		"has no room for":    func(c *Config) { c.Groups[0].MaxPods = 1 },
		"no room for aws-node,": func(c *Config) {
			c.Workloads[0] = WorkloadConfig{Kind: DaemonSet, Requests: Resources{Memory: 1 << 60}}
		},
	} {
		cfg := Config{Groups: []GroupConfig{workers(1)}, Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment}}}
		edit(&cfg)
		k := des.New(1, 0, des.Limits{})
		if _, err := New(k, cfg, newFakeCloud(k), nil, Hooks{}); err == nil || !contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
