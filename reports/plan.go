package reports

import (
	"fmt"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/planning"
)

// Plan writes the answers about a scenario as a page for people, variant by
// variant: how much more fits and what it fails at, and then the subnets.
func Plan(w io.Writer, plan *planning.Plan, opts TableOptions) error {
	p := newPrinter(w, opts)
	note := words.Plural(len(plan.Variants), "variant") + ", seed " + fmt.Sprint(plan.Seed)
	if plan.Version != "" {
		note += ", ipamsim " + plan.Version
	}
	p.titled(bold, plan.Scenario.Name, plain, note)
	for i := range plan.Variants {
		v := &plan.Variants[i]
		p.heading("VARIANT "+v.Name, v.Description)
		p.line("  ", words.Plural(v.Nodes, "node"), " with ", words.Plural(v.Pods, "pod"), asOf(v))
		growth(p, v)
		planSubnets(p, v)
	}
	return p.out.Flush()
}

// asOf says which moment is now.
func asOf(v *planning.Variant) string {
	if v.AsOfSeconds == 0 {
		return " at time 0"
	}
	return " at " + moment(v.AsOfSeconds) + ", the busiest moment, as none runs at time 0"
}

// limitWords are the limits as a table has them.
var limitWords = map[planning.Limit]string{
	planning.Addresses: "addresses of the subnet", planning.Blocks: "/28 blocks of the subnet", planning.Interfaces: "the type's interfaces",
	planning.MaxPods: "max pods", planning.CPU: "CPU", planning.Memory: "memory", planning.NAU: "the VPC's address usage (NAU)",
	planning.ENIQuota: "the quota of interfaces", planning.Settings: "the VPC CNI's settings", planning.Capacity: "EC2's capacity",
}

// growth shows how much more of each group fits.
func growth(p *printer, v *planning.Variant) {
	p.heading("HOW MUCH MORE FITS", "until one does not start")
	g := grid{columns: []column{{head: "GROUP", left: true}, {head: "NOW"}, {head: "MORE"}, {left: true}, {head: "THEN BINDS", left: true}, {head: "IN", left: true}}}
	for i := range v.Growth {
		q := &v.Growth[i]
		of := groupNamed(v, q.Group)
		now, what := of.Nodes, "nodes"
		switch {
		case q.By == planning.ByPods:
			now, what = of.Pods, "pods on these nodes"
		case q.PodsPerNode > 0:
			what = fmt.Sprintf("nodes, %s pods on each", decimal(q.PodsPerNode, 1))
		}
		more, binds := cell{text: words.Count(q.UntilFull)}, "open"
		if !q.Exact {
			more.text += "+"
		}
		if q.UntilFull == 0 {
			more.style = bad
		}
		if q.Binding != nil {
			binds = limitWords[*q.Binding]
		}
		in := strings.Join(q.Subnets, ", ")
		if in == "" && len(q.Zones) > 0 {
			in = "zone " + strings.Join(q.Zones, ", ")
		}
		g.add(text(q.Group), whole(now), more, text(what), text(binds), text(in))
	}
	g.write(p)
}

func groupNamed(v *planning.Variant, name string) *planning.Group {
	for i := range v.Groups {
		if v.Groups[i].Name == name {
			return &v.Groups[i]
		}
	}
	return &planning.Group{}
}

// planSubnets shows each subnet's room.
func planSubnets(p *printer, v *planning.Variant) {
	p.heading("SUBNETS", "")
	g := grid{columns: []column{{head: "SUBNET", left: true}, {head: "AZ", left: true}, {head: "USABLE"}, {group: "FREE NOW", head: "ADDRESSES"}, {group: "FREE NOW", head: "/28"},
		{group: "FREE AT WORST", head: "ADDRESSES"}, {group: "FREE AT WORST", head: "/28"}, {head: "UPGRADE", left: true}}}
	for i := range v.Subnets {
		s := &v.Subnets[i]
		verdict := cell{"ready", good}
		switch {
		case !s.UpgradeReady:
			verdict = cell{"refused now", bad}
		case !s.UpgradeReadyWorst:
			verdict = cell{"refused at " + moment(s.WorstAtSeconds), warning}
		}
		g.add(text(s.Name), text(s.Zone), whole(s.Usable), whole(s.FreeNow), whole(s.BlocksNow), whole(s.FreeWorst), whole(s.BlocksWorst), verdict)
	}
	g.write(p)
}
