package reports

import (
	"encoding/binary"
	"fmt"
	"image/color"
	"io"
	"net/netip"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/inspect"
)

// mapHolder is how a holder is shown.
type mapHolder struct {
	letter byte
	name   string
	style  style       // in a terminal, beside the letter
	color  color.NRGBA // in a picture, beside the mark
	mark   mapMark
}

// mapMark tells colours apart that are alike in grey: lines across a cell, at its
// top, in its middle or at its bottom.
type mapMark struct{ top, middle, bottom bool }

// mapHolders are those of a map, in the order of its legend.
var mapHolders = []mapHolder{
	{inspect.LetterFree, "free", faint, paleGrey, mapMark{}},
	{inspect.LetterPod, "on pods", bold, blue, mapMark{}},
	{inspect.LetterCooling, "cooling", plain, skyBlue, mapMark{middle: true}},
	{inspect.LetterWarm, "warm", warning, orange, mapMark{bottom: true}},
	{inspect.LetterPrimary, "primaries", good, green, mapMark{top: true}},
	{inspect.LetterUnmanaged, "unmanaged", bad, vermillion, mapMark{top: true, bottom: true}},
	{inspect.LetterOthers, "others", plain, grey, mapMark{top: true, middle: true, bottom: true}},
	{inspect.LetterAWS, "kept by AWS", plain, black, mapMark{}},
	{letterBroken, "block that is free but for some", faint, paleGrey, mapMark{middle: true}},
}

// letterBroken is a block of which most addresses are free, and not all.
const letterBroken = ','

// blockSize is how many addresses a /28 block has, and mapAddresses the most of a
// subnet whose addresses are shown one by one: a /20.
const (
	blockSize    = 16
	mapAddresses = 1 << 12
)

// mapCells are a subnet's cells: its addresses, or where it has too many its
// blocks, each by what most of its addresses are.
func mapCells(s *inspect.SubnetMap) (cells []byte, blocks bool) {
	letters := s.Letters()
	if len(letters) <= mapAddresses {
		return letters, false
	}
	for i := 0; i < len(letters); i += blockSize {
		cells = append(cells, blockLetter(letters[i:i+blockSize]))
	}
	return cells, true
}

// blockLetter is what most addresses of a block are; of equal parts what comes
// first in the legend.
func blockLetter(block []byte) byte {
	var counts [256]int
	for _, l := range block {
		counts[l]++
	}
	most := byte(inspect.LetterFree)
	for _, h := range mapHolders {
		if counts[h.letter] > counts[most] {
			most = h.letter
		}
	}
	if most == inspect.LetterFree && counts[most] < blockSize {
		return letterBroken
	}
	return most
}

// Map writes maps of addresses as text: a letter an address, a space after each
// /28 block; colours repeat what letters say.
func Map(w io.Writer, m *inspect.AddressMaps, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, m.Scenario), "  ", fmt.Sprintf("variant %s, replication %d, seed %d", m.Variant, m.Replication, m.Seed))
	for i := range m.Moments {
		moment := &m.Moments[i]
		for k := range moment.Subnets {
			p.line()
			mapSubnet(p, moment.AtSeconds, &moment.Subnets[k])
		}
	}
	p.line()
	p.paragraph("", "", mapLegend(p, m))
	return p.out.Flush()
}

// mapTitle says what a subnet has, in numbers.
func mapTitle(at float64, s *inspect.SubnetMap) string {
	return fmt.Sprintf("%s  %s, zone %s, at %s: %s of %s usable addresses free, %s free", s.Name, s.CIDR, s.Zone, moment(at), words.Count(s.Free), words.Count(s.Usable), words.Plural(s.FreeBlocks, "/28 block"))
}

// heldInWords are the holders of a subnet, those that have something.
func heldInWords(s *inspect.SubnetMap) string {
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
		for name, n := range by { // any order: sorted next
			names = append(names, fmt.Sprintf("%s %s", words.Count(n), name))
		}
		slices.Sort(names)
		text += " (" + strings.Join(names, ", ") + ")"
	}
	return text
}

// perLine is how many cells a line of text has, and how many stand together.
const (
	perLine  = 64
	together = 16
)

func mapSubnet(p *printer, at float64, s *inspect.SubnetMap) {
	p.paragraph("", "  ", mapTitle(at, s))
	p.paragraph("  ", "  ", heldInWords(s))
	cells, blocks := mapCells(s)
	size := 1
	if blocks {
		size = blockSize
		p.line("  a letter is a /28 block: what most of its addresses are")
	}
	free := strings.Repeat(string(inspect.LetterFree), perLine)
	for i := 0; i < len(cells); i += perLine {
		line := string(cells[i:min(len(cells), i+perLine)])
		same := i // of free lines in a row the first is shown, and how many follow
		for line == free && same+2*perLine <= len(cells) && string(cells[same+perLine:same+2*perLine]) == free {
			same += perLine
		}
		p.line(mapLine(p, s, i, size, []byte(line)))
		if left := (same - i) / perLine; left > 0 {
			p.line(p.styled(faint, fmt.Sprintf("  %-15s  and %s like it", "", words.Plural(left, "line"))))
			i = same
		}
	}
}

// mapLine is a line of cells with its first address.
func mapLine(p *printer, s *inspect.SubnetMap, first, size int, line []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-15s ", addressAt(s.CIDR, first*size))
	for i := 0; i < len(line); i += together {
		b.WriteByte(' ')
		group := line[i:min(len(line), i+together)]
		for k := 0; k < len(group); {
			run := k
			for run < len(group) && group[run] == group[k] {
				run++
			}
			b.WriteString(p.styled(holderOf(group[k]).style, string(group[k:run])))
			k = run
		}
	}
	return b.String()
}

func holderOf(letter byte) *mapHolder {
	i := slices.IndexFunc(mapHolders, func(h mapHolder) bool { return h.letter == letter })
	return &mapHolders[i]
}

// mapLegend explains the letters that occur.
func mapLegend(p *printer, m *inspect.AddressMaps) string {
	seen := map[byte]bool{}
	for i := range m.Moments {
		for k := range m.Moments[i].Subnets {
			cells, _ := mapCells(&m.Moments[i].Subnets[k])
			for _, c := range cells {
				seen[c] = true
			}
		}
	}
	var list []string
	for _, h := range mapHolders {
		if seen[h.letter] {
			list = append(list, string(h.letter)+" "+h.name)
		}
	}
	return strings.Join(list, ", ")
}

// addressAt is the n-th address of a block.
func addressAt(cidr string, n int) string {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return cidr // a result of another make
	}
	b := p.Masked().Addr().As4()
	first := binary.BigEndian.Uint32(b[:])
	binary.BigEndian.PutUint32(b[:], first+uint32(n))
	return netip.AddrFrom4(b).String()
}
