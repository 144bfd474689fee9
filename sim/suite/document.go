// Package suite runs the scenario files of a folder, each whatever becomes of the
// others, and says of each whether it holds. Reports for people and for pipelines
// are made of its document.
package suite

import (
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// schemaVersion of a Suite's JSON. It changes when a field changes its meaning or
// goes; new fields do not change it.
const schemaVersion = "ipamsim.test/v1"

// Suite is what became of several scenario files. It depends neither on the
// machine nor on the number of workers, unless time was up or somebody
// interrupted.
type Suite struct {
	SchemaVersion string       `json:"schema_version"`
	Version       string       `json:"version"` // of the program
	Verdict       Verdict      `json:"verdict"`
	Reason        string       `json:"reason"` // of the verdict, in one line
	Counts        Counts       `json:"counts"`
	Overrides     []string     `json:"overrides"`    // what the command line set, as --set takes it: path=value
	FailOnWarn    bool         `json:"fail_on_warn"` // whether what warns makes the verdict failed
	Files         []File       `json:"files"`        // in the order of the arguments, those of a folder by path
	PassedOver    []PassedOver `json:"passed_over"`  // files of the folders that were not meant

	timeUp, interrupted bool
}

// Verdict on a suite: what the exit code says of it.
type Verdict string

// Verdicts.
const (
	Holds       Verdict = "passed"
	BadInput    Verdict = "bad_input"   // a file could not be run, or nothing was judged
	Fails       Verdict = "failed"      // a threshold does not hold, or time was up
	Fault       Verdict = "fault"       // of the program
	Interrupted Verdict = "interrupted" // by who runs it
)

// Counts of a suite. Each file is in one of the counts of files, each case in one
// of those of cases.
type Counts struct {
	Files       int `json:"files"`
	FilesPassed int `json:"files_passed"`
	FilesWarned int `json:"files_warned"`
	FilesFailed int `json:"files_failed"`
	FilesBad    int `json:"files_bad"`
	FilesBroken int `json:"files_broken"`
	FilesCutOff int `json:"files_cut_off"`
	FilesNotRun int `json:"files_not_run"`
	Cases       int `json:"cases"`
	CasesHeld   int `json:"cases_held"`
	CasesWarned int `json:"cases_warned"`
	CasesFailed int `json:"cases_failed"`
}

// Status of a file.
type Status string

// Statuses.
const (
	Passed Status = "passed"  // all its cases hold
	Warned Status = "warned"  // a case warns, or it has none
	Failed Status = "failed"  // a case fails
	Bad    Status = "bad"     // it could not be read, or reached a bound of its own
	Broken Status = "broken"  // running it was a fault of the program
	CutOff Status = "cut_off" // it had begun when time was up or somebody interrupted
	NotRun Status = "not_run" // it had not begun then, or another had failed with --fail-fast
)

// File is what became of one scenario file.
type File struct {
	Path        string    `json:"path"`     // as the arguments lead to it, with slashes
	Scenario    string    `json:"scenario"` // its name; empty where it could not be read
	Digest      string    `json:"digest"`   // of the file: sha256: and 64 hexadecimal digits; empty where it could not be read
	Status      Status    `json:"status"`
	Why         string    `json:"why,omitempty"` // it has this status, where the cases and problems do not say so
	Variants    int       `json:"variants"`      // that were run
	Cases       []Case    `json:"cases"`         // variant by variant, thresholds before expectations
	Problems    []Problem `json:"problems"`      // for which it could not be run
	Warnings    []Problem `json:"warnings"`      // what is accepted but probably not meant
	Findings    []Finding `json:"findings"`      // why: of each case that does not hold the finding about most pods, of those that bear on its metric
	Fingerprint string    `json:"fingerprint,omitempty"`

	Result *result.Result `json:"-"` // as ipamsim run would have it; nil unless the file was run to its end
	Stack  string         `json:"-"` // of a fault of the program
}

// Case is one condition, of one variant of a file.
type Case struct {
	Variant string  `json:"variant"`
	Kind    Kind    `json:"kind"`
	Outcome Outcome `json:"outcome"`
	result.Threshold
}

// Kind of a case.
type Kind string

// Kinds.
const (
	Threshold   Kind = "threshold"   // what must hold
	Expectation Kind = "expectation" // what the scenario is there to reproduce
)

// Outcome of a case.
type Outcome string

// Outcomes.
const (
	Held  Outcome = "held"
	Warns Outcome = "warned" // it does not hold, and it need not
	Fell  Outcome = "failed"
)

// Finding is what went wrong in a variant.
type Finding struct {
	Variant string `json:"variant"`
	result.Finding
}

// Problem is what is wrong at a place of a file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1; 0 where there is no place
	Column  int    `json:"column"` // likewise; it counts characters
	Message string `json:"message"`
	Text    string `json:"text"` // as the command line shows it, with the line of the file
}

// PassedOver is a file that was passed over, and why.
type PassedOver struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// problems are those of the language as a document has them.
func problems(list []scenarios.Problem) []Problem {
	out := make([]Problem, len(list))
	for i, p := range list {
		out[i] = Problem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Text: p.String()}
	}
	return out
}
