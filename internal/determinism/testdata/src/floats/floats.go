// Package floats computes.
package floats

import (
	"math"
	"math/rand/v2"
	"time"
)

type seconds float64

func fused(x, y, z float64, n int, s seconds) {
	_ = x*y + z            // want `some machines round`
	_ = z - (x * y)        // want `some machines round`
	_ = -(x * y) + z       // want `some machines round`
	_ = s*s + s            // want `some machines round`
	z += x * y             // want `some machines round`
	z -= 2 * y             // want `some machines round`
	_ = z + x*y - z        // want `some machines round`
	_ = float32(x)*2 + 1   // want `some machines round`
	_ = float64(x*y) + z   // rounded
	_ = float64(x*y)*z - z // want `some machines round`
	_ = x/y + z            // no machine divides and adds in one
	_ = 2*math.Pi + x      // a constant
	_ = n*n + n            // integers
	_ = (x + y) * z        // no product is added to
	product := x * y       // assigned, so rounded
	_ = product + z
}

func functions(x float64, r *rand.Rand) {
	_ = math.Exp(x)     // want `math.Exp differs between machines`
	_ = math.Log(x)     // want `math.Log differs`
	_ = math.Pow(x, 2)  // want `math.Pow differs`
	_ = math.Sqrt(x)    // to the bit
	_ = math.Floor(x)   // likewise
	_ = r.NormFloat64() // want `it decides by math.Exp`
	_ = r.ExpFloat64()  // want `it decides by math.Exp`
	_ = r.Float64()     // integers underneath
}

func integers(x float64, n int) {
	_ = int(x)                 // want `becomes another integer on another machine`
	_ = uint8(math.Round(x))   // want `becomes another integer`
	_ = time.Duration(x * 1e9) // want `becomes another integer`
	_ = int(1e3)               // a constant
	_ = int64(n)               // an integer already
	_ = float64(n)
}
