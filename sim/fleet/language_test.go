package fleet_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

// These tests say in the language what the control plane does, and look at
// what comes of it in a fleet.

// What is written for a time before 0 happens in the warm-up: its effect is
// there at time 0, and what lasts ends when it says.
func TestFaultsBeforeTime0HaveTheirEffectAtTime0(t *testing.T) {
	l := inLab(t, setting{Nodes: 4, Pods: 8, Replicas: "{at: 10s, count: 20}", Faults: []string{
		"{kind: cordon, node: nodes-0, at: -1m, for: 90s}",
		"{kind: kill-nodes, node: nodes-1, at: -30s}",
		"{kind: subnet-occupy, subnet: a, count: 1000, at: -2m}",
		"{kind: api-errors, action: AssignPrivateIpAddresses, code: X, at: -1m, for: 30s}",
		"{kind: restart-ipamd, node: nodes-2, at: -20s}",
	}})
	if got := l.Faults.Hits(); !slices.Equal(got[:3], []int{1, 1, 1000}) || got[4] != 1 {
		t.Errorf("hits at time 0: %v", got)
	}
	alive := map[string]*cluster.Node{}
	for _, m := range l.Machines {
		alive[m.Node.Name] = m.Node
	}
	if len(alive) != 3 || alive["nodes-1"] != nil || !alive["nodes-0"].Unschedulable() {
		t.Fatalf("nodes at time 0: %v", alive)
	}
	if s := l.Account.Subnets()[0]; s.Free > 4096-5-1000 {
		t.Errorf("%d free addresses at time 0", s.Free)
	}
	before := len(alive["nodes-0"].Pods())
	if l.to(29 * time.Second); len(alive["nodes-0"].Pods()) != before {
		t.Error("a node takes pods while it is cordoned")
	}
	if l.to(31 * time.Second); alive["nodes-0"].Unschedulable() {
		t.Error("a cordon of 90 s from -1m holds at 31 s")
	}
	l.to(5 * time.Minute)
	if got := len(l.pods()); got != 20 {
		t.Errorf("%d of 20 pods run", got)
	}
}

// inFile starts the world of a scenario beside which a file lies.
func inFile(t testing.TB, text, name, content string) *lab {
	t.Helper()
	dir := t.TempDir()
	for file, data := range map[string]string{"f.yaml": text, name: content} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := scenarios.LoadPath(filepath.Join(dir, "f.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newTested(variants[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Kernel.Close)
	l := &lab{tested: w, t: t}
	w.Start()
	l.to(0)
	return l
}

const someWorkload = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: f}
warmUp: 5m
duration: 10m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: nodes, instanceType: m5.large, count: 2}]
`

// Pods of a trace with a negative time are there at time 0, count among those
// that are wanted, and are no starts of the measured time.
func TestATracesPodsBeforeTime0RunAtTime0(t *testing.T) {
	l := inFile(t, someWorkload+"workloads: [{name: batch, kind: Trace, file: pods.csv}]\n", "pods.csv",
		"created_s,lifetime_s\n-120,\n-60,90\n-60,30\n10,\n")
	if got := len(l.pods()); got != 2 {
		t.Errorf("%d pods run at time 0, want the one that stays and the one of 90 s", got)
	}
	l.to(10 * time.Minute)
	if got := len(l.pods()); got != 2 {
		t.Errorf("%d pods run in the end", got)
	}
	if o := l.Measured.Outcome(); o.Pods.Wanted != 3 || o.Pods.NeverStarted != 0 {
		t.Errorf("%d pods were wanted, %d never started", o.Pods.Wanted, o.Pods.NeverStarted)
	}
}

// While deletes are paused a scale-in takes nothing away, and the surplus goes
// when the pause is over.
func TestPausedDeletesKeepPodsUntilTheirEnd(t *testing.T) {
	l := inLab(t, setting{Nodes: 2, Pods: 30, Replicas: "{at: 1m, count: 5}", Faults: []string{"{kind: pause-deletes, workload: web, at: 30s, for: 5m}"}})
	l.to(5*time.Minute + 29*time.Second)
	if got := len(l.pods()); got != 30 {
		t.Errorf("%d of 30 pods run in the pause", got)
	}
	l.to(6 * time.Minute)
	if got := len(l.pods()); got != 5 {
		t.Errorf("%d pods run afterwards, want 5", got)
	}
}

// recreate-pods replaces each pod once, and no more are away than it says.
func TestRecreatedPodsComeBackUnderOtherNames(t *testing.T) {
	l := inLab(t, setting{Nodes: 4, Pods: 40, Faults: []string{"{kind: recreate-pods, workload: web, maxUnavailable: 10%, at: 1m}"}})
	old, fewest := l.pods(), 40
	for at := time.Minute; at < 5*time.Minute; at += 100 * time.Millisecond {
		l.to(at)
		fewest = min(fewest, len(l.pods()))
	}
	if fewest != 36 || len(l.pods()) != 40 || l.Faults.Hits()[0] != 40 {
		t.Errorf("%d ran at least, %d in the end, %d were hit", fewest, len(l.pods()), l.Faults.Hits()[0])
	}
	for name := range l.pods() {
		if old[name] != nil {
			t.Errorf("%s is still there", name)
		}
	}
}

// A DaemonSet that is created later comes then, to every node, and its update
// replaces one pod at a time.
func TestADaemonSetComesLaterAndIsRolled(t *testing.T) {
	l := inText(t, someWorkload+`
workloads: [{name: web, initial: 4}, {name: agents, kind: DaemonSet, from: 1m}]
faults: [{kind: roll-daemonset, workload: agents, at: 3m}]
`)
	agents := func() (names []string) {
		for name := range l.pods() {
			if name[:3] == "age" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	if l.to(59 * time.Second); len(agents()) != 0 {
		t.Errorf("before it exists: %v", agents())
	}
	if l.to(2 * time.Minute); !slices.Equal(agents(), []string{"agents-0", "agents-1"}) {
		t.Errorf("a minute later: %v", agents())
	}
	for at := 3 * time.Minute; at < 4*time.Minute; at += 100 * time.Millisecond {
		if l.to(at); len(agents()) < 1 {
			t.Fatalf("at %v both pods are away", at)
		}
	}
	if !slices.Equal(agents(), []string{"agents-2", "agents-3"}) {
		t.Errorf("after the update: %v", agents())
	}
}

// Only a DaemonSet that tolerates a node that is not Ready starts before it is.
func TestOnlyATolerantDaemonSetStartsBeforeReady(t *testing.T) {
	l := inText(t, someWorkload+`
workloads:
  - {name: web, initial: 1}
  - {name: early, kind: DaemonSet, hostNetwork: true, tolerateNotReady: true}
  - {name: late, kind: DaemonSet, hostNetwork: true}
`)
	for _, m := range l.Machines {
		for _, p := range m.Node.Pods() {
			switch {
			case p.Workload.Name == "early" && p.Bound >= m.Node.Ready:
				t.Errorf("%s is bound at %v, its node is Ready at %v", p.Name(), p.Bound, m.Node.Ready)
			case p.Workload.Name == "late" && p.Bound < m.Node.Ready:
				t.Errorf("%s is bound at %v, its node is Ready at %v", p.Name(), p.Bound, m.Node.Ready)
			}
		}
	}
}

// A pod that waits longer than giveUpAfter is deleted, counts as one that never
// started, and nobody makes another.
func TestPodsThatGiveUpNeverStarted(t *testing.T) {
	l := inText(t, someWorkload+`
workloads: [{name: jobs, kind: Job, arrivals: {every: 9m, batch: 70, from: 10s, to: 1m}, lifetime: {constant: 9m}, giveUpAfter: 1m}]
`)
	l.to(10 * time.Minute)
	// 27 places on each of two nodes
	if o := l.Measured.Outcome(); o.Pods.Wanted != 70 || o.Pods.NeverStarted != 16 || l.Cluster.Counts().Pending != 0 {
		t.Errorf("%d wanted, %d never started, %d wait in the end", o.Pods.Wanted, o.Pods.NeverStarted, l.Cluster.Counts().Pending)
	}
}

// Other tenants that repeat what is throttled press on the bucket harder.
func TestBackgroundCallersThatRetryAskMore(t *testing.T) {
	requests := func(attempts string) (n int) {
		l := inText(t, someWorkload+`
workloads: [{name: web, initial: 1}]
ec2: {background: [{action: CreateTags, rate: 20, to: 2m`+attempts+`}]}
`)
		l.to(3 * time.Minute)
		return l.Measured.Outcome().API["CreateTags"].Other.Attempts
	}
	if once, thrice := requests(""), requests(", attempts: 3"); once < 2200 || once > 2600 || thrice < once*5/4 {
		t.Errorf("%d requests of callers that give up, %d of ones that try three times", once, thrice)
	}
}

// The strategies put 40 pods of 50m on two nodes of 10.
func TestScoringStrategiesPackOrSpread(t *testing.T) {
	for strategy, most := range map[string]int{"LeastAllocated": 10, "MostAllocated": 10, "Packing": 27} {
		l := inText(t, someWorkload+"workloads: [{name: web, initial: 20, resources: {cpu: 50m}}]\ncontrolPlane: {scoringStrategy: "+strategy+"}\n")
		got := 0
		for _, m := range l.Machines {
			got = max(got, len(m.Node.Pods()))
		}
		if want := min(most, 20); got != want {
			t.Errorf("%s: the fullest of two nodes has %d of 20 pods, want %d", strategy, got, want)
		}
	}
}
