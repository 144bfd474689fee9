package fleet

import (
	"sync"
	"time"
)

// Progress is how far a run is. One replication of one variant is one run.
type Progress struct {
	Variant     string // of the run that reports
	Replication int
	Done, Total int           // runs
	Virtual     time.Duration // of the run that reports, from time 0; negative in the warm-up
	VirtualEnd  time.Duration
	Events      uint64 // executed in all runs so far
}

// Tally adds the progress of parallel runs up.
type Tally struct {
	mutex  sync.Mutex
	report func(Progress)
	total  int
	done   int
	events uint64
}

// NewTally reports on a number of runs, to nobody for nil.
func NewTally(total int, report func(Progress)) *Tally {
	return &Tally{report: report, total: total}
}

// add hears of events that a run has executed since it was last heard of.
func (t *Tally) add(p Progress, events uint64) {
	if t == nil || t.report == nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.events += events
	p.Events, p.Done, p.Total = t.events, t.done, t.total
	t.report(p)
}

// Again hears that a run which has ended early is made once more.
func (t *Tally) Again() {
	if t == nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.done++
	t.total++
}

// Expect hears that there will be n runs more than it was told, or fewer.
func (t *Tally) Expect(n int) {
	if t == nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.total += n
}

// Skipped hears of a run that is not made.
func (t *Tally) Skipped() { t.finished() }

func (t *Tally) finished() {
	if t == nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.done++
}
