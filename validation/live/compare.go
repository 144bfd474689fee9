package live

import (
	"context"
	"fmt"
	"time"

	"ipamsim/validation"
)

// Effort is how many runs of the real daemon a comparison takes besides the two
// with ordered maps and the one of the daemon as it was released.
type Effort struct {
	Go      int // with Go's own map order
	Uniform int // with uniformly random order
}

// Finding is how one scenario compares.
type Finding struct {
	Trace    *validation.Trace
	Verdict  validation.Verdict // of the runs with maps in order
	Released validation.Verdict // of the daemon as it was released, where nothing is left to chance
	Judged   bool               // Released is one

	CPU time.Duration // of a run of the real daemon, that of its process's start aside
}

// Equal says that nothing was found to differ.
func (f *Finding) Equal() bool { return f.Verdict.Conforms && (!f.Judged || f.Released.Conforms) }

// Compare plays a scenario with the real daemon and with ours.
func (d *Daemon) Compare(ctx context.Context, s *validation.Scenario, e Effort) (*Finding, error) {
	trace, err := d.Record(ctx, s, e)
	if err != nil {
		return nil, err
	}
	f := &Finding{Trace: trace, CPU: max(0, d.cpu-d.idle)}
	if f.Verdict, err = judged(ctx, trace); err != nil {
		return nil, err
	}
	if trace.FullyStable && len(s.Faults) == 0 {
		f.Judged = true
		f.Released, err = d.released(ctx, s)
	}
	return f, err
}

// Record makes a trace of the real daemon's runs.
func (d *Daemon) Record(ctx context.Context, s *validation.Scenario, e Effort) (*validation.Trace, error) {
	var runs validation.Runs
	play := func(maps string, seed int) (*validation.Recording, error) {
		return d.Play(ctx, Job{Scenario: s, Maps: maps, Seed: uint64(seed)}, false)
	}
	var err error
	if runs.Ascending, err = play(Ascending, 0); err != nil {
		return nil, err
	}
	if runs.Descending, err = play(Descending, 0); err != nil {
		return nil, err
	}
	for seed := range e.Uniform {
		r, err := play(Uniform, seed+1)
		if err != nil {
			return nil, err
		}
		runs.Uniform = append(runs.Uniform, r)
	}
	for range e.Go {
		r, err := play(GoOrder, 0)
		if err != nil {
			return nil, err
		}
		runs.Go = append(runs.Go, r)
	}
	return validation.Assemble(d.upstream(), s, runs), nil
}

func (d *Daemon) upstream() validation.Upstream {
	return validation.Upstream{Repo: "github.com/aws/amazon-vpc-cni-k8s", Version: d.Release}
}

// released compares a run of the daemon as it was released, in a world where code
// takes no time at all. What its pool held before it had initialised itself
// cannot be seen, and is that of an ordered build.
func (d *Daemon) released(ctx context.Context, s *validation.Scenario) (validation.Verdict, error) {
	idle := *s
	idle.LoopOverheadNS = 0
	job := Job{Scenario: &idle, Maps: GoOrder}
	run, err := d.Play(ctx, job, true)
	if err != nil {
		return validation.Verdict{}, err
	}
	ordered, err := d.Play(ctx, job, false)
	if err != nil {
		return validation.Verdict{}, err
	}
	run.Stats = append(before(ordered), since(run)...)
	return judged(ctx, validation.Assemble(d.upstream(), &idle, validation.Runs{Ascending: run, Descending: run}))
}

// before are the rows until the end of nodeInit, since those after it.
func before(r *validation.Recording) []validation.Stat {
	var rows []validation.Stat
	for _, row := range r.Stats {
		if row.AtMS < r.InitDoneMS {
			rows = append(rows, row)
		}
	}
	return rows
}

func since(r *validation.Recording) []validation.Stat { return r.Stats[len(before(r)):] }

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
