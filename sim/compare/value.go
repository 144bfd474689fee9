package compare

import (
	"encoding/json"
	"fmt"
	"math"
)

// Value is a figure of one replication, or a difference of two. JSON has a number,
// "inf" or "-inf" of what is infinite because that share of the pods never came to
// its end, and null of what was not observed.
type Value float64

// none is the value of what was not observed.
var none = Value(math.NaN())

// Observed says whether there is a value.
func (v Value) Observed() bool { return !math.IsNaN(float64(v)) }

// Infinite says whether it is infinite, of either sign.
func (v Value) Infinite() bool { return math.IsInf(float64(v), 0) }

const (
	infinite      = "inf"
	minusInfinite = "-inf"
)

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	switch f := float64(v); {
	case math.IsNaN(f):
		return []byte("null"), nil
	case math.IsInf(f, 1):
		return json.Marshal(infinite)
	case math.IsInf(f, -1):
		return json.Marshal(minusInfinite)
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(text []byte) error {
	var f float64
	switch {
	case string(text) == "null":
		*v = none
	case string(text) == `"`+infinite+`"`:
		*v = Value(math.Inf(1))
	case string(text) == `"`+minusInfinite+`"`:
		*v = Value(math.Inf(-1))
	case json.Unmarshal(text, &f) == nil:
		*v = Value(f)
	default:
		return fmt.Errorf("a number, %q, %q or null was expected, found %s", infinite, minusInfinite, text)
	}
	return nil
}

// minus is the difference of two values. Two that are infinite alike are equal.
func (v Value) minus(w Value) Value {
	if v == w {
		return 0
	}
	return rounded(v - w)
}

// rounded keeps millionths, as results do: what is below is the arithmetic's, and
// would tell apart what is equal.
func rounded(v Value) Value {
	if !v.Observed() || v.Infinite() {
		return v
	}
	return Value(math.Round(float64(v)*1e6) / 1e6)
}
