package chart

import (
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Frames are so many of the moments of which a result keeps maps: the first, the
// last, the one of all at which fewest addresses were free, and some between
// them.
func Frames(v *result.Variant, most int) (frames []result.Frame) {
	all := v.Maps.Frames
	n := min(len(all), most)
	places := make([]int, n)
	for i := range n {
		places[i] = i * (len(all) - 1) / max(1, n-1)
	}
	if at := scarcest(v); n > 2 {
		near := 1
		for i := 1; i < n-1; i++ {
			if apart(places[i], at) < apart(places[near], at) {
				near = i
			}
		}
		if at > 0 && at < len(all)-1 {
			places[near] = at
		}
	}
	for _, at := range places {
		frames = append(frames, all[at])
	}
	return frames
}

func apart(a, b int) int { return max(a-b, b-a) }

// scarcest is the frame at which some subnet had the smallest share of free
// addresses, the first of several.
func scarcest(v *result.Variant) (place int) {
	least := 2.
	for i, f := range v.Maps.Frames {
		for k := range v.Series.Subnets {
			s := &v.Series.Subnets[k]
			at := sampleAt(v, f.AtSeconds)
			if at < 0 {
				continue
			}
			if all, free := heldAt(s, at); all > 0 && free/all < least {
				least, place = free/all, i
			}
		}
	}
	return place
}

// sampleAt is the place of a sample, or -1.
func sampleAt(v *result.Variant, at float64) int {
	for i, t := range v.Series.AtSeconds {
		if t == at {
			return i
		}
	}
	return -1
}

// FreeAt is how many addresses of a subnet are free at a sample.
func FreeAt(v *result.Variant, subnet string, at float64) (free int, is bool) {
	i := sampleAt(v, at)
	for k := range v.Series.Subnets {
		if s := &v.Series.Subnets[k]; s.Name == subnet && i >= 0 {
			return int(sample(s.Free, i)), true
		}
	}
	return 0, false
}

// CellHolder is a letter of result.Maps.
type CellHolder struct {
	Letter byte
	Name   string
	Look
}

// CellHolders are all of them, in the order of a legend.
var CellHolders = []CellHolder{
	{result.LetterFree, "free", Look{Ground: true}},
	{result.LetterBroken, "free but for some", Look{Ground: true, Hatch: Level}},
	{result.LetterPod, "on pods", Look{Color: Blue}},
	{result.LetterInterface, "on interfaces, without a pod", Look{Color: Orange, Hatch: Rising}},
	{result.LetterOthers, "others", Look{Color: Grey, Hatch: Crossed}},
	{result.LetterAWS, "kept by AWS", Look{Ink: true}},
}

// EndHolders are the letters of the maps of a run's end, in the order of a legend.
// Others that have a name have capitals in those.
var EndHolders = []CellHolder{
	{result.LetterFree, "free", Look{Ground: true}},
	{result.LetterBroken, "free but for some, no prefix fits", Look{Ground: true, Hatch: Level}},
	{result.LetterPod, "on pods", Look{Color: Blue}},
	{result.LetterCooling, "cooling", Look{Color: SkyBlue, Hatch: Dots}},
	{result.LetterWarm, "warm", Look{Color: Orange, Hatch: Rising}},
	{result.LetterPrimary, "primaries", Look{Color: Green, Hatch: Upright}},
	{result.LetterUnmanaged, "unmanaged", Look{Color: Vermillion, Hatch: Falling}},
	{result.LetterOthers, "others", Look{Color: Grey, Hatch: Crossed}},
	{result.LetterAWS, "kept by AWS", Look{Ink: true}},
}

// CellNote is what there is to say of the cells of the k-th subnet, nothing where each is
// one address: how many one stands for, and that none shows anything where most of each
// are free at all moments.
func CellNote(s result.MapSubnet, frames []result.Frame, k int) string {
	if s.CellAddresses <= 1 {
		return ""
	}
	note := "a cell is what most of its " + words.Count(s.CellAddresses) + " addresses are"
	for _, f := range frames {
		letters, _ := result.ReadCells(f.Cells[k], cellsMost) // a result's are checked
		if slices.ContainsFunc(letters, func(l byte) bool { return l != result.LetterFree && l != result.LetterAWS }) {
			return note
		}
	}
	return note + ", and most of every cell's are free: nothing else is to be seen"
}

// cellsMost bounds a map that was read: a stored one has 256.
const cellsMost = 4096
