package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/planning"
)

// Plan writes the answers about a scenario as a page for people, variant by
// variant: what is short, the worst first, and what to do about it; then how much
// more fits, the subnets, the nodes, and what happens in a change.
func Plan(w io.Writer, plan *planning.Plan, opts TableOptions) error {
	p := newPrinter(w, opts)
	planned(p, plan)
	return p.out.Flush()
}

func planned(p *printer, plan *planning.Plan) {
	note := words.Plural(len(plan.Variants), "variant") + ", seed " + fmt.Sprint(plan.Seed)
	if plan.Version != "" {
		note += ", ipamsim " + plan.Version
	}
	p.titled(bold, plan.Scenario.Name, plain, note)
	for i := range plan.Variants {
		v := &plan.Variants[i]
		p.part("VARIANT", v.Name, v.Description)
		p.paragraph("  ", "  ", words.Plural(v.Nodes, "node")+" with "+words.Plural(v.Pods, "pod")+asOf(v))
		attention(p, v)
		growth(p, v)
		planSubnets(p, v)
		oneNode(p, v)
		losses(p, v)
		replacement(p, v)
		scaleOut(p, v)
		overlay(p, v)
	}
	p.heading("TAKEN FOR GRANTED", "")
	for _, text := range assumptions {
		p.paragraph("- ", "  ", text)
	}
}

// assumptions are those of every plan.
var assumptions = []string{
	"Growth is of the fleet as it is at time 0, at rest: no autoscaler, no steps, no faults, no churn, requests to EC2 not throttled, pods created and bound at once. Nodes come as an Auto Scaling group launches them, to the zone with fewest.",
	"What starts is all that counts: in a full subnet pods run without a warm pool. MORE counts those, WITH FULL POOLS those whose pools get what their settings ask for, with five addresses left free in each subnet.",
	"More pods are like the present ones; topology spread is not kept. More nodes are of the group's first type.",
}

// asOf says which moment is now.
func asOf(v *planning.Variant) string {
	if v.AsOfSeconds == 0 {
		return " at time 0"
	}
	return " at " + moment(v.AsOfSeconds) + ", the busiest moment, as no pod runs at time 0"
}

// growth shows how much more of each group fits.
func growth(p *printer, v *planning.Variant) {
	p.heading("HOW MUCH MORE FITS", "until one does not start")
	g := grid{columns: []column{{head: "GROUP", left: true}, {head: "NOW"}, {head: "MORE"}, {left: true}, {head: "WITH FULL POOLS"}, {head: "THEN BINDS", left: true}, {head: "IN", left: true}}}
	for i := range v.Growth {
		q := &v.Growth[i]
		of := groupNamed(v, q.Group)
		now, what := of.Nodes, "nodes"
		switch {
		case q.By == planning.ByPods:
			now, what = of.Pods, "pods on these nodes"
		case q.PodsPerNode > 0:
			what = fmt.Sprintf("nodes with %s pods each", decimal(q.PodsPerNode, 1))
		}
		more, low, binds := cell{text: words.Count(q.UntilFull)}, cell{}, "open"
		if !q.Exact {
			more.text += "+"
		}
		if q.UntilFull == 0 {
			more.style = bad
		}
		if q.UntilTight != nil {
			low = cell{words.Count(*q.UntilTight), warning}
		}
		if q.Binding != nil {
			binds = limitWords[*q.Binding].short
		}
		g.add(text(q.Group), whole(now), more, text(what), low, text(binds), text(strings.Join(q.Subnets, ", ")))
	}
	g.dropEmptyColumns()
	g.write(p)
	if v.FirstToBreak != "" {
		p.line("  zone ", v.FirstToBreak, " breaks first")
	}
}

func groupNamed(v *planning.Variant, name string) *planning.Group {
	for i := range v.Groups {
		if v.Groups[i].Name == name {
			return &v.Groups[i]
		}
	}
	return &planning.Group{}
}

// planSubnets shows each subnet's room, the fullest first.
func planSubnets(p *printer, v *planning.Variant) {
	note := "UPDATE: whether the control plane finds the five addresses that an update takes"
	p.heading("SUBNETS", note)
	const now, worst = "FREE NOW", "FREE AT WORST"
	g := grid{columns: []column{{head: "SUBNET", left: true}, {head: "AZ", left: true}, {head: "USABLE"}, {group: now, head: "ADDRESSES"}, {group: now, head: "/28"},
		{group: worst, head: "ADDRESSES"}, {group: worst, head: "/28"}, {head: "UPDATE", left: true}}}
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
	q := v.Quotas
	p.line("  quotas: ", words.Count(q.InterfacesUsed), " of ", words.Count(q.Interfaces), " network interfaces (", words.Count(q.InterfacesWorst), " at worst), ",
		words.Count(q.NAUUsed), " of ", words.Count(q.NAU), " units of address usage")
}

// oneNode shows what a node of each group takes.
func oneNode(p *printer, v *planning.Variant) {
	p.heading("ONE NODE", "what it holds, and one more takes; in a subnet with room")
	const empty, typical, full, calls = "NO PODS", "AS NOW", "FULL", "CALLS TO EC2"
	g := grid{fold: true, columns: []column{{head: "GROUP", left: true}, {group: empty, head: "ADDRESSES"}, {group: typical, head: "PODS"}, {group: typical, head: "ADDRESSES"}, {group: typical, head: "NAU"},
		{group: full, head: "PODS"}, {group: full, head: "ADDRESSES"}, {group: calls, head: "BOOT"}, {group: calls, head: "PODS"}, {group: calls, head: "AN HOUR"}}}
	for i := range v.Groups {
		q := &v.Groups[i]
		g.add(text(q.Name), whole(q.Empty.Addresses), whole(q.Typical.Pods), whole(q.Typical.Addresses), whole(q.Typical.NAU), whole(q.Full.Pods), whole(q.Full.Addresses),
			whole(sum(q.Calls.Boot)), whole(sum(q.Calls.Pods)), text(decimal(q.Calls.RestPerHour, 1)))
	}
	g.write(p)
}

func sum(calls map[string]int) (n int) {
	for _, of := range calls {
		n += of
	}
	return n
}

// losses shows what becomes of the fleet without a zone.
func losses(p *printer, v *planning.Variant) {
	if len(v.Losses) == 0 {
		p.heading("A ZONE LOST", "all nodes are in one zone, or there are none")
		return
	}
	p.heading("A ZONE LOST", "half an hour later")
	g := grid{columns: []column{{head: "ZONE", left: true}, {head: "NODES"}, {head: "PODS"}, {head: "MISSING"}, {left: true}, {head: "THE OTHERS' LEAST FREE", left: true}}}
	for i := range v.Losses {
		l := &v.Losses[i]
		missing, why := cell{words.Count(l.PodsMissing), plain}, ""
		if l.PodsMissing > 0 {
			missing.style, why = bad, because(l.Binding)
		}
		g.add(text(l.Zone), whole(l.Nodes), whole(l.Pods), missing, text(why), text(rooms(l.Others)))
	}
	g.dropEmptyColumns()
	g.write(p)
}

func because(l *planning.Limit) string {
	if l == nil {
		return "they are still on their way"
	}
	return limitWords[*l].short
}

// rooms are the least free addresses of subnets, the fullest first.
func rooms(list []planning.Room) string {
	list = slices.SortedStableFunc(slices.Values(list), func(a, b planning.Room) int { return a.FreeMin - b.FreeMin })
	const most = 3
	var parts []string
	for _, r := range list[:min(len(list), most)] {
		parts = append(parts, fmt.Sprintf("%s %s", r.Subnet, words.Count(r.FreeMin)))
	}
	if len(list) > most {
		parts = append(parts, fmt.Sprintf("%d more", len(list)-most))
	}
	return strings.Join(parts, ", ")
}

// replacement shows what becomes of it when all nodes are replaced.
func replacement(p *printer, v *planning.Variant) {
	r := v.Replacement
	if r == nil {
		return
	}
	p.heading("ALL NODES REPLACED", replacing(r))
	verdict, s := "ready", good
	if !r.Ready {
		verdict, s = "not ready", bad
	}
	text := fmt.Sprintf(": %s of %s replaced in %s", words.Count(r.Replaced), words.Plural(r.Nodes, "node"), moment(r.Seconds))
	if r.Failed != "" {
		text += " (" + r.Failed + ")"
	}
	if r.PodsMissing > 0 {
		text += "; " + words.Plural(r.PodsMissing, "pod") + " missing at the end, " + because(r.Binding)
	}
	p.line("  ", p.styled(s, verdict), text, "; least free: ", rooms(r.Subnets))
}

func replacing(r *planning.Replacement) string {
	surge, most := "as EKS does it, two more nodes for each zone first", "one"
	if r.Surge != "" {
		surge = r.Surge + " more nodes first in each group"
	}
	if r.Unavailable != "" {
		most = r.Unavailable
	}
	return surge + ", " + most + " drained at a time"
}

// scaleOut shows how fast the largest group doubles.
func scaleOut(p *printer, v *planning.Variant) {
	o := v.ScaleOut
	if o == nil {
		return
	}
	p.heading("HOW FAST", fmt.Sprintf("%s more of %s with %s", words.Plural(o.Nodes, "node"), o.Group, words.Plural(o.Pods, "pod")))
	text := "asked for at once, all run after " + moment(o.Seconds)
	switch {
	case o.Unfinished:
		text = "asked for at once, not all run within two hours: " + because(o.Binding)
	case o.Throttled == 0:
		text += "; the account's token buckets turn nothing away"
	default:
		text += fmt.Sprintf(" (%s without token buckets), and %s", moment(o.SecondsUnthrottled), words.Plural(o.Throttled, "request")) + " are throttled"
	}
	if o.Ramp != nil {
		text += fmt.Sprintf("; nothing is throttled when they are asked for over %s, and all run after %s", moment(*o.Ramp), moment(*o.RampSeconds))
	}
	p.paragraph("  ", "  ", text)
	for i := range v.Groups {
		if g := &v.Groups[i]; g.Name == o.Group {
			p.paragraph("  ", "    ", "calls of one node: "+actions(g.Calls.Boot)+" to boot, "+actions(g.Calls.Pods)+" more for its pods")
		}
	}
}

// actions are calls by action, the most frequent first.
func actions(calls map[string]int) string {
	names := slices.Sorted(maps.Keys(calls))
	slices.SortStableFunc(names, func(a, b string) int { return calls[b] - calls[a] })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", calls[name], name))
	}
	if len(parts) == 0 {
		return "none"
	}
	return words.And(parts)
}

// overlay compares with networks in which pods have addresses of their own.
func overlay(p *printer, v *planning.Variant) {
	o := v.Overlay
	p.heading("AN OVERLAY INSTEAD", "")
	p.paragraph("  ", "  ", fmt.Sprintf("the nodes hold %s of the VPC, of which %s are on pods; with an overlay they would hold %s, one a node. Where each node gets its max pods beforehand, (nodes + 1) x (1 + max pods), it would be %s",
		words.Plural(o.Held, "address"), words.Count(o.Pods), words.Count(o.Overlay), words.Count(o.Flat)))
}
