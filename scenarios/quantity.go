package scenarios

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"ipamsim/internal/portable"
)

// Prefix is an IPv4 block, written 10.0.0.0/16. A single address is a /32.
type Prefix struct{ netip.Prefix }

// parsePrefix reads a block whose host bits are zero, or an address.
func parsePrefix(s string) (Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		if !addr.Is4() {
			return Prefix{}, fmt.Errorf("%s is an IPv6 address: only IPv4 is modelled", s)
		}
		return Prefix{netip.PrefixFrom(addr, 32)}, nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return Prefix{}, fmt.Errorf("not an IPv4 block: write an address and a length, such as 10.0.0.0/16")
	case !p.Addr().Is4():
		return Prefix{}, fmt.Errorf("%s is an IPv6 block: only IPv4 is modelled", s)
	case p != p.Masked():
		return Prefix{}, fmt.Errorf("%s is an address inside a block, not a block; did you mean %s?", s, p.Masked())
	}
	return Prefix{p}, nil
}

// String is the block, or the bare address of a /32.
func (p Prefix) String() string {
	if p.Bits() == 32 {
		return p.Addr().String()
	}
	return p.Prefix.String()
}

// Size is the number of addresses in the block.
func (p Prefix) Size() int { return 1 << (32 - p.Bits()) }

// contains reports whether all of q lies in p.
func (p Prefix) contains(q Prefix) bool {
	return p.Bits() <= q.Bits() && p.Prefix.Contains(q.Addr())
}

// MarshalYAML writes the form that is read.
func (p Prefix) MarshalYAML() (any, error) { return p.String(), nil }

// CPU is an amount of processor in thousandths of a core, written 250m, 2 or
// 1.5.
type CPU int64

var cpuPattern = regexp.MustCompile(`^(\d+m|\d+(\.\d+)?)$`)

// parseCPU reads a CPU.
func parseCPU(s string) (CPU, error) {
	if !cpuPattern.MatchString(s) {
		return 0, fmt.Errorf("not an amount of CPU: write cores or thousandths of one, such as 2, 1.5 or 250m")
	}
	number, scale := s, 1000.0
	if n, ok := strings.CutSuffix(s, "m"); ok {
		number, scale = n, 1
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || v*scale > 1e9 {
		return 0, fmt.Errorf("more CPU than a machine has: at most 1000000 cores")
	}
	return CPU(portable.Int64(math.Round(v * scale))), nil
}

// String is the amount in whole cores, or in thousandths.
func (c CPU) String() string {
	if c%1000 == 0 {
		return strconv.FormatInt(int64(c/1000), 10)
	}
	return strconv.FormatInt(int64(c), 10) + "m"
}

// MarshalYAML writes the form that is read.
func (c CPU) MarshalYAML() (any, error) { return c.String(), nil }

// Memory is an amount of memory in bytes, written 512Mi or 2Gi.
type Memory int64

var memoryUnits = []struct {
	suffix string
	bytes  float64
}{{"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}

var memoryPattern = regexp.MustCompile(`^(0|\d+(\.\d+)?(Ti|Gi|Mi|Ki|T|G|M|k))$`)

// parseMemory reads a Memory. A number without a unit is an error, 0 aside.
func parseMemory(s string) (Memory, error) {
	if !memoryPattern.MatchString(s) {
		if memoryPattern.MatchString(s + "Mi") {
			return 0, fmt.Errorf("%s has no unit: write memory with one, such as %sMi or %sGi", s, s, s)
		}
		return 0, fmt.Errorf("not an amount of memory: write a number and a unit (Ki, Mi, Gi, Ti), such as 512Mi or 2Gi")
	}
	for _, u := range memoryUnits {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			v, err := strconv.ParseFloat(number, 64)
			if err != nil || v*u.bytes > 1<<50 {
				return 0, fmt.Errorf("more memory than a machine has: at most 1024Ti")
			}
			return Memory(portable.Int64(math.Round(v * u.bytes))), nil
		}
	}
	return 0, nil
}

// String is the amount in the largest unit that divides it.
func (m Memory) String() string {
	for _, u := range memoryUnits[:4] {
		if n := portable.Int64(u.bytes); m != 0 && int64(m)%n == 0 {
			return strconv.FormatInt(int64(m)/n, 10) + u.suffix
		}
	}
	if m == 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(m)/1e3, 'f', -1, 64) + "k"
}

// MarshalYAML writes the form that is read.
func (m Memory) MarshalYAML() (any, error) { return m.String(), nil }

var numberForm = regexp.MustCompile(`^[-+]?(\d+(\.\d*)?|\.\d+)$`)

// isNumber says whether a text is decimal digits that lack only a unit.
func isNumber(s string) bool { return numberForm.MatchString(s) }
