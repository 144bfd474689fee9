package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// golden compares text with a file of testdata, or with -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to make it)", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	i := 0
	for i < min(len(gotLines), len(wantLines))-1 && gotLines[i] == wantLines[i] {
		i++
	}
	t.Errorf("%s differs from line %d on (run the test with -update if that is meant)\n got: %s\nwant: %s", path, i+1, gotLines[i], wantLines[i])
}

// written is what a report writes.
func written(t *testing.T, report func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func table(t *testing.T, r *result.Result, opts TableOptions) string {
	return string(written(t, func(w io.Writer) error { return Table(w, r, opts) }))
}

func TestReportsLookAsTheGoldenFiles(t *testing.T) {
	one := burst()
	one.Variants = one.Variants[:1]
	calm := burst()
	calm.Variants = calm.Variants[1:]
	for _, test := range []struct {
		file   string
		report func(io.Writer) error
	}{
		{"burst.txt", func(w io.Writer) error { return Table(w, burst(), TableOptions{}) }},
		{"burst-wide.txt", func(w io.Writer) error { return Table(w, burst(), TableOptions{Wide: true, Width: 120}) }},
		{"burst-color.txt", func(w io.Writer) error { return Table(w, burst(), TableOptions{Color: true}) }},
		{"one-variant.txt", func(w io.Writer) error { return Table(w, one, TableOptions{}) }},
		{"calm.txt", func(w io.Writer) error { return Table(w, calm, TableOptions{}) }},
		{"quiet.txt", func(w io.Writer) error { return Table(w, oneQuiet(), TableOptions{}) }},
		{"many.txt", func(w io.Writer) error { return Table(w, many(), TableOptions{Width: 110}) }},
		{"burst.json", func(w io.Writer) error { return JSON(w, burst()) }},
		{"burst.yaml", func(w io.Writer) error { return YAML(w, burst()) }},
		{"quiet.json", func(w io.Writer) error { return JSON(w, oneQuiet()) }},
	} {
		t.Run(test.file, func(t *testing.T) { golden(t, test.file, written(t, test.report)) })
	}
}

func TestColoursCarryNothingThatWordsDoNot(t *testing.T) {
	escape := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, r := range []*result.Result{burst(), oneQuiet(), many()} {
		colored := table(t, r, TableOptions{Color: true, Wide: true})
		if plain := table(t, r, TableOptions{Wide: true}); escape.ReplaceAllString(colored, "") != plain {
			t.Errorf("%s: without its escape sequences the coloured table differs from the plain one", r.Scenario)
		}
	}
	if strings.Contains(table(t, burst(), TableOptions{}), "\x1b") {
		t.Error("escape sequences although no colours were asked for")
	}
}

func TestTablesOfUpToFourVariantsFitTheirWidth(t *testing.T) {
	const width = 110
	r := many()
	for n := 1; n <= 4; n++ {
		some := *r
		some.Variants = r.Variants[:n]
		for line := range strings.Lines(table(t, &some, TableOptions{Width: width})) {
			if got := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("%d variants: a line of %d columns: %s", n, got, line)
			}
		}
	}
}

func TestLinesHaveNoTrailingSpaces(t *testing.T) {
	for _, r := range []*result.Result{burst(), oneQuiet(), many()} {
		for line := range strings.Lines(table(t, r, TableOptions{Wide: true})) {
			if line != strings.TrimRight(line, " \n")+"\n" {
				t.Errorf("%s: %q", r.Scenario, line)
			}
		}
	}
}

func TestTheFingerprintIsTheLastLine(t *testing.T) {
	for _, wide := range []bool{false, true} {
		text := table(t, burst(), TableOptions{Wide: wide})
		if !strings.HasSuffix(text, "\nfingerprint 7c1d2a90e5b34f68\n") {
			t.Errorf("the table ends with %q", text[max(0, len(text)-60):])
		}
	}
}

func TestJSONReadsBackAsTheResult(t *testing.T) {
	want := burst()
	text := written(t, func(w io.Writer) error { return JSON(w, want) })
	var got result.Result
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	again := written(t, func(w io.Writer) error { return JSON(w, &got) })
	if !bytes.Equal(text, again) {
		t.Error("JSON of the result that was read differs from the JSON that it was read from")
	}
	if got.Seed != want.Seed || !reflect.DeepEqual(got.Variants[0].Pods, want.Variants[0].Pods) {
		t.Errorf("read back %+v", got)
	}
}

func TestJSONHasNoNullButUnobservedValues(t *testing.T) {
	for _, r := range []*result.Result{burst(), oneQuiet(), {}} {
		for line := range strings.Lines(string(written(t, func(w io.Writer) error { return JSON(w, r) }))) {
			if strings.Contains(line, "null") && !unobserved.MatchString(line) {
				t.Errorf("%s: %s", r.Scenario, line)
			}
		}
	}
}

// unobserved are values that may be null.
var unobserved = regexp.MustCompile(`"(value|mean|min|p50|p90|p99|max|before|after)": null`)

func TestWritingJSONChangesNothing(t *testing.T) {
	r := oneQuiet()
	written(t, func(w io.Writer) error { return JSON(w, r) })
	if !reflect.DeepEqual(r, oneQuiet()) {
		t.Errorf("the result is now %+v", r)
	}
}

func TestYAMLSaysWhatJSONSays(t *testing.T) {
	r := burst()
	// Strings that YAML would take for something else.
	r.Fingerprint, r.Version, r.Variants[0].Name = "123e4567", "1.10", "no"
	var fromJSON, fromYAML any
	if err := yaml.Unmarshal(written(t, func(w io.Writer) error { return JSON(w, r) }), &fromJSON); err != nil {
		t.Fatal(err)
	}
	text := written(t, func(w io.Writer) error { return YAML(w, r) })
	if err := yaml.Unmarshal(text, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromJSON, fromYAML) {
		t.Errorf("YAML differs:\n%s", text)
	}
	if head := bytes.ReplaceAll(text[:200], []byte("[]"), nil); bytes.ContainsAny(head, "{[") {
		t.Errorf("not in block style: %s", text[:200])
	}
}

func TestQuantilesOfAHistogramAreSaidToBe(t *testing.T) {
	r := burst()
	shown := func() string {
		var b bytes.Buffer
		if err := Table(&b, r, TableOptions{Width: 200}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const note = "p50, p90 and p99 of "
	if strings.Contains(shown(), note) {
		t.Error("exact quantiles are said to be of a histogram")
	}
	r.Variants[1].Nodes.Ready.FromHistogram = true
	if want := note + r.Variants[1].Name + " are from a histogram, known to 1/128: there were more than 1,048,576 durations."; !strings.Contains(shown(), want) {
		t.Errorf("the table does not say %q:\n%s", want, shown())
	}
}

// The policy by which fleets get their zone is said where there is a choice, for
// the variants that it holds for.
func TestThePolicyOfZonesIsSaid(t *testing.T) {
	scenario := func(kind, policy, second string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"autoscaler": {"kind": %q}, "ec2": {"allocation": {"fleetZone": %q}}, "vpc": {"subnets": [{"az": "a"}, {"az": %q}]}}`, kind, policy, second))
	}
	for _, tc := range []struct {
		scenario json.RawMessage
		want     string
	}{
		{scenario("karpenter", "random", "b"), "zone of a fleet request: random, another one for each request"},
		{scenario("karpenter", "fixed", "b"), "zone of a fleet request: fixed, always that of the first subnet"},
		{scenario("karpenter", "most-free", "b"), "zone of a fleet request: most-free, that of the subnet"},
		{scenario("karpenter", "random", "a"), ""},
		{scenario("cluster-autoscaler", "random", "b"), ""},
		{json.RawMessage(`{}`), ""},
	} {
		r := oneQuiet()
		r.Variants[0].Scenario = tc.scenario
		var out strings.Builder
		if err := Table(&out, r, TableOptions{Width: 1000}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "zone of a fleet request"); got != (tc.want != "") || !strings.Contains(out.String(), tc.want) {
			t.Errorf("%s: want %q in\n%s", tc.scenario, tc.want, out.String())
		}
	}
}
