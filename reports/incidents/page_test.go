package incidents

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim/incident"
)

//go:generate go test . -run TestThePageIsOfTheIncidents -update

var update = flag.Bool("update", false, "rewrite validation/INCIDENTS.md")

const pagePath = "../../validation/INCIDENTS.md"

// validated is a run of all shipped incidents, which tests share.
func validated(t *testing.T) *incident.Report {
	t.Helper()
	r, err := incident.Validate(t.Context(), scenarios.Incidents(), incident.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The page is what the incidents come to now, and each number comes out as its file
// has it recorded.
func TestThePageIsOfTheIncidents(t *testing.T) {
	r := validated(t)
	for i := range r.Cases {
		switch c := &r.Cases[i]; {
		case !c.Inside && c.Outside == "":
			t.Errorf("%s, %s: %s is outside of %s, and its file does not say so", c.Name, c.Metric, simulated(c), between(c))
		case c.Inside && c.Outside != "":
			t.Errorf("%s, %s: %s is inside of %s: take the note that it is not out of its file", c.Name, c.Metric, simulated(c), between(c))
		}
	}
	var page bytes.Buffer
	if err := Markdown(&page, r); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(pagePath, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(pagePath); err != nil || !bytes.Equal(got, page.Bytes()) {
		t.Errorf("%s is not what the incidents come to: go generate ./reports/incidents (%v)", pagePath, err)
	}
}

// Numbers are written for people: three digits, thousands apart.
func TestNumbersAreWrittenForPeople(t *testing.T) {
	for _, c := range []struct {
		x    float64
		unit string
		want string
	}{
		{0, "", "0"}, {0.004, "s", "0.004 s"}, {0.22, "", "0.22"}, {1.5, "s", "1.5 s"}, {12.345, "s", "12.3 s"}, {175.138, "s", "175 s"},
		{999.6, "s", "1,000 s"}, {1050, "s", "1,050 s"}, {12273, "", "12,273"}, {100, "", "100"},
	} {
		if got := number(c.x, c.unit); got != c.want {
			t.Errorf("%v is written %q, want %q", c.x, got, c.want)
		}
	}
}

// What is outside without a note is said to be against what its file says.
func TestTextNamesWhatIsOutside(t *testing.T) {
	low, high, value := 1.0, 2.0, 3.0
	r := &incident.Report{Incidents: []incident.Incident{{Name: "incidents/x"}}, Cases: []incident.Case{
		{Name: "incidents/x", What: "a", Metric: "m max", Unit: "s", Low: &low, High: &high, Simulated: &value, Reason: "why"},
		{Name: "incidents/x", What: "b", Metric: "n max", Low: &low, Never: true, Inside: true},
		{Name: "incidents/x", What: "c", Metric: "o max", High: &high, Outside: "the cause"},
		{Name: "incidents/x", What: "d", Metric: "p max", Low: &low, High: &low, Inside: true, Outside: "old"},
	}}
	var b bytes.Buffer
	if err := Text(&b, r, 80); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"outside  x         m max   0 s       1 to 2 s    3 s", "at least 1  never", "at most 2   not observed", "exactly 1", "x, c (outside):\n  the cause\n",
		"the file of the scenario has it as inside. Its range: why", "is inside, and its file says that it is not: old",
		"2 of 4 numbers of 1 incident inside what was reported, 2 outside, 1 of them against what the files say.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
}
