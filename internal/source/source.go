// Package source says where the numbers of the model come from. Each part of
// the model lists its constants with it, and the pages and commands that show
// them read the lists.
package source

import (
	"fmt"
	"time"
)

// Kind is what stands behind a number.
type Kind string

// The kinds of sources.
const (
	FromCode   Kind = "code"       // read in the source of the program that has it
	FromDocs   Kind = "documented" // by the vendor
	Measured   Kind = "measured"   // several times, on the thing itself
	Observed   Kind = "observed"   // by somebody, in public: a log, an issue, a sample
	Assumption Kind = "assumption" // ours, because nothing is published
)

// Kinds are all kinds, the firmest first.
func Kinds() []Kind { return []Kind{FromCode, FromDocs, Measured, Observed, Assumption} }

// Constant is one number or rule of the model and where it comes from.
type Constant struct {
	Name   string `json:"name"` // unique in its part of the model, dotted: latency.AttachNetworkInterface
	Value  string `json:"value"`
	Unit   string `json:"unit,omitempty"` // of Value; none for pure numbers and rules
	Kind   Kind   `json:"kind"`
	Source string `json:"source"` // an address, or the reasoning behind an assumption
}

// Number is a constant that is a number of units.
func Number[N ~int | ~float64](name string, value N, unit string, kind Kind, source string) Constant {
	return Constant{name, fmt.Sprintf("%v", value), unit, kind, source}
}

// Duration is a constant in seconds.
func Duration(name string, d time.Duration, kind Kind, source string) Constant {
	return Number(name, d.Seconds(), "s", kind, source)
}

// Span is a constant between two bounds, in seconds; a single duration when
// they are the same.
func Span(name string, low, high time.Duration, kind Kind, source string) Constant {
	if low == high {
		return Duration(name, low, kind, source)
	}
	return Constant{name, fmt.Sprintf("%g to %g", low.Seconds(), high.Seconds()), "s", kind, source}
}

// Rule is a constant that is no number: a list, a yes or no, a default.
func Rule(name, value string, kind Kind, source string) Constant {
	return Constant{Name: name, Value: value, Kind: kind, Source: source}
}
