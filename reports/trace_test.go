package reports

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim"
)

// troubled has calls that are cut off, throttled and repeated, pods that come
// and go and some that never start, and a clean-up beside the pool.
const troubled = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: troubled}
warmUp: 2m
duration: 5m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/23, az: a}]
nodeGroups:
  - {name: nodes, instanceType: m5.large, count: 3, max: 12}
autoscaler: {kind: karpenter}
workloads:
  - {name: agents, kind: DaemonSet}
  - {name: web, replicas: [{at: 1m, count: 150}]}
  - {name: jobs, kind: Job, arrivals: {rate: 1}, lifetime: {mean: 20s}}
  - {name: huge, replicas: [{at: 30s, count: 2}], resources: {cpu: "30"}}
faults:
  - {kind: restart-ipamd, at: 61s, every: 20s, for: 3m, when: attaching}
  - {kind: kill-nodes, at: 2m, count: 1}
  - {kind: api-errors, at: 1m, for: 60s, share: 0.4, code: RequestLimitExceeded}
variants:
  - {name: default}
  - {name: targets, set: {nodeGroups.nodes.cni.WARM_IP_TARGET: "3"}}
`

func variantsOf(t testing.TB, text string, seed uint64) []scenarios.Expanded {
	t.Helper()
	file, err := scenarios.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := file.Variants(scenarios.Options{Seed: &seed})
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

// read is an event as a reader of the format sees it.
type read struct {
	Ph, Name string
	Ts, Dur  *float64
	Pid, Tid int
	S        string
	Args     map[string]any
}

func readTrace(t *testing.T, text []byte) []read {
	t.Helper()
	var doc struct {
		TraceEvents     []read
		DisplayTimeUnit string
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.DisplayTimeUnit != "ms" {
		t.Errorf("displayTimeUnit %q", doc.DisplayTimeUnit)
	}
	return doc.TraceEvents
}

// checkTrace checks what a reader relies on: the fields of each kind, that
// what lasts nests on its thread, and that processes and threads have names.
func checkTrace(t *testing.T, events []read) (kinds map[string]int) {
	t.Helper()
	kinds = map[string]int{}
	type track struct{ pid, tid int }
	lasting, named := map[track][]read{}, map[string]bool{}
	for _, e := range events {
		kinds[e.Ph]++
		at := fmt.Sprintf("%s %q of %d/%d", e.Ph, e.Name, e.Pid, e.Tid)
		switch e.Ph {
		case "M":
			if strings.HasSuffix(e.Name, "_name") {
				named[fmt.Sprint(e.Name, e.Pid, e.Tid)] = true
			}
			continue
		case "X":
			if e.Dur != nil {
				lasting[track{e.Pid, e.Tid}] = append(lasting[track{e.Pid, e.Tid}], e)
			}
			if !named[fmt.Sprint("thread_name", e.Pid, e.Tid)] {
				t.Fatalf("%s: a thread without a name", at)
			}
		case "i":
			if e.S != "t" {
				t.Fatalf("%s: scope %q", at, e.S)
			}
		case "C":
			for name, v := range e.Args {
				if n, ok := v.(float64); !ok || n < 0 {
					t.Fatalf("%s: %s is %v", at, name, v)
				}
			}
		default:
			t.Fatalf("%s: an unknown kind", at)
		}
		if e.Name == "" || e.Ts == nil || *e.Ts < 0 || !named[fmt.Sprint("process_name", e.Pid, 0)] {
			t.Fatalf("%s: a name, a time from 0 on and a named process are required", at)
		}
	}
	for where, list := range lasting {
		checkNesting(t, fmt.Sprint(where), list)
	}
	return kinds
}

func checkNesting(t *testing.T, where string, list []read) {
	t.Helper()
	nanos := func(us float64) int64 { return int64(math.Round(1000 * us)) }
	start := func(e read) int64 { return nanos(*e.Ts) }
	end := func(e read) int64 { return start(e) + nanos(*e.Dur) }
	slices.SortStableFunc(list, func(a, b read) int { return cmp.Or(cmp.Compare(start(a), start(b)), cmp.Compare(end(b), end(a))) })
	var open []read
	for _, e := range list {
		for len(open) > 0 && end(open[len(open)-1]) <= start(e) {
			open = open[:len(open)-1]
		}
		if k := len(open); k > 0 && end(open[k-1]) < end(e) {
			t.Fatalf("thread %s: %q begins inside %q and ends after it", where, e.Name, open[k-1].Name)
		}
		open = append(open, e)
	}
}

func TestTraceCanBeRead(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		var recordings []sim.Recorded
		_, err := sim.Run(context.Background(), variantsOf(t, troubled, seed), sim.Options{
			Record: &sim.Selection{}, Recorded: func(r sim.Recorded) { recordings = append(recordings, r) },
		})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := Trace(&text, recordings); err != nil {
			t.Fatal(err)
		}
		events := readTrace(t, text.Bytes())
		kinds := checkTrace(t, events)
		for _, kind := range []string{"X", "i", "C", "M"} {
			if kinds[kind] == 0 {
				t.Errorf("seed %d: no event of kind %s", seed, kind)
			}
		}
		processes := map[any]bool{}
		for _, e := range events {
			if e.Name == "process_name" {
				processes[e.Args["name"]] = true
			}
		}
		for _, name := range []string{"default: nodes-0", "targets: nodes-0", "default: no node"} {
			if !processes[name] {
				t.Errorf("seed %d: no process %q", seed, name)
			}
		}
	}
}

func TestTraceOfNothingIsATrace(t *testing.T) {
	var text bytes.Buffer
	if err := Trace(&text, nil); err != nil {
		t.Fatal(err)
	}
	if events := readTrace(t, text.Bytes()); len(events) > 0 {
		t.Errorf("%d events", len(events))
	}
}

// The trace of explained pods has a thread for each of them, and no other pod.
func TestTraceOfAnExplanationHasItsPodsOnly(t *testing.T) {
	e := explained(t, 2)
	var text bytes.Buffer
	if err := TraceOf(&text, e.Recording); err != nil {
		t.Fatal(err)
	}
	events := readTrace(t, text.Bytes())
	checkTrace(t, events)
	pods := map[any]bool{}
	for _, event := range events {
		if event.Name == "thread_name" && event.Tid > threadPods {
			pods[event.Args["name"]] = true
		}
	}
	if len(pods) != len(e.Pods) || !pods[e.Pods[0].Name] {
		t.Errorf("threads of %v", pods)
	}
}

func explained(t testing.TB, slowest int) *sim.Explanation {
	t.Helper()
	e, err := sim.Explain(context.Background(), variantsOf(t, troubled, 1)[0], sim.Question{Replication: 1, Slowest: slowest}, sim.ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
