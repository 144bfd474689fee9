package result

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// SubnetMap is who has each address of a subnet at a moment, the lowest address
// first.
type SubnetMap struct {
	Name       string `json:"name"`
	Zone       string `json:"zone"`
	CIDR       string `json:"cidr"`
	Usable     int    `json:"usable"`      // without the five that AWS keeps
	Free       int    `json:"free"`        // addresses
	FreeBlocks int    `json:"free_blocks"` // aligned /28 blocks that EC2 would choose a prefix from
	Held       Held   `json:"held"`

	CellAddresses int `json:"cell_addresses"` // of a cell: 1, or 16 where a cell is a /28 block
	// Cells are written as letters, before each how many equal cells follow one
	// another: 4r1a251. is four of AWS, one on a pod and 251 free ones. A block
	// is what most of its addresses are.
	Cells string `json:"cells"`
	// Others are the letters of those who are not of the fleet, where the
	// scenario says who they are.
	Others map[string]string `json:"others,omitempty"`
}

// The letters of a map. Others that have a name have capitals, from A on, in the
// order of the names.
const (
	LetterFree      = '.'
	LetterBroken    = ',' // a cell of which most addresses are free, and not all: of a block no prefix comes
	LetterPod       = 'a'
	LetterCooling   = 'c'
	LetterWarm      = 'w'
	LetterPrimary   = 'p'
	LetterUnmanaged = 'u' // on an interface that no daemon knows
	LetterOthers    = 'o'
	LetterAWS       = 'r'

	// LetterInterface is of the maps over time alone, which do not tell what is
	// without a pod apart.
	LetterInterface = 'i'
)

// letters are those that mean the same in every map.
const letters = string(LetterFree) + string(LetterBroken) + string(LetterPod) + string(LetterCooling) + string(LetterWarm) + string(LetterPrimary) + string(LetterUnmanaged) + string(LetterOthers) + string(LetterAWS)

// BlockAddresses is how many addresses a prefix has.
const BlockAddresses = 16

// The least and the most addresses that a subnet has: AWS's
// /28 to /16.
const (
	leastSubnet = 1 << 4
	mostSubnet  = 1 << 16
)

// WriteCells is how cells are written.
func WriteCells(letters []byte) string {
	var text []byte
	for i := 0; i < len(letters); {
		run := i
		for run < len(letters) && letters[run] == letters[i] {
			run++
		}
		text = append(strconv.AppendInt(text, int64(run-i), 10), letters[i])
		i = run
	}
	return string(text)
}

// ReadCells is WriteCells' inverse for at most so many cells; what is more, and a
// text that ends on a number, is an error.
func ReadCells(text string, most int) (letters []byte, err error) {
	n := 0
	letters = make([]byte, 0, most)
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' {
			if n = 10*n + int(c-'0'); n > most {
				return nil, fmt.Errorf("more than %d cells", most)
			}
			continue
		}
		if n == 0 {
			return nil, errors.New("a letter without a number before it")
		}
		if n > most-len(letters) {
			return nil, fmt.Errorf("more than %d cells", most)
		}
		for range n {
			letters = append(letters, c)
		}
		n = 0
	}
	if n != 0 {
		return nil, errors.New("a number without a letter after it")
	}
	return letters, nil
}

// Letters are those of the cells, one each; those of a map that came through
// check, or of one's own.
func (s *SubnetMap) Letters() []byte {
	letters, _ := ReadCells(s.Cells, s.Addresses()/s.CellAddresses)
	return letters
}

// Addresses is how many the subnet has.
func (s *SubnetMap) Addresses() int {
	p, err := netip.ParsePrefix(s.CIDR)
	if err != nil {
		return 0 // there is none: check and one's own
	}
	return 1 << (32 - p.Bits())
}

// Kept is what AWS keeps of each subnet.
func (s *SubnetMap) Kept() int { return s.Addresses() - s.Usable }

// InBlocks is the map with a cell for each /28 block.
func (s *SubnetMap) InBlocks() SubnetMap {
	out := *s
	if s.CellAddresses == 1 {
		letters := s.Letters()
		cells := make([]byte, 0, len(letters)/BlockAddresses)
		for i := 0; i < len(letters); i += BlockAddresses {
			cells = append(cells, blockLetter(letters[i:i+BlockAddresses]))
		}
		out.CellAddresses, out.Cells = BlockAddresses, WriteCells(cells)
	}
	return out
}

// blockLetter is what most addresses of a block are; of equal parts free ones go
// first, then the lowest address.
func blockLetter(block []byte) byte {
	var of [256]uint8
	for _, l := range block {
		of[l]++
	}
	most := byte(LetterFree)
	for _, l := range block {
		if of[l] > of[most] {
			most = l
		}
	}
	if most == LetterFree && of[most] < BlockAddresses {
		return LetterBroken
	}
	return most
}

func (s *SubnetMap) check() error {
	p, err := netip.ParsePrefix(s.CIDR)
	if err != nil || !p.Addr().Is4() {
		return fmt.Errorf("cidr: an IPv4 block was expected, found %q", s.CIDR)
	}
	size := 1 << (32 - p.Bits())
	if size < leastSubnet || size > mostSubnet {
		return fmt.Errorf("cidr: a /16 to a /28 was expected, found %s", s.CIDR)
	}
	if s.CellAddresses != 1 && s.CellAddresses != BlockAddresses {
		return fmt.Errorf("cell_addresses: 1 or %d was expected, found %d", BlockAddresses, s.CellAddresses)
	}
	cells, err := ReadCells(s.Cells, size/s.CellAddresses)
	switch {
	case err != nil:
		return fmt.Errorf("cells: %w", err)
	case len(cells) != size/s.CellAddresses:
		return fmt.Errorf("cells: %d, where a %s has %d", len(cells), s.CIDR, size/s.CellAddresses)
	case !counts(s.Usable, s.Free, s.FreeBlocks):
		return errors.New("numbers of addresses were expected")
	}
	for letter, name := range s.Others { // any order: there is one message
		if len(letter) != 1 || letter[0] < 'A' || letter[0] > 'Z' || name == "" {
			return errors.New("others: capitals and names were expected")
		}
	}
	for _, l := range cells {
		if !known(l, s.Others) {
			return fmt.Errorf("cells: nobody has the letter %q", l)
		}
	}
	return nil
}

func known(letter byte, others map[string]string) bool {
	return strings.IndexByte(letters, letter) >= 0 || others[string(rune(letter))] != ""
}
