package findings_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// fieldCase is what a public report says, and what is right of it.
type fieldCase struct {
	file, variant string
	mode          result.Mode // the finding
	never         result.Mode // one that would be false, where the right one comes first
	says          []string    // in its evidence and remedy
	doesNotSay    []string    // in any finding
	stuck         int         // pods that never start on their node
	cured         bool        // by the first candidate
}

// some is a number of stuck pods that depends on when nodes come.
const some = -1

// Public reports, whose scenarios stand in testdata/field with their sources:
// the failure mode is named, and its remedy helps.
var fieldCases = []fieldCase{
	{file: "01-min-without-warm-pd", mode: result.ModePoolAtMinimum, stuck: 35, cured: true,
		says: []string{"MINIMUM_IP_TARGET 22 and no WARM_IP_TARGET", "2 prefixes (32 addresses) and never more"}},
	{file: "01b-min-without-warm-secondary", mode: result.ModePoolAtMinimum, stuck: 7, cured: true, says: []string{"takes 5 addresses and never more"}},
	{file: "02-eni-loop-warm0-custom", mode: result.ModeInterfaceChurn, cured: true, says: []string{"457 per node and hour", "WARM_ENI_TARGET=1"}},
	{file: "02b-eni-loop-warm0-full-primary", mode: result.ModeInterfaceChurn, cured: true, says: []string{"100 nodes", "calls about interfaces: 50"}},
	{file: "04-72-nodes-two-21", mode: result.ModeSubnetExhaustion, never: result.ModeLatencyCliff, stuck: some, cured: true},
	{file: "06-node-in-nearly-full-subnet", mode: result.ModeSubnetExhaustion, never: result.ModeLatencyCliff, stuck: 8,
		says: []string{"b (10.0.1.0/24, zone b) had 221 of 251 addresses free", "Make new nodes in b, and none in a"}, doesNotSay: []string{"ENABLE_PREFIX_DELEGATION"}},
	{file: "07b-fragmented-25-reserved-after", mode: result.ModeFragmentation, stuck: 40,
		says: []string{"4 of the 4 /28 blocks", "must be empty"}, doesNotSay: []string{"used up", "enlarge"}},
	{file: "08-discovery", variant: "excluded", mode: result.ModeENILimit, stuck: 28, cured: true, says: []string{"and 20 of them can run", "Lower max pods to 20"}},
	{file: "08-discovery", variant: "untagged", mode: result.ModeSubnetExhaustion, stuck: 55, says: []string{"make interfaces in pods"}},
	{file: "09-custom-networking-t2", mode: result.ModeENILimit, stuck: 5,
		says: []string{"and 12 of them can run", "Lower max pods to 12", "5 of 200 pods never started on the node", "185 more waited"}, doesNotSay: []string{"allow more pods", "raise max pods"}},
	{file: "13-job-churn-t3-medium", mode: result.ModeCooldownStall, cured: true,
		says: []string{"can hold no more addresses", "IP_COOLDOWN_PERIOD=0", "prefix delegation", "lower max pods"}, doesNotSay: []string{"WARM_IP_TARGET above"}},
	{file: "18b-burst-then-cordon", variant: "default", mode: result.ModeCordonedNodes, stuck: 6, cured: true, says: []string{"AWS_MANAGE_ENIS_NON_SCHEDULABLE=true"}},
}

func TestPublicReportsAreReadRightly(t *testing.T) {
	for _, c := range fieldCases {
		t.Run(strings.TrimSuffix(c.file+"/"+c.variant, "/"), func(t *testing.T) {
			v := c.run(t)
			if stuck := v.Pods.NeverStarted - v.Pods.WaitingForNode; stuck != c.stuck && (stuck == 0 || c.stuck != some) {
				t.Errorf("%d pods are stuck, want %d", stuck, c.stuck)
			}
			i := slices.Index(findings.Modes(v.Findings), string(c.mode))
			if i < 0 || c.never != "" && i > 0 {
				t.Fatalf("found %v, want %s", findings.Modes(v.Findings), c.mode)
			}
			if slices.Contains(findings.Modes(v.Findings), string(c.never)) {
				t.Errorf("found %v", findings.Modes(v.Findings))
			}
			found := fmt.Sprint(v.Findings[i])
			for _, phrase := range c.says {
				if !strings.Contains(found, phrase) {
					t.Errorf("%s does not say %q", found, phrase)
				}
			}
			for _, phrase := range c.doesNotSay {
				if all := fmt.Sprint(v.Findings); strings.Contains(all, phrase) {
					t.Errorf("%s says %q", all, phrase)
				}
			}
			for _, f := range v.Findings {
				findings.CheckWords(t, f)
			}
			c.inTheTable(t, &v, v.Findings[i])
			c.cure(t, v.Findings[i])
		})
	}
}

// trust is the page whose table tells these reports.
var trust = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "trust.md"))
	return string(text), err
})

// inTheTable holds the figures of a report's row in docs/trust.md against the run.
// A row of a variant names it.
func (c *fieldCase) inTheTable(t *testing.T, v *result.Variant, f result.Finding) {
	t.Helper()
	page, err := trust()
	if err != nil {
		t.Fatal(err)
	}
	rows := slices.DeleteFunc(strings.Split(page, "\n"), func(line string) bool {
		return !strings.Contains(line, "testdata/field/"+c.file+".yaml`")
	})
	if len(rows) != 1 {
		t.Fatalf("%d rows of docs/trust.md are about %s", len(rows), c.file)
	}
	if v.Name != "default" && !strings.Contains(rows[0], "--variant "+v.Name) {
		return
	}
	for _, phrase := range append(c.figures(v, f), "`"+string(c.mode)+"`") {
		if !strings.Contains(rows[0], phrase) {
			t.Errorf("docs/trust.md does not say %q, which the run shows: %s", phrase, rows[0])
		}
	}
}

// figures are what the row says, in its words.
func (c *fieldCase) figures(v *result.Variant, f result.Finding) []string {
	never, evidence := fmt.Sprintf("%d of %d never start", v.Pods.NeverStarted, v.Pods.Wanted), strings.Join(f.Evidence, " ")
	said := func(pattern string) string { return regexp.MustCompile(pattern).FindStringSubmatch(evidence)[1] }
	switch c.file {
	case "02-eni-loop-warm0-custom":
		made, calls := said(`^([\d,]+) interfaces went back`), said(`sent ([\d,]+) calls`)
		n, _ := strconv.Atoi(made)
		return []string{fmt.Sprintf("%d in an hour, one each %d s; %s calls", n, 3600/n, calls)}
	case "02b-eni-loop-warm0-full-primary":
		return []string{fmt.Sprintf("%s calls per node and hour on %d nodes", said(`([\d,]+) per node and hour`), v.Nodes.Peak)}
	case "04-72-nodes-two-21":
		used, all := 0, 0
		for _, s := range v.Subnets {
			used, all = used+s.Worst.Assigned+s.Worst.Primaries, all+s.Usable
		}
		return []string{fmt.Sprintf("%d %% on pods and interfaces, %d pods never start", 100*used/all, v.Pods.NeverStarted)}
	case "06-node-in-nearly-full-subnet":
		return []string{never, fmt.Sprintf("with %d free", v.Subnets[1].FreeMin)}
	case "09-custom-networking-t2":
		return []string{fmt.Sprintf("%d stuck, %d Pending", v.Pods.NeverStarted-v.Pods.WaitingForNode, v.Pods.WaitingForNode)}
	case "13-job-churn-t3-medium":
		return []string{fmt.Sprintf("%d pods meet addresses in cooldown, p99 %.0f s", f.PodsAffected, float64(v.Pods.Start.P99))}
	}
	return []string{never}
}

// cure tries the first candidate against the finding.
func (c *fieldCase) cure(t *testing.T, f result.Finding) {
	if !c.cured {
		return
	}
	if len(f.Remedies) == 0 {
		t.Fatalf("no remedy for %s", f.Mode)
	}
	set := f.Remedies[0].Set
	if after := c.run(t, set...); slices.Contains(findings.Modes(after.Findings), string(c.mode)) || after.Pods.NeverStarted > 0 {
		t.Errorf("with %v: %v, %d never started", set, findings.Modes(after.Findings), after.Pods.NeverStarted)
	}
}

func (c *fieldCase) run(t *testing.T, set ...string) result.Variant {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "field", c.file+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	opts := scenarios.Options{Set: set}
	if c.variant != "" {
		opts.Variants = []string{c.variant}
	}
	return ran(t, loaded(t, string(text)), opts).Variants[0]
}
