package validation

import "testing"

// What nobody could see is taken from the other recording, up to the next sample
// that was seen, and a row that says nothing new is left out.
func TestFillTakesUnseenSamplesFromTheOther(t *testing.T) {
	row := func(at int64, total int) Stat { return Stat{AtMS: at, Total: total} }
	first, step := FirstSample.Milliseconds(), SampleInterval.Milliseconds()
	at := func(n int64) int64 { return first + n*step }
	run := &Recording{Stats: []Stat{row(at(0), 0), row(at(3), 9), row(at(5), 0), row(at(6), 12)}}
	other := &Recording{Stats: []Stat{row(at(0), 1), row(at(2), 9), row(at(4), 10), row(at(5), 11)}}
	run.Fill(other, []int64{at(0), at(1), at(2), at(5)}, at(7))
	want := []Stat{row(at(0), 1), row(at(2), 9), row(at(5), 11), row(at(6), 12)}
	if len(run.Stats) != len(want) {
		t.Fatalf("%v, want %v", run.Stats, want)
	}
	for i := range want {
		if run.Stats[i].AtMS != want[i].AtMS || !run.Stats[i].equal(&want[i]) {
			t.Errorf("row %d is %v, want %v", i, run.Stats[i], want[i])
		}
	}
}

// What EC2 had is known at each sample, and stays.
func TestFillLeavesWhatEC2Had(t *testing.T) {
	at := FirstSample.Milliseconds()
	run := &Recording{Stats: []Stat{{AtMS: at, EC2ENIs: 2, EC2IPs: 14, SubnetFree: []int{7}}}}
	run.Fill(&Recording{Stats: []Stat{{AtMS: at, Total: 9, EC2ENIs: 1, EC2IPs: 9, SubnetFree: []int{8}}}}, []int64{at}, 0)
	want := Stat{AtMS: at, Total: 9, EC2ENIs: 2, EC2IPs: 14, SubnetFree: []int{7}}
	if len(run.Stats) != 1 || !run.Stats[0].equal(&want) {
		t.Errorf("%v, want %v", run.Stats, want)
	}
}

// A daemon that could not be seen until the end has what the other has, and nothing
// after that.
func TestFillEndsWithTheScenario(t *testing.T) {
	first, step := FirstSample.Milliseconds(), SampleInterval.Milliseconds()
	run := &Recording{Stats: []Stat{{AtMS: first}}}
	run.Fill(&Recording{Stats: []Stat{{AtMS: first}, {AtMS: first + step, Total: 1}}}, []int64{first, first + step, first + 2*step}, 2*step)
	if len(run.Stats) != 2 || run.Stats[1].AtMS != first+step || run.Stats[1].Total != 1 {
		t.Errorf("%v", run.Stats)
	}
}

// A scenario that is none is refused before it is simulated.
func TestSimulateRefusesWhatIsNoScenario(t *testing.T) {
	if _, err := Simulate(&Scenario{Name: "x"}, 1); err == nil {
		t.Error("a scenario without subnets was simulated")
	}
}
