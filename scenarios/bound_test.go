package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

// many is a text for each of n numbers, with commas between them.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strings.ReplaceAll(format, "N", fmt.Sprint(i)))
	}
	return b.String()
}

// hostile are files of up to 4 MiB that once took minutes or gigabytes.
var hostile = map[string]string{
	"overlapping blocks": with("cidrs: [10.0.0.0/16]", "cidrs: ["+many(200_000, "10.0.0.0/16")+"]"),
	"equal subnets":      with("- {name: a, cidr: 10.0.0.0/24, az: a}", many(60_000, "- {name: a, cidr: 10.0.0.0/24, az: a}\n    ")),
	"subnets":            with("    - {name: a, cidr: 10.0.0.0/24, az: a}", "    ["+many(30_000, "{name: aN, cidr: 10.0.0.0/28, az: a}")+"]"),
	"reservations":       with("az: a}", "az: a, reservations: ["+many(60_000, "{cidr: 10.0.0.16/28, type: prefix}")+"]}"),
	"workloads":          with("  - name: web\n    replicas:\n      - {at: 10s, count: 12}\n", "  ["+many(40_000, "{name: wN, initial: 1}")+"]\n"),
	"unknown keys":       document + strings.ReplaceAll(many(190_000, "kN: 1"), ", ", "\n") + "\n",
	"unknown variables":  with("    count: 3", "    cni: {"+many(90_000, "WARMN: 1")+"}"),
	"variants":           document + "variants: [" + many(60_000, "{name: vN}") + "]\n",
	"variants that set":  document + "variants: [" + many(30_000, "{name: vN, set: {duration: 1}}") + "]\n",
	"merge keys":         "a: &a {" + many(90_000, "kN: 1") + "}\nb: {<<: *a, " + many(90_000, "lN: 1") + "}\n",
	"nested lists":       strings.Repeat("[", MostBytes),
	"nested entries":     strings.Repeat("- ", MostBytes/2),
	"nested mappings":    strings.Repeat("{a: ", MostBytes/4),
	"a long key":         document + strings.Repeat("k", 3<<20) + ": 1\n",
	"a long value":       document + "seed: " + strings.Repeat("1", 3<<20) + "\n",
	"a long name":        with("name: small", "name: "+strings.Repeat("a", 3<<20)),
	"an empty list":      strings.Repeat("-\n", MostBytes/2),
	"breaks":             strings.Repeat("\r", MostBytes),
	"aliases":            aliases(),
}

func aliases() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		text += strings.ReplaceAll(strings.ReplaceAll("aN: &aN [*aM, *aM, *aM, *aM, *aM, *aM, *aM, *aM]\n", "N", fmt.Sprint(i)), "M", fmt.Sprint(i-1))
	}
	return text
}

// What is allocated measures the work as well as the memory, and unlike time
// it is the same on a machine that is busy.
func TestWhateverAFileHoldsIsAnsweredWithinBounds(t *testing.T) {
	for name, text := range hostile {
		if len(text) > MostBytes {
			t.Errorf("%s: %d bytes are refused for their size", name, len(text))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Load("f.yaml", []byte(text))
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, p := range problems {
			_ = p.String()
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 500 {
			t.Errorf("%s: %d MiB were allocated", name, got)
		}
		if len(problems) > maxProblems+1 {
			t.Errorf("%s: %d problems", name, len(problems))
		}
		if got := len(err.Error()); got > 1<<20 {
			t.Errorf("%s: an error of %d bytes", name, got)
		}
	}
}

func TestFiftyProblemsAreEnough(t *testing.T) {
	_, err := Load("f.yaml", []byte(document+strings.ReplaceAll(many(60, "kN: 1"), ", ", "\n")+"\n"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != maxProblems+1 || !strings.Contains(problems[maxProblems].Message, "these are 50 problems") {
		t.Errorf("got %d problems: %v", len(problems), err)
	}
}

func TestAPositionIsWhereTheParserSeesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := document
		for range rapid.IntRange(0, 6).Draw(t, "breaks") {
			brk := rapid.SampledFrom([]string{"\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029"}).Draw(t, "break")
			switch rapid.IntRange(0, 2).Draw(t, "where") {
			case 0:
				text = text[:0] + "# a comment" + brk + text
			case 1:
				text = strings.Replace(text, "\n", brk, 1)
			default:
				text += brk
			}
		}
		text += "unknown: 1\n"
		if rapid.Bool().Draw(t, "mark") {
			text = "\uFEFF" + text
		}
		_, err := Load("f.yaml", []byte(text))
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Fatalf("%q: %v", text, err)
		}
		if p := problems[0]; p.Source != "unknown: 1" || p.Column != 1 {
			t.Fatalf("%q: line %d, column %d is %q", text, p.Line, p.Column, p.Source)
		}
	})
}

// traceErr reads a trace and returns what is wrong with it.
func traceErr(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pods.csv"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := traceFile(dir, "pods.csv")
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestATraceIsReadWithinBounds(t *testing.T) {
	for content, want := range map[string]string{
		"\uFEFFcreated_s,lifetime_s\n1,2\n":                                      "",
		"\uFEFFcreated_s,lifetime_s\n1,x\n":                                      "pods.csv:2:3: lifetime_s: \"x\" is not a number",
		"\uFEFFcreated_s,lifetime\n1,2\n":                                        "pods.csv:1:11: unknown column \"lifetime\"",
		"created_s,lifetime_s,created_s\n1,2,3\n":                                "pods.csv:1:22: the column created_s is given twice",
		"created_s,lifetime_s\r1,2\r":                                            "lines end in a carriage return alone",
		"created_s,lifetime_s\n1,2\n1," + strings.Repeat("2", 1<<20) + "\n3,4\n": "pods.csv:3:1: a row of more than 64 KiB",
		"created_s,lifetime_s\n\"1" + strings.Repeat("\n", 1<<20) + "\",2\n":     "a row of more than 64 KiB",
		strings.Repeat("x", 1<<20):                                               "no trace of pods: a header was expected",
	} {
		got := traceErr(t, content)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%.60q: got %.200q, want %q", content, got, want)
		}
	}
}

func TestWhatIsNoTraceIsNotShown(t *testing.T) {
	for _, secret := range []string{"root:secret:0:0\n", "secret,secret\n1,2\n", "\"secret\n", "sec\"ret\n"} {
		if got := traceErr(t, secret); got == "" || strings.Contains(got, "secret") || strings.Contains(got, "sec\"") {
			t.Errorf("%q: %s", secret, got)
		}
	}
}

func TestATraceIsARegularFile(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{"/dev/zero", fifo, dir} {
		if _, err := traceFile(dir, path); err == nil || !bytes.Contains([]byte(err.Error()), []byte("not a CSV file")) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
