package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/controller"
	"ipamsim/sim/controlplane"
)

var upstream = controlplane.Rate{PerSecond: 20, Burst: 30}

// scaledOut is a fleet of Deployments, each of so many pods, that are wanted at time 0.
func scaledOut(deployments, pods int) Config {
	cfg := Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(100)}, PodCreation: upstream}
	for i := range deployments {
		cfg.Workloads = append(cfg.Workloads, WorkloadConfig{Name: fmt.Sprintf("web%d", i), Kind: Deployment, Replicas: []Step{{Count: pods}}})
	}
	return cfg
}

// finish runs a fleet and says when the last pod was made, and which requests there
// were.
func (w *world) finish(t *testing.T, c *controller.Controller, pods int) (time.Duration, controller.Sent) {
	t.Helper()
	w.runTo(10 * time.Minute)
	last := time.Duration(0)
	for _, p := range w.pods {
		last = max(last, p.Created-w.cfg.WarmUp)
	}
	if len(w.pods) != pods {
		t.Fatalf("%d pods, %d wanted", len(w.pods), pods)
	}
	return last, c.Sent()
}

// One ReplicaSet of 300 pods pays 25 events and a handful of updates beside its
// pods; 300 of one pod each pay for each pod an event and three updates: that it has
// been seen, and, unless both are written at once, that its pod is there and that it
// is ready. So they come later, by what is in the line before the last of them.
func TestManySmallReplicaSetsComeLaterThanALargeOneByTheirOwnRequests(t *testing.T) {
	large := newWorld(t, scaledOut(1, 300))
	lastOfOne, sentForOne := large.finish(t, large.replicaSets, 300)
	small := newWorld(t, scaledOut(300, 1))
	lastOfMany, sentForMany := small.finish(t, small.replicaSets, 300)
	t.Logf("one: %v, %+v; many: %v, %+v", lastOfOne, sentForOne, lastOfMany, sentForMany)
	if sentForOne.Pods != 300 || sentForOne.Events != 25 || sentForOne.Status < 3 || sentForOne.Status > 60 {
		t.Errorf("one ReplicaSet: %+v", sentForOne)
	}
	if sentForMany.Pods != 300 || sentForMany.Events != 300 || sentForMany.Status < 600 || sentForMany.Status > 900 {
		t.Errorf("300 ReplicaSets: %+v", sentForMany)
	}
	if lastOfOne < 13*time.Second || lastOfOne > 15*time.Second {
		t.Errorf("the last pod of one ReplicaSet came after %v, 300 less 30 at 20 a second take 13.5 s", lastOfOne)
	}
	// Before the last pod there are its own worker's requests: a creation and an
	// update for each, and a share of a sixth for events.
	if want := 300.0 * 2 * 6 / 5 / 20; lastOfMany.Seconds() < want-3 || lastOfMany.Seconds() > want+1 {
		t.Errorf("the last pod of 300 ReplicaSets came after %v, want about %v s", lastOfMany, want)
	}
}

// In a settled Deployment nothing is asked for.
func TestAReplicaSetThatDoesNotChangeCostsNothing(t *testing.T) {
	cfg := scaledOut(1, 50)
	cfg.Workloads[0].Initial, cfg.Workloads[0].Replicas = 50, nil
	w := newWorld(t, cfg)
	if _, sent := w.finish(t, w.replicaSets, 50); sent != (controller.Sent{}) {
		t.Errorf("%+v", sent)
	}
}

// A pod that ends in a quiet cluster costs its ReplicaSet a creation, an event and
// four updates: one pod fewer and one that terminates, the new pod, that this is
// ready, and that the other has gone.
func TestAPodThatEndsCostsItsReplicaSetSixRequests(t *testing.T) {
	cfg := scaledOut(1, 50)
	cfg.Workloads[0].Initial, cfg.Workloads[0].Replicas = 50, nil
	w := newWorld(t, cfg)
	w.runTo(time.Minute)
	w.Cluster.evict(w.workloads[0].replicas[0])
	_, sent := w.finish(t, w.replicaSets, 51)
	if sent != (controller.Sent{Pods: 1, Status: 4, Events: 1}) {
		t.Errorf("%+v", sent)
	}
}

// jobs is a fleet with Jobs, one every 10 s for a minute.
func jobs(pods int, lifetime time.Duration) Config {
	return Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(100)}, PodCreation: upstream,
		Workloads: []WorkloadConfig{{Name: "job", Kind: Job, Lifetime: constant(lifetime), Arrivals: &Arrivals{Every: 10 * time.Second, Batch: pods, To: 59 * time.Second}}}}
}

// A Job of one pod that runs for longer than a second costs eight requests: the
// pod, that it is active, that it is ready, that it has finished, its finalizer, that
// it is counted, and an event at its beginning and at its end. One that is over before
// its controller looks again is never seen ready.
func TestAJobOfOnePodCostsEightRequests(t *testing.T) {
	for lifetime, status := range map[time.Duration]int{30 * time.Second: 4, 10 * time.Millisecond: 3} {
		w := newWorld(t, jobs(1, lifetime))
		_, sent := w.finish(t, w.jobs, 6)
		if want := (controller.Sent{Pods: 6 * 2, Status: 6 * status, Events: 6 * 2}); sent != want {
			t.Errorf("6 Jobs whose pod runs for %v: %+v, want %+v", lifetime, sent, want)
		}
	}
}

// A Job of 100 pods that begin and end together needs 25 events and few updates.
func TestAJobOfManyPodsWritesItsStatusForManyAtOnce(t *testing.T) {
	cfg := jobs(100, 30*time.Second)
	cfg.Workloads[0].Arrivals.To = time.Second
	w := newWorld(t, cfg)
	_, sent := w.finish(t, w.jobs, 100)
	if sent.Pods != 200 || sent.Events != 25 || sent.Status > 20 {
		t.Errorf("%+v", sent)
	}
	if len(w.ended) != 100 {
		t.Errorf("%d have ended", len(w.ended))
	}
}

// A Job's pod that is evicted has failed: another one comes after 10 s, and after 20
// s when that is evicted as well.
func TestAJobsPodThatIsEvictedComesAgainAfterABackoff(t *testing.T) {
	for _, rate := range []controlplane.Rate{upstream, {}} {
		cfg := jobs(1, time.Hour)
		cfg.Workloads[0].Arrivals.To, cfg.PodCreation = time.Second, rate
		w := newWorld(t, cfg)
		w.runTo(20 * time.Second)
		w.Cluster.evict(w.pods[0])
		w.runTo(40 * time.Second)
		if len(w.pods) != 2 {
			t.Fatalf("rate %v: %d pods", rate, len(w.pods))
		}
		w.Cluster.evict(w.pods[1])
		w.runTo(time.Minute + time.Second)
		if len(w.pods) != 3 {
			t.Fatalf("rate %v: %d pods", rate, len(w.pods))
		}
		first, second := w.pods[1].Created-w.pods[0].Deleted, w.pods[2].Created-w.pods[1].Deleted
		if first != 10*time.Second || second != 20*time.Second {
			t.Errorf("rate %v: made up for after %v and %v", rate, first, second)
		}
	}
}

// A node's two system pods cost two creations, two events and an update when they
// are made, and one more of each DaemonSet when they are ready.
func TestANodeCostsTheControllerOfDaemonSetsEightRequests(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: time.Hour, PodCreation: upstream, Groups: []GroupConfig{{
		Name: "workers", InstanceType: "m5.large", Subnets: []string{"a"}, MaxPods: 29, Allocatable: workers(1).Allocatable,
		Steps: []Step{{At: time.Minute, Count: 1}}}}}
	w := newWorld(t, cfg)
	if _, sent := w.finish(t, w.daemons, 0); sent != (controller.Sent{Pods: 2, Status: 4, Events: 2}) {
		t.Errorf("%+v", sent)
	}
}

// Jobs that come faster than their controller can follow end a run, and do not fill
// the memory.
func TestJobsThatWaitForTheirControllerAreBounded(t *testing.T) {
	cfg := jobs(1, time.Second)
	cfg.Workloads[0].Arrivals = &Arrivals{Rate: 100, Constant: true}
	cfg.Limits.Queue = 1000
	w := newWorld(t, cfg)
	_ = w.kernel.Run(time.Hour)
	if err := w.Err(); err == nil || !strings.Contains(err.Error(), "pods of Jobs that wait for their controller reached the bound of 1000") {
		t.Errorf("the run ended with %v", err)
	}
}
