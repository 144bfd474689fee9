package ec2model

import (
	"math"
	"math/bits"
)

// freeSet is a set of small integers with its size, and with the k-th element
// in a few dozen steps however full or empty it is. Subnets keep their free
// addresses and their free blocks in such sets, so that a random choice costs
// the same at 1 % and at 99 % occupancy.
type freeSet struct {
	words  []uint64
	sums   []int32 // elements per group of 64 words
	length int     // elements
}

func newFreeSet(capacity int) freeSet {
	words := (capacity + 63) / 64
	return freeSet{words: make([]uint64, words), sums: make([]int32, (words+63)/64)}
}

func (s *freeSet) has(i int) bool { return s.words[i/64]>>(i%64)&1 != 0 }

func (s *freeSet) add(i int) {
	if s.has(i) {
		panic("ec2model: freed twice")
	}
	s.words[i/64] |= 1 << (i % 64)
	s.sums[i/4096]++
	s.length++
}

// addAll adds those from one on and below another.
func (s *freeSet) addAll(from, to int) {
	for i := from; i < to; {
		if i%64 == 0 && i+64 <= to && s.words[i/64] == 0 {
			s.words[i/64] = math.MaxUint64
			s.sums[i/4096] += 64
			s.length += 64
			i += 64
			continue
		}
		s.add(i)
		i++
	}
}

func (s *freeSet) remove(i int) {
	if !s.has(i) {
		panic("ec2model: taken twice")
	}
	s.words[i/64] &^= 1 << (i % 64)
	s.sums[i/4096]--
	s.length--
}

// nth is the k-th smallest element, counted from 0; k must be below length.
func (s *freeSet) nth(k int) int {
	group := 0
	for k >= int(s.sums[group]) {
		k -= int(s.sums[group])
		group++
	}
	for w := group * 64; ; w++ {
		word := s.words[w]
		n := bits.OnesCount64(word)
		if k >= n {
			k -= n
			continue
		}
		for ; k > 0; k-- {
			word &= word - 1
		}
		return w*64 + bits.TrailingZeros64(word)
	}
}
