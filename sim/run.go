package sim

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// Options of a run.
type Options struct {
	Version  string         // of the program, for the result
	Workers  int            // runs at a time; 0 is one per core
	Progress func(Progress) // called now and then, never concurrently; nil for nobody

	// TickIdle makes idle daemons go through every pass of their loop instead
	// of parking. It changes no outcome and costs time: tests compare the two.
	TickIdle bool

	// Record is what to record of the first replication of each variant; nil
	// for nothing. It changes no outcome. Recorded gets the recordings, in the
	// order of the variants, before Run returns.
	Record   *Selection
	Recorded func(Recorded)
}

// Recorded is the recording of one variant.
type Recorded struct {
	Variant string
	*Recording
}

// Progress is how far a run is. One replication of one variant is one run.
type Progress struct {
	Variant     string // of the run that reports
	Replication int
	Done, Total int           // runs
	Virtual     time.Duration // of the run that reports, from time 0; negative in the warm-up
	VirtualEnd  time.Duration
	Events      uint64 // executed in all runs so far
}

// Run simulates each replication of each variant and sums up. Runs share
// nothing and may go in parallel; the result does not depend on how many do.
// A cancelled context ends it with the context's error.
func Run(ctx context.Context, variants []scenarios.Expanded, opts Options) (*result.Result, error) {
	if len(variants) == 0 {
		return nil, fmt.Errorf("no variant to run")
	}
	s := variants[0].Scenario
	jobs := make([]job, 0, len(variants)*s.Replications)
	for v := range variants {
		for r := range variants[v].Scenario.Replications {
			jobs = append(jobs, job{variant: v, replication: r})
		}
	}
	done, err := execute(ctx, variants, jobs, opts)
	if err != nil {
		return nil, err
	}
	result := &result.Result{
		SchemaVersion: result.SchemaVersion, Version: opts.Version, Scenario: s.Metadata.Name,
		Seed: s.Seed, Replications: s.Replications, Duration: std(s.Duration).Seconds(),
	}
	var all des.Fingerprint
	for v := range variants {
		var runs []run
		for i, j := range jobs {
			if j.variant == v {
				runs = append(runs, done[i])
			}
		}
		result.Variants = append(result.Variants, pooled(variants[v], runs))
		if opts.Record != nil && opts.Recorded != nil {
			opts.Recorded(Recorded{variants[v].Name, runs[0].recording})
		}
		all.AddString(variants[v].Name)
		for _, r := range runs {
			all.AddString(r.replication.Fingerprint)
		}
	}
	result.Fingerprint = all.String()
	return result, nil
}

// job is one replication of one variant.
type job struct{ variant, replication int }

// execute runs the jobs on as many workers as there are and returns their
// results in the order of the jobs. The first error, in that order, wins.
func execute(ctx context.Context, variants []scenarios.Expanded, jobs []job, opts Options) ([]run, error) {
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results, errs := make([]run, len(jobs)), make([]error, len(jobs))
	var broken atomic.Pointer[Panic]
	todo := make(chan int, len(jobs))
	for i := range jobs {
		todo <- i
	}
	close(todo)
	tally := &tally{report: opts.Progress, total: len(jobs), events: make([]uint64, len(jobs))}
	var group sync.WaitGroup
	for range min(workers, len(jobs)) {
		group.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					broken.CompareAndSwap(nil, &Panic{Value: r, Stack: debug.Stack()})
					cancel()
				}
			}()
			for i := range todo {
				if errs[i] = ctx.Err(); errs[i] == nil {
					results[i], errs[i] = one(ctx, variants[jobs[i].variant], jobs[i].replication, i, tally, opts)
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
	return results, firstError(errs)
}

// Panic is what Run panics with when a run broke an invariant: the value and
// the stack of the goroutine that it happened on.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

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

// one executes a single run.
func one(ctx context.Context, v scenarios.Expanded, replication, index int, tally *tally, opts Options) (run, error) {
	w, err := newWorld(v, replication, !opts.TickIdle)
	if err != nil {
		return run{}, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	if opts.Record != nil && replication == 0 {
		w.record(*opts.Record)
	}
	return w.complete(ctx, v, replication, index, tally)
}

// complete runs a world to its end and sums it up.
func (w *world) complete(ctx context.Context, v scenarios.Expanded, replication, index int, tally *tally) (run, error) {
	err := w.reach(ctx, v, replication, index, w.end, tally)
	if err != nil {
		return run{}, err
	}
	return w.result(replication), nil
}

// reach runs a world until a kernel time.
func (w *world) reach(ctx context.Context, v scenarios.Expanded, replication, index int, until time.Duration, tally *tally) error {
	err := w.run(until, func(virtual time.Duration, events uint64) error {
		tally.update(index, Progress{Variant: v.Name, Replication: replication, Virtual: virtual, VirtualEnd: until - w.warmUp}, events)
		return cmp.Or(ctx.Err(), w.recorder.err())
	})
	if err == context.Canceled {
		return err
	}
	if err != nil {
		return fmt.Errorf("variant %s #%d: %w", v.Name, replication+1, err)
	}
	tally.finished()
	return nil
}

// tally adds the progress of parallel runs up.
type tally struct {
	mutex  sync.Mutex
	report func(Progress)
	total  int
	done   int
	events []uint64 // by run
}

func (t *tally) update(index int, p Progress, events uint64) {
	if t.report == nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.events[index] = events
	for _, n := range t.events {
		p.Events += n
	}
	p.Done, p.Total = t.done, t.total
	t.report(p)
}

func (t *tally) finished() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.done++
}

// run is one replication of one variant that is over.
type run struct {
	replication result.Replication
	collected   *collector
	series      result.Series
	recording   *Recording // nil unless asked for
}

// pooled puts a variant's replications together.
func pooled(v scenarios.Expanded, runs []run) result.Variant {
	out := result.Variant{Name: v.Name, Description: v.Description, Series: runs[0].series}
	all := &collector{causes: map[result.Cause]int{}}
	outcomes := make([]*result.Outcome, len(runs))
	for i := range runs {
		r := &runs[i]
		out.Replications = append(out.Replications, r.replication)
		all.running = append(all.running, r.collected.running...)
		all.ready = append(all.ready, r.collected.ready...)
	}
	for i := range outcomes {
		outcomes[i] = &out.Replications[i].Outcome
	}
	out.StartSeconds, out.PendingSeconds, out.AddressWaitSeconds = all.trends()
	out.ReadySeconds = all.ready
	out.Outcome = result.Pool(outcomes)
	p := &out.Pods
	p.StartSeconds, p.PendingSeconds, p.AddressWaitSeconds = result.Describe(out.StartSeconds), result.Describe(out.PendingSeconds), result.Describe(out.AddressWaitSeconds)
	p.Phases = phaseTimes(all.running)
	out.Nodes.ReadySeconds = result.Describe(out.ReadySeconds)
	out.Findings = findings.Find(&out.Outcome, findings.FactsOf(v.Scenario))
	out.Thresholds = result.Judge(&out, v.Scenario.Thresholds.Conditions())
	return out
}
