package reports

import (
	"io"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/scenarios/clusterimport"
)

// importNodes is how many nodes are listed one by one; of more those are that
// differ, and the first.
const importNodes = 40

// Import writes what an import has read and what it comes to.
func Import(w io.Writer, r *clusterimport.Report, opts TableOptions) error {
	p := newPrinter(w, opts)
	importFiles(p, r)
	if len(r.Subnets) > 0 {
		importSubnets(p, r)
	}
	if len(r.Nodes) > 0 {
		importNodeTable(p, r)
	}
	if r.BackTest != nil {
		importBackTest(p, r.BackTest)
	}
	for _, part := range []struct {
		title string
		list  []string
	}{{"ASSUMED, SINCE NO FILE SAYS IT", r.Assumed}, {"NOT CARRIED, OR ODD", r.Notes}, {"NOT MODELLED", notModelled(r.NotModelled)}} {
		if len(part.list) == 0 {
			continue
		}
		p.heading(part.title, "")
		for _, line := range part.list {
			p.paragraph("- ", "  ", line)
		}
	}
	return p.out.Flush()
}

func importFiles(p *printer, r *clusterimport.Report) {
	p.titled(bold, "FILES", faint, "what each was taken for")
	for _, f := range r.Files {
		line := f.Path + ": " + f.TakenFor
		if len(f.Took) > 0 {
			line += "; took " + strings.Join(f.Took, ", ")
		}
		if f.Note != "" {
			line += "; " + f.Note
		}
		p.paragraph("- ", "  ", line)
	}
}

// simulated is a number of the simulation, set off where it is another than what
// was imported, and a dash where there was none.
func simulated(n *int, imported int) cell {
	switch {
	case n == nil:
		return text("-")
	case *n != imported:
		return cell{words.Count(*n), bad}
	}
	return whole(*n)
}

func importSubnets(p *printer, r *clusterimport.Report) {
	p.heading("SUBNETS", "addresses that are held: by interfaces in the files, by nobody that a file names, and at time 0 of the simulation")
	g := grid{columns: []column{{head: "SUBNET", left: true}, {head: "USABLE"}, {head: "AVAILABLE"}, {head: "NODES"}, {head: "OTHERS"}, {head: "UNKNOWN"}, {head: "IMPORTED"}, {head: "SIMULATED"}}, fold: true}
	for _, s := range r.Subnets {
		nodes := s.Holders["nodes"]
		g.add(text(s.ID), whole(s.Usable), whole(s.Available), whole(nodes), whole(s.Known-nodes), whole(s.Unknown), whole(s.Known+s.Unknown), simulated(s.Simulated, s.Known+s.Unknown))
	}
	g.write(p)
}

func importNodeTable(p *printer, r *clusterimport.Report) {
	sum, total := 0, 0
	g := grid{columns: []column{{head: "NODE", left: true}, {head: "IMPORTED"}, {head: "SIMULATED"}}, fold: true}
	for k, n := range r.Nodes {
		sum += n.Imported
		differs := n.Simulated != nil && *n.Simulated != n.Imported
		if n.Simulated != nil {
			total += *n.Simulated
		}
		if differs || len(r.Nodes) <= importNodes || k < importNodes/4 {
			g.add(text(n.Name), whole(n.Imported), simulated(n.Simulated, n.Imported))
		}
	}
	note := "addresses that the interfaces of each hold, 16 a prefix; those of branch interfaces aside"
	p.heading("NODES", note)
	if rest := len(r.Nodes) - len(g.rows); rest > 0 {
		g.add(text("and "+words.Plural(rest, "node")+", as imported"), text(""), text(""))
	}
	all := cell{words.Count(total), plain}
	if r.Nodes[0].Simulated == nil {
		all = text("-")
	}
	g.add(text("all "+strconv.Itoa(len(r.Nodes))), whole(sum), all)
	g.write(p)
}

// notModelled says of each kind which nodes are.
func notModelled(list []clusterimport.NotModelled) (lines []string) {
	for _, n := range list {
		lines = append(lines, n.Kind+" "+n.Name+": "+n.Why)
	}
	const most = 20
	if len(lines) > most {
		lines = append(lines[:most:most], words.Plural(len(list)-most, "more node"))
	}
	return lines
}

// backTestRows is how many moments of a back-test are shown.
const backTestRows = 16

// importBackTest shows what was recorded beside what a simulation of the same time
// holds.
func importBackTest(p *printer, b *clusterimport.BackTest) {
	p.heading("BACK-TEST", "addresses of all nodes: on pods, and held by ipamd, first addresses aside; as Prometheus has recorded them, and in a simulation of the same time")
	g := grid{columns: []column{{head: "AT"}, {head: "NODES"}, {group: "ON PODS", head: "RECORDED"}, {group: "ON PODS", head: "SIMULATED"}, {group: "HELD", head: "RECORDED"}, {group: "HELD", head: "SIMULATED"}, {head: "DIFFERENCE"}}, fold: true}
	for _, k := range b.Rows(backTestRows) {
		difference := "-"
		if total := b.RecordedTotal[k]; total > 0 {
			difference = strconv.FormatFloat(100*float64(b.SimulatedTotal[k]-total)/float64(total), 'f', 1, 64) + " %"
		}
		g.add(text(b.Moment(k)), whole(b.RecordedNodes[k]), whole(b.RecordedAssigned[k]), whole(b.SimulatedAssigned[k]), whole(b.RecordedTotal[k]), whole(b.SimulatedTotal[k]), text(difference))
	}
	g.write(p)
	p.paragraph("", "", "The totals differ by "+strconv.FormatFloat(100*b.MeanError, 'f', 1, 64)+" % on the average and "+strconv.FormatFloat(100*b.WorstError, 'f', 1, 64)+
		" % at most, over "+words.Count(len(b.AtSeconds))+" moments. "+"Nodes of the cluster still: "+words.Count(b.Known)+" of "+words.Plural(b.Nodes, "node")+"; others are taken to be like those. The settings are the present ones all the time.")
}
