package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
)

// Duration is a length of virtual time, written "250ms", "5s" or "1h30m".
type Duration time.Duration

// longestDuration bounds every duration that has no bound of its own: ten
// years, so that sums of durations stay far from what 64 bits hold.
const longestDuration = Duration(87_600 * time.Hour)

// errTooLong is the error of what is written as a duration and fits no 64
// bits.
var errTooLong = fmt.Errorf("longer than a duration can be, which is %s", longestDuration)

var durationForm = regexp.MustCompile(`^[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$`)

// ParseDuration reads a Duration. A number without a unit is an error, 0
// aside.
func ParseDuration(s string) (Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return Duration(d), nil
	}
	if durationForm.MatchString(s) {
		return 0, errTooLong
	}
	if isNumber(s) {
		return 0, fmt.Errorf("%s has no unit: write a duration with one, such as %ss, %sm or %sms", s, s, s, s)
	}
	return 0, errors.New("not a duration: write a number and a unit (ns, us, ms, s, m, h), such as 250ms, 5s or 1h30m" + durationHint(s))
}

var clockForm = regexp.MustCompile(`^(\d{1,2}):(\d{2})(:(\d{2}))?$`)

// clockHint translates a time of day.
func clockHint(s string) string {
	parts := clockForm.FindStringSubmatch(s)
	if parts == nil {
		return ""
	}
	d, err := time.ParseDuration(parts[1] + "h" + parts[2] + "m" + max(parts[4], "0") + "s")
	if err != nil {
		return ""
	}
	return fmt.Sprintf("; a run knows no time of day, its times count from its time 0: if that is midnight, %s is %s", s, Duration(d))
}

// durationHint translates units that people write and Go does not know.
func durationHint(s string) string {
	if hint := clockHint(s); hint != "" {
		return hint
	}
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	if !isNumber(number) {
		return ""
	}
	hint := func(duration string) string {
		if _, err := time.ParseDuration(duration); err != nil {
			return ""
		}
		return "; did you mean " + duration + "?"
	}
	switch unit := strings.ToLower(strings.TrimSpace(s[len(number):])); strings.TrimSuffix(unit, "s") {
	case "d", "day":
		var days float64
		if _, err := fmt.Sscanf(number, "%g", &days); err == nil && days*24 < 87_600 {
			return fmt.Sprintf("; did you mean %s?", Duration(portable.Int64(days*24*float64(time.Hour))))
		}
	case "h", "hr", "hour":
		return hint(number + "h")
	case "m", "min", "minute":
		return hint(number + "m")
	case "", "sec", "second":
		return hint(number + "s")
	case "msec", "milli", "millisecond":
		return hint(number + "ms")
	}
	return ""
}

// String is the shortest form that ParseDuration reads back.
func (d Duration) String() string { return words.Duration(time.Duration(d)) }

// MarshalYAML writes the form that is read.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }
