package fault

import (
	"math/rand/v2"
	"testing"
	"time"

	"ipamsim/ec2model"
)

// A window has its first instant and not its last, so that two in a row
// neither overlap nor leave a gap.
func TestAWindowIsHalfOpen(t *testing.T) {
	one := ec2model.AssignPrivateIpAddresses
	for _, test := range []struct {
		at   time.Duration
		hits bool
	}{{0, false}, {10*time.Second - 1, false}, {10 * time.Second, true}, {15 * time.Second, true}, {20*time.Second - 1, true}, {20 * time.Second, false}, {time.Hour, false}} {
		w := &requestWindow{Fault: &Fault{At: 10 * time.Second, For: 10 * time.Second, Share: 1}}
		for _, action := range []ec2model.Action{one, ec2model.CreateNetworkInterface} {
			if hit := w.failed(action, test.at) != nil; hit != test.hits {
				t.Errorf("%v at %v: hit is %v", action, test.at, !test.hits)
			}
		}
		w.Action = &one
		if hit := w.failed(one, test.at) != nil; hit != test.hits || w.failed(ec2model.CreateNetworkInterface, test.at) != nil {
			t.Errorf("at %v with an action: it hits the wrong requests", test.at)
		}
	}
}

func TestAWindowHitsItsShare(t *testing.T) {
	const requests = 100_000
	for _, share := range []float64{0, 0.25, 1} {
		w := &requestWindow{Fault: &Fault{For: time.Second, Share: share}, random: rand.New(rand.NewPCG(1, 2))}
		n := 0
		for range requests {
			if w.failed(ec2model.CreateTags, 0) != nil {
				n++
			}
		}
		if got := float64(n) / requests; got < share-0.01 || got > share+0.01 || (share == 0 || share == 1) && got != share {
			t.Errorf("a share of %v hits %v of the requests", share, got)
		}
	}
}

func TestAWindowComesAgain(t *testing.T) {
	f := Fault{At: 10 * time.Second, For: 5 * time.Second, Every: 20 * time.Second, Times: 2}
	for at, want := range map[int]bool{9: false, 10: true, 14: true, 15: false, 29: false, 30: true, 35: false, 50: false, 51: false} {
		if got := f.during(time.Duration(at) * time.Second); got != want {
			t.Errorf("at %d s: %v", at, got)
		}
	}
	f.Every, f.For = 0, Forever
	if !f.during(Forever - 1) {
		t.Error("for ever ends")
	}
}
