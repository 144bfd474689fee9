package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// TuningJSON writes what a search has found as indented JSON, the contract of
// result.Tuning.
func TuningJSON(w io.Writer, t *result.Tuning) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // thresholds are full of < and >
	enc.SetIndent("", "  ")
	return enc.Encode(t)
}

// TuningTable writes what a search has found as text for people: the front, the
// recommendation with what it changes, where it was tried, and how to apply it.
func TuningTable(w io.Writer, t *result.Tuning, opts TableOptions) error {
	p := newPrinter(w, opts)
	tuning(p, t)
	return p.out.Flush()
}

func tuning(p *printer, t *result.Tuning) {
	tuningTitle(p, t)
	for _, text := range t.Warnings {
		p.paragraph("  ! ", "    ", text)
	}
	tuningFront(p, t)
	switch {
	case t.Recommended != nil:
		recommendation(p, t)
		tuningChecks(p, t.Recommended)
		passedOver(p, t.Recommended.PassedOver)
		applying(p, t)
	case t.None != nil:
		p.heading("RECOMMENDED", "nothing")
		p.paragraph("  ", "  ", t.None.Why)
		passedOver(p, t.None.PassedOver)
	}
	perGroup(p, t)
}

// perGroup shows what an environment of each group's own would be worth.
func perGroup(p *printer, t *result.Tuning) {
	if t.Together == nil {
		return
	}
	p.heading("PER GROUP", "each group with an environment of its own, the others as they are now")
	p.paragraph("  ! ", "    ", "The DaemonSet aws-node has one environment. This takes a DaemonSet for each group, with a node selector, which neither the EKS add-on nor the Helm chart makes.")
	g := grid{columns: []column{{head: "  GROUP", left: true}, {head: "SETTING", left: true}, {head: "ADDRESSES PEAK", left: true}, {head: "P99 START", left: true}, {head: "API CALLS", left: true}, {head: "THRESHOLDS", left: true}}}
	row := func(group, setting string, now, then *result.Costs, unfit string) {
		verdict := cell{"✓ none worse", good}
		if unfit != "" {
			verdict = cell{"✗ " + unfit, bad}
		}
		both := func(name string) cell { return text(tuningCost(now, name) + " → " + tuningCost(then, name)) }
		g.add(text("  "+group), text(setting), both("addresses_peak"), both("pod_start_p99"), both("api_calls"), verdict)
	}
	for i := range t.PerGroup {
		x := &t.PerGroup[i]
		switch {
		case x.Recommended == nil:
			g.add(text("  "+x.Group), text("nothing: "+x.None.Why))
		case len(x.Recommended.Set) == 0:
			g.add(text("  "+x.Group), text("as it is"))
		default:
			row(x.Group, environment(x.Recommended.Env), &t.Now.Costs, &x.Recommended.Costs, "")
		}
	}
	row("together", "", &t.Together.Now, &t.Together.Then, t.Together.Unfit)
	g.write(p)
}

func tuningTitle(p *printer, t *result.Tuning) {
	parts := []string{"settings over variant " + t.Variant, fmt.Sprintf("seed %d", t.Seed)}
	if t.Version != "" {
		parts = append(parts, "ipamsim "+t.Version)
	}
	p.titled(bold, t.Scenario.Name, plain, strings.Join(parts, ", "))
	var rungs []string
	for _, r := range t.Rungs {
		rungs = append(rungs, fmt.Sprintf("%s in %s", words.Count(r.Settings), words.Plural(r.Replications, "world")))
	}
	p.line("  settings tried: ", strings.Join(rungs, ", then "))
}

// tuningFront is the front, with what is now first.
func tuningFront(p *printer, t *result.Tuning) {
	p.heading("FRONT", "none of these has fewer addresses at the peak and starts as short as another's; of equal ones the best in the rest")
	const addresses, api = "ADDRESSES", "API"
	g := grid{columns: []column{{head: ""}, {head: "SETTING", left: true}, {group: addresses, head: "PEAK"}, {group: addresses, head: "MEAN"},
		{head: "P99 START"}, {head: "WAIT"}, {group: api, head: "CALLS"}, {group: api, head: "THROTTLED"}}}
	g.columns[0].left = true
	on := slices.ContainsFunc(t.Front, func(x result.Setting) bool { return len(x.Set) == 0 })
	if !on {
		g.add(frontCells("now", &t.Now)...)
	}
	for i := range t.Front {
		x := &t.Front[i]
		mark := ""
		if len(x.Set) == 0 {
			mark = "now"
		}
		if r := t.Recommended; r != nil && slices.Equal(r.Set, x.Set) {
			mark = strings.TrimSpace("→ " + mark)
		}
		g.add(frontCells(mark, x)...)
	}
	if r := t.Recommended; r != nil && !slices.ContainsFunc(t.Front, func(x result.Setting) bool { return slices.Equal(r.Set, x.Set) }) {
		g.add(frontCells("→", &r.Setting)...)
	}
	g.write(p)
	if t.Replications > 1 {
		p.paragraph("", "", fmt.Sprintf("± is half the 95 %% confidence interval of the mean over %s; PEAK and WAIT, the pods that waited for an address at once, are the most of any.", words.Plural(t.Replications, "world")))
	}
}

func frontCells(mark string, x *result.Setting) []cell {
	return []cell{text(mark), text(environment(x.Env)), text(words.Count(x.AddressesPeak)), text(withHalf(x.AddressesMean, 0, x.Intervals, "addresses_mean")),
		text(startWithHalf(x)), text(words.Count(x.WithoutAddress)), text(withHalf(x.APICalls, 0, x.Intervals, "api_calls")), text(decimal(x.APIThrottled, 0))}
}

// withHalf is a number with half of its confidence interval.
func withHalf(value float64, places int, intervals map[string]result.Interval, name string) string {
	written := decimal(value, places)
	if i, is := intervals[name]; is {
		if half := decimal((i.High-i.Low)/2, places); half != "0" && half != "0.00" {
			written += " ±" + half
		}
	}
	return written
}

func startWithHalf(x *result.Setting) string {
	if x.Pods == 0 {
		return none
	}
	if !x.PodStartP99.Reached() {
		return "never"
	}
	return withHalf(float64(x.PodStartP99), 2, x.Intervals, "pod_start_p99") + " s"
}

// tuned are the variables in the order in which a setting shows them.
var tuned = []string{"ENABLE_PREFIX_DELEGATION", "WARM_ENI_TARGET", "WARM_IP_TARGET", "MINIMUM_IP_TARGET", "WARM_PREFIX_TARGET", "MAX_ENI", "IP_COOLDOWN_PERIOD"}

// environment is one in a line, what does nothing beside the rest left out.
func environment(env map[string]string) string {
	byIP := env["WARM_IP_TARGET"] > "0" || env["MINIMUM_IP_TARGET"] > "0"
	prefixes := env["ENABLE_PREFIX_DELEGATION"] == "true"
	idle := map[string]bool{
		"WARM_ENI_TARGET": byIP || prefixes, "WARM_PREFIX_TARGET": byIP || !prefixes, "ENABLE_PREFIX_DELEGATION": !prefixes,
		"WARM_IP_TARGET": env["WARM_IP_TARGET"] == "0", "MINIMUM_IP_TARGET": env["MINIMUM_IP_TARGET"] == "0",
	}
	var parts []string
	for _, name := range tuned {
		if value, is := env[name]; is && !idle[name] {
			if name == "ENABLE_PREFIX_DELEGATION" {
				parts = append(parts, "prefixes")
				continue
			}
			parts = append(parts, name+"="+value)
		}
	}
	return strings.Join(parts, " ")
}

// changeLabels are the figures of a change, in the order of a table.
var changeLabels = []struct{ name, label, unit string }{
	{"addresses_peak", "addresses, peak", ""}, {"addresses_mean", "addresses, mean", ""}, {"pod_start_p99", "p99 of pod starts", "s"},
	{"without_address", "pods that wait at once", ""}, {"never_started", "pods that never start", ""}, {"api_calls", "API calls", ""}, {"api_throttled", "API requests throttled", ""},
}

// recommendation shows what the setting changes.
func recommendation(p *printer, t *result.Tuning) {
	r := t.Recommended
	p.heading("RECOMMENDED", r.Why)
	name := environment(r.Env)
	if len(r.Set) == 0 {
		name += " (what is there now: nothing is to be changed)"
	}
	p.line("  ", p.styled(good, name))
	if len(r.Set) == 0 {
		return
	}
	p.line()
	g := grid{columns: []column{{head: "  ", left: true}, {head: "NOW"}, {head: "THEN"}, {head: "CHANGE"}, {head: "95 % CONFIDENCE", left: true}}}
	for _, l := range changeLabels {
		now, then := tuningCost(&t.Now.Costs, l.name), tuningCost(&r.Costs, l.name)
		change, interval := none, none
		if i, is := r.Change[l.name]; is {
			change, interval = signed(i.Mean, l.unit), signed(i.Low, l.unit)+" to "+signed(i.High, l.unit)
		}
		g.add(text("  "+l.label), text(now), text(then), text(change), text(interval))
	}
	g.write(p)
	p.paragraph("  ", "  ", "Changes are means over the same worlds, pair by pair.")
}

func tuningCost(c *result.Costs, name string) string {
	for _, f := range result.TuningCosts {
		if f.Name != name {
			continue
		}
		value := f.Of(c)
		switch {
		case name == "pod_start_p99" && c.Pods == 0:
			return none
		case name == "pod_start_p99" && !c.PodStartP99.Reached():
			return "never"
		case name == "pod_start_p99":
			return decimal(value, 2) + " s"
		case name == "addresses_mean" || value != float64(int64(value)):
			return decimal(value, 1)
		}
		return decimal(value, 0)
	}
	return none
}

func signed(value float64, unit string) string {
	places := 1
	if unit == "s" {
		places = 2
	}
	text := decimal(value, places)
	if value > 0 {
		text = "+" + text
	}
	if unit != "" {
		text += " " + unit
	}
	return text
}

// tuningChecks are where the recommendation was tried besides.
func tuningChecks(p *printer, r *result.Recommendation) {
	if len(r.Set) == 0 {
		return
	}
	p.heading("WHERE THE SEARCH HAS NOT LOOKED", "now → then")
	g := grid{columns: []column{{head: "", left: true}, {head: "ADDRESSES PEAK", left: true}, {head: "P99 START", left: true}, {head: "WAIT", left: true}, {head: "API CALLS", left: true}, {head: "THRESHOLDS", left: true}}}
	both := func(c *result.Probe, name string) cell {
		return text(strings.TrimSuffix(tuningCost(&c.Now, name), " s") + " → " + tuningCost(&c.Then, name))
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		verdict := cell{"✓ none worse", good}
		if c.Unfit != "" {
			verdict = cell{"✗ " + c.Unfit, bad}
		}
		g.add(text("  "+c.Name), both(c, "addresses_peak"), both(c, "pod_start_p99"), both(c, "without_address"), both(c, "api_calls"), verdict)
	}
	g.write(p)
}

func passedOver(p *printer, list []result.PassedOver) {
	for _, x := range list {
		p.paragraph("  passed over: ", "    ", environment(x.Env)+": "+x.Why)
	}
}

// applying are the commands, each in one line, so that it can be copied.
func applying(p *printer, t *result.Tuning) {
	if t.Apply == nil || t.Apply.Diff == "" {
		return
	}
	p.heading("APPLY", "")
	for line := range strings.SplitSeq(strings.TrimSuffix(t.Apply.Diff, "\n"), "\n") {
		s := good
		if strings.HasPrefix(line, "-") {
			s = bad
		}
		p.listing("  ", s, line)
	}
	p.line("  on a self-managed aws-node:")
	p.listing("    ", plain, t.Apply.Kubectl)
	p.line("  on the EKS add-on, whose next update would undo that:")
	p.listing("    ", plain, "aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --configuration-values "+shellWord(string(t.Apply.ConfigurationValues)))
	p.line("  the same in ipamsim:")
	var set []string
	for _, s := range t.Recommended.Set {
		set = append(set, "--set "+shellWord(s))
	}
	p.listing("    ", plain, strings.Join(set, " "))
}
