package validation

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

func clone(r *Recording) *Recording {
	c := *r
	c.Calls, c.Stats = slices.Clone(r.Calls), slices.Clone(r.Stats)
	c.Adds, c.Dels = slices.Clone(r.Adds), slices.Clone(r.Dels)
	for i := range c.Stats {
		s := &c.Stats[i]
		s.IPsPerENI, s.ENIOrdinals = slices.Clone(s.IPsPerENI), slices.Clone(s.ENIOrdinals)
		s.AssignedPerENI, s.SubnetFree = slices.Clone(s.AssignedPerENI), slices.Clone(s.SubnetFree)
	}
	return &c
}

// Whatever is changed in a recording, the comparison finds it, at its time.
func TestEveryChangeOfARecordingDiverges(t *testing.T) {
	var list []*Trace
	for _, trace := range traces(t) {
		if len(trace.Calls) > 0 && len(trace.Stats) > 0 && len(trace.Adds) > 0 && len(trace.Dels) > 0 {
			list = append(list, trace)
		}
	}
	changes := map[string]func(*rapid.T, *Recording) int64{
		"a call": changeCall,
		"a row":  changeRow,
		"an ADD": func(t *rapid.T, r *Recording) int64 { return changePod(t, r.Adds) },
		"a DEL":  func(t *rapid.T, r *Recording) int64 { return changePod(t, r.Dels) },
		"a lost call": func(t *rapid.T, r *Recording) int64 {
			return lose(t, &r.Calls, func(c Call) int64 { return c.StartMS })
		},
		"a lost ADD":    func(t *rapid.T, r *Recording) int64 { return lose(t, &r.Adds, func(p Pod) int64 { return p.AtMS }) },
		"a lost row":    func(t *rapid.T, r *Recording) int64 { return lose(t, &r.Stats, func(s Stat) int64 { return s.AtMS }) },
		"the end of it": func(_ *rapid.T, r *Recording) int64 { r.InitDoneMS++; return r.InitDoneMS - 1 },
	}
	for name, change := range changes {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			want := &rapid.SampledFrom(list).Draw(t, "trace").Recording
			got := clone(want)
			if d := firstDivergence(everything, want, got); d != nil {
				t.Fatalf("a recording differs from itself: %s", d)
			}
			at := change(t, got)
			d := firstDivergence(everything, want, got)
			switch {
			case d == nil:
				t.Fatal("not noticed")
			case d.AtMS > at:
				t.Fatalf("noticed at %d, is at %d: %s", d.AtMS, at, d)
			case d.Expected == d.Got:
				t.Fatalf("both sides read the same: %s", d)
			}
		}))
	}
}

func changeCall(t *rapid.T, r *Recording) int64 {
	c := &r.Calls[rapid.IntRange(0, len(r.Calls)-1).Draw(t, "call")]
	at := c.StartMS
	rapid.SampledFrom([]func(){
		func() { c.StartMS-- },
		func() { c.EndMS++ },
		func() { c.Op += "x" },
		func() { c.ENI++ },
		func() { c.What += "x" },
		func() { c.Asked++ },
		func() { c.Got++ },
		func() { c.Err += "x" },
	}).Draw(t, "change")()
	return at
}

func changeRow(t *rapid.T, r *Recording) int64 {
	s := &r.Stats[rapid.IntRange(0, len(r.Stats)-1).Draw(t, "row")]
	rapid.SampledFrom([]func(){
		func() { s.ENIs++ },
		func() { s.Total++ },
		func() { s.Assigned++ },
		func() { s.Cooldown++ },
		func() { s.Available++ },
		func() { s.Prefixes++ },
		func() { s.FreePrefixes++ },
		func() { s.IPsPerENI = append(s.IPsPerENI, 1) },
		func() { s.ENIOrdinals = append(s.ENIOrdinals, 9) },
		func() { s.AssignedPerENI = append(s.AssignedPerENI, 1) },
		func() { s.EC2ENIs++ },
		func() { s.EC2IPs++ },
		func() { s.SubnetFree[0]++ },
	}).Draw(t, "change")()
	return s.AtMS
}

func changePod(t *rapid.T, list []Pod) int64 {
	p := &list[rapid.IntRange(0, len(list)-1).Draw(t, "pod")]
	rapid.SampledFrom([]func(){
		func() { p.OK, p.Err = !p.OK, "x" },
		func() { p.ENI++; p.OK = true },
		func() { p.Pod += "x" },
	}).Draw(t, "change")()
	return p.AtMS
}

func lose[T any](t *rapid.T, list *[]T, at func(T) int64) int64 {
	i := rapid.IntRange(0, len(*list)-1).Draw(t, "lost")
	lost := at((*list)[i])
	*list = append((*list)[:i], (*list)[i+1:]...)
	return lost
}

// Each view sees what it is about and is blind to the rest.
func TestProjectionsSeeWhatTheyAreAbout(t *testing.T) {
	want := &named(t, "def_m5large_ramp").Recording
	blind := map[string][]string{
		"call's ENI":     {"calls_without_eni", "call_sequence", "stats", "adds", "init"},
		"call's time":    {"call_sequence", "stats", "adds", "init"},
		"ADD's ENI":      {"adds_without_eni", "dels", "calls", "stats"},
		"assigned split": {"stats_without_eni", "stats_totals", "stats_pool", "calls"},
		"cooldown":       {"stats_pool", "calls"},
	}
	changes := map[string]func(*Recording){
		"call's ENI":     func(r *Recording) { r.Calls[3].ENI++ },
		"call's time":    func(r *Recording) { r.Calls[3].EndMS++ },
		"ADD's ENI":      func(r *Recording) { r.Adds[2].ENI++ },
		"assigned split": func(r *Recording) { r.Stats[5].AssignedPerENI[0]++ },
		"cooldown":       func(r *Recording) { r.Stats[5].Cooldown++ },
	}
	sees := map[string][]string{
		"call's ENI":     {"calls"},
		"call's time":    {"calls", "calls_without_eni"},
		"ADD's ENI":      {"adds"},
		"assigned split": {"stats"},
		"cooldown":       {"stats", "stats_without_eni", "stats_totals"},
	}
	diff := map[string]projection{}
	for _, p := range projections {
		diff[p.name] = p
	}
	for name, change := range changes {
		got := clone(want)
		change(got)
		for _, view := range blind[name] {
			if d := diff[view].diff(want, got); d != nil {
				t.Errorf("%s: %s sees it: %s", name, view, d)
			}
		}
		for _, view := range sees[name] {
			if diff[view].diff(want, got) == nil {
				t.Errorf("%s: %s does not see it", name, view)
			}
		}
	}
}

// The views that a trace calls stable are views that this package knows.
func TestEveryStabilityIsAProjection(t *testing.T) {
	known := map[string]bool{}
	for _, p := range projections {
		known[p.name] = true
	}
	for _, trace := range traces(t) {
		for name := range trace.Stability {
			if !known[name] {
				t.Errorf("%s: unknown projection %s", trace.Scenario.Name, name)
			}
		}
	}
}

// A trace that says what the real daemon did not do is contradicted: exact
// parts at their time, ranges and histograms by improbability.
func TestFalsifiedTracesFail(t *testing.T) {
	cases := []struct {
		name, trace string
		falsify     func(*Trace)
		want        string // in the divergence
	}{
		{"a call later", "def_m5large_idle", func(t *Trace) { t.Calls[2].StartMS += 1 }, "ascending picks, calls[2]: expected DescribeSubnets n=0 got=1 0.351s..0.450s; got DescribeSubnets n=0 got=1 0.350s..0.450s"},
		{"descending alone", "wip5_m5large_ramp_in", func(t *Trace) { t.Ordered.Desc.Adds[3].ENI++ }, "descending picks, adds[3]"},
		{"a stable view", "wip5_m5large_ramp_in", func(t *Trace) { t.Adds[3].OK = !t.Adds[3].OK }, "adds_without_eni[3]"},
		{"a range", "wip5_m5large_ramp_in", func(t *Trace) { t.CallErrors["DescribeSubnets/Throttling"] = bounds{3, 9} }, "call_errors/DescribeSubnets/Throttling below its range"},
		{"the envelope", "wip5_m5large_ramp_in", func(t *Trace) {
			for i := range t.Envelope {
				if t.Envelope[i].AtMS >= 200_000 {
					t.Envelope[i].Total[0] += 100
				}
			}
		}, "total_ips below its range"},
		{"a histogram", "wip5_m5large_ramp_in", func(t *Trace) {
			h := t.Distributions.Uniform.CallCounts["UnassignPrivateIpAddresses"]
			h.Count = map[int]int{77: t.Distributions.Uniform.Runs}
			t.Distributions.Uniform.CallCounts["UnassignPrivateIpAddresses"] = h
		}, "call_counts/UnassignPrivateIpAddresses"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := json.Marshal(named(t, c.trace))
			if err != nil {
				t.Fatal(err)
			}
			falsified, err := parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := judge(falsified, Options{}); err != nil || !v.Conforms {
				t.Fatalf("the trace fails as it is: %v %v", v.Divergence, err)
			}
			c.falsify(falsified)
			v, err := judge(falsified, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if v.Conforms || !strings.Contains(v.Divergence.String(), c.want) {
				t.Errorf("got %v, want something with %q", v.Divergence, c.want)
			}
		})
	}
}

// A branch that the real daemon's few runs missed is tolerated when it is
// rare, and held against us when it is common.
func TestARareBranchIsToleratedAndACommonOneIsNot(t *testing.T) {
	trace := named(t, "wip5_m5large_ramp_in")
	s := newSample(trace)
	if err := s.run(20, false); err != nil {
		t.Fatal(err)
	}
	s.differ[0], s.first[0] = 1, &Divergence{}
	if !s.doubtful() {
		t.Error("one run that differs raises no doubt")
	}
	if d := s.contradiction(); d != nil {
		t.Errorf("one of 20 runs is held against us: %s", d)
	}
	s.differ[0] = 10
	if s.contradiction() == nil {
		t.Errorf("10 of 20 runs are not held against us, although %d recorded ones agree", trace.LegalRuns)
	}
}

func TestFisherIsExact(t *testing.T) {
	for _, c := range []struct {
		a, n, b, m int
		want       float64
	}{
		{3, 4, 1, 4, 0.4857142857}, // Fisher's tea
		{0, 20, 20, 20, 1.4508889e-11},
		{5, 20, 5, 20, 1},
		{1, 9, 11, 14, 0.0027594562}, // R: fisher.test(matrix(c(1, 8, 11, 3), 2))
	} {
		if got := fisher(c.a, c.n, c.b, c.m); math.Abs(got-c.want) > 1e-6*c.want {
			t.Errorf("fisher(%d of %d, %d of %d) = %.10g, want %.10g", c.a, c.n, c.b, c.m, got, c.want)
		}
	}
}

// The chance that the k most extreme of n+m runs are ours, by counting.
func TestBeyondCounts(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for m := 0; m <= 6; m++ {
			for k := 0; k <= n; k++ {
				hits, all := 0, 0
				for set := range 1 << (n + m) { // which ranks are ours
					ours, top := 0, true
					for i := range n + m {
						if set>>i&1 == 1 {
							ours++
						} else if i < k {
							top = false
						}
					}
					if ours == n {
						all++
						if top {
							hits++
						}
					}
				}
				want := float64(hits) / float64(all)
				if got := beyond(k, n, m); math.Abs(got-want) > 1e-9 {
					t.Errorf("beyond(%d, %d, %d) = %g, want %g", k, n, m, got, want)
				}
			}
		}
	}
}
