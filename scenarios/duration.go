package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Duration is a length of virtual time, written "250ms", "5s" or "1h30m".
type Duration time.Duration

// ParseDuration reads a Duration. A number without a unit is an error, 0
// aside.
func ParseDuration(s string) (Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return Duration(d), nil
	}
	if isNumber(s) {
		return 0, fmt.Errorf("%s has no unit: write a duration with one, such as %ss, %sm or %sms", s, s, s, s)
	}
	return 0, errors.New("not a duration: write a number and a unit (ns, us, ms, s, m, h), such as 250ms, 5s or 1h30m" + durationHint(s))
}

// durationHint translates units that people write and Go does not know.
func durationHint(s string) string {
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	if !isNumber(number) {
		return ""
	}
	switch unit := strings.ToLower(strings.TrimSpace(s[len(number):])); strings.TrimSuffix(unit, "s") {
	case "d", "day":
		var days float64
		if _, err := fmt.Sscanf(number, "%g", &days); err == nil && days < 1e5 {
			return fmt.Sprintf("; did you mean %s?", Duration(days*24*float64(time.Hour)))
		}
	case "h", "hr", "hour":
		return "; did you mean " + number + "h?"
	case "m", "min", "minute":
		return "; did you mean " + number + "m?"
	case "", "sec", "second":
		return "; did you mean " + number + "s?"
	case "msec", "milli", "millisecond":
		return "; did you mean " + number + "ms?"
	}
	return ""
}

// String is the shortest form that ParseDuration reads back.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Seconds of the duration.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// MarshalYAML writes the form that is read.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }
