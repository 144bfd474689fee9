package reports

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ipamsim/sim"
)

// Timeline writes the explanation as text for people: for each pod its way
// with the boundaries that it waited at, whose side it is, and what one would
// find of it on a real cluster.
func Timeline(w io.Writer, e *sim.Explanation, opts TableOptions) error {
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

func timelineOf(p *printer, pod *sim.ExplainedPod) {
	timelineTitle(p, pod)
	p.line()
	timelineGrid(p, pod)
	timelineVerdict(p, &pod.Verdict)
	timelineCalls(p, pod)
	timelineClues(p, pod)
}

// timelineTitle says how long it took, and where.
func timelineTitle(p *printer, pod *sim.ExplainedPod) {
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
}

// timelineGrid lists the phases, and below those that matter what ipamd did.
func timelineGrid(p *printer, pod *sim.ExplainedPod) {
	total := pod.End - pod.Created
	g := grid{columns: []column{{head: "AT"}, {head: "TOOK"}, {head: "SHARE"}, {head: "WHERE", left: true}, {head: "WHAT", left: true}}}
	for _, ph := range pod.Phases {
		look := plain
		if 4*ph.Took() >= total && ph.Took() > time.Second {
			look = warning
		}
		g.add(text(instant(ph.From)), cell{long(ph.Took()), look}, text(share(ph.Took(), total)), cell{string(ph.Boundary), look}, text(ph.What))
		for _, m := range ph.Meanwhile {
			g.add(cell{instant(m.From), faint}, cell{long(m.Took()), faint}, text(""), cell{"· " + string(m.Boundary), faint}, cell{m.What, faint})
		}
	}
	g.write(p)
}

// timelineVerdict is the answer.
func timelineVerdict(p *printer, v *sim.Verdict) {
	p.line()
	p.line(p.styled(bold, "Whose side"), "  ", p.styled(warning, v.Side))
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
	settings(p, v.Settings)
}

// timelineCalls lists what the node's ipamd asked EC2 for on the pod's way.
func timelineCalls(p *printer, pod *sim.ExplainedPod) {
	if pod.On == nil {
		return
	}
	g := grid{columns: []column{{head: "  AT"}, {head: "TOOK"}, {head: "ACTION", left: true}, {head: "REQUESTS"}, {head: "THROTTLED"}, {head: "RESULT", left: true}}}
	for _, c := range pod.On.Calls {
		if c.End < pod.Created || c.Start > pod.End {
			continue
		}
		throttled := 0
		for _, a := range c.Attempts {
			if a.Code == "RequestLimitExceeded" {
				throttled++
			}
		}
		g.add(text(instant(c.Start)), text(long(c.End-c.Start)), text(c.Action), text(strconv.Itoa(len(c.Attempts))), text(strconv.Itoa(throttled)), text(callResult(c)))
	}
	for _, process := range pod.On.Processes {
		if process.End != sim.Never && process.End >= pod.Created && process.End <= pod.End {
			g.add(text(instant(process.End)), text(""), text("ipamd ended"), text(""), text(""), text(process.Reason))
		}
	}
	if len(g.rows) == 0 {
		return
	}
	p.line()
	p.line(p.styled(bold, "ipamd's calls to EC2"), " from ", pod.On.Name, ", ", pod.On.Instance, ", on the pod's way")
	g.write(p)
}

// callResult is ok, or the last code.
func callResult(c sim.CallRecord) string {
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

// clueMost bounds the list of clues: the first of each place are enough to
// know it by.
const clueMost = 5

// timelineClues groups the clues by where they are.
func timelineClues(p *printer, pod *sim.ExplainedPod) {
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
func instant(t time.Duration) string { return decimal(t.Seconds(), 3) + "s" }

// long is a duration in seconds.
func long(d time.Duration) string { return decimal(d.Seconds(), 3) + "s" }

// share is a part of the whole in per cent.
func share(part, whole time.Duration) string {
	if whole <= 0 {
		return ""
	}
	return decimal(100*float64(part)/float64(whole), 0) + " %"
}
