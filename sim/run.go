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
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Options of a run.
type Options struct {
	Version  string               // of the program, for the result
	Workers  int                  // runs at a time; 0 is one per core
	Progress func(fleet.Progress) // called now and then, never concurrently; nil for nobody

	// TickIdle makes idle daemons go through every pass of their loop instead
	// of parking. It changes no outcome and costs time: tests compare the two.
	TickIdle bool

	// Record is what to record of the first replication of each variant; nil
	// for nothing. It changes no outcome. Recorded gets the recordings, in the
	// order of the variants, before Run returns.
	Record   *recording.Selection
	Recorded func(recording.Recorded)
}

// handOver gives a variant's recording to who asked for it.
func (o *Options) handOver(variant string, runs runs) {
	if o.Record != nil && o.Recorded != nil {
		o.Recorded(recording.Recorded{Variant: variant, Recording: runs[0].recording})
	}
}

// job is one replication of one variant.
type job struct {
	variant     *scenarios.Expanded
	replication int
	trends      *trends // of the variant's runs
}

// trends are put together as the runs end, in any order, so that nothing of a
// run is kept that its variant does not need.
type trends struct {
	mutex sync.Mutex
	sum   result.Trends
}

func (t *trends) add(more *result.Trends) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sum.Merge(more)
}

// plan lists the runs, variant by variant.
func plan(variants []scenarios.Expanded) (jobs []job) {
	for v := range variants {
		sum := &trends{}
		for r := range variants[v].Scenario.Replications {
			jobs = append(jobs, job{&variants[v], r, sum})
		}
	}
	return jobs
}

// run is a job that is done.
type run struct {
	job
	replication result.Replication
	seen        *seen                // of the first replication; else nil
	recording   *recording.Recording // nil unless asked for
}

// seen is what a run looked like over time.
type seen struct {
	series  result.Series
	maps    result.Maps
	slowest []result.SlowPod
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
func one(ctx context.Context, j job, t *fleet.Tally, opts Options) (run, error) {
	w, err := fleet.New(*j.variant, fleet.Options{Replication: j.replication, TickIdle: opts.TickIdle})
	if err != nil {
		return run{}, fmt.Errorf("variant %s: %w", j.variant.Name, err)
	}
	var recorder *recording.Recorder
	if opts.Record != nil && j.replication == 0 {
		recorder = recording.Attach(w, *opts.Record)
	}
	if err := w.Run(ctx, w.End, t); err != nil {
		return run{}, err
	}
	done := run{job: j, replication: w.Outcome()}
	j.trends.add(w.Measured.Trends())
	if j.replication == 0 {
		done.seen = &seen{w.Measured.Series(), w.Measured.Maps(), w.Measured.Slowest()}
	}
	if recorder != nil {
		done.recording = recorder.Finish()
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
	tally := fleet.NewTally(len(jobs), opts.Progress)
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
func header(v *scenarios.Expanded, version string) *result.Result {
	s := v.Scenario
	return &result.Result{
		SchemaVersion: result.SchemaVersion, Version: version,
		Scenario:  result.Scenario{Name: s.Metadata.Name, Digest: v.Digest},
		Overrides: append([]string{}, v.Set...), Seed: s.Seed, Replications: s.Replications, DurationSeconds: fleet.Std(s.Duration).Seconds(),
	}
}

// pool puts a variant's replications together.
func pool(v *scenarios.Expanded, runs runs) (result.Variant, error) {
	text, err := v.EffectiveJSON()
	if err != nil {
		return result.Variant{}, err
	}
	out := result.Variant{
		Name: v.Name, Description: v.Description, Scenario: text, Warnings: []string{}, CNIVersions: map[string]string{},
		Series: runs[0].seen.series, Maps: runs[0].seen.maps, Slowest: runs[0].seen.slowest,
	}
	for i := range v.Scenario.NodeGroups {
		g := &v.Scenario.NodeGroups[i]
		out.CNIVersions[g.Name] = g.CNIVersion
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, w.Message)
	}
	out.Marks = fleet.Marks(v.Scenario, &out.Series)
	for i := range runs {
		out.Replications = append(out.Replications, runs[i].replication)
	}
	out.Pool(&runs[0].trends.sum)
	return out, nil
}

// addFingerprints takes a variant's replications into the result's.
func addFingerprints(all *des.Fingerprint, v *result.Variant) {
	all.AddString(v.Name)
	for i := range v.Replications {
		all.AddString(v.Replications[i].Fingerprint)
	}
}
