package result

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// rowSchema is the version of a Row's JSON.
const rowSchema = "ipamsim.row/v1"

// Row is what one variant came to at one point of a sweep. A sweep's output has
// one a line.
type Row struct {
	SchemaVersion string `json:"schema_version"`
	Row           int    `json:"row"` // from 0: the last axis changes fastest, and variants faster still
	// Over is the point: a value of each axis, by its path.
	Over         map[string]json.RawMessage `json:"over"`
	Variant      string                     `json:"variant"`
	Seed         uint64                     `json:"seed"`
	Replications int                        `json:"replications"`
	Fingerprint  string                     `json:"fingerprint"` // of everything that happened, as a run of this variant alone has it
	OK           bool                       `json:"ok"`          // no threshold failed; there may be none
	Thresholds   []Threshold                `json:"thresholds"`
	// Metrics are the figures by name, as thresholds are judged by them: of
	// distributions those of all replications together, of counters means, of
	// levels the worst. Null was not observed, or is infinite; see Never.
	Metrics map[string]*float64 `json:"metrics"`
	Never   []string            `json:"never"` // figures that are infinite: that share of the pods or nodes never came to its end
	// Intervals are of the values that the replications have each by itself.
	// There are none with one replication.
	Intervals map[string]Interval `json:"intervals"`
	Sweep     Sweep               `json:"sweep"` // that it is a row of
}

// Interval is the mean of several replications and its 95 % confidence interval
// (Student's).
type Interval struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Sweep is what all rows of one sweep have in common. Rows of equal sweeps are
// equal, whoever made them.
type Sweep struct {
	Version   string   `json:"version"` // of the program
	Scenario  Scenario `json:"scenario"`
	Files     []Input  `json:"files"`     // that the scenario reads
	Overrides []string `json:"overrides"` // as --set takes them
	Variants  []string `json:"variants"`
	Axes      []Axis   `json:"axes"`
	Rows      int      `json:"rows"`
}

// Input is a file that a scenario reads.
type Input struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // sha256: and 64 hexadecimal digits
}

// Axis is a value of the scenario that a sweep changes. Rows have its values one
// by one, and of all of them only their digest: there may be many.
type Axis struct {
	Path   string   `json:"path"`
	Count  int      `json:"values"`
	Digest string   `json:"digest"` // of the values, each with a line's end: sha256: and 64 hexadecimal digits
	Values []string `json:"-"`      // YAML, as they were given
}

// NewAxis is the axis of values.
func NewAxis(path string, values []string) Axis {
	h := sha256.New()
	for _, v := range values {
		io.WriteString(h, v+"\n")
	}
	return Axis{Path: path, Count: len(values), Digest: fmt.Sprintf("sha256:%x", h.Sum(nil)), Values: values}
}

// MakeRow is the row of a variant that was judged.
func MakeRow(s *Sweep, row int, seed uint64, fingerprint string, v *Variant) *Row {
	r := &Row{
		SchemaVersion: rowSchema, Row: row, Over: map[string]json.RawMessage{}, Variant: v.Name, Seed: seed, Replications: len(v.Replications), Fingerprint: fingerprint,
		OK: true, Thresholds: v.Thresholds, Metrics: map[string]*float64{}, Never: []string{}, Intervals: map[string]Interval{}, Sweep: *s,
	}
	for i, value := range s.Point(row) {
		r.Over[s.Axes[i].Path] = asJSON(value)
	}
	for _, t := range v.Thresholds {
		r.OK = r.OK && !t.Failed()
	}
	for i := range Figures {
		f := &Figures[i]
		switch value, observed := f.Of(v); {
		case !observed:
			r.Metrics[f.Name] = nil
		case math.IsInf(value, 1):
			r.Metrics[f.Name], r.Never = nil, append(r.Never, f.Name)
		default:
			value = rounded(value)
			r.Metrics[f.Name] = &value
		}
		if interval, is := f.interval(v); is {
			r.Intervals[f.Name] = interval
		}
	}
	return r
}

// asJSON is a value of YAML as JSON: a number or a truth value where JSON writes
// it alike, else a string.
func asJSON(value string) json.RawMessage {
	if json.Valid([]byte(value)) {
		return json.RawMessage(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings have JSON
	}
	return text
}

// Point are the values of the axes that a row has.
func (s *Sweep) Point(row int) []string {
	place := row / len(s.Variants)
	values := make([]string, len(s.Axes))
	for i := len(s.Axes) - 1; i >= 0; i-- {
		n := s.Axes[i].Count
		values[i] = s.Axes[i].Values[place%n]
		place /= n
	}
	return values
}

// Learn takes the values of the axes from a row, where they are not known
// otherwise.
func (s *Sweep) Learn(r *Row) {
	place := r.Row / len(s.Variants)
	for i := len(s.Axes) - 1; i >= 0; i-- {
		a := &s.Axes[i]
		if a.Values == nil {
			a.Values = make([]string, a.Count)
		}
		value := string(r.Over[a.Path])
		if json.Unmarshal(r.Over[a.Path], &value) != nil {
			value = string(r.Over[a.Path]) // a number, a list
		}
		a.Values[place%a.Count] = value
		place /= a.Count
	}
}

// VariantOf is the place of a row's variant.
func (s *Sweep) VariantOf(row int) int { return row % len(s.Variants) }

// Settings are the point of a row as --over and --set take it.
func (s *Sweep) Settings(row int) []string {
	list := s.Point(row)
	for i := range list {
		list[i] = s.Axes[i].Path + "=" + list[i]
	}
	return list
}

// Line is the row as one line of JSON.
func (r *Row) Line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // thresholds are full of < and >
	err := enc.Encode(r)
	return b.Bytes(), err
}

// ReadRow reads a line that Line has written.
func ReadRow(line []byte) (*Row, error) {
	var head struct {
		SchemaVersion string `json:"schema_version"`
	}
	if err := input.DecodeJSON(line, &head); err != nil {
		return nil, fmt.Errorf("no row of a sweep: %s", message(err))
	}
	switch {
	case head.SchemaVersion == "":
		return nil, errors.New("no row of a sweep: there is no schema_version, expected " + quote(rowSchema))
	case head.SchemaVersion != rowSchema:
		return nil, fmt.Errorf("schema_version is %s, expected %s", quote(head.SchemaVersion), quote(rowSchema))
	}
	var r Row
	if err := input.DecodeJSON(line, &r); err != nil {
		return nil, fmt.Errorf("no row of a sweep: %s", message(err))
	}
	return &r, r.check()
}

// message is what is wrong without its place, as a row is one line.
func message(err error) string {
	var wrong *input.Error
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return err.Error()
}

// check says what is wrong with a row that was read, and everybody who works
// with rows relies upon.
func (r *Row) check() error {
	points := len(r.Sweep.Variants)
	for _, a := range r.Sweep.Axes {
		if a.Count <= 0 || points > MostRows/a.Count {
			return errors.New("sweep.axes: too many values, or none")
		}
		points *= a.Count
	}
	switch {
	case points == 0 || r.Sweep.Rows != points:
		return fmt.Errorf("sweep.rows is %d, and its axes and variants make %d", r.Sweep.Rows, points)
	case r.Row < 0 || r.Row >= points:
		return fmt.Errorf("row is %d, and the sweep has %s", r.Row, words.Plural(points, "row"))
	case r.Variant != r.Sweep.Variants[r.Sweep.VariantOf(r.Row)]:
		return fmt.Errorf("variant is %s, and row %d is of %s", quote(r.Variant), r.Row, quote(r.Sweep.Variants[r.Sweep.VariantOf(r.Row)]))
	}
	for name, value := range r.Metrics { // any order: each is looked at by itself
		if value != nil && !(math.Abs(*value) <= mostCount) {
			return fmt.Errorf("metrics.%s: out of all reason", name)
		}
	}
	return nil
}

// MostRows is how many rows a sweep may have.
const MostRows = 1_000_000

// Differs says in words what keeps two sweeps from being one, or nothing.
func (s *Sweep) Differs(other *Sweep) string {
	of := func(what, a, b string) string {
		if a == b {
			return ""
		}
		return fmt.Sprintf("%s: %s and %s", what, quote(a), quote(b))
	}
	texts := func(what string, a, b any) string {
		x, y := mustJSON(a), mustJSON(b)
		if x == y {
			return ""
		}
		return fmt.Sprintf("%s: %s and %s", what, short(x), short(y))
	}
	for _, d := range []string{
		of("version", s.Version, other.Version), of("scenario", s.Scenario.Name, other.Scenario.Name), of("scenario's digest", s.Scenario.Digest, other.Scenario.Digest),
		texts("files", s.Files, other.Files), texts("overrides", s.Overrides, other.Overrides), texts("variants", s.Variants, other.Variants),
		texts("axes", s.Axes, other.Axes), of("rows", strconv.Itoa(s.Rows), strconv.Itoa(other.Rows)),
	} {
		if d != "" {
			return d
		}
	}
	return ""
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and lists of them
	}
	return string(text)
}

// short cuts a long text in the middle of a message.
func short(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Figure is a figure of the row: its value, or that it is infinite, or that it
// was not observed.
func (r *Row) Figure(name string) (value float64, never, observed bool) {
	if v := r.Metrics[name]; v != nil {
		return *v, false, true
	}
	never = slices.Contains(r.Never, name)
	return 0, never, never
}
