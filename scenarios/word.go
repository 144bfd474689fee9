package scenarios

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
	"ipamsim/sim/controlplane"
)

// setWord reads a scalar. Its errors say what was expected.
func setWord(v reflect.Value, text, tag string, f field) error {
	switch v.Type() {
	case durationType:
		return setDuration(v, text, f)
	case prefixType:
		return parsed(v, text, parsePrefix)
	case cpuType:
		return parsed(v, text, parseCPU)
	case memoryType:
		return parsed(v, text, parseMemory)
	case percentType:
		return parsed(v, text, func(s string) (IntOrPercent, error) {
			return controlplane.ParseIntOrPercent(s, f.leastOf(), f.mostPercent())
		})
	}
	switch v.Kind() {
	case reflect.String:
		return setString(v, text, tag, f)
	case reflect.Bool:
		if tag != "bool" {
			return mismatch(v, text, tag)
		}
		v.SetBool(strings.EqualFold(text, "true"))
		return nil
	case reflect.Float64:
		return setFloat(v, text, tag, f)
	case reflect.Int:
		n, err := wholeNumber(v, text, tag)
		if errors.Is(err, errTooLarge) {
			return tooLarge(text, f, maxWhole)
		}
		if err != nil {
			return err
		}
		v.SetInt(n)
		return checkRange(float64(n), text, f)
	case reflect.Uint64:
		return setUint(v, text, tag, f)
	}
	panic("scenarios: no way to read a " + v.Type().String())
}

func mismatch(v reflect.Value, text, tag string) error {
	n := node{tag: tag, text: text}
	return fmt.Errorf("%s was expected, got %s", expectation(v.Type()), n.describe())
}

func parsed[T any](v reflect.Value, text string, parse func(string) (T, error)) error {
	value, err := parse(text)
	if err != nil {
		return quoted(text, err)
	}
	v.Set(reflect.ValueOf(value))
	return nil
}

// quoted puts the text before an error that does not show it.
func quoted(text string, err error) error {
	if strings.HasPrefix(err.Error(), "not ") {
		n := node{tag: "str", text: text}
		return fmt.Errorf("%s is %w", n.describe(), err)
	}
	return err
}

func setDuration(v reflect.Value, text string, f field) error {
	d, err := ParseDuration(text)
	switch {
	case errors.Is(err, errTooLong) && strings.HasPrefix(text, "-"):
		d = math.MinInt64
	case errors.Is(err, errTooLong):
		d = math.MaxInt64
	case err != nil:
		return quoted(text, err)
	}
	if d < 0 && !f.negative {
		return fmt.Errorf("%s is negative", text)
	}
	if d < -longestDuration {
		return fmt.Errorf("%s is out of range: the least is -%s", text, longestDuration)
	}
	if f.max == "" {
		f.max = longestDuration.String()
	}
	for _, bound := range []struct {
		text string
		sign Duration
		what string
	}{{f.min, 1, "least"}, {f.max, -1, "most"}} {
		if limit, err := ParseDuration(bound.text); err == nil && d*bound.sign < limit*bound.sign {
			return fmt.Errorf("%s is out of range: the %s is %s", text, bound.what, limit)
		}
	}
	v.SetInt(int64(d))
	return nil
}

func setString(v reflect.Value, text, tag string, f field) error {
	if !f.verbatim && tag != "str" {
		return fmt.Errorf("text was expected, got %s: quote it", text)
	}
	if len(f.enum) == 1 && text != f.enum[0] {
		return fmt.Errorf("%q was expected, got %q", f.enum[0], text)
	}
	if f.enum != nil && !slices.Contains(f.enum, text) {
		return fmt.Errorf("%q is not one of %s%s", text, words.And(f.enum), meantWord(text, f))
	}
	if f.pattern != nil && !f.pattern.MatchString(text) {
		n := node{tag: "str", text: text}
		return fmt.Errorf("%s is not a name: %s", n.describe(), nameRule)
	}
	if f.required && text == "" {
		return fmt.Errorf("text was expected, got nothing")
	}
	v.SetString(text)
	return nil
}

func setFloat(v reflect.Value, text, tag string, f field) error {
	if tag != "int" && tag != "float" {
		return mismatch(v, text, tag)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Errorf("a number in decimal digits was expected, got %s", text)
	}
	v.SetFloat(x)
	return checkRange(x, text, f)
}

// maxWhole is the largest whole number that JSON's readers agree on.
const maxWhole = 1 << 53

// errTooLarge is the error of wholeNumber for digits that fit nowhere.
var errTooLarge = errors.New("too large")

var digits = regexp.MustCompile(`^[-+]?\d+$`)

// tooLarge says of a number beyond all bounds what its bound is; most stands
// in for a field that has none.
func tooLarge(text string, f field, most uint64) error {
	sign := 1
	if strings.HasPrefix(text, "-") {
		sign = -1
	}
	if err := checkRange(math.Inf(sign), text, f); err != nil {
		return err
	}
	if sign < 0 {
		return fmt.Errorf("%s is out of range: the least is -%d", text, most)
	}
	return fmt.Errorf("%s is out of range: the most is %d", text, most)
}

// wholeNumber reads 3, and 3.0 as JSON has it.
func wholeNumber(v reflect.Value, text, tag string) (int64, error) {
	if tag != "int" && tag != "float" {
		return 0, mismatch(v, text, tag)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && !leadingZero(text) {
		return n, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if digits.MatchString(text) && math.Abs(x) > maxWhole && !leadingZero(text) {
		return 0, errTooLarge
	}
	if err != nil || x != math.Trunc(x) || math.Abs(x) > maxWhole || leadingZero(text) {
		return 0, fmt.Errorf("a whole number in decimal digits was expected, got %s", text)
	}
	return portable.Int64(x), nil
}

// leadingZero spots what YAML 1.1 reads as octal and people do not.
func leadingZero(text string) bool {
	text = strings.TrimLeft(text, "+-")
	return len(text) > 1 && text[0] == '0' && text[1] != '.'
}

func setUint(v reflect.Value, text, tag string, f field) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || leadingZero(text) || tag != "int" && tag != "float" {
		var signed int64
		switch signed, err = wholeNumber(v, text, tag); {
		case errors.Is(err, errTooLarge) && strings.HasPrefix(text, "-"):
			signed = -1
		case errors.Is(err, errTooLarge):
			return tooLarge(text, f, math.MaxUint64)
		case err != nil:
			return err
		}
		if signed < 0 {
			return fmt.Errorf("%s is negative", text)
		}
		n = uint64(signed)
	}
	v.SetUint(n)
	return checkRange(float64(n), text, f)
}

func checkRange(x float64, text string, f field) error {
	if limit, err := strconv.ParseFloat(f.min, 64); err == nil && x < limit {
		if x < 0 && limit == 0 {
			return fmt.Errorf("%s is negative", text)
		}
		return fmt.Errorf("%s is out of range: the least is %s", text, f.min)
	}
	if limit, err := strconv.ParseFloat(f.max, 64); err == nil && x > limit {
		return fmt.Errorf("%s is out of range: the most is %s", text, f.max)
	}
	return nil
}
