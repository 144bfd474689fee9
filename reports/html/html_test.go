package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ipamsim/sim/compare"
	"ipamsim/sim/planning"
	"ipamsim/sim/result"
	"ipamsim/sim/suite"
)

// attack is a name as nobody should have one.
const attack = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>` + "\u202e\x1b[31m"

// hostile is a result of which every text that a scenario gives is an attack.
func hostile() *result.Result {
	value := 3.0
	v := result.Variant{
		Name: attack, Description: attack, Warnings: []string{attack}, Scenario: json.RawMessage(`{}`),
		CNIVersions: map[string]string{attack: attack},
		Thresholds:  []result.Threshold{{Metric: "pod_start{workload:" + attack + "}", Expression: "p(99)<5s", Value: &value}},
		Findings: []result.Finding{{Mode: result.ModeLatencyCliff, Summary: attack, Evidence: []string{attack}, Remedy: attack, PodsAffected: 3,
			Remedies: []result.Remedy{{Set: []string{attack}, Kubectl: attack, AddOn: attack}}, Checks: []result.Check{{Command: attack, Shows: attack}}, Alert: &result.Alert{PromQL: attack, Shell: attack, Needs: attack}}},
	}
	v.Workloads = []result.PodSet{{Name: attack, Kind: "Deployment"}, {Name: "two", Kind: attack}}
	v.Subnets = []result.Subnet{{Name: attack, Zone: attack, CIDR: "10.0.0.0/28", Usable: 11, Held: result.Held{OthersBy: map[string]int{attack: 1}}}}
	v.Scenario = json.RawMessage(`{"metadata":{"name":` + quoted(attack) + `},"nodeGroups":[{"name":` + quoted(attack) + `,"cni":{` + quoted(attack) + `:` + quoted(attack) + `}}]}`)
	when := 5.0
	v.Marks = []result.Mark{{AtSeconds: 1, EndSeconds: &when, Kind: "fault", Text: attack}, {AtSeconds: 2, Kind: "scale_out", Text: attack}}
	v.Slowest = []result.SlowPod{{Name: attack, Workload: attack, Node: attack, RunningSeconds: &when, FailedAdds: []result.FailedAdd{{AtSeconds: 1, Cause: attack}}, Failed: 2}}
	v.Maps = result.Maps{Subnets: []result.MapSubnet{{Name: attack, CellAddresses: 1}}, Frames: []result.Frame{{Cells: []string{"4r1a10.1r"}}, {AtSeconds: 9, Cells: []string{"4r1i10o1r"}}}}
	v.Series = result.Series{AtSeconds: []float64{0, 5, 9}, Subnets: []result.SubnetSeries{{Name: attack, Assigned: []int{1, 2, 3}, Free: []int{10, 9, 8}}},
		API: []result.ActionSeries{{Action: attack, Requests: []int{1, 2, 3}, Throttled: []int{0, 1, 1}}}, FailedAdds: []result.CauseSeries{{Cause: attack, Count: []int{0, 1, 2}}}}
	v.Pods.Start = result.Quantiles{Count: 2, Min: 1, P50: 1, P90: 2, P99: 2, Max: 2}
	v.Pods.Pending = v.Pods.Start
	v.Pods.Phases.Mean.AddressWait = 2
	v.Distributions.PodStart = result.Distribution{Count: 2, BelowSeconds: []float64{1.1, 2.1}, Counts: []int{1, 1}}
	v.API = map[string]*result.Action{attack: {Calls: 1, Attempts: 1, Errors: map[string]int{attack: 1}}}
	return &result.Result{Scenario: result.Scenario{Name: attack, Digest: attack}, Version: attack, Fingerprint: attack, Overrides: []string{attack}, Replications: 1, Variants: []result.Variant{v, v}}
}

// hostileSuite is a suite of files of every status, whose texts are attacks.
func hostileSuite() *suite.Suite {
	value, by, at := 7.0, 2.0, 62.5
	fell := suite.Case{Variant: attack, Kind: suite.Threshold, Outcome: suite.Fell, Threshold: result.Threshold{Metric: "pod_start{workload:" + attack + "}", Expression: "p(99)<5s", Unit: "s",
		Value: &value, Expected: 5, Difference: &by, AtSeconds: &at, Pods: []result.ThresholdPod{{Name: attack, Node: attack, Seconds: &value}}}}
	held, never := fell, fell
	held.Outcome, held.OK = suite.Held, true
	never.Never, never.Value, never.Difference = true, nil, nil
	wrong := suite.Problem{File: attack, Line: 1, Message: attack, Text: attack}
	s := &suite.Suite{Version: attack, Verdict: suite.Fails, Reason: attack, Overrides: []string{attack}, PassedOver: []suite.PassedOver{{Path: attack, Why: attack}}}
	for _, status := range []suite.Status{suite.Passed, suite.Failed, suite.Bad, suite.Broken, suite.CutOff, suite.NotRun, suite.Warned} {
		f := suite.File{Path: attack + string(status), Scenario: attack, Status: status, Warnings: []suite.Problem{wrong}}
		switch status {
		case suite.Passed:
			f.Cases, f.Result = []suite.Case{held}, hostile()
		case suite.Failed:
			f.Cases, f.Result = []suite.Case{fell, held, never}, hostile()
			f.Findings = []suite.Finding{{Variant: attack, Finding: hostile().Variants[0].Findings[0]}}
		case suite.Bad:
			f.Problems = []suite.Problem{wrong}
		default:
			f.Why = attack
		}
		s.Files = append(s.Files, f)
	}
	return s
}

// largeSuite has as many files as there may be, each with a large result.
func largeSuite() *suite.Suite {
	s := hostileSuite()
	failed := s.Files[1]
	failed.Result = large()
	for i := range 10 {
		failed.Cases[i%2].Variant = failed.Result.Variants[0].Name
		failed.Cases = append(failed.Cases, failed.Cases[i%3])
	}
	for i := range 600 {
		f := failed
		f.Path = fmt.Sprintf("scenarios/%d.yaml", i)
		s.Files = append(s.Files, f)
	}
	return s
}

// hostileComparison has metrics of every kind of change, infinite ones among them.
func hostileComparison(test compare.Test) *compare.Comparison {
	inf, none := compare.Value(math.Inf(1)), compare.Value(math.NaN())
	c := &compare.Comparison{Scenario: result.Scenario{Name: attack}, Old: compare.Side{Name: attack}, New: compare.Side{Name: attack, Overrides: []string{attack}}, Regressions: 1,
		Method: compare.Method{Test: test}, Variants: []compare.Pair{{Old: attack, New: attack, Broken: []string{attack}, Appeared: []compare.Finding{{Summary: attack}}}, {Old: "b", New: attack}}}
	for i, values := range [][2][]compare.Value{
		{{1, 2, 3}, {2, 4, 9}}, {{1, 2, 3}, {inf, inf, inf}}, {{inf, 1, inf}, {inf, inf, 1}}, {{inf, inf}, {1, 2}}, {{5, 5}, {5, 5}}, {{none, 1}, {2, none}}, {{}, {}}, {{1e300, -1e300}, {-1e300, 1e300}},
	} {
		m := compare.Metric{Name: attack, Variant: attack, Unit: []string{"seconds", ""}[i%2], Verdict: compare.Regression, OldValues: values[0], NewValues: values[1], Low: none, High: none, Delta: 1}
		if i%2 == 0 {
			m.Low, m.High, m.Delta = 1, inf, inf
		}
		c.Metrics = append(c.Metrics, m)
	}
	return c
}

// Nothing in a drawing is where there is no place.
func TestDrawingsOfDifferencesHavePlaces(t *testing.T) {
	for _, test := range []compare.Test{compare.SignedRank, compare.RankSum} {
		page := made(t, func(w io.Writer) error { return Comparison(w, hostileComparison(test)) })
		if n := strings.Count(page, "<circle"); n < 10 {
			t.Errorf("%s: only %d dots", test, n)
		}
		if bad := regexp.MustCompile(`"[^"]*(NaN|Inf)[^"]*"`).FindString(page); bad != "" {
			t.Errorf("%s: %s", test, bad)
		}
		for _, m := range regexp.MustCompile(`cx="([^"]*)`).FindAllStringSubmatch(page, -1) {
			if x, err := strconv.ParseFloat(m[1], 64); err != nil || x < 0 || x > 2000 {
				t.Errorf("%s: a place is %s", test, m[1])
			}
		}
	}
}

// hostilePages are of all that texts of a scenario come to.
var hostilePages = map[string]func(io.Writer) error{
	"run":     func(w io.Writer) error { return Result(w, hostile()) },
	"test":    func(w io.Writer) error { return Suite(w, hostileSuite()) },
	"compare": func(w io.Writer) error { return Comparison(w, hostileComparison(compare.SignedRank)) },
	"check": func(w io.Writer) error {
		return Check(w, &compare.Check{Comparisons: []*compare.Comparison{hostileComparison(compare.SignedRank), hostileComparison(compare.RankSum)}, NotCompared: []compare.Unchecked{{Name: attack, Why: attack}}})
	},
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// large is a result as large as any: a page does not grow with nodes and pods, but
// with what changes.
func large() *result.Result {
	r := &result.Result{Scenario: result.Scenario{Name: "large"}, Replications: 1, DurationSeconds: 449}
	for i := range 14 {
		v := result.Variant{Name: fmt.Sprintf("variant-%d", i), Scenario: json.RawMessage(`{}`)}
		for at := range 450 {
			v.Series.AtSeconds = append(v.Series.AtSeconds, float64(at))
		}
		jagged := func(seed int) (list []int) {
			for at := range 450 {
				list = append(list, 100+(at*7919*(seed+1)+i*104729)%997)
			}
			return list
		}
		for k := range 40 {
			name := fmt.Sprintf("subnet-%02d", k)
			v.Series.Subnets = append(v.Series.Subnets, result.SubnetSeries{Name: name, Assigned: jagged(k), Cooling: jagged(k + 1), Warm: jagged(k + 2), Primaries: jagged(k + 3), Unmanaged: jagged(k + 4), Others: jagged(k + 5), Free: jagged(k + 6)})
			v.Subnets = append(v.Subnets, result.Subnet{Name: name, Usable: 8187})
			v.Maps.Subnets = append(v.Maps.Subnets, result.MapSubnet{Name: name, CellAddresses: 32})
		}
		for at := 0; at < 450; at += 25 {
			f := result.Frame{AtSeconds: float64(at)}
			for range 40 {
				f.Cells = append(f.Cells, strings.Repeat("1a1i1.1o", 64))
			}
			v.Maps.Frames = append(v.Maps.Frames, f)
		}
		for k := range 20 {
			v.Series.API = append(v.Series.API, result.ActionSeries{Action: fmt.Sprintf("Action%d", k), Requests: jagged(k), Throttled: jagged(k + 1)})
			v.Slowest = append(v.Slowest, result.SlowPod{Name: fmt.Sprintf("web-%d", k), Workload: "web", FailedAdds: make([]result.FailedAdd, 20), Failed: 40})
		}
		for _, c := range result.Causes {
			v.Series.FailedAdds = append(v.Series.FailedAdds, result.CauseSeries{Cause: c.Cause, Count: jagged(3)})
		}
		v.Series.Pods.WithoutNetwork, v.Series.Pods.WaitingForAddress, v.Series.Pods.Unschedulable = jagged(1), jagged(2), jagged(3)
		r.Variants = append(r.Variants, v)
	}
	return r
}

func TestPagesAreSmallWhateverTheyAreOf(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{ // any order: each is by itself
		"run":  func(w io.Writer) error { return Result(w, large()) },
		"test": func(w io.Writer) error { return Suite(w, largeSuite()) },
	} {
		if n := len(made(t, write)); n > 2_000_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

// Each name in a page is there once, and each that something leads to is there.
func TestNamesInAPageLead(t *testing.T) {
	for name, write := range hostilePages { // any order: each is by itself
		page := made(t, write)
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if ids[m[1]] {
				t.Errorf("%s: %s is there twice", name, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`(?:href="#|url\(#|aria-labelledby=")([^")]*)`).FindAllStringSubmatch(page, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if !ids[id] {
					t.Errorf("%s: nothing is called %s", name, id)
				}
			}
		}
		if len(ids) < 5 {
			t.Errorf("%s: only %d names", name, len(ids))
		}
	}
}

func made(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextsOfAScenarioAreText(t *testing.T) {
	for name, write := range hostilePages { // any order: each is by itself
		page := made(t, write)
		for _, bad := range []string{"<script>alert", "<img", "</script><", "\u202e", "\x1b"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page has %q", name, bad)
			}
		}
		if n := strings.Count(page, "&lt;script&gt;alert(1)"); n < 20 {
			t.Errorf("%s: only %d texts are shown", name, n)
		}
		if n := strings.Count(page, "<script"); n != 1 {
			t.Errorf("%s: %d scripts", name, n)
		}
	}
}

// Plans and searches have their pictures, with a title and what is seen in words.
func TestPlansAndSearchesHavePictures(t *testing.T) {
	tight, binds := 4, planning.Addresses
	p := &planning.Plan{Scenario: result.Scenario{Name: attack}, Variants: []planning.Variant{{Name: "one"}, {
		Name: "two", Subnets: []planning.Subnet{{Name: attack, Usable: 250, FreeNow: 90, FreeWorst: 7}}, Groups: []planning.Group{{Name: "workers", Nodes: 10, Pods: 80}},
		Growth: []planning.Growth{{Group: "workers", By: planning.ByNodes, UntilFull: 6, UntilTight: &tight, Binding: &binds}, {Group: "workers", By: planning.ByPods}},
	}}}
	x := func(peak int, p99 float64) result.Setting {
		return result.Setting{Env: map[string]string{"WARM_IP_TARGET": "1"}, Costs: result.Costs{Pods: 10, AddressesPeak: peak, PodStartP99: result.Seconds(p99)}}
	}
	r := result.Recommendation{Setting: x(90, 3)}
	found := &result.Tuning{Scenario: result.Scenario{Name: attack}, Now: x(120, 30), Front: []result.Setting{x(70, 20), x(90, 3)}, Tried: []result.Setting{x(70, 20), x(90, 3), x(100, 15)}, Recommended: &r}
	for page, wanted := range map[string][]string{
		made(t, func(w io.Writer) error { return Plan(w, p) }):       {"two bars each", "90 of 250 now, 7 at worst", "6 nodes more than the 10 that are there, 4 of them with full pools; then addresses", "there is no subnet"},
		made(t, func(w io.Writer) error { return Tuning(w, found) }): {"a dot each. 2 settings of the front are filled", "Recommended: WARM_IP_TARGET=1, with 90 addresses and 3.00 s", ">recommended</text>"},
	} {
		for _, text := range append(wanted, "<title id=", "<desc id=") {
			if !strings.Contains(page, text) {
				t.Errorf("there is no %q", text)
			}
		}
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
			t.Error("the page has what it must not have")
		}
	}
}

func TestPagesAreTheSameEachTime(t *testing.T) {
	for name, write := range hostilePages { // any order: each is by itself
		first := made(t, write)
		for range 3 {
			if made(t, write) != first {
				t.Fatalf("%s: the page differs", name)
			}
		}
	}
}

func TestPagesOfNothingAreWhole(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"result": func(w io.Writer) error {
			return Result(w, &result.Result{Variants: []result.Variant{{Name: "default"}}})
		},
		"plan": func(w io.Writer) error { return Plan(w, &planning.Plan{}) },
		"variant": func(w io.Writer) error {
			return Plan(w, &planning.Plan{Variants: []planning.Variant{{Name: "default"}}})
		},
		"test":   func(w io.Writer) error { return Suite(w, &suite.Suite{}) },
		"tuning": func(w io.Writer) error { return Tuning(w, &result.Tuning{}) },
	} {
		page := made(t, write)
		if !strings.HasSuffix(page, "</html>\n") || !strings.Contains(page, "<h1>") {
			t.Errorf("%s: %s", name, page)
		}
	}
}
