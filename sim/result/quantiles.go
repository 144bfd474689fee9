package result

import (
	"encoding/json"
	"fmt"
	"math"
)

// Seconds are a duration that may be infinite: of something that never came to
// its end. JSON has null for that.
type Seconds float64

// Never is the duration of what does not come to its end, and of a share of
// things when there are none.
var Never = Seconds(math.Inf(1))

// Reached says that it is finite.
func (s Seconds) Reached() bool { return !math.IsInf(float64(s), 1) }

// MarshalJSON implements json.Marshaler.
func (s Seconds) MarshalJSON() ([]byte, error) {
	if !s.Reached() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(s))
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*s = Never
		return nil
	}
	if json.Unmarshal(text, (*float64)(s)) != nil {
		return fmt.Errorf("a number of seconds or null was expected, found %s", text)
	}
	return nil
}

// Quantiles describe a distribution, in seconds, over Count pods or nodes that
// reached its end and Never that did not, which count as infinitely late. A
// number is null where that share never came to its end, and where there was
// nothing to measure.
type Quantiles struct {
	Count int     `json:"count"`
	Never int     `json:"never"`
	Mean  Seconds `json:"mean"`
	Min   Seconds `json:"min"`
	P50   Seconds `json:"p50"`
	P90   Seconds `json:"p90"`
	P99   Seconds `json:"p99"`
	Max   Seconds `json:"max"`
	// FromHistogram says that there were more than a million, so that p50, p90
	// and p99 are known to 1/128.
	FromHistogram bool `json:"from_histogram,omitempty"`
}
