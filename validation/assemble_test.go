package validation

import (
	"testing"
)

// churning is a node with choices to make, whose process restarts in between.
func churning() *Scenario {
	s := onNode("t3.small", map[string]string{"WARM_IP_TARGET": "2", "MINIMUM_IP_TARGET": "4"})
	s.DurationMS, s.SDKRetries = 400_000, true
	for i, pod := range podsNamed("p", 8) {
		s.Workload = append(s.Workload, Step{AtMS: int64(10_007 + 3000*i), Op: "add", Pod: pod})
	}
	for i, pod := range podsNamed("p", 6) {
		s.Workload = append(s.Workload, Step{AtMS: int64(150_057 + 4000*i), Op: "del", Pod: pod})
	}
	s.Events = []Event{{AtMS: 100_007, Kind: Restart}}
	s.Faults = []Fault{{Op: "CreateNetworkInterface", Code: "RequestLimitExceeded", Calls: []int{1}}}
	return s
}

func recorded(t *testing.T, s *Scenario, p picks) *Recording {
	t.Helper()
	r, err := replay(s, p, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the simulated daemon itself has done is a trace that it conforms to, and
// one of another release's is not passed over.
func TestATraceAssembledOfRunsIsConformedToByWhatMadeThem(t *testing.T) {
	s := churning()
	runs := Runs{Ascending: recorded(t, s, ascending), Descending: recorded(t, s, descending)}
	for seed := range 10 {
		runs.Go = append(runs.Go, recorded(t, s, randomPicks(1000+seed)))
		runs.Uniform = append(runs.Uniform, recorded(t, s, randomPicks(2000+seed)))
	}
	trace := Assemble(Upstream{Version: "v1.23.2"}, s, runs)
	if trace.FullyStable || trace.LegalRuns != 22 || trace.Stability["init"] != true {
		t.Errorf("stable %t, %d legal runs", trace.FullyStable, trace.LegalRuns)
	}
	data, err := trace.JSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := judge(read, Options{}); err != nil || !v.Conforms {
		t.Errorf("error %v, %v", err, v.Divergence)
	}
	if read.Scenario.release != "v1.23.2" {
		t.Errorf("it is of release %q", read.Scenario.release)
	}
	read.Ordered.Asc.Adds[3].ENI = 7
	if v, _ := judge(read, Options{}); v.Conforms {
		t.Error("a pod on another interface is not found")
	}
}

// A restart of the process leaves the pods their addresses, and a call that is
// under way without an answer.
func TestARestartedProcessKnowsItsPods(t *testing.T) {
	s := churning()
	s.Events[0].AtMS = 60_007
	r := recorded(t, s, ascending)
	for _, p := range r.Dels {
		if !p.OK {
			t.Errorf("DEL of %s: %s", p.Pod, p.Err)
		}
	}
	starts := 0
	for _, c := range r.Calls {
		if c.Op == "ModifyNetworkInterfaceAttribute" && c.What == "groups" && c.ENI == 0 {
			starts++
		}
	}
	if starts != 2 {
		t.Errorf("%d processes have set the groups of the primary interface, want 2", starts)
	}
	tries := 0
	for _, c := range r.Calls {
		tries += c.Tries
	}
	if tries != 1 {
		t.Errorf("%d requests were sent again, want 1", tries)
	}
}
