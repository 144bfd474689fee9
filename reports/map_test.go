package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/inspect"
)

func mapOf(t *testing.T, set ...string) *inspect.AddressMaps {
	t.Helper()
	v := scenariotest.Shipped(t, "hello", scenarios.Options{Set: set})[0]
	m, err := inspect.Addresses(context.Background(), v, 1, []time.Duration{time.Minute}, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A block is shown as free only where a prefix fits.
func TestAMapOfBlocksShowsWhereAPrefixFits(t *testing.T) {
	m := mapOf(t, "vpc.subnets.private-a.cidr=10.0.0.0/19")
	s := &m.Moments[0].Subnets[0]
	cells, blocks := mapCells(s)
	if n := bytes.Count(cells, []byte{inspect.LetterFree}); !blocks || n != s.FreeBlocks || n == len(cells) {
		t.Errorf("%d of %d cells are free, and %d blocks", n, len(cells), s.FreeBlocks)
	}
	if cells, blocks := mapCells(&mapOf(t).Moments[0].Subnets[0]); blocks || len(cells) != 256 {
		t.Errorf("a /24 has %d cells", len(cells))
	}
}

// Lines that are free are said once, and the others are all there.
func TestLinesOfAMapThatAreFreeAreSaidOnce(t *testing.T) {
	m := mapOf(t, "vpc.subnets.private-a.cidr=10.0.0.0/16", "nodeGroups.workers.count=1")
	var b strings.Builder
	if err := Map(&b, m, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	lines, said := 0, 0
	for line := range strings.Lines(b.String()) {
		var more int
		if strings.HasPrefix(line, "  10.0.") {
			lines++
		} else if n, err := fmt.Sscanf(strings.TrimSpace(line), "and %d line", &more); n == 1 && err == nil {
			said += more
		}
	}
	if lines+said != 64 || said == 0 {
		t.Errorf("%d lines are shown and %d said, of 64:\n%s", lines, said, b.String())
	}
}

// What a picture is drawn of it says in words, and in grey no two holders are
// alike: they differ in their mark, or by a fifth of the scale.
func TestHoldersAreToldApartInGrey(t *testing.T) {
	grey := func(h mapHolder) int {
		return (299*int(h.color.R) + 587*int(h.color.G) + 114*int(h.color.B)) / 1000
	}
	for i, a := range mapHolders {
		for _, b := range mapHolders[:i] {
			if d := grey(a) - grey(b); a.mark == b.mark && d > -51 && d < 51 {
				t.Errorf("%s and %s are alike in grey: %d and %d", a.name, b.name, grey(a), grey(b))
			}
		}
	}
	p := newMapPicture(mapOf(t))
	var svg bytes.Buffer
	if err := p.svg(&svg); err != nil || wellFormed(svg.Bytes()) != nil || !strings.Contains(svg.String(), "<desc>private-a  10.0.0.0/24, zone a, at 1m: ") {
		t.Errorf("%v, %.300s", err, svg.String())
	}
}

// JSON has all that the picture has.
func TestAMapsJSONIsWhole(t *testing.T) {
	text, err := json.Marshal(mapOf(t))
	if err != nil || !strings.Contains(string(text), `"addresses":"4r`) || !strings.Contains(string(text), `"free_blocks":`) {
		t.Errorf("%v %.400s", err, text)
	}
}
