package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/internal/properties"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/result"
)

func init() { properties.Checks(10) } // a case is some fleets

// A fleet that meets a throttle and a full subnet within five minutes.
const busy = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: busy}
seed: %d
replications: %d
warmUp: 2m
duration: 5m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/25, az: a}, {name: b, cidr: 10.0.1.0/26, az: b}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 4, cni: {WARM_IP_TARGET: 1}, steps: [{at: 2m, count: 6}]}]
controlPlane: {tier: unlimited}
workloads:
  - {name: web, initial: 6, replicas: [{at: 30s, count: 40}, {at: 3m, count: 10}, {at: 4m, count: 90}], resources: {cpu: 1m, memory: 1Mi}}
  - {name: batch, kind: Job, lifetime: {constant: 20s}, arrivals: {every: 40s, batch: 3}, resources: {cpu: 1m, memory: 1Mi}}
thresholds:
%s`

// judged runs the scenario with the conditions and judges them.
func judged(t *testing.T, seed, replications int, toTheEnd bool, conditions ...string) result.Variant {
	v := scenariotest.Expand(t, fmt.Sprintf(busy, seed, replications, "  "+strings.Join(conditions, "\n  ")+"\n"), scenarios.Options{})
	done, err := Execute(t.Context(), Plan(v), Options{ToTheEnd: toTheEnd}, func(v *scenarios.Expanded, s *Sum) (result.Variant, error) {
		out, err := Pool(v, s)
		out.Thresholds = result.Judge(&out, v.Scenario.Thresholds.Conditions())
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return done[0].Variant
}

// cuts of the run into windows, in seconds.
func cutsOf(t *rapid.T) []int {
	cuts := rapid.SliceOfNDistinct(rapid.IntRange(1, 299), 1, 4, rapid.ID).Draw(t, "cuts")
	slices.Sort(cuts)
	return slices.Concat([]int{0}, cuts, []int{300})
}

// What is counted in windows that follow one another is what is counted in all
// of them, and the worst of them is the worst of the run; a level at the end is
// the end's; and asking for it changes nothing that happens.
func TestWindowsAreThePartsOfARun(t *testing.T) {
	counters := []string{"pods_wanted", "pods_started", "pods_never_started", "pod_failed_adds", "pod_failed_adds{cause:refilling}", "pods_started{subnet:a}", "pods_wanted{workload:web}",
		"api_calls", "api_attempts{action:AssignPrivateIpAddresses}", "api_errors"}
	peaks := []string{"pods_running_min", "pods_waiting_for_address_peak", "pods_waiting_for_address_peak{zone:b}", "pods_unschedulable_peak", "nodes_peak", "nodes_peak{zone:a}", "nodes_peak{nodegroup:workers,subnet:b}", "enis_peak",
		"subnet_free_min", "subnet_free_min{zone:b}", "subnet_free_blocks_min", "subnet_allocated_peak{subnet:a}"}
	levels := []string{"pods_running", "pods_running{workload:batch}", "pods_waiting_for_address_end", "subnet_free_end", "subnet_warm_end", "subnet_cooling_end{subnet:a}", "subnet_assigned_end", "subnet_unmanaged_end"}
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.IntRange(1, 3).Draw(r, "seed")
		cuts := cutsOf(r)
		var conditions []string
		add := func(metric, aggregation string, more ...string) {
			list := fmt.Sprintf("{threshold: %s<0}", aggregation)
			for _, m := range more {
				list += fmt.Sprintf(", {threshold: %s<0, %s}", aggregation, m)
			}
			conditions = append(conditions, fmt.Sprintf("%q: [%s]", metric, list))
		}
		var windows []string
		for i := range cuts[1:] {
			windows = append(windows, fmt.Sprintf("between: %ds-%ds", cuts[i], cuts[i+1]))
		}
		for _, m := range counters {
			add(m, "count", windows...)
		}
		for _, m := range peaks {
			add(m, "value", windows...)
		}
		for _, m := range levels {
			add(m, "value", "at: 300s")
		}
		plain, v := judged(t, seed, 1, false, "nodes_peak: value>0"), judged(t, seed, 1, false, conditions...)
		if a, b := plain.Replications[0], v.Replications[0]; a.Fingerprint != b.Fingerprint || a.Events != b.Events || a.Pods.Counts != b.Pods.Counts || !slices.EqualFunc(a.Subnets, b.Subnets, func(a, b result.Subnet) bool {
			return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b)
		}) {
			r.Fatalf("windows change what happens: %+v\n%+v", a, b)
		}
		values := map[string][]float64{}
		for _, c := range v.Thresholds {
			if nobody := 0.0; c.Value == nil && c.Metric == "pods_never_started" && c.Window != nil && c.Note != "" {
				c.Value = &nobody // no pod was created in the window
			}
			if c.Value == nil {
				r.Fatalf("%s has no value: %+v", c.Metric, c)
			}
			values[c.Metric] = append(values[c.Metric], *c.Value)
		}
		for _, m := range counters {
			sum := 0.0
			for _, part := range values[m][1:] {
				sum += part
			}
			if sum != values[m][0] {
				r.Fatalf("%s is %v in the run and %v in its windows %v", m, values[m][0], values[m][1:], cuts)
			}
		}
		for _, m := range peaks {
			worst := slices.Max(values[m][1:])
			if strings.Contains(m, "_min") {
				worst = slices.Min(values[m][1:])
			}
			if worst != values[m][0] {
				r.Fatalf("%s is %v in the run and %v in its windows %v", m, values[m][0], values[m][1:], cuts)
			}
		}
		for _, m := range levels {
			if values[m][0] != values[m][1] {
				r.Fatalf("%s is %v at the end, and %v at 300s", m, values[m][0], values[m][1])
			}
		}
	})
}

// Whether a condition holds does not depend on whether it may stop the run; one
// that is broken stops it at a sample, and what is not over is not counted as fine.
func TestStoppingChangesNoVerdict(t *testing.T) {
	conditions := []string{"pod_failed_adds: {threshold: count<%d, abortOnFail: true}", "api_calls: {threshold: count<=%d, between: 1m-4m, abortOnFail: true}",
		"pods_running_min: {threshold: value>%d, between: 1m-5m, abortOnFail: true}", "pods_running: {threshold: value<%d, at: 2m, abortOnFail: true, delayAbortEval: 3m}",
		"pod_start: {threshold: p(90)<%d, abortOnFail: true, delayAbortEval: 40s}", "pods_waiting_for_address_peak: {threshold: value<%d, abortOnFail: true}"}
	stopped := 0
	rapid.Check(t, func(r *rapid.T) {
		condition := fmt.Sprintf(rapid.SampledFrom(conditions).Draw(r, "condition"), rapid.IntRange(0, 60).Draw(r, "bound"))
		seed := rapid.IntRange(1, 3).Draw(r, "seed")
		early, whole := judged(t, seed, 2, false, condition, "pods_never_started: count<1000"), judged(t, seed, 2, true, condition, "pods_never_started: count<1000")
		a, b := early.Thresholds[0], whole.Thresholds[0]
		if a.OK != b.OK {
			r.Fatalf("%s: %+v when it may stop the run, %+v when not", condition, a, b)
		}
		if early.Stopped == nil {
			return
		}
		stopped++
		s := early.Stopped
		if a.OK || s.Replication+s.Remaining != 2 || len(early.Replications) != s.Replication || s.AtSeconds >= 300 {
			r.Fatalf("%s: stopped as %+v, with %d replications, and %+v", condition, s, len(early.Replications), a)
		}
		if other := early.Thresholds[1]; other.OK || !other.Unjudged {
			r.Fatalf("%+v holds in a run that was stopped", other)
		}
		if last := early.Series.AtSeconds[len(early.Series.AtSeconds)-1]; s.Replication == 1 && last > s.AtSeconds {
			r.Fatalf("stopped at %v s, and there are samples until %v s", s.AtSeconds, last)
		}
	})
	if stopped == 0 {
		t.Error("no run was stopped")
	}
}

// Where too few pods run, those are named that do not, each of the part that the
// condition is about; where too many do, nobody knows which.
func TestPodsThatDoNotRunYetAreNamed(t *testing.T) {
	v := judged(t, 1, 1, false, `"pods_running{workload:web}": [{threshold: value>=90, at: 4m5s}, {threshold: value<1, at: 4m5s}]`, `pods_running: ["value>=1000"]`)
	few, many, end := v.Thresholds[0], v.Thresholds[1], v.Thresholds[2]
	if few.OK || many.OK || end.OK || len(few.Pods) == 0 || len(many.Pods) > 0 {
		t.Fatalf("%+v %+v %+v", few, many, end)
	}
	for _, p := range few.Pods {
		if !strings.HasPrefix(p.Name, "web-") || p.Replication != 1 {
			t.Errorf("%+v", p)
		}
	}
}
