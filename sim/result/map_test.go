package result

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Cells are read as they were written, and a block is free only where all of it
// is.
func TestCellsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := 1 << rapid.IntRange(4, 9).Draw(t, "size")
		m := SubnetMap{CIDR: "10.0.0.0/23", CellAddresses: 1}
		var cells []byte
		for len(cells) < size {
			letter := rapid.SampledFrom([]byte(".aw")).Draw(t, "letter")
			cells = append(cells, bytes.Repeat([]byte{letter}, rapid.IntRange(1, 40).Draw(t, "run"))...)
		}
		cells = cells[:size]
		m.Cells = WriteCells(cells)
		if read, err := ReadCells(m.Cells, size); err != nil || !bytes.Equal(read, cells) || !bytes.Equal(m.Letters(), cells) {
			t.Fatalf("%q became %q: %v", cells, read, err)
		}
		if _, err := ReadCells(m.Cells, size-1); err == nil {
			t.Fatal("more cells than there may be")
		}
		blocks := m.InBlocks()
		for i, letter := range blocks.Letters() {
			block := cells[16*i : 16*i+16]
			n := bytes.Count(block, []byte{LetterFree})
			if (letter == LetterFree) != (n == 16) || (letter == LetterBroken) && n < 6 || n > 8 && n < 16 && letter != LetterBroken {
				t.Fatalf("%q is %c", block, letter)
			}
		}
	})
}

// A map that was read has a cell for each address, and nothing else.
func TestAMapIsChecked(t *testing.T) {
	good := SubnetMap{CIDR: "10.0.0.0/24", Usable: 251, CellAddresses: 1, Cells: "4r251.1A", Others: map[string]string{"A": "nat"}}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(m *SubnetMap){
		"an IPv4 block was expected":                    func(m *SubnetMap) { m.CIDR = "fd00::/64" },
		"a /16 to a /28 was expected":                   func(m *SubnetMap) { m.CIDR = "10.0.0.0/8" },
		"cell_addresses: 1 or 16 was expected, found 7": func(m *SubnetMap) { m.CellAddresses = 7 },
		"cells: 255, where a 10.0.0.0/24 has 256":       func(m *SubnetMap) { m.Cells = "255." },
		"more than 256 cells":                           func(m *SubnetMap) { m.Cells = "99999999999999999999." },
		"a letter without a number before it":           func(m *SubnetMap) { m.Cells = "r" },
		"a number without a letter after it":            func(m *SubnetMap) { m.Cells = "256" },
		`nobody has the letter 'B'`:                     func(m *SubnetMap) { m.Cells = "4r251.1B" },
		"others: capitals and names were expected":      func(m *SubnetMap) { m.Others["a"] = "nat" },
		"numbers of addresses were expected":            func(m *SubnetMap) { m.Free = -1 },
		"more than 16 cells":                            func(m *SubnetMap) { m.CellAddresses = 16 },
	} {
		bad := good
		bad.Others = map[string]string{"A": "nat"}
		spoil(&bad)
		if err := bad.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}
