package experiment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/result"
)

// small is a scenario with two variants that takes milliseconds.
const small = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: small}
duration: 3m
replications: 2
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1}]
workloads: [{name: web, replicas: [{at: 1s, count: 3}], resources: {cpu: 1m, memory: 1Mi}}]
variants:
  - {name: one}
  - {name: two, set: {nodeGroups.workers.cni.WARM_IP_TARGET: 2}}
`

func sweep(t testing.TB, over ...string) *Sweep {
	t.Helper()
	var axes []result.Axis
	for _, o := range over {
		axis, err := ParseAxis(o)
		if err != nil {
			t.Fatal(err)
		}
		axes = append(axes, axis)
	}
	f, err := scenarios.Load("small.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(variants, axes, "test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run is what a sweep of the rows of a shard writes. There are as many workers only
// where there are as many runs.
func run(t testing.TB, s *Sweep, shard Shard, workers int) []byte {
	t.Helper()
	var b bytes.Buffer
	runInto(t, s, shard, 0, workers, &b)
	return b.Bytes()
}

// runInto runs the rows of a shard from one of them on.
func runInto(t testing.TB, s *Sweep, shard Shard, from, workers int, w io.Writer) {
	t.Helper()
	runs, _, err := s.Check(context.Background(), shard, from, 1)
	if err == nil {
		err = s.Run(context.Background(), shard, from, runs, w, sim.Options{Workers: workers})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestShardsMergeToTheBytesOfOneRun(t *testing.T) {
	s := sweep(t, "workloads.web.replicas.0.count=1,2,3", "seed=4,5")
	whole := run(t, s, Whole, 3)
	if n := bytes.Count(whole, []byte{'\n'}); n != 12 {
		t.Fatalf("%d rows", n)
	}
	if !bytes.Equal(whole, run(t, s, Whole, 1)) {
		t.Error("the rows depend on the number of workers")
	}
	for _, of := range []int{1, 2, 5, 12, 17} {
		dir, paths := t.TempDir(), []string{}
		for i := range of {
			path := filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(path, run(t, s, Shard{i, of}, 2), 0o666); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(of, func(i, k int) { paths[i], paths[k] = paths[k], paths[i] })
		merged, err := Merge(paths)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		for line, err := range merged.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			b.Write(line)
		}
		if !bytes.Equal(b.Bytes(), whole) {
			t.Errorf("%d shards are not the whole", of)
		}
		if err := merged.Close(); err != nil {
			t.Error(err)
		}
		if of > 1 {
			if _, err := Merge(paths[1:]); err == nil && of <= 12 {
				t.Errorf("one of %d shards is missing, and nobody says so", of)
			}
		}
	}
}

// Wherever a sweep is cut off, it goes on to the same bytes: between two rows, in
// one, before the first and after the last. What a file does that is cut off at any
// byte is a property of its own.
func TestASweepGoesOnWhereverItWasCutOff(t *testing.T) {
	s := sweep(t, "workloads.web.replicas.0.count=1,2,3")
	for _, shard := range []Shard{Whole, {1, 2}} {
		whole := run(t, s, shard, 2)
		path := filepath.Join(t.TempDir(), "rows.jsonl")
		ends := []int{0}
		for i, b := range whole {
			if b == '\n' {
				ends = append(ends, i+1)
			}
		}
		for rows, end := range ends {
			for _, cut := range []int{end - 1, end, end + 1} {
				if cut < 0 || cut > len(whole) {
					continue
				}
				if err := os.WriteFile(path, whole[:cut], 0o666); err != nil {
					t.Fatal(err)
				}
				goesOn(t, s, shard, path, min(rows, bytes.Count(whole[:cut], []byte{'\n'})), whole)
			}
		}
	}
}

// goesOn runs the rows that a file does not have.
func goesOn(t *testing.T, s *Sweep, shard Shard, path string, had int, whole []byte) {
	t.Helper()
	store, err := OpenRows(path, s, shard)
	if err != nil {
		t.Fatal(err)
	}
	if store.Had != had {
		t.Fatalf("%d rows are found, of %d", store.Had, had)
	}
	runInto(t, s, shard, had, 2, store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
		t.Fatalf("with %d rows it goes on to another file: %v\n%s\n\nthan the whole one:\n%s", had, err, got, whole)
	}
}

// A row has the fingerprint and the figures of a run of its variant at its point.
func TestARowIsARunsResult(t *testing.T) {
	s := sweep(t, "workloads.web.replicas.0.count=1,40")
	lines := bytes.SplitAfter(run(t, s, Whole, 2), []byte{'\n'})
	row, err := result.ReadRow(lines[3])
	if err != nil {
		t.Fatal(err)
	}
	variants := scenariotest.Expand(t, small, scenarios.Options{Variants: []string{"two"}, Set: []string{"workloads.web.replicas.0.count=40"}})
	r, err := sim.Run(context.Background(), variants, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if row.Fingerprint != r.Fingerprint || row.Variant != "two" || row.Replications != 2 {
		t.Errorf("row %+v", row)
	}
	for name, want := range map[string]float64{"pods_wanted": 40, "pods_running": float64(r.Variants[0].Pods.AtEnd.Running), "enis_peak": float64(r.Variants[0].Interfaces.Peak)} {
		if got, _, observed := row.Figure(name); !observed || got != want {
			t.Errorf("%s is %v, the run has %v", name, got, want)
		}
	}
	if got, never, _ := row.Figure("pod_start_p50_seconds"); never || got != float64(r.Variants[0].Pods.Start.P50) {
		t.Errorf("pod_start_p50_seconds is %v, the run has %v", got, r.Variants[0].Pods.Start.P50)
	}
	if _, never, _ := row.Figure("pod_start_max_seconds"); !never {
		t.Error("40 pods on one m5.large, and all of them have started")
	}
}

func TestWrongValuesAreSaidBeforeAnythingRuns(t *testing.T) {
	s := sweep(t, "workloads.web.replicas.0.count=1,x,2,-1", "nodeGroups.workers.count=1,2")
	_, _, err := s.Check(context.Background(), Whole, 0, 3)
	var problems scenarios.Problems
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].Flag != "--over workloads.web.replicas.0.count=x" || problems[1].Flag != "--over workloads.web.replicas.0.count=-1" {
		t.Errorf("%v", err)
	}
	if runs, _, err := sweep(t, "replications=1,5").Check(context.Background(), Whole, 0, 1); runs != 12 || err != nil {
		t.Errorf("%d runs, %v", runs, err)
	}
}

func TestWhatFailsToBeWrittenEndsTheSweep(t *testing.T) {
	s := sweep(t, "workloads.web.replicas.0.count=1,2,3")
	full := errors.New("the disk is full")
	if err := s.Run(context.Background(), Whole, 0, 12, failing{full}, sim.Options{Workers: 3}); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

func TestACancelledSweepEnds(t *testing.T) {
	s := sweep(t, "seed="+manySeeds(3*window))
	ctx, cancel := context.WithCancel(context.Background())
	rows := 0
	err := s.Run(ctx, Whole, 0, 12*window, writerFunc(func(p []byte) (int, error) {
		if rows++; rows == 3 {
			cancel()
		}
		return len(p), nil
	}), sim.Options{Workers: 4})
	if !errors.Is(err, context.Canceled) || rows < 3 || rows == 6*window {
		t.Errorf("%d rows, %v", rows, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var _ io.Writer = writerFunc(nil)

func manySeeds(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint(i))
	}
	return strings.Join(list, ",")
}

// Rows that are done far ahead of the first one wait for it.
func TestNoRowIsFarAheadOfTheFirst(t *testing.T) {
	var put []int
	o := NewInOrder(func(i int) error { put = append(put, i); return nil })
	for i := window - 1; i > 0; i-- {
		if err := o.wait(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		if err := o.Add(i, i); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan error)
	go func() { waited <- o.wait(ctx, window) }()
	select {
	case <-waited:
		t.Fatal("it did not wait")
	default:
	}
	cancel()
	if err := <-waited; err != context.Canceled {
		t.Fatal(err)
	}
	if len(put) != 0 {
		t.Fatal("the first is not there, and others were handed on")
	}
	if err := o.Add(0, 0); err != nil || len(put) != window {
		t.Fatalf("%d were handed on", len(put))
	}
	for i, n := range put {
		if i != n {
			t.Fatalf("%d came in place of %d", n, i)
		}
	}
}
