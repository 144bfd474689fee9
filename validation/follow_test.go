package validation

import "testing"

// An order of the maps is found from the recording alone, and none is found for
// what the daemon does in no order.
func TestAnOrderOfTheMapsIsFoundAgain(t *testing.T) {
	s := churning()
	want := recorded(t, s, randomPicks(1))
	replays, d, err := Follow(s, want, 5000)
	if d != nil || err != nil || replays < 2 {
		t.Errorf("not in %d replays: %v, %v", replays, d, err)
	}
	want.Calls[3].EndMS++
	if replays, d, err := Follow(s, want, 30); d == nil || err != nil || replays != 30 || d.AtMS != want.Calls[3].StartMS {
		t.Errorf("after %d replays %v, %v", replays, d, err)
	}
}

func TestAScenarioThatCannotBePlayedCannotBeFollowed(t *testing.T) {
	s := churning()
	s.DurationMS = -1
	if _, _, err := Follow(s, &Recording{}, 1); err == nil {
		t.Error("it was")
	}
}
