package validation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// bundle holds recordings of the real daemon; testdata/README.md says how it
// is made.
const (
	bundle      = "testdata/traces.tar.gz"
	bundleCount = 201
)

var bundled = sync.OnceValues(func() ([]*Trace, error) {
	sources, err := Load(bundle)
	if err != nil {
		return nil, err
	}
	traces := make([]*Trace, len(sources))
	for i, s := range sources {
		if traces[i], err = parse(s.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
	}
	return traces, nil
})

// wholeReport is the report on the whole bundle, by more workers than there are
// cores. Several properties are about it.
var wholeReport = sync.OnceValues(func() (*Report, error) {
	sources, err := Load(bundle)
	if err != nil {
		return nil, err
	}
	var r Report
	err = Conform(context.Background(), sources, Options{Workers: 7}, func(v Verdict) error {
		r.Add(v)
		return nil
	})
	return &r, err
})

func traces(t testing.TB) []*Trace {
	t.Helper()
	list, err := bundled()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func named(t testing.TB, name string) *Trace {
	t.Helper()
	for _, trace := range traces(t) {
		if trace.Scenario.Name == name {
			return trace
		}
	}
	t.Fatalf("no trace is named %s", name)
	return nil
}

func run(t testing.TB, s *Scenario, p picks, tickIdle bool) *Recording {
	t.Helper()
	r, err := replay(s, p, tickIdle)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryRecordingConforms(t *testing.T) {
	sources, err := Load(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) != bundleCount {
		t.Errorf("%d traces in the bundle, want %d", len(sources), bundleCount)
	}
	r, err := wholeReport()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Traces {
		if !v.Conforms {
			var line strings.Builder
			v.WriteLine(&line, true)
			t.Error(line.String())
		}
	}
	if r.Conform+r.Fail != len(sources) {
		t.Errorf("%d verdicts on %d traces", r.Conform+r.Fail, len(sources))
	}
	for i, v := range r.Traces {
		if v.Path != sources[i].Path {
			t.Fatalf("verdict %d is on %s, want %s", i, v.Path, sources[i].Path)
		}
		if v.RandomRuns != DefaultSeeds {
			t.Errorf("%s: judged by %d seeds", v.Name, v.RandomRuns)
		}
	}
	var table strings.Builder
	r.WriteSummary(&table)
	if readme, err := os.ReadFile("README.md"); err != nil || !strings.Contains(string(readme), table.String()) {
		t.Errorf("README.md does not hold this table (%v):\n%s", err, table.String())
	}
}

// A parked daemon skips passes that change nothing: if one did change
// something, recordings would differ.
func TestParkingChangesNoRecording(t *testing.T) {
	for _, trace := range traces(t) {
		t.Run(trace.Scenario.Name, func(t *testing.T) {
			t.Parallel()
			for _, p := range []picks{ascending, descending, randomPicks(1), randomPicks(2)} {
				ticking, parking := run(t, &trace.Scenario, p, true), run(t, &trace.Scenario, p, false)
				if d := firstDivergence(everything, ticking, parking); d != nil {
					d.Picks = p.String()
					t.Error(d)
				}
			}
		})
	}
}

func TestEqualArgumentsGiveEqualRecordings(t *testing.T) {
	s := &named(t, "wip5_c5_4xlarge_churn").Scenario
	var first []byte
	for range 3 {
		again, err := json.Marshal(run(t, s, randomPicks(7), false))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = again
		}
		if string(again) != string(first) {
			t.Fatal("two runs with one seed differ")
		}
	}
	other, _ := json.Marshal(run(t, s, randomPicks(8), false))
	if string(other) == string(first) {
		t.Error("another seed gives the same recording")
	}
}

func TestVerdictsDoNotDependOnWorkers(t *testing.T) {
	sources, err := Load(bundle)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := wholeReport()
	if err != nil {
		t.Fatal(err)
	}
	var many, one Report
	for _, v := range whole.Traces[:40] {
		many.Add(v)
	}
	err = Conform(t.Context(), sources[:40], Options{Workers: 1}, func(v Verdict) error {
		one.Add(v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(many)
	if got, _ := json.Marshal(one); string(got) != string(want) {
		t.Error("one worker gives another report than seven")
	}
}

func TestConformEndsWithTheErrorOfItsReader(t *testing.T) {
	sources, err := Load(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		full, read := errors.New("the disk is full"), 0
		err := Conform(t.Context(), sources, Options{Workers: workers}, func(Verdict) error {
			if read++; read == 3 {
				return full
			}
			return nil
		})
		if err != full || read != 3 {
			t.Errorf("%d workers: %v after %d verdicts", workers, err, read)
		}
		ctx, cancel := context.WithCancel(t.Context())
		read = 0
		err = Conform(ctx, sources, Options{Workers: workers}, func(Verdict) error {
			read++
			cancel()
			return nil
		})
		if err != context.Canceled || read != 1 {
			t.Errorf("%d workers: %v after %d verdicts", workers, err, read)
		}
	}
	if err := Conform(t.Context(), nil, Options{}, nil); err != nil {
		t.Errorf("no sources: %v", err)
	}
}

func TestASourceThatIsNoTraceFails(t *testing.T) {
	good, err := Load(bundle)
	if err != nil {
		t.Fatal(err)
	}
	sources := []Source{{Path: "x/broken.json", Data: []byte("{")}, good[0]}
	var r Report
	if err := Conform(t.Context(), sources, Options{Seeds: 1}, func(v Verdict) error { r.Add(v); return nil }); err != nil {
		t.Fatal(err)
	}
	if r.Conform != 1 || r.Fail != 1 || r.Traces[0].Error == "" || r.Traces[0].Name != "broken" {
		t.Errorf("report %+v", r)
	}
	var table strings.Builder
	r.WriteSummary(&table)
	if !strings.Contains(table.String(), unknownArea) {
		t.Errorf("the table leaves out what is no trace:\n%s", table.String())
	}
}

func TestEveryAreaIsListedAndUsed(t *testing.T) {
	seen := map[string]bool{}
	for _, trace := range traces(t) {
		area := trace.Scenario.Area()
		if !slices.Contains(areas, area) {
			t.Errorf("%s: area %q is not listed", trace.Scenario.Name, area)
		}
		seen[area] = true
	}
	for _, area := range areas {
		if !seen[area] {
			t.Errorf("area %q has no trace", area)
		}
	}
}

// BenchmarkNodeHour replays a busy node: what it costs per hour of its time.
func BenchmarkNodeHour(b *testing.B) {
	for _, name := range []string{"def_m5large_idle", "wip5_c5_4xlarge_churn", "pd_wpt1_m5large_churn"} {
		s := &named(b, name).Scenario
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run(b, s, ascending, false)
			}
			hours := milliseconds(s.DurationMS).Hours()
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/hours, "µs/node-hour")
		})
	}
}
