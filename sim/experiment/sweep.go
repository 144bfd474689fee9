package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// Sweep is a scenario over a grid of values: each of its variants at each point.
type Sweep struct {
	Head result.Sweep
	base []scenarios.Expanded // the variants without any value of the grid
	seed int                  // the axis that is the seed, or -1
	near memory               // of points, which differ in the seed alone
}

// New is the sweep of variants over axes; the variants are all of one file, with
// the same overrides. Version is the program's.
func New(variants []scenarios.Expanded, axes []result.Axis, version string) (*Sweep, error) {
	rows, err := rowsOf(axes, len(variants))
	if err != nil {
		return nil, err
	}
	first := &variants[0]
	files, err := Inputs(variants)
	if err != nil {
		return nil, err
	}
	s := &Sweep{base: variants, seed: slices.IndexFunc(axes, func(a result.Axis) bool { return a.Path == "seed" }), Head: result.Sweep{
		Version: version, Scenario: result.Scenario{Name: first.Scenario.Metadata.Name, Digest: first.Digest}, Files: files,
		Overrides: append([]string{}, first.Set...), Variants: []string{}, Axes: append([]result.Axis{}, axes...), Rows: rows,
	}}
	for i := range variants {
		s.Head.Variants = append(s.Head.Variants, variants[i].Name)
	}
	return s, nil
}

// expand is the variant of a row at its point. Points that differ in the seed
// alone are read and checked once.
func (s *Sweep) expand(row int) (scenarios.Expanded, error) {
	base, settings := &s.base[s.Head.VariantOf(row)], s.Head.Settings(row)
	if s.seed < 0 {
		return base.WithOver(settings...)
	}
	text := s.Head.Point(row)[s.seed]
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(seed, 10) != text {
		return base.WithOver(settings...) // YAML has its say about that
	}
	others := slices.Delete(slices.Clone(settings), s.seed, s.seed+1)
	v, err := s.near.of(s.Head.VariantOf(row), others, func() (scenarios.Expanded, error) { return base.WithOver(others...) })
	if err != nil {
		return v, err
	}
	scenario := *v.Scenario
	scenario.Seed = seed
	v.Scenario = &scenario
	return v, nil
}

// Run runs the rows of a shard, from one of them on, and writes each as a line of
// JSON, in their order. runs is how many runs that will be, as Check says, and the
// most that go at a time. What it writes does not depend on the number of workers.
func (s *Sweep) Run(ctx context.Context, shard Shard, from, runs int, w io.Writer, opts sim.Options) error {
	lines := NewInOrder(func(line []byte) error {
		_, err := w.Write(line)
		return err
	})
	prepare := func(ctx context.Context, i int) (*scenarios.Expanded, error) {
		if err := lines.wait(ctx, i); err != nil {
			return nil, err
		}
		v, err := s.expand(shard.row(from + i))
		return &v, err
	}
	deliver := func(i int, v *scenarios.Expanded, out *result.Variant) error {
		row := result.MakeRow(&s.Head, shard.row(from+i), v.Scenario.Seed, sim.Fingerprint(out), out)
		line, err := row.Line()
		if err != nil {
			return err
		}
		return lines.Add(i, line)
	}
	err := sim.Stream(ctx, shard.Rows(s.Head.Rows)-from, runs, prepare, deliver, opts)
	var at *jobs.VariantError
	if errors.As(err, &at) && at.Err != context.Canceled {
		row := shard.row(from + at.Place)
		return fmt.Errorf("row %d (%s): %w", row, strings.Join(s.Head.Settings(row), ", "), at.Err)
	}
	return err
}
