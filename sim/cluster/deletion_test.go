package cluster

import (
	"cmp"
	"math/bits"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

// The order of the ReplicaSet controller: without a node, not running, on the
// most crowded node, younger by a power of two.
func TestScaleDownDeletesInReplicaSetOrder(t *testing.T) {
	crowded, quiet := &Node{}, &Node{}
	pod := func(ordinal int, n *Node, state PodState, since time.Duration) *Pod {
		return &Pod{Pod: kubelet.Pod{Running: since}, Ordinal: int32(ordinal), Node: n, state: state, Created: 0}
	}
	cfg := Config{End: time.Hour, Groups: []GroupConfig{workers(0)}, Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment}}}
	w := newWorld(t, cfg)
	w.runTo(time.Hour)
	old, young := time.Minute, time.Hour-time.Second
	web := w.workloads[0]
	web.replicas = []*Pod{
		pod(0, quiet, Running, old), pod(1, quiet, Running, young), pod(2, crowded, Running, old), pod(3, crowded, Running, young),
		pod(4, crowded, Bound, des.Never), pod(5, nil, Queued, des.Never), pod(6, crowded, Running, old),
	}
	crowded.index, quiet.index = &w.groups[0].byZone[0], &w.groups[0].byZone[0]
	crowded.addReplicas(web, 4)
	quiet.addReplicas(web, 2)
	var got []int
	for _, p := range web.deletions.first(7) {
		got = append(got, int(p.Ordinal))
	}
	slices.Sort(got[3:5]) // two equals, the UID decides
	if !slices.Equal(got, []int{5, 4, 3, 2, 6, 1, 0}) {
		t.Errorf("deleted in the order %v", got)
	}
}

// Whatever has happened before: those that go are the first of all replicas,
// put in order by a look at every one.
func TestDeletionsAreTheFirstOfAllReplicas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := Config{End: 100 * time.Hour, Scheduling: controlplane.Rate{PerSecond: 2}, Groups: []GroupConfig{workers(rapid.IntRange(1, 4).Draw(rt, "nodes"))},
			Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 12, Lifetime: constant(10 * time.Minute)}, {Name: "api", Kind: Deployment, Initial: 4}}}
		w := newWorld(t, cfg)
		web, at := w.workloads[0], time.Duration(0)
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			at += time.Duration(rapid.IntRange(1, 200).Draw(rt, "seconds")) * time.Second
			w.runTo(at)
			nodes := w.groups[0].nodes.all()
			switch op := rapid.IntRange(0, 9).Draw(rt, "op"); {
			case op == 0 && len(nodes) > 0:
				w.Kill(rapid.SampledFrom(nodes).Draw(rt, "node"))
			case op <= 3:
				web.scale(web.desired + rapid.IntRange(0, 10).Draw(rt, "more"))
			default:
				n := rapid.IntRange(0, len(web.replicas)).Draw(rt, "fewer")
				want := inOrder(web)[:n]
				web.scale(len(web.replicas) - n)
				for _, p := range want {
					if p.replica >= 0 {
						rt.Fatalf("%s is still wanted, which should have gone with the first %d", p.Name(), n)
					}
				}
			}
		}
	})
}

// inOrder sorts a Deployment's replicas.
func inOrder(w *Workload) []*Pod {
	neighbours := map[*Node]int{}
	for _, p := range w.replicas {
		neighbours[p.Node]++
	}
	delete(neighbours, nil)
	state := func(p *Pod) int {
		switch {
		case p.Node == nil:
			return 0
		case p.state == Bound || p.lost:
			return 1
		}
		return 2
	}
	age := func(p *Pod) int {
		since := p.Created
		if state(p) == 2 {
			since = p.Running
		}
		return bits.Len64(uint64(w.cluster.kernel.Now() - since))
	}
	uid := func(p *Pod) uint64 { return mix(w.uidSeed+uint64(p.Ordinal)) >> 24 }
	return slices.SortedFunc(slices.Values(w.replicas), func(a, b *Pod) int {
		return cmp.Or(cmp.Compare(state(a), state(b)), cmp.Compare(neighbours[b.Node], neighbours[a.Node]), cmp.Compare(age(a), age(b)), cmp.Compare(uid(a), uid(b)))
	})
}
