package reports

import (
	"fmt"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/planning"
)

// limitWords are the limits as a table has them, and what to do about them.
var limitWords = map[planning.Limit]struct{ short, do string }{
	planning.Addresses:  {"addresses of the subnet", "hold fewer warm addresses (ipamsim tune), or add a subnet from a secondary CIDR"},
	planning.Blocks:     {"/28 blocks of the subnet", "reserve a part of the subnet for prefixes, or give pods a subnet of their own"},
	planning.Interfaces: {"the type's interfaces", "a larger instance type, or prefix delegation (ipamsim limits)"},
	planning.MaxPods:    {"max pods", "more nodes or a larger instance type; with prefix delegation max pods may be higher (ipamsim limits)"},
	planning.CPU:        {"CPU", "more nodes, or smaller requests"},
	planning.Memory:     {"memory", "more nodes, or smaller requests"},
	planning.NAU:        {"address usage (NAU)", "have the quota raised, to 256,000 at most; a prefix counts as one address"},
	planning.ENIQuota:   {"quota of interfaces", "have quota L-DF5E4CA3 raised"},
	planning.Settings:   {"the VPC CNI's settings", "see ipamsim lint: the settings keep pools from growing"},
	planning.Capacity:   {"EC2's capacity", "further instance types or zones"},
}

// concern is something that is short, and how bad that is.
type concern struct {
	rank int // the lowest first
	text string
	do   string
	style
}

// attention lists what is short, the worst first, and what to do.
func attention(p *printer, v *planning.Variant) {
	list := slices.Concat(ofSubnets(v), ofGrowth(v), ofChanges(v))
	slices.SortStableFunc(list, func(a, b concern) int { return a.rank - b.rank })
	p.heading("WHAT TO HEED", "")
	said := map[string]bool{}
	for _, c := range list {
		mark := "! "
		if c.style == bad {
			mark = "✗ "
		}
		p.paragraph("  "+p.styled(c.style, mark), "    ", c.text)
		if c.do != "" && !said[c.do] {
			said[c.do] = true
			p.paragraph("    → ", "      ", c.do)
		}
	}
	if len(list) == 0 {
		p.line("  ", p.styled(good, "✓ "), "nothing is short now, and nothing is at the scenario's worst moment")
	}
}

// ofSubnets are subnets in which an update of the control plane is refused.
func ofSubnets(v *planning.Variant) (list []concern) {
	var now, later []string
	at := 0.0
	for i := range v.Subnets {
		switch s := &v.Subnets[i]; {
		case !s.UpgradeReady:
			now = append(now, fmt.Sprintf("%s (%d free)", s.Name, s.FreeNow))
		case !s.UpgradeReadyWorst:
			later = append(later, fmt.Sprintf("%s (%d free)", s.Name, s.FreeWorst))
			at = max(at, s.WorstAtSeconds)
		}
	}
	if len(now) > 0 {
		list = append(list, concern{1, "an update of the control plane is refused now for want of five addresses in " + words.And(now), limitWords[planning.Addresses].do, bad})
	}
	if len(later) > 0 {
		list = append(list, concern{3, "at the worst moment, about " + moment(at) + ", subnets run full: " + words.And(later), limitWords[planning.Addresses].do, bad})
	}
	return list
}

// ofGrowth are groups of which hardly more fits.
func ofGrowth(v *planning.Variant) (list []concern) {
	for i := range v.Growth {
		q := &v.Growth[i]
		if q.By != planning.ByNodes || !q.Exact || q.Binding == nil {
			continue
		}
		in := ""
		if len(q.Subnets) > 0 {
			in = " in " + words.And(q.Subnets)
		}
		now, do := groupNamed(v, q.Group).Nodes, limitWords[*q.Binding].do
		short := limitWords[*q.Binding].short
		switch {
		case q.UntilFull == 0:
			list = append(list, concern{0, fmt.Sprintf("not one more node of %s starts with its pods: %s%s", q.Group, short, in), do, bad})
		case q.UntilFull < now:
			list = append(list, concern{4, fmt.Sprintf("%s cannot double: %s more than its %s start with their pods, then %s%s", q.Group, words.Plural(q.UntilFull, "node"), words.Count(now), short, in), do, warning})
		}
	}
	return list
}

// ofChanges are changes that do not end well.
func ofChanges(v *planning.Variant) (list []concern) {
	for i := range v.Losses {
		if l := &v.Losses[i]; l.PodsMissing > 0 {
			list = append(list, concern{2, fmt.Sprintf("without zone %s, %s do not come back: %s", l.Zone, words.Plural(l.PodsMissing, "pod"), because(l.Binding)), doAbout(l.Binding), bad})
		}
	}
	if r := v.Replacement; r != nil && !r.Ready {
		text := fmt.Sprintf("replacing all nodes does not come to its end: %s of %s", words.Count(r.Replaced), words.Plural(r.Nodes, "node"))
		if r.Replaced == r.Nodes {
			text = "after all nodes are replaced " + words.Plural(r.PodsMissing, "pod") + " do not run"
		}
		list = append(list, concern{1, text + ": " + because(r.Binding) + "; another --surge may do", doAbout(r.Binding), bad})
	}
	return list
}

func doAbout(l *planning.Limit) string {
	if l == nil {
		return ""
	}
	return limitWords[*l].do
}
