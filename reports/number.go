package reports

import (
	"math"
	"strconv"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
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
func moment(s float64) string { return chart.Moment(s) }
