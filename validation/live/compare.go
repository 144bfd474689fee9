package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ipamsim/validation"
)

// Effort is how many runs of the real daemon a comparison takes besides the two
// with ordered maps.
type Effort struct {
	Go      int // with Go's own map order
	Uniform int // with uniformly random order
	// Follow is how many replays may look for the order of the maps in each run that
	// was not told one. Nothing is looked for with 0.
	Follow int
}

// Finding is how one scenario compares.
type Finding struct {
	Trace    *validation.Trace
	Verdict  validation.Verdict // of the runs with maps in order
	Released validation.Verdict // of the daemon as it was released

	Stable     bool          // nothing is left to chance
	Runs       int           // of the real daemon
	Unordered  int           // of these, whose order of maps was looked for,
	Followed   int           // and in how many it was found
	Lost       []string      // where the others are left
	Real, Ours time.Duration // CPU of a run: of the real daemon, the start of its process aside, and of ours
}

// Equal says that nothing was found to differ.
func (f *Finding) Equal() bool { return f.Verdict.Conforms && f.Released.Conforms }

// DiffersInOrder says whether a difference is in a run whose order of maps is known.
// Another one may be that of too few runs, which look as if nothing were left to
// chance.
func (f *Finding) DiffersInOrder() bool {
	return f.Verdict.DivergesInOrder() || f.Released.DivergesInOrder()
}

// Compare plays a scenario with the real daemon and with ours: with maps in order,
// and with the daemon as it was released.
func (d *Daemon) Compare(ctx context.Context, s *validation.Scenario, e Effort) (*Finding, error) {
	runs, real, err := d.ordered(ctx, s, e)
	if err != nil {
		return nil, err
	}
	f := &Finding{Trace: validation.Assemble(d.upstream(), s, runs), Real: max(0, real-d.idle)}
	if f.Verdict, err = judged(ctx, f.Trace); err != nil {
		return nil, err
	}
	released, chance, err := d.released(ctx, s, e, runs.Ascending, f.Trace.FullyStable)
	if err != nil {
		return nil, err
	}
	if f.Released, err = judged(ctx, released); err == nil && f.Trace.FullyStable && !f.Released.Conforms {
		// What is the same in every run of one world may hang on the order in the other.
		if released, chance, err = d.released(ctx, s, e, runs.Ascending, false); err == nil {
			f.Released, err = judged(ctx, released)
		}
	}
	f.Runs, f.Stable = f.Trace.LegalRuns+released.LegalRuns, f.Trace.FullyStable && released.FullyStable
	if err != nil || f.Stable || e.Follow == 0 {
		return f, err
	}
	for _, r := range slices.Concat(runs.Uniform, runs.Go) {
		if err := f.follow(&f.Trace.Scenario, r, nil, e.Follow); err != nil {
			return nil, err
		}
	}
	return f, f.followReleased(&released.Scenario, chance, e.Follow)
}

// followReleased follows the runs of the world in which code takes no time.
func (f *Finding) followReleased(s *validation.Scenario, runs idleRuns, tries int) error {
	for _, r := range runs.uniform {
		if err := f.follow(s, r, nil, tries); err != nil {
			return err
		}
	}
	for _, r := range runs.plain {
		if err := f.follow(s, r.Recording, r.Unseen, tries); err != nil {
			return err
		}
	}
	return nil
}

// follow looks for the order of the maps in a run of a scenario: an envelope may be
// wide, but each run has to be one that the simulated daemon can have too. unseen
// are the times at which nobody could look into the run's pool.
func (f *Finding) follow(s *validation.Scenario, run *validation.Recording, unseen []int64, tries int) error {
	_, lost, err := validation.Follow(s, run, unseen, tries)
	if err != nil {
		return err
	}
	f.Unordered++
	if lost == nil {
		f.Followed++
	} else {
		f.Lost = append(f.Lost, lost.String())
	}
	return nil
}

// Record makes a trace of the real daemon's runs with maps in order.
func (d *Daemon) Record(ctx context.Context, s *validation.Scenario, e Effort) (*validation.Trace, error) {
	runs, _, err := d.ordered(ctx, s, e)
	if err != nil {
		return nil, err
	}
	return validation.Assemble(d.upstream(), s, runs), nil
}

// ordered are runs of the build whose maps are walked in order, and the mean CPU
// time of one.
func (d *Daemon) ordered(ctx context.Context, s *validation.Scenario, e Effort) (runs validation.Runs, cpu time.Duration, err error) {
	play := func(maps string, seed int) *validation.Recording {
		if err != nil {
			return nil
		}
		var r *Result
		if r, err = d.Play(ctx, Job{Scenario: s, Maps: maps, Seed: uint64(seed)}, false); err != nil {
			return nil
		}
		cpu += r.cpu
		return r.Recording
	}
	runs.Ascending, runs.Descending = play(Ascending, 0), play(Descending, 0)
	for seed := range e.Uniform {
		runs.Uniform = append(runs.Uniform, play(Uniform, seed+1))
	}
	for range e.Go {
		runs.Go = append(runs.Go, play(GoOrder, 0))
	}
	return runs, cpu / time.Duration(2+e.Uniform+e.Go), err
}

func (d *Daemon) upstream() validation.Upstream {
	return validation.Upstream{Repo: "github.com/aws/amazon-vpc-cni-k8s", Version: d.Release}
}

// idleRuns are runs in a world where code takes no time at all: of the daemon as
// it was released, and beside them some whose maps are walked in random order.
type idleRuns struct {
	plain   []*Result
	uniform []*validation.Recording
}

// released is a trace of the daemon as it was released, in a world where code
// takes no time at all. Where nothing is left to chance one run says all; else
// there are more of them, beside runs with ordered maps in the same world. seen is
// an ordered run of the other world.
func (d *Daemon) released(ctx context.Context, s *validation.Scenario, e Effort, seen *validation.Recording, stable bool) (*validation.Trace, idleRuns, error) {
	idle := *s
	idle.LoopOverheadNS = 0
	if stable {
		run, err := d.asReleased(ctx, &idle, seen)
		if err != nil {
			return nil, idleRuns{}, err
		}
		t := validation.Assemble(d.upstream(), &idle, validation.Runs{Ascending: run.Recording, Descending: run.Recording})
		t.LegalRuns = 1
		return t, idleRuns{}, nil
	}
	runs, _, err := d.ordered(ctx, &idle, Effort{Uniform: e.Uniform})
	if err != nil {
		return nil, idleRuns{}, err
	}
	found := idleRuns{uniform: runs.Uniform}
	for range max(1, e.Go) {
		run, err := d.asReleased(ctx, &idle, runs.Ascending)
		if err != nil {
			return nil, idleRuns{}, err
		}
		runs.Go, found.plain = append(runs.Go, run.Recording), append(found.plain, run)
	}
	return validation.Assemble(d.upstream(), &idle, runs), found, nil
}

// asReleased is a run of the daemon as it was released. What its pool held while
// it initialised itself cannot be seen, and is that of an ordered run.
func (d *Daemon) asReleased(ctx context.Context, s *validation.Scenario, ordered *validation.Recording) (*Result, error) {
	run, err := d.Play(ctx, Job{Scenario: s, Maps: GoOrder}, true)
	if err != nil {
		return nil, err
	}
	run.Fill(ordered, run.Unseen, s.DurationMS)
	return run, nil
}

// judged lets the judge compare a trace with the simulated daemon.
func judged(ctx context.Context, t *validation.Trace) (validation.Verdict, error) {
	data, err := t.JSON()
	if err != nil {
		return validation.Verdict{}, err
	}
	var verdict validation.Verdict
	source := validation.Source{Path: t.Scenario.Name + ".json", Data: data}
	err = validation.Conform(ctx, []validation.Source{source}, validation.Options{}, func(v validation.Verdict) error {
		verdict = v
		return nil
	})
	if err == nil && verdict.Error != "" {
		err = fmt.Errorf("%s: %s", t.Scenario.Name, verdict.Error)
	}
	return verdict, err
}

// timed is how many runs of ours are timed.
const timed = 10

// Time takes the CPU time of runs of ours. Nothing else may run in this process
// meanwhile.
func (t Table) Time() error {
	for _, f := range t {
		begin := cpuTime()
		for seed := range timed {
			if _, err := validation.Simulate(&f.Trace.Scenario, seed+1); err != nil {
				return err
			}
		}
		f.Ours = (cpuTime() - begin) / timed
	}
	return nil
}
