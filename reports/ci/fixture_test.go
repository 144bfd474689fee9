package ci

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"ipamsim/sim/result"
	"ipamsim/sim/suite"
)

// anySuite is a suite of which anything may have become. Its texts hold what
// formats have to escape.
func anySuite(t *rapid.T) *suite.Suite {
	words := rapid.StringOfN(rapid.SampledFrom([]rune("ab z%:,|<>&\"'`*_[]()@#\\\r\n\t\x1b\x00é→\uFFFE{}~!=-")), 1, 12, -1)
	var files []suite.File
	for i := range rapid.IntRange(0, 6).Draw(t, "files") {
		f := suite.File{Path: fmt.Sprintf("dir/%d%s.yaml", i, words.Draw(t, "path"))}
		f.Status = rapid.SampledFrom([]suite.Status{suite.Passed, suite.Failed, suite.Bad, suite.Broken, suite.CutOff, suite.NotRun}).Draw(t, "status")
		warning := suite.Problem{File: f.Path, Line: 3, Column: 2, Message: words.Draw(t, "message"), Text: words.Draw(t, "text")}
		f.Warnings = []suite.Problem{warning}[:rapid.IntRange(0, 1).Draw(t, "warnings")]
		switch f.Status {
		case suite.Bad:
			f.Problems = []suite.Problem{warning, {File: f.Path, Message: "whole", Text: "whole"}}
		case suite.Broken, suite.CutOff, suite.NotRun:
			f.Why = strings.Join(strings.Fields("why "+words.Draw(t, "why")), " ")
		default:
			anyCases(t, &f, words)
		}
		files = append(files, f)
	}
	return concluded(files, rapid.Bool().Draw(t, "fail on warn"))
}

// concluded is a suite of files with its verdict.
func concluded(files []suite.File, failOnWarn bool) *suite.Suite {
	s := &suite.Suite{Files: files, FailOnWarn: failOnWarn, Verdict: suite.Holds, Reason: "as it is"}
	n := map[suite.Status]int{}
	for _, f := range files {
		n[f.Status]++
		for _, c := range f.Cases {
			s.Counts.Cases++
			*map[suite.Outcome]*int{suite.Held: &s.Counts.CasesHeld, suite.Warns: &s.Counts.CasesWarned, suite.Fell: &s.Counts.CasesFailed}[c.Outcome]++
		}
	}
	s.Counts.Files, s.Counts.FilesBad = len(files), n[suite.Bad]
	switch {
	case n[suite.Broken] > 0:
		s.Verdict = suite.Fault
	case n[suite.Failed]+n[suite.CutOff] > 0 || failOnWarn && n[suite.Warned] > 0:
		s.Verdict = suite.Fails
	case n[suite.NotRun] > 0:
		s.Verdict = suite.Interrupted
	case n[suite.Bad] > 0 || s.Counts.Cases == 0:
		s.Verdict = suite.BadInput
	}
	return s
}

// anyCases gives a file conditions, and the status that they come to.
func anyCases(t *rapid.T, f *suite.File, words *rapid.Generator[string]) {
	f.Status = suite.Passed
	for range rapid.IntRange(0, 5).Draw(t, "cases") {
		c := suite.Case{Variant: "v" + words.Draw(t, "variant"), Kind: suite.Threshold, Threshold: result.Threshold{Metric: "pod_start", Expression: "p(99)<5s", Unit: "s"}}
		switch rapid.IntRange(0, 2).Draw(t, "value") {
		case 0:
			c.Never = true
		case 1:
			v := rapid.Float64Range(-1e9, 1e9).Draw(t, "number")
			by := v - 5
			c.Value, c.Expected, c.Difference = &v, 5, &by
		}
		c.Outcome = rapid.SampledFrom([]suite.Outcome{suite.Held, suite.Warns, suite.Fell}).Draw(t, "outcome")
		c.OK = c.Outcome == suite.Held
		if !c.OK && c.Value != nil && rapid.Bool().Draw(t, "blame") {
			at := 62.5
			c.AtSeconds, c.Pods = &at, []result.ThresholdPod{{Replication: 2, Name: words.Draw(t, "pod"), Node: words.Draw(t, "node"), Seconds: c.Value}}
		}
		switch {
		case c.Outcome == suite.Fell:
			f.Status = suite.Failed
		case c.Outcome == suite.Warns && f.Status == suite.Passed:
			f.Status = suite.Warned
		}
		f.Cases = append(f.Cases, c)
	}
	if len(f.Cases) == 0 {
		f.Status, f.Why = suite.Warned, "it has no threshold: nothing was judged"
	}
	f.Variants = 1
	if f.Status == suite.Failed {
		f.Findings = []suite.Finding{{Variant: f.Cases[0].Variant, Finding: result.Finding{Mode: result.ModeLatencyCliff, Summary: words.Draw(t, "summary"), Remedy: words.Draw(t, "remedy"), Evidence: []string{words.Draw(t, "evidence")}}}}
	}
}
