package validation

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"ipamsim/sim/des"
)

// Follow looks for an order of the maps with which the simulated daemon does what
// a recording has, all of it and to the millisecond: one pick after the other is
// drawn anew, and what leads farther into the recording is kept. It replays the
// scenario so many times at most. It returns how many replays it took, and nil, or
// where the one that went farthest leaves the recording. Errors are of a scenario
// that cannot be played.
//
// What the pool held at the unseen times, in ms, nobody knows: there the recording's
// rows of statistics do not count.
//
// A recording whose order the daemon was told need not be searched for: it is
// compared with the same order.
func Follow(s *Scenario, want *Recording, unseen []int64, tries int) (replays int, farthest *Divergence, err error) {
	if err := s.check(); err != nil {
		return 0, nil, err
	}
	f := &follower{scenario: s, want: want, unseen: unseen, tries: tries, random: des.New(1, 0, des.Limits{}).Rand("validation/follow")}
	for f.replays < tries {
		d, err := f.climb()
		if d == nil || err != nil {
			return f.replays, nil, err
		}
		if farthest == nil || d.AtMS > farthest.AtMS {
			farthest = d
		}
	}
	return f.replays, farthest, nil
}

type follower struct {
	scenario       *Scenario
	want           *Recording
	unseen         []int64
	tries, replays int
	random         *rand.Rand
}

// patience is how many changes may fail one after the other before it begins
// anew: our own choice.
const patience = 400

// climb begins somewhere and goes as far as it can.
func (f *follower) climb() (*Divergence, error) {
	here := &choices{random: f.random}
	d, err := f.play(here)
	for failed := 0; d != nil && err == nil && failed < patience && f.replays < f.tries; failed++ {
		there := f.changed(here, d.AtMS)
		if there == nil {
			return d, nil // nothing had been picked
		}
		var next *Divergence
		next, err = f.play(there)
		switch {
		case err != nil || next != nil && next.AtMS < d.AtMS:
			continue
		case next == nil || next.AtMS > d.AtMS:
			failed = 0
		}
		here, d = there, next
	}
	return d, err
}

// windows are how many of the last picks a change may be among: what shows now was
// mostly picked just now, but a pod keeps its address for long. Our own choice.
var windows = []int{2, 6, 20, 100, 1 << 30}

// changed draws one or two of the picks before an instant anew; nil if there are
// none.
func (f *follower) changed(c *choices, before int64) *choices {
	n := sort.Search(len(c.at), func(i int) bool { return c.at[i] > before })
	if n == 0 {
		return nil
	}
	other := &choices{random: f.random, drawn: slices.Clone(c.drawn)}
	window := min(n, windows[f.random.IntN(len(windows))])
	for range 1 + f.random.IntN(2) {
		other.drawn[n-1-f.random.IntN(window)] = f.random.Uint32()
	}
	return other
}

// play replays the scenario, and says where that leaves the recording.
func (f *follower) play(c *choices) (*Divergence, error) {
	f.replays++
	w, err := newWorld(f.scenario, picks{chosen: c}, false)
	if err != nil {
		return nil, err
	}
	c.now = w.kernel.Now
	got, err := w.run()
	if err != nil {
		return nil, err
	}
	want := *f.want
	want.Fill(got, f.unseen, f.scenario.DurationMS)
	d := firstDivergence(everything, &want, got)
	if d != nil {
		d.Picks = picks{chosen: c}.String()
	}
	return d, nil
}

// choices are picks that were drawn before, and more of them as they are asked for.
type choices struct {
	drawn  []uint32
	at     []int64 // when each was asked for, in ms
	now    func() time.Duration
	random *rand.Rand
}

// Pick implements ipamd.Picker.
func (c *choices) Pick(n int) int {
	i := len(c.at)
	if i == len(c.drawn) {
		c.drawn = append(c.drawn, c.random.Uint32())
	}
	c.at = append(c.at, c.now().Milliseconds())
	return int(c.drawn[i] % uint32(n))
}
