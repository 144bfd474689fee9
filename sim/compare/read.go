package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"ipamsim/internal/input"
	"ipamsim/sim/result"
)

// readMost is how many bytes a stored result may have, as for those that are reported
// on.
const readMost = 512 << 20

// Read reads a baseline, or a stored result and keeps of it what a baseline has. The
// error is a *input.Error where the text is at fault.
func Read(r io.Reader) (*Baseline, error) {
	text, err := input.ReadAll(r, readMost, "a stored result")
	if err != nil {
		return nil, err
	}
	var head struct {
		SchemaVersion string `json:"schema_version"`
	}
	if json.Unmarshal(text, &head) == nil && head.SchemaVersion == baselineSchema {
		return readBaseline(text)
	}
	stored, err := result.Read(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	b := Keep(stored)
	return b, b.wrong()
}

func readBaseline(text []byte) (*Baseline, error) {
	var b Baseline
	if err := input.DecodeJSON(text, &b); err != nil {
		return nil, err
	}
	return &b, b.wrong()
}

// wrong says what is wrong with a baseline that was read: what the types do not say,
// and a comparison relies upon.
func (b *Baseline) wrong() error {
	if err := b.check(); err != nil {
		return &input.Error{Message: err.Error()}
	}
	return nil
}

// mostReplications is more than any scenario can have.
const mostReplications = 1_000_000

// mostValue is beyond all reason: what the addresses of IPv4 would ask for in a day.
const mostValue = 1e15

func (b *Baseline) check() error {
	switch {
	case b.Replications < 1 || b.Replications > mostReplications:
		return fmt.Errorf("replications: %d, and at least one was expected", b.Replications)
	case len(b.Variants) == 0:
		return fmt.Errorf("variants: at least one was expected")
	}
	for i := range b.Variants {
		if err := b.Variants[i].check(b.Replications); err != nil {
			return fmt.Errorf("variants[%d].%w", i, err)
		}
		if slices.Index(b.names(), b.Variants[i].Name) != i {
			return fmt.Errorf("variants[%d].name: there are two variants %q", i, b.Variants[i].Name)
		}
	}
	return nil
}

func (v *Variant) check(replications int) error {
	if !bytes.HasPrefix(v.Scenario, []byte("{")) {
		return fmt.Errorf("scenario: an object was expected")
	}
	if len(v.Fingerprints) != replications {
		return fmt.Errorf("fingerprints: %d, and %d replications", len(v.Fingerprints), replications)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Figures)) {
		values := v.Figures[name]
		if len(values) != replications {
			return fmt.Errorf("figures.%s: %d values, and %d replications", name, len(values), replications)
		}
		for _, value := range values {
			if value.Observed() && !value.Infinite() && math.Abs(float64(value)) > mostValue {
				return fmt.Errorf("figures.%s: %g is out of all reason", name, float64(value))
			}
		}
	}
	return nil
}
