package tables

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
)

// Each line accounts for all usable addresses, and who the others are adds up to
// them at every moment.
func TestHoldersInCSVAddUp(t *testing.T) {
	variants := scenariotest.Shipped(t, "as-found", scenarios.Options{})
	r, err := sim.Run(context.Background(), variants, sim.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Addresses(&out, r); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := len(variants) * 2 * len(r.Variants[0].Series.AtSeconds); len(lines) != 1+want {
		t.Errorf("%d lines, not %d", len(lines)-1, want)
	}
	if head := strings.Join(lines[0], ","); !strings.Contains(head, ",others,others_control_plane,others_lambda,others_load_balancer,others_nat,others_unknown,free") {
		t.Errorf("the columns are %s", head)
	}
	moving := map[string]bool{}
	for _, line := range lines[1:] {
		usable, others, split := 0, 0, 0
		for i, name := range lines[0][3:] {
			n, err := strconv.Atoi(line[3+i])
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case strings.HasPrefix(name, "others_"):
				split += n
			case name == "others":
				others = n
				fallthrough
			default:
				usable += n
			}
		}
		if usable != 123 || split != others || others == 0 {
			t.Fatalf("%v: %d addresses, %d of others, of whom %d are told apart", line, usable, others, split)
		}
		moving[line[3]] = true
	}
	if len(moving) < 10 {
		t.Errorf("pods have %d different numbers of addresses over time", len(moving))
	}
}
