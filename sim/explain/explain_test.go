package explain_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/cluster"
	"ipamsim/sim/explain"
	"ipamsim/sim/findings"
	"ipamsim/sim/fleet"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// recordedWorld runs and records everything. ran, if anybody, hears of each
// pod when it runs.
func recordedWorld(t testing.TB, ran func(*cluster.Pod)) *recording.Recorder {
	t.Helper()
	w, err := fleet.New(scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := recording.Attach(w, recording.Selection{})
	w.Listener.PodRunning = ran
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	return r
}

// fills fails unless phases adjoin, none is empty, and they fill a time.
func fills(t *testing.T, what string, list []explain.Phase, from, to recording.Time) {
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
	recorder := recordedWorld(t, nil)
	out := recorder.Finish()
	seen := map[explain.Boundary]int{}
	for _, p := range out.Pods {
		end, _ := out.Outcome(p)
		list := explain.Phases(out, p)
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
	for _, b := range []explain.Boundary{explain.AtCapacity, explain.AtBoot, explain.AtNetwork, explain.AtScheduler, explain.AtKubelet, explain.AtSandbox, explain.AtPlugin, explain.AtPool, explain.AtDown, explain.AtBackoff, explain.AtPull, explain.AtStart, explain.AtCPU,
		explain.InCall, explain.InThrottle, explain.InRetry, explain.InMetadata, explain.InLoop, explain.InAPIServer} {
		if seen[b] == 0 {
			t.Errorf("nobody waited at %q: the scenario does not show what it should", b)
		}
	}
}

// Kubelet keeps its own account of a pod's time, by another way.
func TestPhasesAgreeWithKubeletsAccount(t *testing.T) {
	accounts := map[string]kubelet.Times{} // by pod
	recorder := recordedWorld(t, func(p *cluster.Pod) { accounts[p.Name()] = *p.Times() })
	out := recorder.Finish()
	account := map[explain.Boundary]func(p *kubelet.Times) *time.Duration{}
	for _, b := range []explain.Boundary{explain.AtKubelet, explain.AtToken, explain.AtSandbox, explain.AtPlugin} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.Sandbox }
	}
	for _, b := range []explain.Boundary{explain.AtPool, explain.AtDown} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.AddressWait }
	}
	for _, b := range []explain.Boundary{explain.AtPullLimit, explain.AtPull, explain.AtStart, explain.AtReport} {
		account[b] = func(p *kubelet.Times) *time.Duration { return &p.Image }
	}
	account[explain.AtCPU] = func(p *kubelet.Times) *time.Duration { return &p.CPU }
	account[explain.AtBackoff] = func(p *kubelet.Times) *time.Duration { return &p.Backoff }
	account[explain.AtNetwork] = func(p *kubelet.Times) *time.Duration { return &p.NetworkWait }
	compared := 0
	for _, record := range out.Pods {
		if record.Running == recording.Never {
			continue
		}
		compared++
		var sum kubelet.Times
		for _, ph := range explain.Phases(out, record) {
			if ph.From >= record.Bound {
				*account[ph.Boundary](&sum) += time.Duration(ph.Took())
			}
		}
		want := accounts[record.Name]
		want.FirstAdd, want.AddDone, want.Attempts, want.FailedAdds = 0, 0, 0, 0 // which are no phases
		if sum != want {
			t.Errorf("%s: the phases add up to %+v, kubelet has %+v", record.Name, sum, want)
		}
	}
	if compared < 300 {
		t.Errorf("only %d pods ran", compared)
	}
}

func TestExplainFindsThePodAndTheSlowest(t *testing.T) {
	v := scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0]
	ask := func(q explain.Question) *explain.Explanation {
		t.Helper()
		e, err := explain.Explain(context.Background(), v, q, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	named := ask(explain.Question{Replication: 1, Pod: "web-140"})
	if len(named.Pods) != 1 || named.Pods[0].Name != "web-140" || len(named.Recording.Pods) != 1 || len(named.Recording.Nodes) != 1 {
		t.Errorf("asked for one pod, got %d on %d nodes", len(named.Pods), len(named.Recording.Nodes))
	}
	slow := ask(explain.Question{Replication: 1, Slowest: 6})
	if len(slow.Pods) != 6 || slow.Pods[0].Outcome != "never started" || slow.Pods[2].Outcome != "running" {
		t.Fatal("pods that never started come first, then those that ran")
	}
	for i, p := range slow.Pods[2:5] {
		if next := slow.Pods[3+i]; next.End-next.Created > p.End-p.Created {
			t.Errorf("%s comes before %s, which took longer", p.Name, next.Name)
		}
	}
	r, err := sim.Run(t.Context(), []scenarios.Expanded{v}, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Variants[0].Replications[0].Fingerprint != named.Fingerprint {
		t.Error("explain ran something else than run does")
	}
	if other := ask(explain.Question{Replication: 2, Pod: "web-140"}); other.Fingerprint == named.Fingerprint {
		t.Error("another replication is another world")
	}
	var unknown *explain.UnknownPodError
	if _, err := explain.Explain(context.Background(), v, explain.Question{Replication: 1, Pod: "web-100000"}, explain.Options{}); !errors.As(err, &unknown) || len(unknown.Names) != 5 {
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
		{"latency-cliff", "default", nil, "capacity", true}, // an AL2023 node boots for longer than three failed ADDs cost
		{"latency-cliff", "default", []string{"nodeGroups.workers.amiFamily=AL2"}, "ipamd", true},
		{"subnet-exhaustion", "default", nil, "subnet", true},
		{"cooldown-stall", "default", nil, "ipamd", true},
		{"latency-cliff-fleet", "default", nil, "ipamd", true},
	} {
		options := scenarios.Options{Set: test.set}
		if test.variant != "" {
			options.Variants = []string{test.variant}
		}
		e, err := explain.Explain(context.Background(), scenariotest.Shipped(t, test.scenario, options)[0], explain.Question{Replication: 1, Slowest: 1}, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := e.Pods[0].Verdict
		if v.Side != test.side || v.Sentence == "" || (v.Remedy != "") != test.remedy {
			t.Errorf("%s %s: %+v", test.scenario, test.variant, v)
		}
		if failed := len(e.Pods[0].FailedAdds()) > 0; failed != (v.Plugin != "") {
			t.Errorf("%s: ADDs failed: %v; ipamd or plugin: %q", test.scenario, failed, v.Plugin)
		}
	}
}

// When the kernel refuses a step of the wiring, or the plugin dies, ipamd has
// had an address: it is the plugin's side.
func TestAFailedWiringIsThePluginsSide(t *testing.T) {
	for _, refusal := range []error{&hostnet.RefusedError{Step: hostnet.StepToRule}, hostnet.ErrKilled} {
		w, err := fleet.New(scenariotest.Shipped(t, "hello", scenarios.Options{})[0], fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := recording.Attach(w, recording.Selection{})
		w.Kernel.At(w.WarmUp, func() {
			for _, m := range w.Machines {
				m.Network.Fate = func(s hostnet.Step, _ netip.Addr) error {
					if s == hostnet.StepToRule && w.Kernel.Now() < w.WarmUp+15*time.Second {
						return refusal
					}
					return nil
				}
			}
		})
		if err := w.Run(t.Context(), w.End, nil); err != nil {
			t.Fatal(err)
		}
		judged := 0
		r := w.Outcome()
		out := recorder.Finish()
		for _, record := range out.Pods {
			p := explain.Pod{PodRecord: record, Phases: explain.Phases(out, record)}
			p.End, p.Outcome = out.Outcome(record)
			fills(t, p.Name, p.Phases, p.Created, p.End)
			if len(p.FailedAdds()) == 0 {
				continue
			}
			judged++
			v := p.Judge(&r.Outcome, findings.FactsOf(w.Scenario))
			if v.Side != "plugin" || !strings.HasPrefix(v.Plugin, "The plugin, not ipamd") || len(v.Evidence) == 0 {
				t.Errorf("%s, %v: %+v", p.Name, refusal, v)
			}
			clues := fmt.Sprint(p.FindClues())
			if !strings.Contains(clues, refusal.Error()) || strings.Contains(clues, "add cmd: failed to assign an IP address to container") {
				t.Errorf("%s, %v: %s", p.Name, refusal, clues)
			}
		}
		if judged == 0 {
			t.Error("no ADD failed")
		}
	}
}
