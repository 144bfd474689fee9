package tables

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/result"
)

// written are the tables of a result, by file, with the names of their columns first.
func written(t *testing.T, r *result.Result) map[string][][]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tables")
	if err := Write(t.Context(), dir, r); err != nil {
		t.Fatal(err)
	}
	all := map[string][][]string{}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll() // each line has as many cells as the first
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		all[f.name] = lines
	}
	return all
}

// sum adds a column up, of the lines that have some cells.
func sum(t *testing.T, lines [][]string, column string, with ...string) (total float64) {
	t.Helper()
	at := slices.Index(lines[0], column)
	for _, line := range lines[1:] {
		if slices.ContainsFunc(with, func(cell string) bool { return !slices.Contains(line, cell) }) {
			continue
		}
		n, err := strconv.ParseFloat(line[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	return total
}

// What tables have of a run adds up to what the result says of it.
func TestTablesAddUpToTheResult(t *testing.T) {
	r, err := sim.Run(context.Background(), scenariotest.Shipped(t, "silent-drop", scenarios.Options{}), sim.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	all := written(t, r)
	for i := range r.Variants {
		v := &r.Variants[i]
		attempts := 0
		for _, a := range v.API { // any order: a sum
			attempts += a.Attempts + a.Other.Attempts
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"failed ADDs", sum(t, all["failed_adds.csv"], "count", v.Name), float64(v.Pods.FailedAdds)},
			{"requests", sum(t, all["requests.csv"], "requests", v.Name), float64(attempts)},
			{"starts", sum(t, all["starts.csv"], "count", v.Name, "pod_start"), float64(v.Pods.Start.Count)},
			{"api_attempts", sum(t, all["metrics.csv"], "value", v.Name, "api_attempts"), float64(attempts - others(v))},
			{"pods that run at the end", sum(t, all["pods.csv"], "running", v.Name, "all", last(v)), float64(v.Pods.AtEnd.Running)},
			{"nodes", sum(t, all["nodes.csv"], "ready", v.Name, last(v)), float64(v.Series.Nodes.Ready[len(v.Series.Nodes.Ready)-1])},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s are %v in the table and %v in the result", v.Name, c.what, c.got, c.want)
			}
		}
	}
	conditions := 0
	for i := range r.Variants {
		conditions += len(r.Variants[i].Thresholds) + len(r.Variants[i].Expectations)
	}
	if got := len(all["thresholds.csv"]) - 1; got != conditions || got == 0 {
		t.Errorf("%d conditions, the result has %d", got, conditions)
	}
	if len(all["slowest.csv"]) < 2 {
		t.Error("no slowest pods")
	}
}

func others(v *result.Variant) (n int) {
	for _, a := range v.API { // any order: a sum
		n += a.Other.Attempts
	}
	return n
}

// last is the time of the last sample.
func last(v *result.Variant) string { return number(v.Series.AtSeconds[len(v.Series.AtSeconds)-1]) }
