package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
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
	s := shown(&m.Moments[0].Subnets[0], mapAddresses)
	cells := s.Letters()
	if n := bytes.Count(cells, []byte{result.LetterFree}); s.CellAddresses != 16 || n != s.FreeBlocks || n == len(cells) {
		t.Errorf("%d of %d cells are free, and %d blocks", n, len(cells), s.FreeBlocks)
	}
	small := shown(&mapOf(t).Moments[0].Subnets[0], mapAddresses)
	if small.CellAddresses != 1 || len(small.Letters()) != 256 {
		t.Errorf("a /24 has %d cells", len(small.Letters()))
	}
}

// Lines that are free are said once, and the others are all there.
func TestLinesOfAMapThatAreFreeAreSaidOnce(t *testing.T) {
	m := mapOf(t, "vpc.subnets.private-a.cidr=10.0.0.0/16", "nodeGroups.workers.count=1")
	var b strings.Builder
	if err := Map(&b, m, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	lines, said := 0, 0
	for line := range strings.Lines(b.String()) {
		var more int
		if len(line) > 81 {
			t.Errorf("longer than a line of a terminal: %s", line)
		}
		if strings.HasPrefix(line, "  .") {
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
		if a.color == white && a.mark != (mapMark{}) {
			t.Errorf("%s: white is the ground, and is not drawn", a.name)
		}
		for _, b := range mapHolders[:i] {
			if d := grey(a) - grey(b); a.mark == b.mark && d > -51 && d < 51 {
				t.Errorf("%s and %s are alike in grey: %d and %d", a.name, b.name, grey(a), grey(b))
			}
		}
	}
	p := newMapPicture(mapOf(t))
	var svg bytes.Buffer
	if err := p.svg(&svg); err != nil || wellFormed(svg.Bytes()) != nil || !strings.Contains(svg.String(), "<desc>private-a 10.0.0.0/24, zone a, at 1m: ") {
		t.Errorf("%v, %.300s", err, svg.String())
	}
}

// A legend counts every address of the subnets once, and says from what to what
// where there are several moments.
func TestALegendCountsEachAddressOnce(t *testing.T) {
	used := "vpc.subnets.private-a.used"
	m := mapOf(t, "vpc.subnets.private-a.cidr=10.0.0.0/23", used+"=[{count: 3, holder: nat}, {count: 9, holder: leaked}, {count: 2}]")
	s := &m.Moments[0].Subnets[0]
	list := []*result.SubnetMap{s}
	sum := 0
	holders := holdersOf(list)
	for i := range holders {
		n := holders[i].held(list)
		if n != bytes.Count(s.Letters(), []byte{holders[i].letter}) || n == 0 {
			t.Errorf("%s: %d", holders[i].name, n)
		}
		sum += n
	}
	if sum != 512 || len(holders) < 8 {
		t.Errorf("%d addresses in %d entries", sum, len(holders))
	}
	before := *s
	before.Held.Warm++
	warm := mapHolder{letter: result.LetterWarm}
	if text := mapCount(&warm, []*result.SubnetMap{&before}, list, true); text != fmt.Sprintf(": %d → %d", s.Held.Warm+1, s.Held.Warm) {
		t.Errorf("%q", text)
	}
}

// Whatever the number of moments and the length of names, texts of a picture stay in
// their place.
func TestPicturesOfMapsHaveRoomForTheirText(t *testing.T) {
	m := mapOf(t)
	s := m.Moments[0].Subnets[0]
	s.Name = strings.Repeat("long-", 40)
	m.Moments = slices.Repeat([]inspect.AddressMap{{AtSeconds: 1e7, Subnets: []result.SubnetMap{s}}}, 12)
	p := newMapPicture(m)
	if n := len(p.sections[0].rows()); n != 2 {
		t.Errorf("12 moments stand in %d rows", n)
	}
	for _, panel := range p.sections[0].panels {
		x, _ := panel.at(panel.columns - 1)
		if width := x + panel.cell; width > mapRoom(12) {
			t.Errorf("a panel of %v where there are %v", width, mapRoom(12))
		}
	}
	var svg bytes.Buffer
	if err := p.svg(&svg); err != nil || wellFormed(svg.Bytes()) != nil || !strings.Contains(svg.String(), "…") {
		t.Error(err)
	}
}

// JSON has all that the picture has.
func TestAMapsJSONIsWhole(t *testing.T) {
	m := mapOf(t, "vpc.subnets.private-a.used=[{count: 3, holder: nat}]")
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var read inspect.AddressMaps
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(&read, m) || !bytes.Contains(text, []byte(`"others":{"A":"nat"}`)) {
		t.Errorf("%v %.400s", err, text)
	}
}
