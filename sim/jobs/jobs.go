// Package jobs runs the replications of variants on workers, and puts those of
// each variant together. One replication of one variant is a job.
package jobs

import (
	"context"
	"fmt"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Options of a run.
type Options struct {
	Version  string               // of the program, for the result
	Workers  int                  // runs at a time; 0 is one per core
	Progress func(fleet.Progress) // called now and then, never concurrently; nil for nobody
	Turns    Turns                // that runs wait for besides; nil for none

	// TickIdle makes idle daemons go through every pass of their loop instead
	// of parking. It changes no outcome and costs time: tests compare the two.
	TickIdle bool

	// ToTheEnd makes a condition with abortOnFail end no run: for who compares the
	// figures of runs, which must be as long.
	ToTheEnd bool

	// Record is what to record of the first replication of each variant; nil
	// for nothing. It changes no outcome. Recorded gets the recordings, in the
	// order of the variants, before Run returns.
	Record   *recording.Selection
	Recorded func(recording.Recorded)
}

// HandOver gives a variant's recording to who asked for it.
func (o *Options) HandOver(v Concluded) {
	if o.Record != nil && o.Recorded != nil {
		o.Recorded(recording.Recorded{Variant: v.Name, Recording: v.recording})
	}
}

// Job is one replication of one variant.
type Job struct {
	variant     *scenarios.Expanded
	replication int
	sum         *Sum // of the variant's runs
}

// seen is what a run looked like over time.
type seen struct {
	series  result.Series
	maps    result.Maps
	slowest []result.SlowPod
}

// Concluded is a variant of which all runs have ended.
type Concluded struct {
	result.Variant
	recording *recording.Recording // of the first replication; nil unless asked for
}

// Plan lists the jobs, variant by variant.
func Plan(variants []scenarios.Expanded) (jobs []Job) {
	for v := range variants {
		jobs = append(jobs, planOne(v, &variants[v])...)
	}
	return jobs
}

// planOne lists the jobs of the variant at a place.
func planOne(place int, v *scenarios.Expanded) []Job {
	n := v.Scenario.Replications
	s := &Sum{place: place, left: n, upTo: n, trends: &result.Trends{}, replications: make([]result.Replication, n)}
	if mayStop(v) {
		s.each = make([]*result.Trends, n)
	}
	jobs := make([]Job, n)
	for r := range jobs {
		jobs[r] = Job{v, r, s}
	}
	return jobs
}

// one does a job, and says whether it was the last one of its variant.
func one(ctx context.Context, j Job, t *fleet.Tally, opts Options) (last bool, err error) {
	if j.sum.moot(j.replication) {
		t.Skipped()
		return j.sum.skip(), nil
	}
	back, err := opts.Turns.take(ctx)
	if err != nil {
		return false, err
	}
	defer back()
	w, err := fleet.New(*j.variant, fleet.Options{Replication: j.replication, TickIdle: opts.TickIdle, Stops: !opts.ToTheEnd})
	if err != nil {
		return false, fmt.Errorf("variant %s: %w", j.variant.Name, err)
	}
	var recorder *recording.Recorder
	if opts.Record != nil && j.replication == 0 {
		recorder = recording.Attach(w, *opts.Record)
	}
	w.Settled = func() bool { return j.sum.moot(j.replication) }
	if err := w.Run(ctx, w.End, t); err != nil {
		return false, err
	}
	return j.sum.add(j.replication, w, recorder), nil
}
