package reports

import (
	"encoding/binary"
	"fmt"
	"image/color"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
)

// mapHolder is how a holder is shown.
type mapHolder struct {
	letter byte
	name   string
	style  style // in a terminal, beside the letter
	mapLook
}

// mapLook is how a cell is drawn.
type mapLook struct {
	color color.NRGBA
	mark  mapMark
}

// mapMark tells colours apart that are alike in grey: lines across a cell, at its
// top, in its middle or at its bottom.
type mapMark struct{ top, middle, bottom bool }

// mapLooks are how each holder is shown here; who they are, and in which order, is
// chart's.
var mapLooks = map[byte]struct {
	style style
	mapLook
}{
	result.LetterFree:      {faint, mapLook{color: white}},
	result.LetterBroken:    {faint, mapLook{color: brokenGrey}},
	result.LetterPod:       {bold, mapLook{color: blue}},
	result.LetterCooling:   {plain, mapLook{color: skyBlue, mark: mapMark{middle: true}}},
	result.LetterWarm:      {warning, mapLook{color: orange, mark: mapMark{bottom: true}}},
	result.LetterPrimary:   {good, mapLook{color: green, mark: mapMark{top: true}}},
	result.LetterUnmanaged: {bad, mapLook{color: vermillion, mark: mapMark{top: true, bottom: true}}},
	result.LetterOthers:    {plain, mapLook{color: grey, mark: othersMark}},
	result.LetterAWS:       {plain, mapLook{color: black}},
	result.LetterInterface: {plain, mapLook{color: orange, mark: mapMark{bottom: true}}},
}

// mapHolders are those of a map, in the order of its legend.
var mapHolders = func() (list []mapHolder) {
	for _, h := range chart.EndHolders {
		look := mapLooks[h.Letter]
		list = append(list, mapHolder{h.Letter, h.Name, look.style, look.mapLook})
	}
	return list
}()

var othersMark = mapMark{top: true, middle: true, bottom: true}

// otherColors are of others that have a name, in the order of the names, one
// after the other.
var otherColors = []color.NRGBA{
	purple, {0x66, 0x66, 0x66, 0xFF}, {0xBF, 0xA5, 0x8A, 0xFF}, {0x7A, 0x5C, 0x3D, 0xFF}, {0xBB, 0xBB, 0xBB, 0xFF}, {0x4D, 0x3B, 0x6B, 0xFF}, {0xA8, 0xC0, 0x90, 0xFF},
}

// holdersOf are those that occur in maps, in the order of a legend.
func holdersOf(list []*result.SubnetMap) (holders []mapHolder) {
	seen, others := map[byte]bool{}, map[string]string{}
	for _, m := range list {
		for _, l := range m.Letters() {
			seen[l] = true
		}
		maps.Copy(others, m.Others)
	}
	for _, h := range mapHolders {
		if seen[h.letter] {
			holders = append(holders, h)
		}
	}
	for _, letter := range slices.Sorted(maps.Keys(others)) {
		l := letter[0]
		if seen[l] {
			holders = append(holders, mapHolder{l, "others, " + others[letter], plain, mapLook{otherColors[int(l-'A')%len(otherColors)], othersMark}})
		}
	}
	return holders
}

// held counts a holder's addresses in maps.
func (h *mapHolder) held(list []*result.SubnetMap) (n int) {
	for _, m := range list {
		held := &m.Held
		switch h.letter {
		case result.LetterFree:
			n += m.Free
		case result.LetterPod:
			n += held.Assigned
		case result.LetterCooling:
			n += held.Cooling
		case result.LetterWarm:
			n += held.Warm
		case result.LetterPrimary:
			n += held.Primaries
		case result.LetterUnmanaged:
			n += held.Unmanaged
		case result.LetterOthers:
			n += held.Others
			for _, named := range m.Others {
				n -= held.OthersBy[named]
			}
		case result.LetterAWS:
			n += m.Kept()
		default:
			n += held.OthersBy[m.Others[string(rune(h.letter))]]
		}
	}
	return n
}

// mapAddresses is the most addresses of a subnet that are shown one by one: those
// of a /20. Of a larger one the blocks are.
const mapAddresses = 1 << 12

// shown is a map with the cells that are shown.
func shown(m *result.SubnetMap, most int) result.SubnetMap {
	if m.Addresses() > most {
		return m.InBlocks()
	}
	return *m
}

// Map writes maps of addresses as text: a letter an address, a space after each
// /28 block; colours repeat what letters say.
func Map(w io.Writer, m *inspect.AddressMaps, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, m.Scenario), "  ", fmt.Sprintf("variant %s, replication %d, seed %d", m.Variant, m.Replication, m.Seed))
	var all []*result.SubnetMap
	for i := range m.Moments {
		moment := &m.Moments[i]
		for k := range moment.Subnets {
			s := shown(&moment.Subnets[k], mapAddresses)
			all = append(all, &s)
			p.line()
			mapSubnet(p, moment.AtSeconds, &s)
		}
	}
	p.line()
	p.paragraph("", "", mapLegend(all))
	return p.out.Flush()
}

// mapTitle says what a subnet has, in numbers.
func mapTitle(at float64, s *result.SubnetMap) string {
	return fmt.Sprintf("%s %s, zone %s, at %s: %s of %s usable addresses free, %s free", s.Name, s.CIDR, s.Zone, moment(at), words.Count(s.Free), words.Count(s.Usable), words.Plural(s.FreeBlocks, "/28 block"))
}

// heldInWords are the holders of a subnet, those that have something.
func heldInWords(s *result.SubnetMap) string {
	var list []string
	for _, part := range []struct {
		n    int
		name string
	}{
		{s.Held.Assigned, "on pods"}, {s.Held.Cooling, "cooling"}, {s.Held.Warm, "warm"}, {s.Held.Primaries, "primaries"}, {s.Held.Unmanaged, "unmanaged"}, {s.Held.Others, "others'"},
	} {
		if part.n > 0 {
			list = append(list, words.Count(part.n)+" "+part.name)
		}
	}
	if len(list) == 0 {
		return "nobody holds any"
	}
	text := strings.Join(list, ", ")
	if by := s.Held.OthersBy; len(by) > 0 {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(by)) {
			names = append(names, words.Count(by[name])+" "+name)
		}
		text += " (" + strings.Join(names, ", ") + ")"
	}
	return text
}

// perLine is how many cells a line of text has, and how many stand together.
const (
	perLine  = 64
	together = 16
)

func mapSubnet(p *printer, at float64, s *result.SubnetMap) {
	p.paragraph("", "  ", mapTitle(at, s))
	p.paragraph("  ", "  ", heldInWords(s))
	if s.CellAddresses > 1 {
		p.line("  a letter is a /28 block: what most of its addresses are")
	}
	cells := s.Letters()
	free := strings.Repeat(string(result.LetterFree), perLine)
	for i := 0; i < len(cells); i += perLine {
		line := string(cells[i:min(len(cells), i+perLine)])
		same := i // of free lines in a row the first is shown, and how many follow
		for line == free && same+2*perLine <= len(cells) && string(cells[same+perLine:same+2*perLine]) == free {
			same += perLine
		}
		p.line(mapLine(p, s, i, []byte(line)))
		if left := (same - i) / perLine; left > 0 {
			p.line(p.styled(faint, fmt.Sprintf("  %-8s  and %s like it", "", words.Plural(left, "line"))))
			i = same
		}
	}
}

// mapLine is a line of cells with its first address, of which the heading has the
// first half: no subnet is larger than a /16.
func mapLine(p *printer, s *result.SubnetMap, first int, line []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-8s ", lowerHalf(s.CIDR, first*s.CellAddresses))
	for i := 0; i < len(line); i += together {
		b.WriteByte(' ')
		group := line[i:min(len(line), i+together)]
		for k := 0; k < len(group); {
			run := k
			for run < len(group) && group[run] == group[k] {
				run++
			}
			b.WriteString(p.styled(styleOf(group[k]), string(group[k:run])))
			k = run
		}
	}
	return b.String()
}

func styleOf(letter byte) style {
	if i := slices.IndexFunc(mapHolders, func(h mapHolder) bool { return h.letter == letter }); i >= 0 {
		return mapHolders[i].style
	}
	return plain // others that have a name
}

// mapLegend explains the letters that occur.
func mapLegend(all []*result.SubnetMap) string {
	var list []string
	for _, h := range holdersOf(all) {
		list = append(list, string(h.letter)+" "+h.name)
	}
	return strings.Join(list, "; ")
}

// lowerHalf is the second half of the n-th address of a block: .0.16.
func lowerHalf(cidr string, n int) string {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return cidr // there is none: a map's is checked
	}
	b := p.Masked().Addr().As4()
	low := binary.BigEndian.Uint16(b[2:]) + uint16(n)
	return fmt.Sprintf(".%d.%d", low>>8, low&0xFF)
}
