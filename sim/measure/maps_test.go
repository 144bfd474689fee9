package measure

import (
	"testing"

	"ipamsim/ec2model"
	"ipamsim/sim/result"
)

// A map of cells of which most addresses are free would look empty, whatever is
// spread over it.
func TestACellShowsThatSomeOfItIsTaken(t *testing.T) {
	for _, test := range []struct {
		cell   ec2model.Cell
		onPods int
		want   byte
	}{
		{ec2model.Cell{Free: 16}, 0, result.LetterFree},
		{ec2model.Cell{Free: 12, AWS: 4}, 0, result.LetterFree},
		{ec2model.Cell{Free: 15, Others: 1}, 0, result.LetterBroken},
		{ec2model.Cell{Free: 10, Interfaces: 6}, 5, result.LetterBroken},
		{ec2model.Cell{Free: 4, Interfaces: 12}, 11, result.LetterPod},
		{ec2model.Cell{Free: 4, Interfaces: 12}, 2, result.LetterInterface},
	} {
		if got := letterOf(test.cell, test.onPods); got != test.want {
			t.Errorf("%+v, %d of them on pods: %q, want %q", test.cell, test.onPods, got, test.want)
		}
	}
}
