package measure

import (
	"net/netip"

	"ipamsim/ec2model"
	"ipamsim/sim/result"
)

// mapper draws the maps of the subnets at regular samples.
type mapper struct {
	every  int // samples between two frames
	looked int // samples
	cidrs  []netip.Prefix
	out    result.Maps
}

// mostAddresses is how many addresses a subnet's map at the end tells one by one:
// those of a /20.
const mostAddresses = 1 << 12

// mapsPerRun is how many frames a run has, one more or less; mapCells is the
// most cells of a map.
// Once more than manyOnPods addresses were on pods there are a quarter as many
// frames.
const (
	mapsPerRun = 12
	mapCells   = 256
	manyOnPods = 20_000
)

func newMapper(states []ec2model.SubnetState, every int) mapper {
	m := mapper{every: every, out: result.Maps{Subnets: []result.MapSubnet{}, Frames: []result.Frame{}}}
	for _, s := range states {
		m.cidrs = append(m.cidrs, s.CIDR)
		m.out.Subnets = append(m.out.Subnets, result.MapSubnet{Name: s.Name, CellAddresses: max(1, (1<<(32-s.CIDR.Bits()))/mapCells)})
	}
	return m
}

// look is one sample.
func (m *mapper) look(c *Collector, at float64) {
	every := m.every
	if c.sampler.most > manyOnPods {
		every *= 4 // a frame visits each pod's address
	}
	m.looked++
	if (m.looked-1)%every != 0 {
		return
	}
	onPods := m.onPods(c)
	frame := result.Frame{AtSeconds: at, Cells: make([]string, len(m.cidrs))}
	for i := range m.cidrs {
		frame.Cells[i] = drawn(c.fleet.Account.Cells(i, m.out.Subnets[i].CellAddresses), onPods[i])
	}
	m.out.Frames = append(m.out.Frames, frame)
}

// onPods counts the addresses on pods, by subnet and cell.
func (m *mapper) onPods(c *Collector) [][]int {
	counts := make([][]int, len(m.cidrs))
	for i, cidr := range m.cidrs {
		counts[i] = make([]int, 1<<(32-cidr.Bits())/m.out.Subnets[i].CellAddresses)
	}
	last := 0
	enter := func(address netip.Addr) {
		for range m.cidrs {
			if m.cidrs[last].Contains(address) {
				counts[last][offset(m.cidrs[last], address)/m.out.Subnets[last].CellAddresses]++
				return
			}
			last = (last + 1) % len(m.cidrs)
		}
	}
	for _, machine := range c.fleet.Machines() {
		if machine.Daemon != nil {
			machine.Daemon.Assigned(enter)
		}
	}
	return counts
}

func offset(cidr netip.Prefix, a netip.Addr) int {
	of := func(a netip.Addr) uint32 {
		b := a.As4()
		return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	return int(of(a) - of(cidr.Masked().Addr()))
}

// drawn writes a map.
func drawn(cells []ec2model.Cell, onPods []int) string {
	letters := make([]byte, len(cells))
	for i, cell := range cells {
		letters[i] = letterOf(cell, onPods[i])
	}
	return result.WriteCells(letters)
}

// letterOf is what most addresses of a cell are; of equal parts the first. Where most
// are free and nodes or others have the rest, it says so: what is spread thin would
// not be seen otherwise.
func letterOf(cell ec2model.Cell, onPods int) byte {
	letter, most := byte(result.LetterFree), cell.Free
	for _, part := range []struct {
		letter byte
		n      int
	}{{result.LetterPod, onPods}, {result.LetterInterface, cell.Interfaces - onPods}, {result.LetterOthers, cell.Others}, {result.LetterAWS, cell.AWS}} {
		if part.n > most {
			letter, most = part.letter, part.n
		}
	}
	if letter == result.LetterFree && cell.Interfaces+cell.Others > 0 {
		return result.LetterBroken
	}
	return letter
}
