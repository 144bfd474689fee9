package portable

import (
	"math"
	"math/rand/v2"
)

// Normal and Exponential are drawn by the ziggurat method: the area under the
// density is covered by layers of equal area, a layer and a point in it are
// drawn, and points outside the density are drawn again (Marsaglia and Tsang,
// The Ziggurat Method for Generating Random Variables, 2000,
// https://www.jstatsoft.org/article/view/v005i08). Streams give the numbers
// that [rand.Rand.NormFloat64] and [rand.Rand.ExpFloat64] take from them,
// which decide by math.Exp and math.Log whether to draw again.

// Where the lowest layer's tail begins, and each layer's area. From the paper.
const (
	normalTail      = 3.442619855899
	normalArea      = 9.91256303526217e-3
	exponentialTail = 7.69711747013104972
	exponentialArea = 3.949659822581572e-3
)

// ziggurat is a density's layers. The first holds the tail.
type ziggurat struct {
	inside []uint32  // a draw below it is under the density without more ado
	scale  []float32 // of a draw: the layer's width
	height []float32 // of the density at the layer's edge
}

var (
	normal = newZiggurat(128, 1<<31, normalTail, normalArea,
		func(x float64) float64 { return Exp(float64(-0.5 * x * x)) },
		func(y float64) float64 { return math.Sqrt(-2 * Log(y)) })
	exponential = newZiggurat(256, 1<<32, exponentialTail, exponentialArea,
		func(x float64) float64 { return Exp(-x) },
		func(y float64) float64 { return -Log(y) })
)

// newZiggurat stacks layers under a density, of which it has the inverse too,
// for draws from 0 to full.
func newZiggurat(layers int, full, tail, area float64, density, inverse func(float64) float64) ziggurat {
	z := ziggurat{make([]uint32, layers), make([]float32, layers), make([]float32, layers)}
	lowest := area / density(tail) // the width of a rectangle as large as the lowest layer
	z.inside[0] = uint32(Int64(tail / lowest * full))
	z.scale[0], z.height[0] = float32(lowest/full), 1
	edge := tail
	for i := layers - 1; i > 0; i-- {
		z.scale[i], z.height[i] = float32(edge/full), float32(density(edge))
		if i == 1 {
			break // the topmost has nothing above it, so inside it nothing is sure
		}
		next := inverse(area/edge + density(edge))
		z.inside[i] = uint32(Int64(next / edge * full))
		edge = next
	}
	return z
}

// under says whether a point of a layer, at a drawn height, is under the
// density, which is given there.
func (z *ziggurat) under(layer uint64, r *rand.Rand, density float64) bool {
	height := float32(float32(r.Float64()) * (z.height[layer-1] - z.height[layer]))
	return z.height[layer]+height < float32(density)
}

// Normal draws from the normal distribution of mean 0 and deviation 1.
func Normal(r *rand.Rand) float64 {
	z := &normal
	for {
		u := r.Uint64()
		draw, layer := int64(int32(u)), u>>32%128
		x := float64(draw) * float64(z.scale[layer])
		switch {
		case max(draw, -draw) < int64(z.inside[layer]):
			return x
		case layer == 0:
			return math.Copysign(normalBeyond(r), float64(draw))
		case z.under(layer, r, Exp(float64(-0.5*x*x))):
			return x
		}
	}
}

// normalBeyond draws from the tail.
func normalBeyond(r *rand.Rand) float64 {
	for {
		x := -Log(r.Float64()) * (1 / normalTail)
		y := -Log(r.Float64())
		if y+y >= x*x {
			return normalTail + float64(x)
		}
	}
}

// Exponential draws from the exponential distribution of mean 1.
func Exponential(r *rand.Rand) float64 {
	z := &exponential
	for {
		u := r.Uint64()
		draw, layer := uint32(u), u>>32%256
		x := float64(draw) * float64(z.scale[layer])
		switch {
		case draw < z.inside[layer]:
			return x
		case layer == 0:
			return exponentialTail - Log(r.Float64())
		case z.under(layer, r, Exp(-x)):
			return x
		}
	}
}
