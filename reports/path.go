package reports

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/inspect"
)

// Path writes a connection's way as text for people.
func Path(w io.Writer, way *inspect.PacketPath, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, way.Scenario), "  ", strings.Join(headOf(&way.Head), ", "))
	p.line()
	p.line("from  ", ending(way.From))
	p.line("to    ", ending(way.To))
	hops(p, "THERE", way.There)
	if len(way.Back) > 0 {
		hops(p, "AND BACK", way.Back)
	}
	p.line()
	look := good
	if !way.Delivered || !way.Answered {
		look = bad
	}
	for i, line := range Wrap(way.Verdict, p.width) {
		indent := ""
		if i > 0 {
			indent = "  "
		}
		p.line(indent, p.styled(look, line))
	}
	return p.out.Flush()
}

// headOf is which moment of which run a document is about.
func headOf(h *inspect.Head) []string {
	at := time.Duration(math.Round(h.Moment * float64(time.Second)))
	return []string{"variant " + h.Variant, "replication " + strconv.Itoa(h.Replication), "seed " + strconv.FormatUint(h.Seed, 10), "at " + words.Duration(at)}
}

// ending is one end of a way.
func ending(e inspect.Place) string {
	text := e.Address
	if e.Name != "" {
		text = e.Name + ", " + e.Address
	}
	if e.Node != "" {
		text += ", on " + e.Node
	}
	if e.Interface != "" {
		text += ", of " + e.Interface
	}
	return text
}

// hops lists what happens, with the command that shows it.
func hops(p *printer, title string, list []inspect.Hop) {
	p.heading(title, "")
	at := ""
	for i, s := range list {
		if s.At != at {
			p.line("  ", p.styled(faint, s.At))
		}
		at = s.At
		look := plain
		if s.Drop {
			look = bad
		}
		for k, line := range Wrap(s.What, p.width-8) {
			number := "     "
			if k == 0 {
				number = fmt.Sprintf("%4d ", i+1)
			}
			p.line(number, " ", p.styled(look, line))
		}
		if s.See != "" {
			p.line("        ", p.styled(faint, "see: "+s.See))
		}
	}
}
