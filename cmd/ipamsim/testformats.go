package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ipamsim/reports"
	"ipamsim/reports/ci"
	"ipamsim/reports/html"
	"ipamsim/sim/suite"
)

// testFormats are the ways to write what became of a suite.
var testFormats = formatList{
	{name: "table", about: "text for people, failures first", write: testTable(false)},
	{name: "wide", about: "the same with every threshold and warning", write: testTable(true)},
	{name: "json", about: "the whole document for programs", write: ofSuite(ci.JSON)},
	{name: "junit", about: "XML for Jenkins, GitLab and others: a suite for each file, a case for each threshold", write: ofSuite(ci.JUnit)},
	{name: "tap", about: "the Test Anything Protocol: a point for each threshold", write: ofSuite(ci.TAP)},
	{name: "gitlab", about: "JSON for GitLab's code quality: what is wrong, at file and line", write: ofSuite(gitlab)},
	{name: "markdown", about: "a comment on a pull request", write: ofSuite(ci.Markdown)},
	{name: "html", about: htmlAbout, write: ofSuite(html.Suite)},
	{name: "results", about: "the result of each scenario, as ipamsim run --out json writes it, in a folder", folder: results},
	{name: githubFormat, about: "annotations for GitHub Actions, and the summary of the step", bare: true},
}

// githubFormat is named alone: GitHub's runner says where it goes.
const githubFormat = "github"

// gitlab's paths are those of the repository, wherever in it the job is.
func gitlab(w io.Writer, s *suite.Suite) error {
	return ci.GitLab(w, s, os.Getenv("CI_PROJECT_DIR"))
}

// results are stored as they are read by report and compare.
func results(ctx context.Context, dir string, r *outcome) error {
	var files []reports.NamedFile
	for i := range r.tested.Files {
		if f := &r.tested.Files[i]; f.Result != nil {
			files = append(files, reports.NamedFile{Name: resultName(f.Path), Write: func(w io.Writer) error { return reports.JSON(w, f.Result) }})
		}
	}
	return reports.WriteFiles(ctx, dir, files)
}

// resultName is a name without a folder, another for each path.
func resultName(path string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F", ":", "%3A", `\\`, "%5C").Replace(path) + ".json"
}

// tellGitHub writes annotations beside the output: to standard output under text,
// and to standard error, which the runner reads as well, under anything that a
// program reads. The summary of the step is GitHub's file, and others may have
// written to it.
func (a *app) tellGitHub(s *suite.Suite, flags *testFlags) error {
	if !slices.ContainsFunc(flags.outputs.given, func(o output) bool { return o.name == githubFormat }) {
		return nil
	}
	w := a.stdout
	if flags.format.name != "table" && flags.format.name != "wide" {
		w = a.stderr
	}
	if err := ci.GitHub(w, s, os.Getenv("GITHUB_WORKSPACE")); err != nil {
		return err
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	var text bytes.Buffer
	if err := ci.Summary(&text, s); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	_, err = file.Write(text.Bytes()) // in one piece
	return errors.Join(err, file.Close())
}

// tested is what became of a suite.
type tested = suite.Suite

func testTable(wide bool) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error {
		look.Wide = wide
		return ci.Table(w, r.tested, look)
	}
}

func ofSuite(report func(io.Writer, *suite.Suite) error) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, _ reports.TableOptions) error { return report(w, r.tested) }
}
