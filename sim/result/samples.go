package result

import (
	"iter"
	"slices"
)

// samples are numbers that come one by one, in chunks: a slice of a million
// that grows by appending copies itself again and again, and leaves several
// times its size to the garbage collector.
type samples struct {
	full [][]int64
	open []int64 // the last chunk
}

// The chunks double in length up to the one from the other: 32 KiB at most.
const (
	leastChunk = 16
	mostChunk  = 4096
)

func (s *samples) add(x int64) {
	if len(s.open) == cap(s.open) {
		s.grow()
	}
	s.open = append(s.open, x)
}

func (s *samples) grow() {
	if len(s.open) > 0 {
		s.full = append(s.full, s.open)
	}
	s.open = make([]int64, 0, min(max(leastChunk, 2*len(s.open)), mostChunk))
}

// shared are the same samples, in the same memory, for somebody who adds
// others: neither changes what the other has.
func (s *samples) shared() samples {
	return samples{full: slices.Clip(s.full), open: slices.Clip(s.open)}
}

// all visits them, in no particular order.
func (s *samples) all() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, chunk := range s.full {
			for _, x := range chunk {
				if !yield(x) {
					return
				}
			}
		}
		for _, x := range s.open {
			if !yield(x) {
				return
			}
		}
	}
}

// sort puts them into one ascending chunk. There are n, the least and the most
// of which are given.
func (s *samples) sort(n int, least, most int64) {
	list := make([]int64, 0, n)
	for _, chunk := range s.full {
		list = append(list, chunk...)
	}
	s.full, s.open = nil, sorted(append(list, s.open...), least, most)
}

// Few numbers are sorted by comparing them, many by their digits, of which all
// values fit the nearest cache: a third of the time for a million.
const (
	fewSamples = 512
	radixBits  = 8
)

// sorted sorts numbers between least and most.
func sorted(list []int64, least, most int64) []int64 {
	if len(list) <= fewSamples {
		slices.Sort(list)
		return list
	}
	other := make([]int64, len(list))
	for shift := 0; uint64(most-least)>>shift > 0; shift += radixBits {
		var at [1 << radixBits]int // where the next number with a digit goes
		digit := func(x int64) int { return int(uint64(x-least) >> shift % (1 << radixBits)) }
		for _, x := range list {
			at[digit(x)]++
		}
		begin := 0
		for d, n := range at {
			at[d] = begin
			begin += n
		}
		for _, x := range list {
			d := digit(x)
			other[at[d]] = x
			at[d]++
		}
		list, other = other, list
	}
	return list
}
