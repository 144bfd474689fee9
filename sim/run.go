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
func (o *Options) handOver(v concluded) {
	if o.Record != nil && o.Recorded != nil {
		o.Recorded(recording.Recorded{Variant: v.Name, Recording: v.recording})
	}
}

// job is one replication of one variant.
type job struct {
	variant     *scenarios.Expanded
	replication int
	sum         *sum // of the variant's runs
}

// sum is put together as the runs of a variant end, in any order, so that
// nothing of a run is kept that its variant does not need. The last run to end
// makes the variant's result of it, and then it is let go.
type sum struct {
	place        int // of the variant
	mutex        sync.Mutex
	left         int // runs that have not ended
	trends       *result.Trends
	replications []result.Replication // in their order
	seen         *seen                // of the first replication
	recording    *recording.Recording // of the first replication; nil unless asked for
}

// seen is what a run looked like over time.
type seen struct {
	series  result.Series
	maps    result.Maps
	slowest []result.SlowPod
}

// concluded is a variant of which all runs have ended.
type concluded struct {
	result.Variant
	recording *recording.Recording // of the first replication; nil unless asked for
}

// plan lists the runs, variant by variant.
func plan(variants []scenarios.Expanded) (jobs []job) {
	for v := range variants {
		n := variants[v].Scenario.Replications
		s := &sum{place: v, left: n, trends: &result.Trends{}, replications: make([]result.Replication, n)}
		for r := range n {
			jobs = append(jobs, job{&variants[v], r, s})
		}
	}
	return jobs
}

// one does a job, and says whether it was the last one of its variant.
func one(ctx context.Context, j job, t *fleet.Tally, opts Options) (last bool, err error) {
	w, err := fleet.New(*j.variant, fleet.Options{Replication: j.replication, TickIdle: opts.TickIdle})
	if err != nil {
		return false, fmt.Errorf("variant %s: %w", j.variant.Name, err)
	}
	var recorder *recording.Recorder
	if opts.Record != nil && j.replication == 0 {
		recorder = recording.Attach(w, *opts.Record)
	}
	if err := w.Run(ctx, w.End, t); err != nil {
		return false, err
	}
	return j.sum.add(j.replication, w, recorder), nil
}

// add takes in a run that has ended, and says whether it was the last one.
func (s *sum) add(replication int, w *fleet.Fleet, recorder *recording.Recorder) (last bool) {
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

// execute does the jobs on as many workers as there are. The first error, in
// the order of the jobs, wins. The variants are in their order.
func execute(ctx context.Context, jobs []job, opts Options) ([]concluded, error) {
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, errs := make([]concluded, jobs[len(jobs)-1].sum.place+1), make([]error, len(jobs))
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
					errs[i] = jobs[i].do(ctx, tally, opts, done)
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
func (j *job) do(ctx context.Context, t *fleet.Tally, opts Options, done []concluded) error {
	last, err := one(ctx, *j, t, opts)
	if err != nil || !last {
		return err
	}
	v, err := conclude(j.variant, j.sum)
	done[j.sum.place] = concluded{v, j.sum.recording}
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

// workerPanic is what Run panics with when a run broke an invariant: the value and
// the stack of the goroutine that it happened on.
type workerPanic struct {
	Value any
	Stack []byte
}

func (p *workerPanic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

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
func pool(v *scenarios.Expanded, s *sum) (result.Variant, error) {
	text, err := v.EffectiveJSON()
	if err != nil {
		return result.Variant{}, err
	}
	out := result.Variant{
		Name: v.Name, Description: v.Description, Scenario: text, Warnings: []string{}, CNIVersions: map[string]string{},
		Series: s.seen.series, Maps: s.seen.maps, Slowest: s.seen.slowest, Replications: s.replications,
	}
	for i := range v.Scenario.NodeGroups {
		g := &v.Scenario.NodeGroups[i]
		out.CNIVersions[g.Name] = g.CNIVersion
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, w.Message)
	}
	out.Marks = fleet.Marks(v.Scenario, &out.Series)
	out.Pool(s.trends)
	return out, nil
}

// addFingerprints takes a variant's replications into the result's.
func addFingerprints(all *des.Fingerprint, v *result.Variant) {
	all.AddString(v.Name)
	for i := range v.Replications {
		all.AddString(v.Replications[i].Fingerprint)
	}
}
