package ci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"ipamsim/reports"
	"ipamsim/sim/suite"
)

// A workflow command is one line, its properties end where they should, and there
// are no more than GitHub shows.
func TestAnnotationsAreCommandsWhateverIsInThem(t *testing.T) {
	command := regexp.MustCompile(`^::(error|warning) (?:file=([^:,\r\n]+)(?:,line=\d+)?(?:,col=\d+)?,)?title=[^:,\r\n]+::[^\r\n]*$`)
	escape := regexp.MustCompile(`%(25|0D|0A|3A|2C)?`)
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		var out bytes.Buffer
		if err := GitHub(&out, s, ""); err != nil {
			t.Fatal(err)
		}
		n := map[string]int{}
		for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
			m := command.FindStringSubmatch(line)
			if out.Len() == 0 {
				break
			}
			if m == nil {
				t.Fatalf("not a command: %q", line)
			}
			n[m[1]]++
			for _, e := range escape.FindAllString(line, -1) {
				if e == "%" {
					t.Errorf("a bare %% in %q", line)
				}
			}
		}
		if n["error"] > mostAnnotations || n["warning"] > mostAnnotations {
			t.Errorf("%v annotations", n)
		}
		if fails := s.Counts.CasesFailed > 0 || s.Counts.FilesBad > 0; fails && n["error"] == 0 {
			t.Error("it fails, and there is no error")
		}
	})
}

// Rows of a code quality report have what GitLab wants, fingerprints that tell
// them apart, and the same ones where other values were measured.
func TestFingerprintsTellApartAndDoNotDependOnValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		prints := func() (list map[string]bool) {
			var out bytes.Buffer
			if err := GitLab(&out, s, ""); err != nil {
				t.Fatal(err)
			}
			var rows []qualityRow
			if err := json.Unmarshal(out.Bytes(), &rows); err != nil || rows == nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			list = map[string]bool{}
			for _, r := range rows {
				if list[r.Fingerprint] || r.Description == "" || r.Location.Path == "" || r.Location.Lines.Begin < 1 || !strings.Contains("info minor major critical blocker", r.Severity) {
					t.Errorf("%+v", r)
				}
				list[r.Fingerprint] = true
			}
			return list
		}
		before := prints()
		for i := range s.Files {
			for j := range s.Files[i].Cases {
				c := &s.Files[i].Cases[j]
				if c.Value != nil {
					other := *c.Value + 1
					c.Value = &other
				}
				c.Line++
			}
		}
		if after := prints(); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Error("fingerprints depend on what was measured")
		}
	})
}

// A plan announces as many points as there are, and nothing in a name is taken for
// a directive.
func TestTAPHasAsManyPointsAsItSays(t *testing.T) {
	point := regexp.MustCompile(`^(ok|not ok) (\d+) - (?:[^#\\]|\\#|\\\\)*( # (TODO|SKIP) .*)?$`)
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		var out bytes.Buffer
		if err := TAP(&out, s); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		planned, points, bad := 0, 0, 0
		fmt.Sscanf(lines[1], "1..%d", &planned)
		for _, line := range lines[2:] {
			if strings.HasPrefix(line, "  ") {
				continue
			}
			m := point.FindStringSubmatch(line)
			points++
			if m == nil || m[2] != fmt.Sprint(points) {
				t.Fatalf("point %d: %q", points, line)
			}
			if m[1] == "not ok" && m[4] != "TODO" {
				bad++
			}
		}
		if lines[0] != "TAP version 13" || planned != points || points == 0 {
			t.Errorf("%d points of %d:\n%s", points, planned, out.String())
		}
		if (bad > 0) != (s.Verdict != suite.Holds) && s.Verdict != suite.Interrupted {
			t.Errorf("%d points fail, and the verdict is %s", bad, s.Verdict)
		}
	})
}

// What is said below a point is YAML with a message in one line, and with details of
// which each line is as far to the right, which is as much as prove can read.
func TestTAPsDiagnosticsAreYAML(t *testing.T) {
	block := regexp.MustCompile(`(?s)\n  ---\n(.*?\n)  \.\.\.\n`)
	key := regexp.MustCompile(`^  (message: "(?:[^"\\]|\\["\\])*"|details: \||  +[^ ].*)$`)
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		var out bytes.Buffer
		if err := TAP(&out, s); err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(out.String(), -1) {
			var said struct{ Message, Details string }
			if err := yaml.Unmarshal([]byte(m[1]), &said); err != nil || said.Message == "" {
				t.Errorf("%v in\n%s", err, m[1])
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(m[1], "\n"), "\n") {
				if !key.MatchString(line) {
					t.Errorf("%q in\n%s", line, m[1])
				}
			}
		}
	})
}

// A comment fits, whatever there is to say, and nothing that came out of a file is
// markup in it.
func TestACommentFitsAndIsNoMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		most := rapid.IntRange(200, 6000).Draw(t, "most")
		for len(s.Files) > 0 && len(s.Files) < most/100 && rapid.Bool().Draw(t, "more") {
			s.Files = append(s.Files, s.Files...)
		}
		var out bytes.Buffer
		if err := markdown(&out, s, marker+"\n", most); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !strings.HasPrefix(text, marker+"\n**ipamsim: ") || len(text) > most || !utf8.ValidString(text) {
			t.Errorf("%d bytes:\n%.300s", len(text), text)
		}
		for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) {
			switch tag {
			case marker, "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>", "<!-- -->":
			default:
				t.Errorf("%s in\n%s", tag, text)
			}
		}
		for _, pair := range []string{"code", "details", "summary"} {
			if strings.Count(text, "<"+pair+">") != strings.Count(text, "</"+pair+">") {
				t.Errorf("%s is not closed:\n%s", pair, text)
			}
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| |") && strings.Count(line, "|") != 4 && strings.Count(line, "|") != 6 {
				t.Errorf("a row with other cells: %s", line)
			}
		}
	})
}

// Text and JSON can be written of anything.
func TestTextAndJSONCanBeWrittenOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		var text, doc bytes.Buffer
		if err := Table(&text, s, reports.TableOptions{Wide: rapid.Bool().Draw(t, "wide"), Color: true}); err != nil {
			t.Fatal(err)
		}
		for _, r := range regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(text.String(), "") {
			if r < ' ' && r != '\n' && r != '\t' {
				t.Errorf("%q in\n%q", r, text.String())
			}
		}
		if err := JSON(&doc, s); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(doc.String(), "null,\n      \"variants\"") || strings.Contains(doc.String(), `"cases": null`) || !json.Valid(doc.Bytes()) {
			t.Errorf("%s", doc.String())
		}
	})
}
