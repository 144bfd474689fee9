package recording

import (
	"strconv"
	"time"
)

// Time is virtual, from time 0 on and negative in the warm-up, or how long
// something took. As JSON it is in seconds to the nanosecond; what did not happen
// is null.
type Time time.Duration

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == Never {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, t.Seconds(), 'f', -1, 64), nil
}

// Seconds is it in seconds.
func (t Time) Seconds() float64 { return time.Duration(t).Seconds() }

func (t Time) String() string { return time.Duration(t).String() }
