// Package tables sets a result as tables for spreadsheets and data frames: one
// kind of row a file, numbers without units or separators, names of columns as
// the keys of JSON.
package tables

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"ipamsim/reports"
	"ipamsim/sim/compare"
	"ipamsim/sim/result"
)

// files are all of them, by name.
var files = []struct {
	name  string
	write func(io.Writer, *result.Result) error
}{
	{"addresses.csv", Addresses},
	{"failed_adds.csv", table("variant,cause,at_seconds,count", failedAdds)},
	{"metrics.csv", table("variant,metric,replication,value", metrics)},
	{"nodes.csv", table("variant,at_seconds,ready,launched,ended", nodes)},
	{"pods.csv", table("variant,part,name,at_seconds,running,waiting_for_address,unschedulable,without_network,not_created", pods)},
	{"requests.csv", table("variant,action,at_seconds,requests,throttled", requests)},
	{"slowest.csv", table("variant,pod,workload,node,created_seconds,schedulable_seconds,bound_seconds,running_seconds,failed_adds,node_seconds,scheduling_seconds,sandbox_seconds,address_wait_seconds,backoff_seconds,cpu_seconds,image_seconds", slowest)},
	{"starts.csv", table("variant,metric,below_seconds,count", starts)},
	{"thresholds.csv", table("variant,kind,metric,condition,severity,ok,value,never,expected,difference,at_seconds,note,line", thresholds)},
}

// Write writes all tables into a folder, all or none. Times are seconds of virtual
// time; what was never observed is an empty cell, what never came to its end inf.
func Write(ctx context.Context, dir string, r *result.Result) error {
	list := make([]reports.NamedFile, len(files))
	for i, f := range files {
		list[i] = reports.NamedFile{Name: f.name, Write: func(w io.Writer) error { return f.write(w, r) }}
	}
	return reports.WriteFiles(ctx, dir, list)
}

// IsTable says whether a file in a folder of tables has the name of one.
func IsTable(name string) bool {
	for i := range files {
		if files[i].name == name {
			return true
		}
	}
	return false
}

// row takes the cells of a line after the variant's name.
type row func(cells ...string)

// table is a table of all variants, each line of which begins with the variant.
func table(head string, of func(v *result.Variant, add row)) func(io.Writer, *result.Result) error {
	return func(w io.Writer, r *result.Result) error {
		c := csv.NewWriter(w)
		c.Write(strings.Split(head, ","))
		for i := range r.Variants {
			v := &r.Variants[i]
			of(v, func(cells ...string) { c.Write(append([]string{v.Name}, cells...)) })
		}
		c.Flush()
		return c.Error()
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// perhaps is a number that may be absent.
func perhaps(f *float64) string {
	if f == nil {
		return ""
	}
	return number(*f)
}

func failedAdds(v *result.Variant, add row) {
	for _, s := range v.Series.FailedAdds {
		for i, at := range v.Series.AtSeconds {
			add(string(s.Cause), number(at), strconv.Itoa(sampleOf(s.Count, i)))
		}
	}
}

// metrics has every figure of every replication, as comparisons have them.
func metrics(v *result.Variant, add row) {
	for _, f := range compare.FiguresOf(v) {
		for i, value := range f.Values {
			cell := ""
			switch {
			case value.Infinite():
				cell = "inf"
			case value.Observed():
				cell = number(float64(value))
			}
			add(f.Name, strconv.Itoa(v.Replications[i].Replication), cell)
		}
	}
}

func nodes(v *result.Variant, add row) {
	for i, at := range v.Series.AtSeconds {
		n := &v.Series.Nodes
		add(number(at), strconv.Itoa(sampleOf(n.Ready, i)), strconv.Itoa(sampleOf(n.Launched, i)), strconv.Itoa(sampleOf(n.Ended, i)))
	}
}

func pods(v *result.Variant, add row) {
	of := func(part, name string, s *result.StateSeries) {
		for i, at := range v.Series.AtSeconds {
			cells := []string{part, name, number(at)}
			for _, counts := range [][]int{s.Running, s.WaitingForAddress, s.Unschedulable, s.WithoutNetwork, s.NotCreated} {
				cells = append(cells, strconv.Itoa(sampleOf(counts, i)))
			}
			add(cells...)
		}
	}
	of("all", "", &v.Series.Pods.StateSeries)
	for _, part := range []struct {
		name string
		sets []result.SetSeries
	}{{"workload", v.Series.Workloads}, {"nodegroup", v.Series.NodeGroups}, {"zone", v.Series.Zones}} {
		for i := range part.sets {
			of(part.name, part.sets[i].Name, &part.sets[i].StateSeries)
		}
	}
}

func requests(v *result.Variant, add row) {
	for _, s := range v.Series.API {
		for i, at := range v.Series.AtSeconds {
			add(s.Action, number(at), strconv.Itoa(sampleOf(s.Requests, i)), strconv.Itoa(sampleOf(s.Throttled, i)))
		}
	}
}

func slowest(v *result.Variant, add row) {
	for i := range v.Slowest {
		p := &v.Slowest[i]
		cells := []string{p.Name, p.Workload, p.Node, number(p.CreatedSeconds), perhaps(p.SchedulableSeconds), perhaps(p.BoundSeconds), perhaps(p.RunningSeconds), strconv.Itoa(p.Failed)}
		for _, phase := range []float64{p.Phases.Node, p.Phases.Scheduling, p.Phases.Sandbox, p.Phases.AddressWait, p.Phases.Backoff, p.Phases.CPU, p.Phases.Image} {
			cells = append(cells, number(phase))
		}
		add(cells...)
	}
}

func starts(v *result.Variant, add row) {
	for _, of := range []struct {
		metric string
		bins   *result.Distribution
	}{{"pod_start", &v.Distributions.PodStart}, {"pod_pending", &v.Distributions.PodPending}, {"pod_address_wait", &v.Distributions.PodAddressWait}, {"pod_creation", &v.Distributions.PodCreation}, {"node_ready", &v.Distributions.NodeReady}} {
		for i, n := range of.bins.Counts {
			add(of.metric, number(of.bins.BelowSeconds[i]), strconv.Itoa(n))
		}
	}
}

func thresholds(v *result.Variant, add row) {
	for _, kind := range []struct {
		name string
		list []result.Threshold
	}{{"threshold", v.Thresholds}, {"expectation", v.Expectations}} {
		for i := range kind.list {
			t := &kind.list[i]
			line := ""
			if t.Line > 0 {
				line = strconv.Itoa(t.Line)
			}
			add(slices.Concat([]string{kind.name, t.Metric, t.Condition(), string(t.Severity), strconv.FormatBool(t.OK), perhaps(t.Value), strconv.FormatBool(t.Never)},
				[]string{number(t.Expected), perhaps(t.Difference), perhaps(t.AtSeconds), t.Note, line})...)
		}
	}
}
