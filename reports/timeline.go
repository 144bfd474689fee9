package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/explain"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Timeline writes the explanation as text for people: for each pod its way
// with the boundaries that it waited at, whose side it is, and what one would
// find of it on a real cluster.
func Timeline(w io.Writer, e *explain.Explanation, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, e.Scenario), "  ", strings.Join([]string{
		"variant " + e.Variant, "replication " + strconv.Itoa(e.Replication), "seed " + strconv.FormatUint(e.Seed, 10), "run " + e.Fingerprint,
	}, ", "))
	if len(e.Pods) == 0 {
		p.line()
		p.line("No pod was created from time 0 on.")
	}
	for i := range e.Pods {
		p.line()
		timelineOf(p, &e.Pods[i])
	}
	return p.out.Flush()
}

func timelineOf(p *printer, pod *explain.Pod) {
	timelineTitle(p, pod)
	p.line()
	timelineGrid(p, pod)
	timelineVerdict(p, &pod.Verdict)
	timelineCalls(p, pod)
	timelineClues(p, pod)
}

// heldUpLeast is from when on it is told that the controller of a pod was held up: our
// choice, less is the order of one sync's requests.
const heldUpLeast = recording.Time(time.Second)

// timelineTitle says how long it took, and where.
func timelineTitle(p *printer, pod *explain.Pod) {
	on := "never bound"
	if pod.Node != "" {
		on = "on " + pod.Node
		if pod.On != nil {
			on += " (" + pod.On.Type + ")"
		}
	}
	ending := map[string]string{"running": "running at ", "deleted": "deleted at ", "never started": "not running at the end, "}[pod.Outcome]
	total := pod.End - pod.Created
	p.line(p.styled(bold, pod.Name), "  ", on, ", created at ", instant(pod.Created), ", ", ending, instant(pod.End), ": ", p.styled(bold, long(total)))
	if held := pod.Created - pod.Asked; held >= heldUpLeast {
		p.line("  its controller was held up: asked for at ", instant(pod.Asked), ", created ", long(held), " later")
	}
	if pod.On != nil && pod.On.CNIVersion != result.DefaultCNIVersion {
		p.line("  its node runs VPC CNI ", pod.On.CNIVersion)
	}
}

// timelineGrid lists the phases, and below those that matter what ipamd did.
func timelineGrid(p *printer, pod *explain.Pod) {
	total := pod.End - pod.Created
	g := grid{columns: []column{{head: "AT"}, {head: "TOOK"}, {head: "SHARE"}, {head: "WHERE", left: true}, {head: "WHAT", left: true}}}
	for _, ph := range condensed(pod.Phases) {
		look := plain
		if 4*ph.Took() >= total && ph.Took() > recording.Time(time.Second) {
			look = warning
		}
		g.add(text(instant(ph.From)), cell{long(ph.Took()), look}, text(share(ph.Took(), total)), cell{string(ph.Boundary), look}, text(ph.What))
		for _, m := range summed(ph.Meanwhile) {
			g.add(cell{instant(m.From), faint}, cell{long(m.Took()), faint}, text(""), cell{"· " + string(m.Boundary), faint}, cell{m.What, faint})
		}
	}
	g.write(p)
}

// timelineVerdict is the answer.
func timelineVerdict(p *printer, v *explain.Verdict) {
	p.line()
	p.line(p.styled(bold, "Whose side"), "  ", p.styled(warning, string(v.Side)))
	p.paragraph("  ", "  ", v.Sentence)
	if v.Plugin != "" {
		p.paragraph("  ", "  ", v.Plugin)
	}
	for _, fact := range v.Evidence {
		p.paragraph("  - ", "    ", fact)
	}
	if v.Remedy != "" {
		p.paragraph("  remedy: ", "    ", v.Remedy)
	}
}

// timelineCalls lists what the node's ipamd asked EC2 for on the pod's way.
func timelineCalls(p *printer, pod *explain.Pod) {
	if pod.On == nil {
		return
	}
	g := grid{columns: []column{{head: "  AT"}, {head: "TOOK"}, {head: "ACTION", left: true}, {head: "REQUESTS"}, {head: "THROTTLED"}, {head: "RESULT", left: true}}}
	calls := slices.Clone(pod.On.Calls)
	slices.SortStableFunc(calls, func(a, b recording.CallRecord) int { return cmp.Compare(a.Start, b.Start) })
	for _, c := range calls {
		if c.End < pod.Created || c.Start > pod.End {
			continue
		}
		name, throttled := c.Action, 0
		if c.Process != "" {
			name += " (" + c.Process + ")"
		}
		for _, a := range c.Attempts {
			if a.Code == "RequestLimitExceeded" {
				throttled++
			}
		}
		g.add(text(instant(c.Start)), text(long(c.End-c.Start)), text(name), text(strconv.Itoa(len(c.Attempts))), text(strconv.Itoa(throttled)), text(callResult(c)))
	}
	if more := len(g.rows) - callsMost; more > 0 {
		g.rows = g.rows[:callsMost]
		defer p.line("  and ", words.Count(more), " more: -o json has them")
	}
	if len(g.rows) > 0 {
		p.line()
		p.line(p.styled(bold, "ipamd's calls to EC2"), " from ", pod.On.Name, ", ", pod.On.Instance, ", on the pod's way")
		g.write(p)
	}
}

// callResult is ok, or the last code.
func callResult(c recording.CallRecord) string {
	last := ""
	if k := len(c.Attempts); k > 0 {
		last = c.Attempts[k-1].Code
	}
	switch {
	case c.Cut:
		return "ipamd ended meanwhile"
	case c.Error == "":
		return "ok"
	}
	return cmp.Or(last, c.Error)
}

// Bounds of what is listed.
const (
	callsMost  = 40 // calls to EC2
	roundsMost = 4  // failed sandboxes of a pod; of more, the first two and the last one
	piecesMost = 12 // of what ipamd did in one phase; more are summed up
)

// condensed are the phases with the failed sandboxes in the middle of a long
// row of them as one.
func condensed(list []explain.Phase) []explain.Phase {
	var pauses []int
	for i, p := range list {
		if p.Boundary == explain.AtBackoff {
			pauses = append(pauses, i)
		}
	}
	if len(pauses) <= roundsMost {
		return list
	}
	from, to := pauses[1]+1, pauses[len(pauses)-2]
	one := explain.Phase{Boundary: explain.AtBackoff, What: words.Count(len(pauses)-3) + " more sandboxes fail the same way", From: list[from].From, To: list[to].To}
	for _, p := range list[from : to+1] {
		one.Meanwhile = append(one.Meanwhile, p.Meanwhile...)
	}
	return slices.Concat(list[:from], []explain.Phase{one}, list[to+1:])
}

// summed are the pieces, or of too many their sums by boundary.
func summed(list []explain.Phase) []explain.Phase {
	if len(list) <= piecesMost {
		return list
	}
	var sums []explain.Phase
	times := map[explain.Boundary]int{}
	for _, p := range list {
		times[p.Boundary]++
		i := slices.IndexFunc(sums, func(s explain.Phase) bool { return s.Boundary == p.Boundary })
		if i < 0 {
			p.Meanwhile = nil
			sums = append(sums, p)
			continue
		}
		sums[i].To += p.Took()
	}
	for i := range sums {
		if n := times[sums[i].Boundary]; n > 1 {
			sums[i].What = words.Count(n) + " times"
		}
	}
	return sums
}

// clueMost bounds the list of clues: the first of each place are enough to
// know it by.
const clueMost = 5

// timelineClues groups the clues by where they are.
func timelineClues(p *printer, pod *explain.Pod) {
	if len(pod.Clues) == 0 {
		return
	}
	p.line()
	p.line(p.styled(bold, "What one would find"))
	shown := map[string]int{}
	for i, c := range pod.Clues {
		if i == 0 || pod.Clues[i-1].Where != c.Where {
			p.line("  ", c.Where)
		}
		if shown[c.Where]++; shown[c.Where] > clueMost {
			if shown[c.Where] == clueMost+1 {
				p.line("    and more of the kind")
			}
			continue
		}
		times := ""
		if c.Times > 1 {
			times = fmt.Sprintf(" (%d times)", c.Times)
		}
		first := "    " + instant(c.At) + "  "
		p.paragraph(first, strings.Repeat(" ", len(first)), c.Text+times)
	}
}

// instant is a point of virtual time, in seconds to the thousandth.
func instant(t recording.Time) string { return decimal(t.Seconds(), 3) + "s" }

// long is a duration in seconds.
func long(d recording.Time) string { return decimal(d.Seconds(), 3) + "s" }

// share is a part of the whole in per cent.
func share(part, whole recording.Time) string {
	if whole <= 0 {
		return ""
	}
	return decimal(100*float64(part)/float64(whole), 0) + " %"
}
