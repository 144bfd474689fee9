package reports

import (
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// foundIn says in words what went wrong in each variant, on what evidence,
// and what would change it.
func foundIn(p *printer, r *result.Result) {
	var fine []string
	heading := func() { p.heading("FINDINGS", "") }
	found := false
	for _, v := range r.Variants {
		if len(v.Findings) == 0 {
			fine = append(fine, v.Name)
			continue
		}
		for _, f := range v.Findings {
			if found {
				p.line()
			} else {
				heading()
			}
			found = true
			p.line(p.styled(warning, string(f.Mode)), "  in ", v.Name, affected(&f))
			p.paragraph("  ", "  ", f.Summary)
			for _, fact := range f.Evidence {
				p.paragraph("  - ", "    ", fact)
			}
			remedies(p, &v, &f)
			sights(p, f)
		}
	}
	switch {
	case !found:
		p.heading("FINDINGS", "none")
	case len(fine) > 0:
		p.line()
		p.paragraph("", "  ", "no findings in "+strings.Join(fine, ", "))
	}
	trying(p, r)
}

// affected is how many pods a finding is about.
func affected(f *result.Finding) string {
	if f.PodsAffected == 0 {
		return ""
	}
	return ", " + words.Plural(f.PodsAffected, "pod")
}

// sights are how one would see a finding on the real machine, and be told of
// it. Commands are one line each, so that they can be copied.
func sights(p *printer, f result.Finding) {
	for _, c := range f.Checks {
		p.line("  see: ", c.Command)
		p.paragraph("       ", "       ", c.Shows)
	}
	if f.Alert != nil {
		p.line("  alert: ", f.Alert.PromQL)
		if f.Alert.Needs != "" {
			p.paragraph("         ", "         ", f.Alert.Needs)
		}
		if f.Alert.Shell != "" {
			p.line("  check: ", f.Alert.Shell)
		}
		if f.Alert.Metric != "" {
			p.paragraph("         ", "         ", f.Alert.Metric+" is the number of its lines, by node_exporter's textfile collector")
		}
	}
}

// replications shows each run on its own.
func replications(p *printer, r *result.Result) {
	g := grid{columns: []column{{head: "VARIANT", left: true}, {head: "#"}, {head: "EVENTS"}, {head: "PODS"}, {head: "RAN"},
		{head: "NEVER"}, {head: "START P50 (s)"}, {head: "P99 (s)"}, {head: "MAX (s)"}, {head: "FREE MIN"}, {head: "THROTTLED"},
		{head: "FINGERPRINT", left: true}}}
	for _, v := range r.Variants {
		label := v.Name
		for i := range v.Replications {
			rep := &v.Replications[i]
			start, throttles := rep.Pods.Start, 0
			for _, a := range rep.API {
				if a != nil {
					throttles += a.Throttled
				}
			}
			g.add(text(label), text(strconv.Itoa(rep.Replication)), text(words.Count(rep.Events)), text(words.Count(rep.Pods.Wanted)),
				text(words.Count(rep.Pods.Started)), text(words.Count(rep.Pods.NeverStarted)), text(seconds(start.P50)),
				text(seconds(start.P99)), text(seconds(start.Max)), text(freeMin(rep.Subnets)),
				text(words.Count(throttles)), text(rep.Fingerprint))
			label = ""
		}
	}
	if len(g.rows) == 0 {
		return
	}
	p.heading("REPLICATIONS", "")
	g.write(p)
}

// freeMin is the fewest free addresses of any subnet.
func freeMin(subnets []result.Subnet) string {
	if len(subnets) == 0 {
		return none
	}
	least := subnets[0].FreeMin
	for _, s := range subnets {
		least = min(least, s.FreeMin)
	}
	return words.Count(least)
}
