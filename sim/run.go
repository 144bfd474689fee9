package sim

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
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

// handOver gives a variant's recording to who asked for it.
func (o *Options) handOver(variant string, runs runs) {
	if o.Record != nil && o.Recorded != nil {
		o.Recorded(Recorded{variant, runs[0].recording})
	}
}

// job is one replication of one variant.
type job struct {
	variant     *scenarios.Expanded
	replication int
}

// plan lists the runs, variant by variant.
func plan(variants []scenarios.Expanded) (jobs []job) {
	for v := range variants {
		for r := range variants[v].Scenario.Replications {
			jobs = append(jobs, job{&variants[v], r})
		}
	}
	return jobs
}

// run is a job that is done.
type run struct {
	job
	replication result.Replication
	samples     *samples
	series      result.Series
	recording   *Recording // nil unless asked for
}

// runs are in the order of their jobs.
type runs []run

// of are those of a variant.
func (r runs) of(v *scenarios.Expanded) (list runs) {
	for i := range r {
		if r[i].variant == v {
			list = append(list, r[i])
		}
	}
	return list
}

// one does a job.
func one(ctx context.Context, j job, t *tally, opts Options) (run, error) {
	w, err := newWorld(*j.variant, fleetOptions{Replication: j.replication, TickIdle: opts.TickIdle})
	if err != nil {
		return run{}, fmt.Errorf("variant %s: %w", j.variant.Name, err)
	}
	var recorder *recorder
	if opts.Record != nil && j.replication == 0 {
		recorder = w.record(*opts.Record)
	}
	if err := w.run(ctx, w.end, t); err != nil {
		return run{}, err
	}
	done := run{job: j, replication: w.outcome(), samples: &w.measured.samples, series: w.measured.sampler.series}
	if recorder != nil {
		done.recording = recorder.finish()
	}
	return done, nil
}

// execute does the jobs on as many workers as there are. The first error, in
// the order of the jobs, wins.
func execute(ctx context.Context, jobs []job, opts Options) (runs, error) {
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, errs := make(runs, len(jobs)), make([]error, len(jobs))
	var broken atomic.Pointer[Panic]
	todo := make(chan int, len(jobs))
	for i := range jobs {
		todo <- i
	}
	close(todo)
	tally := newTally(len(jobs), opts.Progress)
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
					done[i], errs[i] = one(ctx, jobs[i], tally, opts)
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

// Panic is what Run panics with when a run broke an invariant: the value and
// the stack of the goroutine that it happened on.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// header is a result that says of what it is one.
func header(s *scenarios.Scenario, version string) *result.Result {
	return &result.Result{
		SchemaVersion: result.SchemaVersion, Version: version, Scenario: s.Metadata.Name,
		Seed: s.Seed, Replications: s.Replications, Duration: std(s.Duration).Seconds(),
	}
}

// pool puts a variant's replications together.
func pool(v *scenarios.Expanded, runs runs) result.Variant {
	out := result.Variant{Name: v.Name, Description: v.Description, Series: runs[0].series}
	var all samples
	outcomes := make([]*result.Outcome, len(runs))
	for i := range runs {
		out.Replications = append(out.Replications, runs[i].replication)
		all.add(runs[i].samples)
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
	return out
}

// addFingerprints takes a variant's replications into the result's.
func addFingerprints(all *des.Fingerprint, v *result.Variant) {
	all.AddString(v.Name)
	for i := range v.Replications {
		all.AddString(v.Replications[i].Fingerprint)
	}
}
