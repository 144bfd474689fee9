package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// A text that is not wide shows so many kinds of findings, and so much of the
// evidence of each; what is left out is wide.
const (
	kindsShown    = 6
	evidenceShown = 3
)

// foundIn says in words what went wrong in each variant, on what evidence,
// and what would change it: each kind of finding once, unless wide.
func foundIn(p *printer, r *result.Result, wide bool) {
	kinds := kindsOf(r)
	if len(kinds) == 0 {
		p.heading("FINDINGS", "none")
		trying(p, r)
		return
	}
	p.heading("FINDINGS", kindsNote(r, kinds, wide))
	if wide {
		for i, f := range sightings(r) {
			apart(p, i)
			p.line(p.styled(warning, string(f.finding.Mode)), "  in ", f.variant.Name, affected(f.finding))
			inFull(p, f, len(f.finding.Evidence))
			sights(p, *f.finding, true)
		}
	} else {
		for i, k := range kinds[:min(len(kinds), kindsShown)] {
			apart(p, i)
			k.show(p)
		}
		moreKinds(p, kinds)
	}
	var fine []string
	for _, v := range r.Variants {
		if len(v.Findings) == 0 {
			fine = append(fine, v.Name)
		}
	}
	if len(fine) > 0 {
		p.line()
		p.paragraph("", "  ", "no findings in "+strings.Join(fine, ", "))
	}
	trying(p, r)
}

// apart leaves a line free before whatever is not the first.
func apart(p *printer, i int) {
	if i > 0 {
		p.line()
	}
}

// sighting is a finding of a variant.
type sighting struct {
	variant *result.Variant
	finding *result.Finding
}

func sightings(r *result.Result) (list []sighting) {
	for i := range r.Variants {
		v := &r.Variants[i]
		for j := range v.Findings {
			list = append(list, sighting{v, &v.Findings[j]})
		}
	}
	return list
}

// kind is a failure mode in all variants that have it, in the variants' order.
type kind []sighting

// kindsOf are the kinds of findings, those that hit most pods first.
func kindsOf(r *result.Result) (kinds []kind) {
	for _, s := range sightings(r) {
		at := slices.IndexFunc(kinds, func(k kind) bool { return k[0].finding.Mode == s.finding.Mode })
		if at < 0 {
			kinds = append(kinds, nil)
			at = len(kinds) - 1
		}
		kinds[at] = append(kinds[at], s)
	}
	slices.SortStableFunc(kinds, func(a, b kind) int {
		return cmp.Compare(b.worst().finding.PodsAffected, a.worst().finding.PodsAffected)
	})
	return kinds
}

// worst is the finding that affects most pods, of equals the first.
func (k kind) worst() sighting {
	return slices.MaxFunc(k, func(a, b sighting) int { return cmp.Compare(a.finding.PodsAffected, b.finding.PodsAffected) })
}

func kindsNote(r *result.Result, kinds []kind, wide bool) string {
	n := len(sightings(r))
	if wide || n == len(kinds) {
		return ""
	}
	return words.Plural(n, "finding") + " of " + words.Plural(len(kinds), "kind") + ", each kind as it is where it hits most pods (-o wide shows all)"
}

// show tells a kind by its worst finding, and of the others what else would help
// them.
func (k kind) show(p *printer) {
	worst := k.worst()
	if len(k) == 1 {
		p.line(p.styled(warning, string(worst.finding.Mode)), "  in ", worst.variant.Name, affected(worst.finding))
	} else {
		p.titled(warning, string(worst.finding.Mode), plain, "in "+k.where()+"; here "+worst.variant.Name)
	}
	inFull(p, worst, evidenceShown)
	said := p.aside(2, func(q *printer) { remedies(q, worst.variant, worst.finding) })
	var texts []string
	in := map[string][]string{}
	for _, s := range k {
		text := p.aside(2, func(q *printer) { again(q, s, worst) })
		if text == said || text == "" || s == worst {
			continue
		}
		if in[text] == nil {
			texts = append(texts, text)
		}
		in[text] = append(in[text], s.variant.Name)
	}
	for _, text := range texts {
		p.paragraph("  in ", "    ", words.And(in[text])+":")
		for line := range strings.Lines(text) {
			p.line("  ", strings.TrimSuffix(line, "\n"))
		}
	}
	sights(p, *worst.finding, false)
}

// again says what helps a variant of which another one has been told of.
func again(p *printer, s, told sighting) {
	if first, before := recommendedHere(s), recommendedHere(told); first != nil && before != nil && slices.Equal(first.Set, before.Set) {
		p.paragraph("  ", "    ", "the same ("+verdictWords[first.Verdict]+"): "+trial(first, s.finding.Mode))
		return
	}
	remedies(p, s.variant, s.finding)
}

// recommendedHere is the recommendation of a variant if it is told with this
// finding, or nil.
func recommendedHere(s sighting) *result.Remedy {
	if v := s.variant; v.Trying == nil || v.Trying.Advice != result.Tried || len(s.finding.Remedies) == 0 || firstRemedied(v).Mode != s.finding.Mode {
		return nil
	}
	return &s.finding.Remedies[0]
}

// where lists the variants, those with the same number of pods together.
func (k kind) where() string {
	var list []string
	for i := 0; i < len(k); {
		var names []string
		pods := k[i].finding.PodsAffected
		for ; i < len(k) && k[i].finding.PodsAffected == pods; i++ {
			names = append(names, k[i].variant.Name)
		}
		text := words.And(names)
		if pods > 0 {
			text += " (" + words.Plural(pods, "pod")
			if len(names) > 1 {
				text += " each"
			}
			text += ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// inFull writes what a finding says, with so much of its evidence, and its
// remedies.
func inFull(p *printer, s sighting, evidence int) {
	p.paragraph("  ", "  ", s.finding.Summary)
	for i, fact := range s.finding.Evidence {
		if i == evidence {
			p.line(p.styled(faint, "  and "+words.Plural(len(s.finding.Evidence)-i, "more fact")+" (-o wide)"))
			break
		}
		p.paragraph("  - ", "    ", fact)
	}
	remedies(p, s.variant, s.finding)
}

// moreKinds names the kinds that are not shown.
func moreKinds(p *printer, kinds []kind) {
	if len(kinds) <= kindsShown {
		return
	}
	var list []string
	for _, k := range kinds[kindsShown:] {
		list = append(list, string(k[0].finding.Mode)+" in "+k.where())
	}
	p.line()
	p.paragraph("", "  ", "and "+words.Plural(len(list), "more kind")+" (-o wide shows all): "+strings.Join(list, "; "))
}

// affected is how many pods a finding is about.
func affected(f *result.Finding) string {
	if f.PodsAffected == 0 {
		return ""
	}
	return ", " + words.Plural(f.PodsAffected, "pod")
}

// sights are how one would see a finding on the real machine, and be told of
// it. Commands are one line each, so that they can be copied; what is to be
// installed for an alert's metric is wide.
func sights(p *printer, f result.Finding, wide bool) {
	for _, c := range f.Checks {
		p.listing("  see: ", plain, c.Command)
		p.paragraph("       ", "       ", c.Shows)
	}
	if f.Alert != nil {
		p.listing("  alert: ", plain, f.Alert.PromQL)
		if f.Alert.For != "" {
			p.paragraph("         ", "         ", "for: "+f.Alert.For)
		}
		if f.Alert.Needs != "" {
			p.paragraph("         ", "         ", f.Alert.Needs)
		}
		if !wide {
			return
		}
		if f.Alert.Shell != "" {
			p.listing("  check: ", plain, f.Alert.Shell)
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
