package scrape

import (
	"ipamsim/sim/fleet"
	"ipamsim/sim/machine"
)

// Live looks at a fleet that somebody else runs, whenever it is asked.
type Live struct{ collector *collector }

// Watch begins to count what nobody else counts of a fleet, which has not started.
func Watch(f *fleet.Fleet, variant string) *Live {
	c := &collector{fleet: f, out: &Scrapes{Variant: variant}, restarts: map[*machine.Machine]int{}}
	c.listen()
	return &Live{c}
}

// Now is one scrape of all targets. Its points have no time: they are those of
// whoever asks.
func (l *Live) Now() *Scrapes {
	c := l.collector
	c.out = &Scrapes{Variant: c.out.Variant}
	c.families, c.points = map[string]*Family{}, 0
	c.round()
	return c.out
}
