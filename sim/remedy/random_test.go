package remedy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/internal/properties"

	"ipamsim/scenarios"
)

// docs/trust.md tells what 200 random scenarios come to.
func init() { properties.Checks(8) }

// Of public reports, too, nothing that is printed makes anything worse.
func TestRemediesOfPublicReportsHold(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no reports: %v", err)
	}
	n := &tally{}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			check(t, expanded(t, string(text)), n)
		})
	}
	n.log(t)
}

// Nor is anybody led in a circle: each of these random scenarios was once told to
// go on with a change after all that was recommended for it.
func TestRecommendationsComeToAnEnd(t *testing.T) {
	paths, err := filepath.Glob("testdata/circles/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			check(t, expanded(t, string(text)), &tally{})
		})
	}
}

// Nor of random scenarios.
func TestRemediesOfRandomScenariosHold(t *testing.T) {
	n := &tally{}
	rapid.Check(t, func(rt *rapid.T) {
		text := randomScenario(rt)
		check(rt, expanded(rt, text), n)
	})
	n.log(t)
}

func expanded(t rapid.TB, text string) []scenarios.Expanded {
	t.Helper()
	f, err := scenarios.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

// randomScenario is a few nodes in subnets that may be small, with pods that
// may be too many, settings that may be bad, and now and then a fault.
func randomScenario(t *rapid.T) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	one := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	number := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }

	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: random}\nduration: 8m\nseed: %d", number("seed", 1, 1000))
	p("vpc:\n  cidrs: [10.0.0.0/16]\n  subnets:")
	for i := range number("subnets", 1, 3) {
		p("    - {name: s%d, cidr: 10.0.%d.0/%d, az: %s, used: [{count: %d}]}", i, 8*i, number("bits", 22, 27), one("zone", "a", "b"), number("used", 0, 8))
	}
	p("nodeGroups:\n  - name: workers\n    instanceType: %s\n    count: %d\n    max: 12", one("type", "t3.medium", "m5.large", "c5.xlarge", "m4.large"), number("nodes", 1, 6))
	if rapid.Bool().Draw(t, "max pods") {
		p("    maxPods: %d", number("pods of a node", 10, 110))
	}
	p("    cni: {%s}", one("cni", "", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "WARM_IP_TARGET: 1", "MINIMUM_IP_TARGET: 10", "WARM_ENI_TARGET: 0",
		"WARM_ENI_TARGET: 2", "ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 3", "MAX_ENI: 2", "WARM_IP_TARGET: 30"))
	if rapid.Bool().Draw(t, "autoscaled") {
		p("autoscaler: {kind: karpenter}")
	}
	p("workloads:\n  - {name: web, initial: %d, replicas: [{at: 1m, count: %d}, {at: 5m, count: %d}], resources: {cpu: 20m, memory: 20Mi}}",
		number("initial", 0, 40), number("then", 0, 150), number("later", 0, 150))
	if rapid.Bool().Draw(t, "jobs") {
		p("  - {name: jobs, kind: Job, arrivals: {rate: %d}, lifetime: {mean: 15s}, resources: {cpu: 20m, memory: 20Mi}}", number("rate", 1, 3))
	}
	if fault := one("fault", "", "", "", "kind: restart-ipamd, at: 2m", "kind: flush-rules, at: 2m, share: 0.5", "kind: kill-nodes, at: 3m, share: 0.5",
		"kind: api-errors, at: 1m, for: 3m, code: RequestLimitExceeded, share: 0.7", "kind: roll-aws-node, at: 2m, cni: {WARM_IP_TARGET: 4}", "kind: cordon, at: 70s"); fault != "" {
		p("faults: [{%s}]", fault)
	}
	return b.String()
}
