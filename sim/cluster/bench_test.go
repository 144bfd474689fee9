package cluster

import (
	"fmt"
	"testing"
	"time"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// instantMachine does everything at once: what is left is the cluster.
type instantMachine struct{ c *Cluster }

func (m instantMachine) Boot(ready func()) { ready() }
func (m instantMachine) Resume([]*Pod)     {}
func (m instantMachine) StartPod(p *Pod)   { m.c.PodRunning(p) }
func (m instantMachine) StopPod(p *Pod)    { m.c.PodGone(p) }
func (m instantMachine) Shutdown()         {}

// BenchmarkFleet creates 30,000 pods on 1,000 nodes, of which half join while
// the pods wait, and deletes two thirds of them.
func BenchmarkFleet(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		g := workers(500)
		g.MaxPods, g.Steps = 32, []Step{{At: time.Minute, Count: 1000, Over: time.Minute}}
		cfg := Config{WarmUp: time.Minute, End: 30 * time.Minute, Groups: []GroupConfig{g},
			Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{
				{At: 0, Count: 30_000}, {At: 10 * time.Minute, Count: 10_000, Over: 10 * time.Minute}}}}}
		k := des.New(1, 0, des.Limits{})
		var c *Cluster
		c, err := New(k, cfg, newFakeCloud(k), func(*Node) Machine { return instantMachine{c} }, Hooks{})
		if err != nil {
			b.Fatal(err)
		}
		c.Start()
		if err := k.Run(11 * time.Minute); err != nil || c.running != 30_000 {
			b.Fatal(err, c.running)
		}
		if err := k.Run(30 * time.Minute); err != nil || c.running != 10_000 {
			b.Fatal(err, c.running)
		}
	}
}

// BenchmarkScale is a fleet that Karpenter makes for a ramp to 9 pods a node,
// holds, and takes down again: what a pod costs must not depend on the size.
func BenchmarkScale(b *testing.B) {
	for _, nodes := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				cfg := Config{End: 100 * time.Minute, Scheduling: controlplane.Rate{PerSecond: 10_000}, Groups: []GroupConfig{workers(0)},
					Autoscaler: &AutoscalerConfig{Kind: Karpenter, ScaleDown: true, Utilization: 0.3},
					Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Requests: Resources{MilliCPU: 190}, Replicas: []Step{
						{At: time.Minute, Count: 9 * nodes, Over: 45 * time.Minute}, {At: 50 * time.Minute, Count: nodes, Over: 45 * time.Minute}}}}}
				cfg.Groups[0].MaxPods = 29
				k := des.New(1, 0, des.Limits{})
				var c *Cluster
				c, err := New(k, cfg, newFakeCloud(k), func(*Node) Machine { return instantMachine{c} }, Hooks{})
				if err != nil {
					b.Fatal(err)
				}
				c.Start()
				if err := k.Run(50 * time.Minute); err != nil || c.Counts().Running != 9*nodes {
					b.Fatal(err, c.Counts())
				}
				if err := k.Run(100 * time.Minute); err != nil || c.Counts().Running != nodes {
					b.Fatal(err, c.Counts())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(9*nodes), "ns/pod")
		})
	}
}
