package des

import (
	"fmt"
	"math/bits"
)

// Fingerprint is a running 128-bit digest of what happened in a run. It is
// not cryptographic; two runs that differ in one added word differ in it.
// The zero value is ready to use.
type Fingerprint struct{ a, b, n uint64 }

// Odd constants with well-mixed bits (the fractional parts of the golden
// ratio and of the square root of three).
const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0xbb67ae8584caa73b
)

// Add takes words in, in order.
func (f *Fingerprint) Add(words ...uint64) {
	for _, w := range words {
		f.n++
		hi, lo := bits.Mul64(f.a^w^mixA, mixB)
		f.a = bits.RotateLeft64(f.a, 23) ^ hi ^ lo ^ f.n
		hi, lo = bits.Mul64(f.b^w^mixB, mixA)
		f.b = bits.RotateLeft64(f.b, 41) + (hi ^ lo) + f.n
	}
}

// AddString takes a string in, with its length.
func (f *Fingerprint) AddString(s string) {
	f.Add(uint64(len(s)))
	var w uint64
	for i := 0; i < len(s); i++ {
		w = w<<8 | uint64(s[i])
		if i%8 == 7 {
			f.Add(w)
			w = 0
		}
	}
	if len(s)%8 != 0 {
		f.Add(w)
	}
}

// String is the digest as 32 hexadecimal digits.
func (f *Fingerprint) String() string { return fmt.Sprintf("%016x%016x", f.a, f.b) }
