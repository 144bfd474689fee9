package measure

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/sim/des"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// Each defect is either in an episode or in the count of those that are not.
func TestEveryDefectIsCountedOnce(t *testing.T) {
	c := New(0)
	const most = maxDefects + 7
	for i := range most {
		c.DefectBegan(nil, &machine.Defect{Kind: result.StaleRule, Node: fmt.Sprint("nodes-", i%10), Ended: des.Never})
	}
	n, in := c.network(), 0
	for _, e := range n.Episodes {
		in += e.Count
	}
	if n.Further != 7 || in+n.Further != most {
		t.Errorf("%d defects in episodes, %d further; %d began", in, n.Further, most)
	}
}

// Nine of ten machines have so many addresses on their pods, or fewer.
func TestP90IsTheRankAmongAllMachines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 200).Draw(t, "addresses on the pods of each machine")
		l := newLedger(0)
		l.OnPods = make([]int, 31)
		for _, n := range list {
			l.OnPods[n]++
		}
		slices.Sort(list)
		if got, want := l.P90(), list[(len(list)*9+9)/10-1]; got != want {
			t.Errorf("%d, want %d of %v", got, want, list)
		}
	})
}
