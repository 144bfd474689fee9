package main

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/fleet"
)

// pace is how often progress is said, and how long a run may take before it is.
type pace struct{ after, every time.Duration }

// On a terminal one line is renewed; in a log, as of CI, lines are added.
var (
	livePace   = pace{300 * time.Millisecond, 200 * time.Millisecond}
	loggedPace = pace{30 * time.Second, 30 * time.Second}
)

// progress says how far a run is: in one line on a terminal, in a line now and
// then on anything else.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	quiet bool
	live  bool // on a terminal
	pace  pace
	width int
	now   func() time.Time
	began time.Time
	drawn time.Time
	shown bool

	unit     string             // of what is done: runs unless given
	numbered bool               // there are several replications of a variant, #1 and so on
	share    map[runKey]float64 // of each unfinished run that is done
}

// runKey names one run.
type runKey struct {
	variant     string
	replication int
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{out: w, quiet: quiet, pace: loggedPace, now: time.Now, share: map[runKey]float64{}}
	p.began = p.now()
	if _, ok := terminal(w); ok {
		p.live, p.pace, p.width = true, livePace, textWidth(w)
	}
	return p
}

// report says how far it is, if it is time to; the simulator calls it.
func (p *progress) report(s fleet.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet {
		return
	}
	p.note(s)
	now := p.now()
	if now.Sub(p.began) < p.pace.after || now.Sub(p.drawn) < p.pace.every {
		return
	}
	p.drawn = now
	line := p.line(s, now.Sub(p.began))
	if !p.live {
		fmt.Fprintln(p.out, line)
		return
	}
	p.shown = true
	if p.width > 0 && len(line) >= p.width {
		line = line[:p.width-1]
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
}

// note keeps the share of the run that reports.
func (p *progress) note(s fleet.Progress) {
	key := runKey{s.Variant, s.Replication}
	if s.VirtualEnd <= 0 || s.Virtual >= s.VirtualEnd {
		delete(p.share, key) // it counts among those done, or will at once
		return
	}
	p.share[key] = max(0, float64(s.Virtual)/float64(s.VirtualEnd))
}

// line is what is shown after the given time.
func (p *progress) line(s fleet.Progress, elapsed time.Duration) string {
	name := s.Variant
	if p.numbered {
		name = fmt.Sprintf("%s #%d", s.Variant, s.Replication+1)
	}
	rate := float64(s.Events) / elapsed.Seconds()
	when := fmt.Sprintf("%s of %s", words.Duration(s.Virtual.Round(time.Second)), words.Duration(s.VirtualEnd.Round(time.Second)))
	if s.Virtual < 0 {
		when = fmt.Sprintf("warm-up, %s to go", words.Duration((-s.Virtual).Round(time.Second)))
	}
	line := fmt.Sprintf("%s: %s, %s events/s, %d of %d %s done", name, when, metric(rate), s.Done, s.Total, cmp.Or(p.unit, "runs"))
	if left, ok := p.left(s, elapsed); ok {
		line += fmt.Sprintf(", %s left", words.Duration(left.Round(time.Second)))
	}
	return line
}

// left estimates the time to go once a little of the work is done.
func (p *progress) left(s fleet.Progress, elapsed time.Duration) (time.Duration, bool) {
	done := float64(s.Done)
	for _, share := range p.share {
		done += share
	}
	if s.Total == 0 || done < 0.02*float64(s.Total) {
		return 0, false
	}
	done = min(done, float64(s.Total))
	return time.Duration(float64(elapsed) * (float64(s.Total) - done) / done), true
}

// metric writes a rate in thousands or millions.
func metric(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.1fM", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.0fk", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

// interrupt says that the first signal was heard.
func (p *progress) interrupt() {
	p.clear()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live && !p.quiet {
		fmt.Fprintln(p.out, "stopping; interrupt again to kill")
	}
	p.quiet = true
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}
