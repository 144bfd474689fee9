package result

import (
	"iter"
	"math"
	"math/bits"
	"slices"
)

// samples are numbers that come one by one, in chunks: a slice of a million
// that grows by appending copies itself again and again, and leaves several
// times its size to the garbage collector. Next to all of them are durations of
// less than an hour, which half the room holds.
type samples struct {
	full  [][]uint32
	open  []uint32 // the last chunk
	large []int64  // the others
}

// The chunks double in length up to the one from the other: 32 KiB at most.
const (
	leastChunk = 16
	mostChunk  = 8192
)

func (s *samples) add(x int64) {
	if x < 0 || x > math.MaxUint32 {
		s.large = append(s.large, x)
		return
	}
	if len(s.open) == cap(s.open) {
		s.grow()
	}
	s.open = append(s.open, uint32(x))
}

func (s *samples) grow() {
	if len(s.open) > 0 {
		s.full = append(s.full, s.open)
	}
	s.open = make([]uint32, 0, min(max(leastChunk, 2*len(s.open)), mostChunk))
}

// shared are the same samples, in the same memory, for somebody who adds
// others: neither changes what the other has.
func (s *samples) shared() samples {
	return samples{full: slices.Clip(s.full), open: slices.Clip(s.open), large: slices.Clip(s.large)}
}

// all visits them, in no particular order.
func (s *samples) all() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, chunk := range s.full {
			for _, x := range chunk {
				if !yield(int64(x)) {
					return
				}
			}
		}
		for _, x := range s.open {
			if !yield(int64(x)) {
				return
			}
		}
		for _, x := range s.large {
			if !yield(x) {
				return
			}
		}
	}
}

// digitBits are what is looked at in one pass: few, as most distributions are small.
const digitBits = 8

// at is the number of a rank, from 0, and the next larger rank's; least and most
// are the least and the most of all. It counts how many there are by their first
// digits, then by the next digits those that have the right first ones: three
// passes for durations of seconds, where sorting would copy all of them twice.
func (s *samples) at(rank int, least, most int64) (here, next int64) {
	for {
		shift := max(0, bits.Len64(uint64(most-least))-digitBits)
		var counts [1 << digitBits]int32
		for x := range s.all() {
			if least <= x && x <= most {
				counts[(x-least)>>shift]++
			}
		}
		digit := 0
		for ; rank >= int(counts[digit]); digit++ {
			rank -= int(counts[digit])
		}
		least += int64(digit) << shift
		switch {
		case shift > 0:
			most = min(most, least+1<<shift-1)
		case rank+1 < int(counts[digit]):
			return least, least
		default:
			return least, s.above(least)
		}
	}
}

// above is the least number that is larger than one of them, or that one when none is.
func (s *samples) above(one int64) int64 {
	next := one
	for x := range s.all() {
		if x > one && (next == one || x < next) {
			next = x
		}
	}
	return next
}
