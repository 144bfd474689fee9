package explain

import (
	"bytes"
	"encoding/json"

	"ipamsim/sim/recording"
)

// phaseDocument is a phase as JSON has it: where it begins and how long it takes.
type phaseDocument struct {
	Boundary  Boundary       `json:"boundary"`
	What      string         `json:"what"`
	At        recording.Time `json:"at_seconds"`
	Took      recording.Time `json:"took_seconds"`
	Share     float64        `json:"share,omitempty"`
	Meanwhile []Phase        `json:"meanwhile,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (p Phase) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(phaseDocument{p.Boundary, p.What, p.From, p.Took(), p.Share, p.Meanwhile})
	return text.Bytes(), err
}
