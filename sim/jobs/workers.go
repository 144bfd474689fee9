package jobs

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Conclude makes a variant's result of its runs, which have all ended.
type Conclude func(*scenarios.Expanded, *Sum) (result.Variant, error)

// Execute does the jobs on as many workers as there are; the last one of a
// variant concludes it. The first error, in the order of the jobs, wins. The
// variants are in their order. What a job panics with, Execute panics with.
func Execute(ctx context.Context, jobs []Job, opts Options, conclude Conclude) ([]Concluded, error) {
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, errs := make([]Concluded, jobs[len(jobs)-1].sum.place+1), make([]error, len(jobs))
	var broken atomic.Pointer[workerPanic]
	todo := make(chan int, len(jobs))
	for i := range jobs {
		todo <- i
	}
	close(todo)
	tally := fleet.NewTally(len(jobs), opts.Progress)
	var group sync.WaitGroup
	for range min(workers, len(jobs)) {
		group.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					broken.CompareAndSwap(nil, &workerPanic{Value: r, Stack: debug.Stack()})
					cancel()
				}
			}()
			for i := range todo {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = jobs[i].do(ctx, tally, opts, conclude, done)
				}
				if errs[i] != nil {
					cancel()
				}
			}
		})
	}
	group.Wait()
	if p := broken.Load(); p != nil {
		panic(p)
	}
	return done, firstError(errs)
}

// do does the job, and concludes its variant when it was the last one.
func (j *Job) do(ctx context.Context, t *fleet.Tally, opts Options, conclude Conclude, done []Concluded) error {
	last, err := one(ctx, *j, t, opts)
	if err != nil || !last {
		return err
	}
	v, err := conclude(j.variant, j.sum)
	v.Judged()
	done[j.sum.place] = Concluded{v, j.sum.recording}
	j.sum.trends, j.sum.seen, j.sum.replications = nil, nil, nil
	return err
}

// firstError prefers a run's own failure to the cancellation that it caused.
func firstError(errs []error) error {
	var cancelled error
	for _, err := range errs {
		if err != nil && err != context.Canceled {
			return err
		}
		if err != nil {
			cancelled = err
		}
	}
	return cancelled
}

// workerPanic is what Execute panics with when a run broke an invariant: the value and
// the stack of the goroutine that it happened on.
type workerPanic struct {
	Value any
	Stack []byte
}

func (p *workerPanic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Sum is put together as the runs of a variant end, in any order, so that
// nothing of a run is kept that its variant does not need. The last run to end
// makes the variant's result of it, and then it is let go.
type Sum struct {
	place        int // of the variant
	mutex        sync.Mutex
	left         int // runs that have not ended
	trends       *result.Trends
	replications []result.Replication // in their order
	seen         *seen                // of the first replication
	recording    *recording.Recording // of the first replication; nil unless asked for
}

// add takes in a run that has ended, and says whether it was the last one.
func (s *Sum) add(replication int, w *fleet.Fleet, recorder *recording.Recorder) (last bool) {
	outcome := w.Outcome()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.replications[replication] = outcome
	s.trends.Merge(w.Measured.Trends())
	if replication == 0 {
		s.seen = &seen{w.Measured.Series(), w.Measured.Maps(), w.Measured.Slowest()}
	}
	if recorder != nil {
		s.recording = recorder.Finish()
	}
	s.left--
	return s.left == 0
}
