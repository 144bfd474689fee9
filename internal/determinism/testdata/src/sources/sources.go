// Package sources asks the machine.
package sources

import (
	crand "crypto/rand" // want `crypto/rand is the machine's randomness`
	"hash/maphash"      // want `hash/maphash is seeded anew`
	old "math/rand"     // want `math/rand is seeded by the machine`
	"math/rand/v2"
	"os" // want `os is the machine's`
	"time"
)

var now = time.Now // want `time.Now is of the wall clock`

func clocks(t time.Time) {
	time.Sleep(time.Second)                 // want `time.Sleep is of the wall clock`
	_ = time.Since(t)                       // want `time.Since is of the wall clock`
	_ = time.NewTimer(1)                    // want `time.NewTimer is of the wall clock`
	_ = time.NewTicker(1)                   // want `time.NewTicker is of the wall clock`
	time.AfterFunc(1, func() {})            // want `time.AfterFunc is of the wall clock`
	_ = t.After(t)                          // compares
	_ = time.Duration(3).Round(time.Second) // computes
}

func randomness() {
	_ = rand.IntN(3)                 // want `rand.IntN draws from the global source`
	_ = rand.N(time.Second)          // want `rand.N draws from the global source`
	shuffle := rand.Shuffle          // want `rand.Shuffle draws from the global source`
	r := rand.New(rand.NewPCG(1, 2)) // seeded
	_ = r.IntN(3)                    // from its own source
	_, _, _, _, _ = old.Int, crand.Text, maphash.MakeSeed, os.Getpid, shuffle
}
