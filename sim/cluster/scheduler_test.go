package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/controlplane"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func TestSchedulerBindsInOrderAtItsRate(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: time.Minute, Scheduling: controlplane.Rate{PerSecond: 50}, Groups: []GroupConfig{workers(40)},
		Workloads: []WorkloadConfig{
			{Name: "a", Kind: Deployment, Replicas: []Step{{Count: 100}}},
			{Name: "b", Kind: Deployment, Replicas: []Step{{Count: 100}}, Requests: Resources{MilliCPU: 100}},
		}}
	w := newWorld(t, cfg)
	w.runTo(time.Minute)
	var last time.Duration
	for i, p := range w.pods {
		if p.Bound < last || p.Bound != time.Minute+time.Duration(i)*20*time.Millisecond {
			t.Fatalf("pod %d is bound at %v, the one before at %v", i, p.Bound, last)
		}
		if p.Schedulable != p.Created {
			t.Fatalf("%s waited for the scheduler alone, and yet is schedulable at %v only", p.Name(), p.Schedulable)
		}
		last = p.Bound
	}
	if w.running != 200 {
		t.Fatalf("%d pods run", w.running)
	}
}

// Pods are spread evenly over the nodes of a zone and, where they are a
// Deployment's, over zones rather than nodes: of seven nodes three are in zone a.
func TestPodsSpreadEvenlyOverEqualNodes(t *testing.T) {
	even, zones := []int{5, 5, 5, 5, 5, 5, 5}, []int{5, 6, 6, 4, 5, 5, 4}
	web := WorkloadConfig{Name: "web", Kind: Deployment, Initial: 14, Replicas: []Step{{Count: 35}}, Requests: Resources{MilliCPU: 10}}
	job := WorkloadConfig{Name: "web", Kind: Job, Arrivals: &Arrivals{Every: time.Second, Batch: 35, To: time.Second / 2}, Requests: web.Requests}
	for name, tc := range map[string]struct {
		subnets []string
		load    WorkloadConfig
		want    []int
	}{
		"a Deployment in one zone":    {[]string{"z/a", "z/b", "z/c"}, web, even},
		"a Deployment in three zones": {[]string{"a", "b", "c"}, web, zones},
		"a Job in three zones":        {[]string{"a", "b", "c"}, job, even},
	} {
		cfg := Config{WarmUp: time.Minute, End: time.Minute, Groups: []GroupConfig{workers(7)}, Workloads: []WorkloadConfig{tc.load}}
		cfg.Groups[0].Subnets = tc.subnets
		w := newWorld(t, cfg)
		w.runTo(time.Minute)
		var got []int
		for _, n := range w.groups[0].nodes.all() {
			got = append(got, len(n.pods))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: pods of the nodes %v, want %v", name, got, tc.want)
		}
	}
}

// Waiting pods are bound when a pod leaves or a node joins, and what they
// waited for is told apart.
func TestPodsThatFitNowhereWaitForRoom(t *testing.T) {
	g := workers(1)
	g.Steps = []Step{{At: time.Minute, Count: 2}}
	cfg := Config{WarmUp: time.Minute, End: 5 * time.Minute, Scheduling: controlplane.Rate{PerSecond: 1}, Groups: []GroupConfig{g},
		Workloads: []WorkloadConfig{
			{Name: "job", Kind: Trace, Trace: []TracePod{{Created: -10 * time.Second, Lifetime: 40 * time.Second}}},
			{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 10}}},
		}}
	w := newWorld(t, cfg)
	w.runTo(20 * time.Second)
	if got := w.Counts(); w.waiting() != 3 || got.Pending != 3 || got.Running != 8 {
		t.Fatalf("%+v", got) // 8 of 10 places, one of them the job's
	}
	job := w.pods[0]
	w.runTo(5 * time.Minute)
	web := w.pods[1:]
	if got, left := web[7].Bound, job.Deleted+500*time.Millisecond; got != left || web[7].Schedulable != left {
		t.Errorf("the eighth pod is bound at %v and schedulable at %v, want %v", got, web[7].Schedulable, left)
	}
	ready := w.nodes[1].Ready
	if web[8].Bound != ready || web[9].Bound != ready+time.Second {
		t.Errorf("the last pods are bound at %v and %v, the node was Ready at %v", web[8].Bound, web[9].Bound, ready)
	}
	if web[8].Schedulable != ready || web[9].Schedulable != ready {
		t.Errorf("the last pods are schedulable at %v and %v, the node was Ready at %v", web[8].Schedulable, web[9].Schedulable, ready)
	}
}

func TestPodsComeToNoGroupThatTheyMayNotGoTo(t *testing.T) {
	arm := workers(2)
	arm.Name = "arm"
	cfg := Config{WarmUp: time.Minute, End: time.Minute, Groups: []GroupConfig{workers(2), arm},
		Workloads: []WorkloadConfig{
			{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 40}}, NotOn: []string{workers(0).Name}},
			{Name: "nowhere", Kind: Deployment, Replicas: []Step{{Count: 3}}, NotOn: []string{workers(0).Name, "arm"}},
		}}
	w := newWorld(t, cfg)
	w.runTo(time.Minute)
	w.verify(t)
	if w.runningOf("web") != 16 || w.waiting() != 24+3 {
		t.Fatalf("%d run, %+v", w.runningOf("web"), w.Counts())
	}
}

func TestCordonedNodeTakesNoPodUntilUncordoned(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: time.Minute, Groups: []GroupConfig{workers(2)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 16}}}}}
	w := newWorld(t, cfg)
	w.runTo(-time.Second)
	closed := w.Select(of("workers"), 0.5, -1, "cordon")
	w.Cordon(closed)
	w.runTo(10 * time.Second)
	if len(closed) != 1 || len(closed[0].pods) != 0 || w.running != 8 {
		t.Fatalf("%d cordoned, %d running", len(closed), w.running)
	}
	w.Uncordon(closed)
	w.runTo(20 * time.Second)
	if w.running != 16 {
		t.Fatalf("%d running", w.running)
	}
}
