package reports

import (
	"math"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// none stands where there is nothing to show.
const none = "-"

// seconds writes a duration in seconds to the hundredth, or - when that share
// never came to its end, and when there was nothing to measure.
func seconds(s result.Seconds) string {
	if !s.Reached() {
		return none
	}
	return decimal(float64(s), 2)
}

// decimal writes v with the given number of decimals.
func decimal(v float64, places int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	return words.Apart(strconv.FormatFloat(v, 'f', places, 64))
}

// moment writes a point of virtual time: 2m31s.
func moment(s float64) string {
	return short(time.Duration(math.Round(s)) * time.Second)
}

// short writes a duration without its empty parts: 15m, 1h, 1m30s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
