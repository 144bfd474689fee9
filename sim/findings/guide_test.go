package findings

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim/result"
)

// Every mode has a guide, in the order of the modes.
func TestEveryModeHasAGuide(t *testing.T) {
	text, err := os.ReadFile("../result/finding.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^\tMode\w+ +Mode = "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
		want = append(want, m[1])
	}
	for _, g := range Guides {
		got = append(got, string(g.Mode))
		for _, words := range []string{g.Means, g.Evidence} {
			if !strings.HasSuffix(words, ".") {
				t.Errorf("%s: %q", g.Mode, words)
			}
		}
		for _, c := range g.checks {
			if c.Command == "" || c.Shows == "" || strings.Contains(c.Command, "\n") {
				t.Errorf("%s: %+v", g.Mode, c)
			}
		}
	}
	if len(want) < 20 || !slices.Equal(got, want) {
		t.Errorf("guides: %v\nmodes: %v", got, want)
	}
}

// What a guide says is tried, the finding proposes, and the other way round:
// a mode with no such words never has a candidate.
func TestOnlyModesThatSaySoPropose(t *testing.T) {
	text := ""
	for _, file := range []string{"api.go", "daemon.go", "network.go", "pods.go", "pool.go", "size.go", "subnets.go", "findings.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	for _, body := range strings.Split(text, "\nfunc ") {
		names := regexp.MustCompile(`\bMode(?::|\()? *(?:=)? *result\.(Mode\w+)|emptyPool\(result\.(Mode\w+)`).FindStringSubmatch(body)
		if names == nil {
			continue
		}
		name := names[1] + names[2]
		i := slices.IndexFunc(Guides, func(g Guide) bool { return goName(g.Mode) == name })
		if i < 0 {
			t.Errorf("no guide to %s", name)
			continue
		}
		if proposes := strings.Contains(body, "Remedies"); proposes != (Guides[i].Tried != "") {
			t.Errorf("%s: proposes %v, and its guide says %q", Guides[i].Mode, proposes, Guides[i].Tried)
		}
	}
}

// goName is the name of a mode's constant.
func goName(m result.Mode) string {
	name := "Mode"
	for _, part := range strings.Split(string(m), "-") {
		switch part {
		case "eni", "api", "ipamd":
			name += strings.ToUpper(part)
		default:
			name += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return name
}

var metricName = regexp.MustCompile(`\b(?:awscni|aws_cni|kube|node)_[a-z0-9_]+`)

// Rules are about metrics that somebody exports: ipamd, kube-state-metrics,
// node_exporter, or the check beside the rule.
func TestRulesUseMetricsThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, file := range []string{"metrics-v1.23.1.txt", "metrics-others.txt"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Fields(regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(string(text), "")) {
			known[line] = true
		}
	}
	rules := 0
	for _, g := range Guides {
		if g.alert == nil {
			continue
		}
		names := metricName.FindAllString(g.alert.PromQL, -1)
		if rules++; len(names) == 0 {
			t.Errorf("%s: no metric in %s", g.Mode, g.alert.PromQL)
		}
		for _, name := range names {
			if !known[name] && (name != g.alert.Metric || g.alert.Shell == "") {
				t.Errorf("%s: nobody exports %s", g.Mode, name)
			}
		}
	}
	if rules < 15 || len(known) < 30 {
		t.Errorf("%d rules, %d metrics", rules, len(known))
	}
}
