package sim

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// recorded is a small cliff: new nodes, DaemonSets' pods that wait for their
// node's network, jobs with pulls, a daemon that ends, pods that never start.
const recorded = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: recorded}
warmUp: 1m
duration: 6m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]
nodeGroups:
  - {name: nodes, instanceType: m5.large, count: 3, max: 12}
autoscaler: {kind: karpenter}
workloads:
  - {name: agents, kind: DaemonSet}
  - {name: exporters, kind: DaemonSet, hostNetwork: true}
  - {name: web, replicas: [{at: 1m, count: 150}, {at: 5m, count: 20}]}
  - {name: pulled, kind: Job, arrivals: {rate: 1}, lifetime: {mean: 20s}, imagePull: {mean: 3s}}
  - {name: huge, replicas: [{at: 30s, count: 2}], resources: {cpu: "30"}}
faults:
  - {kind: restart-ipamd, at: 90s}
  - {kind: api-errors, at: 1m, for: 40s, share: 0.3, action: CreateNetworkInterface, code: RequestLimitExceeded}
`

// recordedWorld runs and records everything. ran, if anybody, hears of each
// pod when it runs.
func recordedWorld(t testing.TB, ran func(*cluster.Pod)) (*world, *recorder) {
	t.Helper()
	w, err := newWorld(expand(t, recorded, scenarios.Options{})[0], fleetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := w.record(Selection{})
	w.listener.PodRunning = ran
	if err := w.run(t.Context(), w.end, nil); err != nil {
		t.Fatal(err)
	}
	return w, r
}

// fills fails unless phases adjoin, none is empty, and they fill a time.
func fills(t *testing.T, what string, list []Phase, from, to time.Duration) {
	t.Helper()
	for _, p := range list {
		if p.From != from || p.To <= p.From {
			t.Fatalf("%s: %q is from %v to %v, and the one before ends at %v", what, p.What, p.From, p.To, from)
		}
		from = p.To
	}
	if from != to {
		t.Fatalf("%s: the phases end at %v, not at %v", what, from, to)
	}
}

func TestPhasesOfEveryRecordedPodFillItsWay(t *testing.T) {
	_, recorder := recordedWorld(t, nil)
	out := recorder.finish()
	seen := map[Boundary]int{}
	for _, p := range out.Pods {
		end, _ := out.Outcome(p)
		list := out.Phases(p)
		fills(t, p.Name, list, p.Created, end)
		for _, ph := range list {
			seen[ph.Boundary]++
			if len(ph.Meanwhile) > 0 {
				fills(t, p.Name+" "+ph.What, ph.Meanwhile, ph.From, ph.To)
			}
			for _, m := range ph.Meanwhile {
				seen[m.Boundary]++
			}
		}
	}
	for _, b := range []Boundary{AtCapacity, AtBoot, AtNetwork, AtScheduler, AtKubelet, AtSandbox, AtPlugin, AtPool, AtDown, AtBackoff, AtPull, AtStart,
		InCall, InThrottle, InRetry, InMetadata, InLoop} {
		if seen[b] == 0 {
			t.Errorf("nobody waited at %q: the scenario does not show what it should", b)
		}
	}
}

// Kubelet keeps its own account of a pod's time, by another way.
func TestPhasesAgreeWithKubeletsAccount(t *testing.T) {
	accounts := map[*cluster.Pod]kubelet.Times{}
	_, recorder := recordedWorld(t, func(p *cluster.Pod) { accounts[p] = *p.Times() })
	out := recorder.finish()
	account := map[Boundary]func(p *kubelet.Times) *time.Duration{}
	for _, b := range []Boundary{AtKubelet, AtSandbox, AtPlugin} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.Sandbox }
	}
	for _, b := range []Boundary{AtPool, AtDown} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.AddressWait }
	}
	for _, b := range []Boundary{AtPull, AtStart} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.Image }
	}
	account[AtBackoff] = func(p *kubelet.Times) *time.Duration { return &p.Backoff }
	account[AtNetwork] = func(p *kubelet.Times) *time.Duration { return &p.NetworkWait }
	compared := 0
	for pod, record := range recorder.pods {
		if pod.Running == des.Never {
			continue
		}
		compared++
		var sum kubelet.Times
		for _, ph := range out.Phases(record) {
			if ph.From >= record.Bound {
				*account[ph.Boundary](&sum) += ph.Took()
			}
		}
		want := accounts[pod]
		want.FirstAdd, want.AddDone, want.Attempts, want.FailedAdds = 0, 0, 0, 0 // which are no phases
		if sum != want {
			t.Errorf("%s: the phases add up to %+v, kubelet has %+v", record.Name, sum, want)
		}
	}
	if compared < 300 {
		t.Errorf("only %d pods ran", compared)
	}
}

func TestRecordingLeavesTheRunAsItIs(t *testing.T) {
	for _, variants := range [][]scenarios.Expanded{
		expand(t, recorded, scenarios.Options{Set: []string{"replications=2"}}),
		shipped(t, "latency-cliff", scenarios.Options{Variants: []string{"default"}}),
		shipped(t, "subnet-exhaustion", scenarios.Options{}),
	} {
		without := mustRun(t, variants, Options{})
		var recordings []Recorded
		with := mustRun(t, variants, Options{Record: &Selection{}, Recorded: func(r Recorded) { recordings = append(recordings, r) }})
		if with.Fingerprint != without.Fingerprint {
			t.Errorf("%s: fingerprint %s, recorded %s", without.Scenario, without.Fingerprint, with.Fingerprint)
		}
		for i := range with.Variants {
			if i >= len(recordings) || recordings[i].Variant != with.Variants[i].Name || recordings[i].Recording == nil {
				t.Errorf("%s: there is no recording of it", with.Variants[i].Name)
			}
		}
	}
}

// Every request of a recorded node is in the recording, and each belongs to
// one call.
func TestRecordingHasEveryRequestOfItsNodes(t *testing.T) {
	w, recorder := recordedWorld(t, nil)
	in := 0
	for _, n := range recorder.finish().Nodes {
		for _, c := range n.Calls {
			if !c.Cut && len(c.Attempts) == 0 || c.End < c.Start {
				t.Errorf("%s: %+v", n.Name, c)
			}
			in += len(c.Attempts)
		}
	}
	sent := 0
	for _, a := range w.measured.api {
		if a != nil {
			sent += a.Attempts
		}
	}
	// The collector counts from time 0 on, and the autoscaler's requests too.
	if in < sent-20 || in == 0 {
		t.Errorf("%d requests recorded, %d sent", in, sent)
	}
}

func TestExplainFindsThePodAndTheSlowest(t *testing.T) {
	v := expand(t, recorded, scenarios.Options{})[0]
	ask := func(q Question) *Explanation {
		t.Helper()
		e, err := Explain(context.Background(), v, q, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	named := ask(Question{Replication: 1, Pod: "web-140"})
	if len(named.Pods) != 1 || named.Pods[0].Name != "web-140" || len(named.Recording.Pods) != 1 || len(named.Recording.Nodes) != 1 {
		t.Errorf("asked for one pod, got %d on %d nodes", len(named.Pods), len(named.Recording.Nodes))
	}
	slow := ask(Question{Replication: 1, Slowest: 6})
	if len(slow.Pods) != 6 || slow.Pods[0].Outcome != "never started" || slow.Pods[2].Outcome != "running" {
		t.Fatal("pods that never started come first, then those that ran")
	}
	for i, p := range slow.Pods[2:5] {
		if next := slow.Pods[3+i]; next.End-next.Created > p.End-p.Created {
			t.Errorf("%s comes before %s, which took longer", p.Name, next.Name)
		}
	}
	if r := mustRun(t, []scenarios.Expanded{v}, Options{}); r.Variants[0].Replications[0].Fingerprint != named.Fingerprint {
		t.Error("explain ran something else than run does")
	}
	if other := ask(Question{Replication: 2, Pod: "web-140"}); other.Fingerprint == named.Fingerprint {
		t.Error("another replication is another world")
	}
	var unknown *UnknownPodError
	if _, err := Explain(context.Background(), v, Question{Replication: 1, Pod: "web-100000"}, Options{}); !errors.As(err, &unknown) || len(unknown.Names) != 5 {
		t.Errorf("an unknown pod: %v", err)
	}
}

// The verdict names the side that the shipped scenarios are about.
func TestVerdictNamesTheSide(t *testing.T) {
	for _, test := range []struct {
		scenario, variant string
		set               []string
		side              result.Side
		remedy            bool
	}{
		{"hello", "", nil, "none", false},
		{"hello", "", []string{"nodeGroups.workers.count=0"}, "capacity", true},
		{"latency-cliff", "default", nil, "ipamd", true},
		{"subnet-exhaustion", "default", nil, "subnet", true},
		{"cooldown-stall", "default", nil, "ipamd", true},
		{"latency-cliff-fleet", "default", nil, "ipamd", true},
	} {
		options := scenarios.Options{Set: test.set}
		if test.variant != "" {
			options.Variants = []string{test.variant}
		}
		e, err := Explain(context.Background(), shipped(t, test.scenario, options)[0], Question{Replication: 1, Slowest: 1}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := e.Pods[0].Verdict
		if v.Side != test.side || v.Sentence == "" || (v.Remedy != "") != test.remedy {
			t.Errorf("%s %s: %+v", test.scenario, test.variant, v)
		}
		if failed := len(e.Pods[0].failed()) > 0; failed != (v.Plugin != "") {
			t.Errorf("%s: ADDs failed: %v; ipamd or plugin: %q", test.scenario, failed, v.Plugin)
		}
	}
}

// Beyond its bound a recording takes nothing more in, and the run ends.
func TestRecordingIsBounded(t *testing.T) {
	w, err := newWorld(expand(t, recorded, scenarios.Options{})[0], fleetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	recorder := w.record(Selection{})
	recorder.entries = recordLimit - 5000
	err = w.run(t.Context(), w.end, nil)
	if !errors.Is(err, ErrRecordLimit) {
		t.Fatal(err)
	}
	out, entries := recorder.finish(), 0
	for _, p := range out.Pods {
		entries += len(p.Stages) + len(p.Adds)
	}
	for _, n := range out.Nodes {
		entries += len(n.Pauses) + len(n.Pool)
	}
	if entries > 5000 {
		t.Errorf("%d entries were kept", entries)
	}
}

// When the kernel refuses a step of the wiring, or the plugin dies, ipamd has
// had an address: it is the plugin's side.
func TestAFailedWiringIsThePluginsSide(t *testing.T) {
	for _, refusal := range []error{&hostnet.RefusedError{Step: hostnet.StepToRule}, hostnet.ErrKilled} {
		w, err := newWorld(shipped(t, "hello", scenarios.Options{})[0], fleetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := w.record(Selection{})
		w.Kernel.At(w.warmUp, func() {
			for _, m := range w.machines {
				m.network.Fate = func(s hostnet.Step, _ netip.Addr) error {
					if s == hostnet.StepToRule && w.Kernel.Now() < w.warmUp+15*time.Second {
						return refusal
					}
					return nil
				}
			}
		})
		if err := w.run(t.Context(), w.end, nil); err != nil {
			t.Fatal(err)
		}
		judged := 0
		r := w.outcome()
		out := recorder.finish()
		for _, record := range out.Pods {
			p := ExplainedPod{PodRecord: record, Phases: out.Phases(record)}
			p.End, p.Outcome = out.Outcome(record)
			fills(t, p.Name, p.Phases, p.Created, p.End)
			if len(p.failed()) == 0 {
				continue
			}
			judged++
			v := p.judge(&r.Outcome, findings.FactsOf(w.scenario))
			if v.Side != "plugin" || !strings.HasPrefix(v.Plugin, "The plugin, not ipamd") || len(v.Evidence) == 0 {
				t.Errorf("%s, %v: %+v", p.Name, refusal, v)
			}
			clues := fmt.Sprint(p.clues())
			if !strings.Contains(clues, refusal.Error()) || strings.Contains(clues, emptyText) {
				t.Errorf("%s, %v: %s", p.Name, refusal, clues)
			}
		}
		if judged == 0 {
			t.Error("no ADD failed")
		}
	}
}
