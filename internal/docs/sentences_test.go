package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sentence is a part of a page that says in words what a command shows, and no
// block repeats it: %s stands for the figures, which are taken from the result.
type sentence struct {
	page, says       string
	command, variant string
	figures          func(f figures) []any
}

// The sentences of prose whose figures come from runs. A block of output is
// checked as it stands, by a test of cmd/ipamsim; words are checked here.
var sentences = []sentence{
	{"README.md", "with the default settings %d %% of the pods of a scale-out need 12 seconds and more", "ipamsim run latency-cliff", "default",
		func(f figures) []any { return []any{f.above(12)} }},
	{"docs/essay-checked.md", "nearly half of the pods (%d %%) need 12 s and more, up to %.0f s", "ipamsim run latency-cliff", "default",
		func(f figures) []any { return []any{f.above(12), f.Start().Max} }},
	{"docs/essay-checked.md", "which saves its five other calls: %d calls instead of", "ipamsim run latency-cliff", "prefix-delegation",
		func(f figures) []any { return []any{f.calls()} }},
	{"docs/essay-checked.md", "instead of %d.", "ipamsim run latency-cliff", "default",
		func(f figures) []any { return []any{f.calls()} }},
	{"docs/trust.md", "| p90 of %.0f s, p99 of %.0f s, %d %% of the pods 12 s and more | `ipamsim run latency-cliff` |", "ipamsim run latency-cliff", "default",
		func(f figures) []any { return []any{f.Start().P90, f.Start().P99, f.above(12)} }},
	{"docs/trust.md", "| %d addresses for %d pods on a node, on average, cooling ones and the interfaces' own not counted | `ipamsim run scale-out-and-in` |", "ipamsim run scale-out-and-in", "default",
		func(f figures) []any {
			pods, warm := 0, 0
			for _, s := range f.Subnets {
				pods, warm = pods+s.Held.Assigned, warm+s.Held.Warm
			}
			n := f.Nodes.Peak
			return []any{(pods + warm + n/2) / n, (pods + n/2) / n}
		}},
	{"docs/trust.md", "each leaks one; and a launch template without DeleteOnTermination leaves one per replaced node, %d here", "ipamsim run leaked-enis", "launch-template",
		func(f figures) []any { return []any{f.Interfaces.KeptEnd} }},
	{"docs/trust.md", "of %d nodes lost at any moment none leaks one.", "ipamsim run leaked-enis", "no-cleanup",
		func(f figures) []any { return []any{f.Interfaces.LeakedEnd} }}, // there each lost node leaks one
	{"docs/trust.md", "changes the slowest start (%.2f s,", "ipamsim run ../../sim/fleet/testdata/pods-5000-on-99-nodes.yaml", "default",
		func(f figures) []any { return []any{f.Start().Max} }},
	{"docs/trust.md", "Without a rate it would be %.0f s.", "ipamsim run ../../sim/fleet/testdata/pods-5000-on-99-nodes.yaml --set controlPlane.tier=unlimited", "default",
		func(f figures) []any { return []any{f.Start().Max} }},
	{"docs/trust.md", "| ipamd serves again after %d s,", "ipamsim run ipamd-crash", "once",
		func(f figures) []any { return []any{int(*f.Network.Recovery)} }},
}

// above is the share of the pods that started which needed so many seconds or more, in percent.
func (f figures) above(seconds float64) int {
	d, more := f.Distributions.PodStart, 0
	for i, below := range d.BelowSeconds {
		if below > seconds {
			more += d.Counts[i]
		}
	}
	return (200*more + d.Count) / (2 * d.Count)
}

// calls are those of the fleet, as its SDK makes them.
func (f figures) calls() (n int) {
	for _, a := range f.API {
		n += a.Calls
	}
	return n
}

func TestSentencesSayWhatTheRunsShow(t *testing.T) {
	ipamsim.build(t)
	for _, s := range sentences {
		page, err := os.ReadFile("../../" + s.page)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ipamsim.run(s.command+" --remedies none", s.variant)
		if err != nil {
			t.Fatal(err)
		}
		if said := fmt.Sprintf(s.says, s.figures(f)...); !strings.Contains(string(page), said) {
			t.Errorf("%s does not say what %s shows of %s: %q", s.page, s.command, s.variant, said)
		}
	}
}

// Sections without a command whose figures were measured nowhere: bounds and
// rules of the program, tolerances, what a document or somebody's code says.
var rules = []string{
	"docs/compare.md ## What is no chance",
	"docs/compare.md ## What is a regression",
	"docs/plan.md ## What else is asked",
	"docs/prometheus.md ## What the thresholds are",
	"docs/remedies.md ## What is recommended",
	"docs/replacing-nodes.md ## How nodes are replaced",
	"docs/result.md ## Pods",
	"docs/result.md ## Quantiles",
	"docs/result.md ## How big it is",
	"docs/serve.md ## Bounds",
	"docs/serve.md ## What differs from EC2",
	"docs/trust.md ## EC2: documented rules, measured means, assumed shapes",
	"docs/tune.md ## What is searched",
	"validation/README.md ## What is compared, and with which tolerance",
}

var (
	figure  = regexp.MustCompile(`(?:^|[^\w.-])\d[\d,.]*(?:\s(?:s|ms|min|minutes|MB|MiB|GB|GiB|pods|calls|addresses|events)\b|\s?%)`)
	command = regexp.MustCompile("```|`(?:time )?(?:ipamsim|go (?:test|run|build)|make|\\.ci/|Test)|go run \\./")
	block   = regexp.MustCompile("(?s)```.*?```")
	heading = regexp.MustCompile(`(?m)^#+ `)
)

// A figure of a page that nothing generates stands under a command: in its
// section is a block that a test runs, the command that shows it, or the name of the
// test that does.
func TestFiguresStandUnderCommands(t *testing.T) {
	pages := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md", "../../validation/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	var without []string
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "<!-- Generated") || strings.HasPrefix(string(text), "<!-- Written") {
			continue
		}
		begin := 0
		for _, end := range append(heading.FindAllIndex(text, -1), []int{len(text)}) {
			section := string(text[begin:end[0]])
			begin = end[0]
			title, _, _ := strings.Cut(section, "\n")
			if figure.MatchString(block.ReplaceAllString(section, "")) && !command.MatchString(section) {
				without = append(without, strings.TrimPrefix(page, "../../")+" "+title)
			}
		}
	}
	for _, s := range without {
		if !slices.Contains(rules, s) {
			t.Errorf("%s: has figures and no command that shows them: name it there, or, of a bound or a rule, list the section in rules", s)
		}
	}
	for _, s := range rules {
		if !slices.Contains(without, s) {
			t.Errorf("%s: is no section with figures and without a command", s)
		}
	}
}
