package ci

import (
	"encoding/json"
	"io"

	"ipamsim/sim/suite"
)

// JSON writes the document. No list in it is null.
func JSON(w io.Writer, s *suite.Suite) error {
	c := *s
	c.Overrides, c.PassedOver, c.Files = orEmpty(c.Overrides), orEmpty(c.PassedOver), append([]suite.File{}, c.Files...)
	for i := range c.Files {
		f := &c.Files[i]
		f.Cases, f.Problems, f.Warnings, f.Findings = orEmpty(f.Cases), orEmpty(f.Problems), orEmpty(f.Warnings), append([]suite.Finding{}, f.Findings...)
		for j := range f.Findings {
			f.Findings[j].Evidence, f.Findings[j].Remedies = orEmpty(f.Findings[j].Evidence), orEmpty(f.Findings[j].Remedies)
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(&c)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
