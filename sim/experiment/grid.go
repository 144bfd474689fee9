package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Bounds of a grid: our choice. A row takes some kilobytes.
const (
	mostAxes   = 16
	mostValues = 100_000 // of one axis
)

// ParseAxis reads what --over takes: a path as --set takes it, and values with
// commas between them. Commas inside of brackets, braces and quotes are the
// values' own.
func ParseAxis(text string) (result.Axis, error) {
	path, list, found := strings.Cut(text, "=")
	path = strings.TrimSpace(path)
	if !found || path == "" {
		return result.Axis{}, errors.New("path=value,value was expected, such as nodeGroups.workers.count=10,20,40")
	}
	values, err := splitValues(list)
	if err != nil {
		return result.Axis{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(values) > mostValues {
		return result.Axis{}, fmt.Errorf("%s: %s, and the most is %s", path, words.Plural(len(values), "value"), words.Count(mostValues))
	}
	seen := map[string]bool{}
	for i, v := range values {
		switch {
		case v == "":
			return result.Axis{}, fmt.Errorf("%s: value %d of %d is empty; null removes a value", path, i+1, len(values))
		case seen[v]:
			return result.Axis{}, fmt.Errorf("%s: %s is there twice", path, v)
		}
		seen[v] = true
	}
	return result.NewAxis(path, values), nil
}

// splitValues cuts at the commas that are not inside of a value.
func splitValues(text string) (values []string, err error) {
	var open []byte // closing brackets that are awaited
	quote, start := byte(0), 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && strings.TrimSpace(text[start:i]) == "" || (c == '"' || c == '\'') && len(open) > 0:
			quote = c
		case c == '[':
			open = append(open, ']')
		case c == '{':
			open = append(open, '}')
		case len(open) > 0 && c == open[len(open)-1]:
			open = open[:len(open)-1]
		case c == ',' && len(open) == 0:
			values = append(values, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	if quote != 0 || len(open) > 0 {
		return nil, fmt.Errorf("%q does not end: a quote or a bracket is open", text)
	}
	return append(values, strings.TrimSpace(text[start:])), nil
}

// rowsOf is how many rows axes and variants make.
func rowsOf(axes []result.Axis, variants int) (int, error) {
	if len(axes) > mostAxes {
		return 0, fmt.Errorf("%d values to go over at a time, and the most is %d", len(axes), mostAxes)
	}
	rows := variants
	for i, a := range axes {
		if slices.ContainsFunc(axes[:i], func(b result.Axis) bool { return b.Path == a.Path }) {
			return 0, fmt.Errorf("%s is given twice: give all its values at once", a.Path)
		}
		if rows > result.MostRows/a.Count {
			return 0, fmt.Errorf("more than %s rows: that is the most of one sweep", words.Count(result.MostRows))
		}
		rows *= a.Count
	}
	return rows, nil
}
