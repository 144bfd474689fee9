package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// heldUp is a small fleet whose controllers may not keep up, with much that they have
// to do, and a run that may end in the middle of it.
func heldUp(t *rapid.T) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	n := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }
	line("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: held-up}\nseed: %d\nwarmUp: %s\nduration: %ds", n("seed", 1, 99), rapid.SampledFrom([]string{"0s", "1m"}).Draw(t, "warm-up"), n("duration", 40, 300))
	line("vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/%d, az: a}, {name: b, cidr: 10.0.64.0/24, az: b}]}", n("size", 22, 26))
	line("nodeGroups:\n  - {name: one, instanceType: m5.large, count: %d, subnets: [a]}\n  - {name: two, instanceType: m5.xlarge, count: %d, subnets: [b], steps: [{at: %ds, count: %d}]}", n("one", 0, 4), n("two", 0, 6), n("step", 5, 100), n("then", 0, 6))
	line("controlPlane: {podCreation: {rate: %d, burst: %d}}", n("rate", 1, 30), n("burst", 1, 30))
	line("workloads:\n  - {name: web, initial: %d, replicas: [{at: 0s, count: %d}, {at: %ds, count: %d}, {at: %ds, count: %d}]}", n("initial", 0, 60), n("first", 0, 200), n("at", 1, 40), n("second", 0, 300), n("later", 41, 200), n("third", 0, 100))
	line("  - {name: jobs, kind: Job, arrivals: {every: %ds, batch: %d}, lifetime: {constant: %ds}, giveUpAfter: %ds}", n("every", 1, 20), n("batch", 1, 60), n("lifetime", 1, 60), n("deadline", 5, 300))
	line("  - {name: runs, kind: Pod, arrivals: {every: 5s, batch: 3}, lifetime: {constant: 20s}}")
	line("  - {name: agent, kind: DaemonSet}\n  - {name: late, kind: DaemonSet, from: %ds}", n("from", 0, 60))
	line("faults:")
	for _, kind := range []string{"kill-nodes, count: 1", "pause-deletes, for: 30s", "recreate-pods", "roll-daemonset, workload: agent", "roll-deployment, workload: web", "roll-deployment, workload: web"} {
		line("  - {kind: %s, at: %ds}", kind, n(kind, 0, 120))
	}
	return b.String()
}

// What becomes of pods adds up with those that no controller has made, at any moment
// and at the end, by workload and by what a threshold selects; each of them is infinitely
// late in what it has not come to.
func TestPodsThatNobodyHasMadeAddUp(t *testing.T) {
	t.Parallel()
	never, lasting := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := heldUp(t)
		w := worldOf(t, text+"thresholds: {'pods_wanted{workload:web}': ['count>=0'], 'pods_never_started{workload:web}': ['count>=0'], 'pods_wanted{nodegroup:two}': ['count>=0']}\n")
		if err := inPieces(w, w.End, func(time.Duration) error { return w.censusAgrees() }); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		o := w.Outcome().Outcome
		if err := countsAddUp(o); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, s := range o.Selected {
			if s.Wanted != s.Started+s.NeverStarted+s.Deleted+s.Starting || s.Selector.Get("workload") == "web" && s.Counts != o.Workloads[0].Counts {
				t.Fatalf("%v: %+v, %+v\n%s", s.Part, s.Counts, o.Workloads[0].Counts, text)
			}
		}
		waited := o.Pods.NotCreated
		for _, s := range o.Workloads {
			if s.Kind == "DaemonSet" {
				waited -= s.NotCreated
			}
			if s.Start.Never < s.NotCreated || s.Pending.Never < s.NotCreated || s.Kind == "Pod" && s.Worst.NotCreated > 0 || s.NotCreated > 0 && s.Controller == nil {
				t.Fatalf("%s: %+v, %+v\n%s", s.Name, s.Counts, s.Start, text)
			}
		}
		if q := o.Pods.Creation; q.Never != waited {
			t.Fatalf("%d of %d are never created in %+v\n%s", q.Never, waited, q, text)
		}
		never, lasting = never+o.Pods.NotCreated, lasting+o.Pods.AtEnd.NotCreated
	})
	if never == 0 || lasting == never {
		t.Errorf("%d pods were never created, %d were not at the end: the scenarios show nothing", never, lasting)
	}
}

// 2,401 Jobs at 10 a second are 2,401 pods that are wanted, though their controller
// comes to half of them; a condition on their starts does not hold for the others.
func TestJobsThatTheirControllerHasNotComeToAreWanted(t *testing.T) {
	o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: jobs}
duration: 4m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/17, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.4xlarge, count: 30}]
workloads: [{name: job, kind: Job, lifetime: {constant: 20s}, arrivals: {every: 100ms}, resources: {cpu: 10m, memory: 16Mi}}]
`)
	p := &o.Pods
	if p.Wanted != 2401 || p.NotCreated == 0 || p.NotCreated != p.NeverStarted || p.AtEnd.NotCreated-p.NotCreated > 300 || p.Worst.NotCreated != p.AtEnd.NotCreated {
		t.Errorf("%+v", p.Counts)
	}
	if p.Start.P90.Reached() || p.Pending.Never != p.NotCreated || p.AddressWait.Never != p.NotCreated || p.Creation.Never != p.NotCreated {
		t.Errorf("start %+v, pending %+v, creation %+v", p.Start, p.Pending, p.Creation)
	}
	if c := o.Workloads[0].Controller; c == nil || c.Created != p.Wanted-p.AtEnd.NotCreated || c.BehindSeconds < 230 {
		t.Errorf("%+v", c)
	}
}

// Of initial pods without a warm-up, which begin at time 0, those that are not made
// count as they do of a step.
func TestInitialPodsWithoutAWarmUpThatAreNotMadeNeverStart(t *testing.T) {
	for _, pods := range []string{"initial: 5000", "replicas: [{at: 0s, count: 5000}]"} {
		o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: initial}
warmUp: 0s
duration: 2m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/17, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.4xlarge, count: 30}]
workloads: [{name: web, `+pods+`, resources: {cpu: 10m, memory: 16Mi}}]
`)
		if p := &o.Pods; p.Wanted != 5000 || p.NotCreated < 2000 || p.Start.P50.Reached() {
			t.Errorf("%s: %+v", pods, p.Counts)
		}
	}
}
