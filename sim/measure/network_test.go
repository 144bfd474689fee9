package measure

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/des"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// Each defect is either in an episode or in the count of those that are not.
func TestEveryDefectIsCountedOnce(t *testing.T) {
	c := New(0)
	const most = maxDefects + 7
	for i := range most {
		c.DefectBegan(&machine.Machine{}, &machine.Defect{Kind: result.StaleRule, Node: fmt.Sprint("nodes-", i%10), Address: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), Ended: des.Never})
	}
	n, in := c.network(), 0
	for _, e := range n.Episodes {
		in += e.Count
	}
	if n.Further != 7 || in+n.Further != most {
		t.Errorf("%d defects in episodes, %d further; %d began", in, n.Further, most)
	}
}

// A pod counts once in each episode, and over all episodes of a kind once.
func TestAPodCountsOnceHoweverOftenItSuffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := New(0)
		pods := map[result.DefectKind]map[string]bool{}
		for range rapid.IntRange(1, 60).Draw(t, "defects") {
			d := &machine.Defect{
				Kind:  rapid.SampledFrom([]result.DefectKind{result.LostAddress, result.Unrouted}).Draw(t, "kind"),
				Cause: rapid.SampledFrom([]result.NetworkCauseKind{result.AddressNotAssigned, result.AddressGivenTwice}).Draw(t, "cause").Of(""),
				Node:  "nodes-0", Pod: rapid.SampledFrom([]string{"a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6"}).Draw(t, "pod"),
			}
			c.defects = append(c.defects, d)
			if pods[d.Kind] == nil {
				pods[d.Kind] = map[string]bool{}
			}
			pods[d.Kind][d.Pod] = true
		}
		n := c.network()
		for kind, of := range pods {
			all := 0
			for _, e := range n.Of(kind) {
				all += e.Count - e.Again
				if e.Count > len(of) || e.Again > e.Count || len(e.Examples) != min(e.Count, maxExamples) {
					t.Fatalf("%d pods suffer: %+v", len(of), e)
				}
			}
			if all != len(of) {
				t.Fatalf("%s: %d pods are counted, %d suffer", kind, all, len(of))
			}
		}
	})
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
