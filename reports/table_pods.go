package reports

import (
	"maps"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// podStart shows the distribution of pod starts and the pods that never did.
func podStart(p *printer, r *result.Result, wide bool) {
	p.heading("POD START", "bound to a node until running")
	g := sideBySide(r, "")
	quantiles := func(name string, of func(*result.Pods) result.Quantiles) {
		g.quantile(r, name+" p50 (s)", of, func(q result.Quantiles) result.Seconds { return q.P50 })
		g.quantile(r, name+" p90 (s)", of, func(q result.Quantiles) result.Seconds { return q.P90 })
		g.quantile(r, name+" p99 (s)", of, func(q result.Quantiles) result.Seconds { return q.P99 })
		g.quantile(r, name+" max (s)", of, func(q result.Quantiles) result.Seconds { return q.Max })
		if wide {
			g.quantile(r, name+" mean (s)", of, func(q result.Quantiles) result.Seconds { return q.Mean })
		}
	}
	quantiles("start", func(p *result.Pods) result.Quantiles { return p.Start })
	if wide {
		quantiles("asked for to created", func(p *result.Pods) result.Quantiles { return p.Creation })
		quantiles("created to running", func(p *result.Pods) result.Quantiles { return p.Pending })
		quantiles("address wait", func(p *result.Pods) result.Quantiles { return p.AddressWait })
	}
	g.counts(r, "pods wanted", true, plain, func(v *result.Variant) int { return v.Pods.Wanted })
	g.counts(r, "pods that ran", true, plain, func(v *result.Variant) int { return v.Pods.Started })
	g.counts(r, "pods that never started", true, bad, func(v *result.Variant) int { return v.Pods.NeverStarted })
	g.counts(r, "  of them not created", false, bad, func(v *result.Variant) int { return v.Pods.NotCreated })
	g.counts(r, "  of them without a node", false, bad, func(v *result.Variant) int { return v.Pods.WaitingForNode })
	g.counts(r, "pods running at the end", true, plain, func(v *result.Variant) int { return v.Pods.Running })
	g.counts(r, "  fewest", wide, plain, func(v *result.Variant) int { return less(wide, v.Pods.Worst.Running) })
	g.counts(r, "  no address at the end", false, bad, func(v *result.Variant) int { return v.Pods.AtEnd.WaitingForAddress })
	g.counts(r, "  most", wide, warning, func(v *result.Variant) int { return less(wide, v.Pods.Worst.WaitingForAddress) })
	g.counts(r, "  no room on a node at the end", false, bad, func(v *result.Variant) int { return v.Pods.AtEnd.Unschedulable })
	g.counts(r, "  most", wide, warning, func(v *result.Variant) int { return less(wide, v.Pods.Worst.Unschedulable) })
	g.counts(r, "  not created at the end", false, bad, func(v *result.Variant) int { return v.Pods.AtEnd.NotCreated })
	g.counts(r, "  most", wide, warning, func(v *result.Variant) int { return less(wide, v.Pods.Worst.NotCreated) })
	g.counts(r, "pods deleted before they ran", wide, plain, func(v *result.Variant) int { return v.Pods.Deleted })
	g.counts(r, "pods still starting at the end", wide, plain, func(v *result.Variant) int { return v.Pods.Starting })
	g.counts(r, "failed CNI ADDs", wide, warning, func(v *result.Variant) int { return v.Pods.FailedAdds })
	g.causes(r)
	g.counts(r, "nodes at the peak", wide, plain, func(v *result.Variant) int { return v.Nodes.Peak })
	g.counts(r, "failed node launches", wide, bad, func(v *result.Variant) int { return v.Nodes.FailedLaunch })
	g.counts(r, "spot interruptions", false, warning, func(v *result.Variant) int { return v.Nodes.Interruptions })
	g.counts(r, "ipamd restarts", false, warning, func(v *result.Variant) int { return v.Nodes.AgentRestarts })
	g.counts(r, "leaked interfaces, most", false, warning, func(v *result.Variant) int { return v.Interfaces.LeakedPeak })
	g.counts(r, "leaked interfaces at the end", false, bad, func(v *result.Variant) int { return v.Interfaces.LeakedEnd })
	g.counts(r, "interfaces kept by launch templates", false, bad, func(v *result.Variant) int { return v.Interfaces.KeptEnd })
	g.counts(r, "pods that lost packets", false, bad, func(v *result.Variant) int { return v.Network.Affected })
	g.counts(r, "pods losing packets at the end", false, bad, func(v *result.Variant) int { return v.Network.DroppingEnd })
	g.counts(r, "stale rules at the end", false, warning, func(v *result.Variant) int { return v.Network.StaleRulesEnd })
	g.counts(r, "leaked addresses at the end", false, warning, func(v *result.Variant) int { return v.Network.LeakedEnd })
	g.counts(r, "defects not in these counts", false, warning, func(v *result.Variant) int { return v.Network.Further })
	g.recovery(r)
	g.nodeReady(r, wide)
	g.write(p)
	histogramNote(p, r)
}

// less is a number that only a wide table has a row for.
func less(wide bool, n int) int {
	if wide {
		return n
	}
	return 0
}

// histogramNote says whose quantiles are not exact, if any.
func histogramNote(p *printer, r *result.Result) {
	var coarse []string
	for i := range r.Variants {
		pods := &r.Variants[i].Pods
		if pods.Creation.FromHistogram || pods.Start.FromHistogram || pods.Pending.FromHistogram || pods.AddressWait.FromHistogram || r.Variants[i].Nodes.Ready.FromHistogram {
			coarse = append(coarse, r.Variants[i].Name)
		}
	}
	if len(coarse) > 0 {
		p.paragraph("  ", "  ", "p50, p90 and p99 of "+words.And(coarse)+" are from a histogram, known to 1/128: there were more than "+words.Count(result.ExactMost)+" durations.")
	}
}

// quantile adds a row with one figure of a distribution for each variant.
func (g *grid) quantile(r *result.Result, label string, of func(*result.Pods) result.Quantiles, figure func(result.Quantiles) result.Seconds) {
	row := []cell{text(label)}
	for i := range r.Variants {
		q := of(&r.Variants[i].Pods)
		row = append(row, text(seconds(figure(q))))
	}
	g.add(row...)
}

// counts adds a row of whole numbers, unless all are zero and the row need not
// be kept then. Numbers above zero have the style.
func (g *grid) counts(r *result.Result, label string, keep bool, s style, of func(*result.Variant) int) {
	row := []cell{text(label)}
	for i := range r.Variants {
		n := of(&r.Variants[i])
		c := text(words.Count(n))
		if n != 0 {
			keep, c.style = true, s
		}
		row = append(row, c)
	}
	if keep {
		g.add(row...)
	}
}

// causes adds a row for each cause of failed ADDs that occurred.
func (g *grid) causes(r *result.Result) {
	occurred := map[result.Cause]bool{}
	for i := range r.Variants {
		for cause, n := range r.Variants[i].Pods.FailedAddCauses {
			occurred[cause] = occurred[cause] || n > 0
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(occurred)) {
		g.counts(r, "  "+cause.About().Label, false, plain, func(v *result.Variant) int { return v.Pods.FailedAddCauses[cause] })
	}
}

// nodeReady adds the time from launch call to Ready if any node was launched.
func (g *grid) nodeReady(r *result.Result, wide bool) {
	row, max, any := []cell{text("node ready p50 (s)")}, []cell{text("node ready max (s)")}, false
	for i := range r.Variants {
		q := r.Variants[i].Nodes.Ready
		row = append(row, text(seconds(q.P50)))
		max = append(max, text(seconds(q.Max)))
		any = any || q.Count+q.Never > 0
	}
	if any {
		g.add(row...)
	}
	if any && wide {
		g.add(max...)
	}
}

// phases shows where the time from created to running went.
func phases(p *printer, r *result.Result, wide bool) {
	any := false
	for i := range r.Variants {
		any = any || r.Variants[i].Pods.Pending.Count > 0
	}
	if !any {
		return
	}
	p.heading("WHERE THE TIME WENT (s)", "created until running; means over all pods, and over the slowest 1 %")
	g := sideBySide(r, "", "MEAN", "SLOW 1 %")
	row := func(label string, keep bool, of func(result.Phases) float64) {
		cells := []cell{text(label)}
		for i := range r.Variants {
			pods := &r.Variants[i].Pods
			for _, mean := range []result.Phases{pods.Phases.Mean, pods.Phases.Slow} {
				took := result.Seconds(of(mean))
				if pods.Pending.Count == 0 {
					took = result.Never
				}
				cells = append(cells, text(seconds(took)))
				keep = keep || of(mean) >= 0.005
			}
		}
		if keep {
			g.add(cells...)
		}
	}
	for _, phase := range chart.Phases {
		row(phase.Name, wide || phase.Name == "waiting for an address", phase.Of)
	}
	row("total", true, result.Phases.Sum)
	g.write(p)
	p.paragraph("", "", "SLOW 1 %: of the pods that took longest from created to running, among those that were created from time 0 on and ran.")
}

// recovery adds a row about how long the fleet took to be well again after its
// faults, unless there were none that end.
func (g *grid) recovery(r *result.Result) {
	row, any := []cell{text("recovered after the faults (s)")}, false
	for i := range r.Variants {
		n := &r.Variants[i].Network
		switch {
		case n.Recovery != nil:
			row, any = append(row, text(decimal(*n.Recovery, 0))), true
		case len(n.Broken) > 0:
			row, any = append(row, cell{"never", bad}), true
		default:
			row = append(row, text(none))
		}
	}
	if any {
		g.add(row...)
	}
}
