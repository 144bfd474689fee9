package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// Conclude makes a variant's result of its runs, which have all ended.
type Conclude func(*scenarios.Expanded, *Sum) (result.Variant, error)

// Execute does the jobs on as many workers as there are; the last one of a
// variant concludes it. The first error, in the order of the variants, wins. The
// variants are in their order. What a job panics with, Execute panics with.
func Execute(ctx context.Context, jobs []Job, opts Options, conclude Conclude) ([]Concluded, error) {
	done := make([]Concluded, jobs[len(jobs)-1].sum.place+1)
	err := work(ctx, &queue{ready: jobs}, len(jobs), opts, func(j *Job) error {
		v, err := conclude(j.variant, j.sum)
		v.Judged()
		done[j.sum.place] = Concluded{v, j.sum.recording}
		return err
	})
	var at *VariantError
	if errors.As(err, &at) {
		err = at.Err
	}
	return done, err
}

// Deliver takes the sum of a variant's runs, which have all ended. Several
// workers call it at a time.
type Deliver func(place int, v *scenarios.Expanded, s *Sum) error

// Stream does the jobs of n variants, each of which prepare makes when a worker
// comes to it, and keeps nothing of them: the memory that it takes is that of the
// runs under way. Several workers call prepare at a time. total is how many jobs
// that will be, for their progress. The error is a *VariantError.
func Stream(ctx context.Context, n, total int, prepare func(context.Context, int) (*scenarios.Expanded, error), deliver Deliver, opts Options) error {
	return work(ctx, &queue{variants: n, prepare: prepare}, total, opts, func(j *Job) error {
		return deliver(j.sum.place, j.variant, j.sum)
	})
}

// VariantError is what kept a variant from its end.
type VariantError struct {
	Place int // of the variant, from 0
	Err   error
}

// Error is the error itself.
func (e *VariantError) Error() string { return e.Err.Error() }

// Unwrap is the error itself.
func (e *VariantError) Unwrap() error { return e.Err }

// queue hands the runs out to the workers. Beside those that are ready there may
// be variants whose runs are not known yet: each is made ready when there is
// nothing else to do, by the worker that asks, so that no more of them exist than
// are under way.
type queue struct {
	ready    []Job
	variants int                                                                 // that are to be made ready
	prepare  func(ctx context.Context, variant int) (*scenarios.Expanded, error) // makes one ready; called by several workers

	mutex     sync.Mutex
	changed   sync.Cond // something is ready, or will not be
	next      int       // variant to be made ready
	preparing int       // workers that make one ready
}

// take is the next run. ok is false when there is none left.
func (q *queue) take(ctx context.Context) (j Job, ok bool, err error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for {
		switch {
		case ctx.Err() != nil:
			return Job{}, false, ctx.Err()
		case len(q.ready) > 0:
			j, q.ready = q.ready[0], q.ready[1:]
			return j, true, nil
		case q.next < q.variants:
			if err := q.readyNext(ctx); err != nil {
				return Job{}, false, err
			}
		case q.preparing > 0:
			q.changed.Wait()
		default:
			return Job{}, false, nil
		}
	}
}

// readyNext makes the next variant's runs ready. Others go on meanwhile.
func (q *queue) readyNext(ctx context.Context) error {
	place := q.next
	q.next, q.preparing = q.next+1, q.preparing+1
	v, err := q.unlocked(func() (*scenarios.Expanded, error) { return q.prepare(ctx, place) })
	if err != nil {
		return &VariantError{place, err}
	}
	q.ready = append(q.ready, planOne(place, v)...)
	return nil
}

// unlocked does the preparing that takes time.
func (q *queue) unlocked(prepare func() (*scenarios.Expanded, error)) (*scenarios.Expanded, error) {
	q.mutex.Unlock()
	defer func() {
		q.mutex.Lock()
		q.preparing--
		q.changed.Broadcast()
	}()
	return prepare()
}

// Each does n things on as many workers as there are, 0 for one per core: several
// workers call do at a time, each with another number. The first error, in the
// order of the numbers, wins, and ends the work. What do panics with, Each panics
// with.
func Each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	var mutex sync.Mutex
	next := 0
	take := func(ctx context.Context) (task, bool, error) {
		mutex.Lock()
		defer mutex.Unlock()
		if ctx.Err() != nil || next == n {
			return task{}, false, ctx.Err()
		}
		i := next
		next++
		return task{i, func(ctx context.Context) error { return do(ctx, i) }}, true, nil
	}
	err := crewOf(ctx, workers, n, take)
	var at *VariantError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err
}

// work does the runs on as many workers as there are. The last run of a variant
// to end is handed to finish. The first error, in the order of the variants,
// wins; total is how many runs there are, for their progress.
func work(ctx context.Context, q *queue, total int, opts Options, finish func(*Job) error) error {
	q.changed.L = &q.mutex
	tally := fleet.NewTally(total, opts.Progress)
	return crewOf(ctx, opts.Workers, total, func(ctx context.Context) (task, bool, error) {
		j, ok, err := q.take(ctx)
		if !ok || err != nil {
			return task{}, ok, err
		}
		return task{j.sum.place, func(ctx context.Context) error { return j.do(ctx, tally, opts, finish) }}, true, nil
	})
}

// do does a run, and finishes its variant when it was the last one.
func (j *Job) do(ctx context.Context, tally *fleet.Tally, opts Options, finish func(*Job) error) error {
	last, err := one(ctx, *j, tally, opts)
	if err != nil || !last {
		return err
	}
	err = finish(j)
	j.sum.trends, j.sum.seen, j.sum.replications = nil, nil, nil
	return err
}

// task is one thing to do, of the variant at a place.
type task struct {
	place int
	do    func(context.Context) error
}

// crew are the workers.
type crew struct {
	take   func(context.Context) (task, bool, error) // the next one; called by several workers
	cancel context.CancelFunc

	mutex  sync.Mutex
	broken *workerPanic // the first
	errs   []*VariantError
}

// crewOf has workers do tasks, of which there are about so many, until there are
// none.
func crewOf(ctx context.Context, workers, tasks int, take func(context.Context) (task, bool, error)) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := crew{take: take, cancel: cancel}
	var group sync.WaitGroup
	for range min(workers, max(1, tasks)) {
		group.Go(func() { c.work(ctx) })
	}
	group.Wait()
	if c.broken != nil {
		panic(c.broken)
	}
	return c.first()
}

// work is one worker.
func (c *crew) work(ctx context.Context) {
	defer func() {
		if r := recover(); r != nil {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			if c.broken == nil {
				c.broken = &workerPanic{Value: r, Stack: debug.Stack()}
			}
			c.cancel()
		}
	}()
	for {
		t, ok, err := c.take(ctx)
		if ok {
			err = t.do(ctx)
		}
		if err != nil {
			c.fail(t.place, err)
		}
		if err != nil || !ok {
			return
		}
	}
}

// fail notes an error and ends the work of all.
func (c *crew) fail(place int, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var placed *VariantError
	if !errors.As(err, &placed) {
		placed = &VariantError{place, err}
	}
	c.errs = append(c.errs, placed)
	c.cancel()
}

// first is the error of the first variant that has one. A run's own failure goes
// before the cancellation that it caused.
func (c *crew) first() error {
	slices.SortStableFunc(c.errs, func(a, b *VariantError) int { return a.Place - b.Place })
	for _, e := range c.errs {
		if e.Err != context.Canceled {
			return e
		}
	}
	if len(c.errs) > 0 {
		return c.errs[0]
	}
	return nil
}

// workerPanic is what Execute panics with when a run broke an invariant: the value and
// the stack of the goroutine that it happened on.
type workerPanic struct {
	Value any
	Stack []byte
}

func (p *workerPanic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Turns bounds the runs that several calls have under way together: each run
// waits for its turn. It is for calls that each have workers of their own, so that
// the last of them has all cores.
type Turns chan struct{}

// NewTurns lets so many runs be under way, 0 for one per core.
func NewTurns(n int) Turns {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return make(Turns, n)
}

// take waits for a turn; back gives it back. Without turns it is always one's own.
func (t Turns) take(ctx context.Context) (back func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
