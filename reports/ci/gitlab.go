package ci

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"ipamsim/sim/suite"
)

// GitLab writes a report of code quality: a row for each thing that is wrong, at
// file and line. A row's fingerprint does not depend on the values that were
// measured, nor on the line, so that GitLab knows it again. Paths are seen from
// the folder root of the repository, where there is one.
// Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
func GitLab(w io.Writer, s *suite.Suite, root string) error {
	rows := []qualityRow{}
	seen := map[string]int{}
	for _, n := range notices(s) {
		row := qualityRow{Description: n.title + "\n" + n.text, Check: "ipamsim/" + n.check, Severity: map[bool]string{true: "major", false: "minor"}[n.fails]}
		if n.check == "bad-input" || n.check == "fault" {
			row.Severity, row.Description = "critical", n.text
		}
		row.Location.Path = relative(n.path, root)
		row.Location.Lines.Begin = max(1, n.line)
		id := row.Check + "\x00" + row.Location.Path + "\x00" + n.subject
		seen[id]++
		row.Fingerprint = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", id, seen[id])))
		rows = append(rows, row)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

type qualityRow struct {
	Description string `json:"description"`
	Check       string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}
