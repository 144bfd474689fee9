package validation

import "testing"

// An order of the maps is found from the recording alone, and none is found for
// what the daemon does in no order.
func TestAnOrderOfTheMapsIsFoundAgain(t *testing.T) {
	s := churning()
	want := recorded(t, s, randomPicks(1))
	replays, d, err := Follow(s, want, nil, 5000)
	if d != nil || err != nil || replays < 2 {
		t.Errorf("not in %d replays: %v, %v", replays, d, err)
	}
	want.Calls[3].EndMS++
	if replays, d, err := Follow(s, want, nil, 30); d == nil || err != nil || replays != 30 || d.AtMS != want.Calls[3].StartMS {
		t.Errorf("after %d replays %v, %v", replays, d, err)
	}
}

// What a pool held while nobody could look is nothing that an order is looked for
// with, whatever a recording says of it.
func TestRowsThatNobodyCouldSeeAreNotFollowed(t *testing.T) {
	s := churning()
	want := recorded(t, s, ascending)
	row := want.Stats[len(want.Stats)/2]
	want.Stats[len(want.Stats)/2].Total += 100
	unseen := []int64{row.AtMS}
	for at := row.AtMS; at < want.Stats[len(want.Stats)/2+1].AtMS; at += SampleInterval.Milliseconds() {
		unseen = append(unseen, at)
	}
	if _, d, err := Follow(s, want, unseen, 5000); d != nil || err != nil {
		t.Errorf("none found: %v, %v", d, err)
	}
	if _, d, err := Follow(s, want, nil, 30); d == nil || err != nil || d.AtMS > row.AtMS {
		t.Errorf("%v, %v", d, err)
	}
}

func TestAScenarioThatCannotBePlayedCannotBeFollowed(t *testing.T) {
	s := churning()
	s.DurationMS = -1
	if _, _, err := Follow(s, &Recording{}, nil, 1); err == nil {
		t.Error("it was")
	}
}
