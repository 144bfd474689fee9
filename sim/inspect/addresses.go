package inspect

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// mapSchema is the version of AddressMaps' JSON.
const mapSchema = "ipamsim.map/v1"

// AddressMaps are who holds each address of the subnets at some moments of one
// run.
type AddressMaps struct {
	Head                 // its moment is the last
	Moments []AddressMap `json:"moments"`
}

// AddressMap is one moment.
type AddressMap struct {
	AtSeconds float64     `json:"at_seconds"`
	Subnets   []SubnetMap `json:"subnets"`
}

// SubnetMap is one subnet.
type SubnetMap struct {
	Name       string      `json:"name"`
	Zone       string      `json:"zone"`
	CIDR       string      `json:"cidr"`
	Usable     int         `json:"usable"`      // without the five that AWS keeps
	Free       int         `json:"free"`        // addresses
	FreeBlocks int         `json:"free_blocks"` // aligned /28 blocks that EC2 would choose a prefix from
	Held       result.Held `json:"held"`
	// Addresses are all of them in their order, each a letter, with the length of
	// each run of equal ones before it: 4r1a251. The letters: . free, a on a pod,
	// c cooling down, w warm, p primary of an interface, u on an interface that no
	// daemon knows, o others', r kept by AWS.
	Addresses string `json:"addresses"`

	letters []byte
	others  []string // by address, who the others are; nil where nobody is named
}

// The letters of a map.
const (
	LetterFree      = '.'
	LetterPod       = 'a'
	LetterCooling   = 'c'
	LetterWarm      = 'w'
	LetterPrimary   = 'p'
	LetterUnmanaged = 'u'
	LetterOthers    = 'o'
	LetterAWS       = 'r'
)

// Letters are those of the addresses, one each.
func (s *SubnetMap) Letters() []byte { return s.letters }

// Other is who the others are that hold an address; empty where nothing is said.
func (s *SubnetMap) Other(address int) string {
	if s.others == nil {
		return ""
	}
	return s.others[address]
}

// Addresses runs a variant and looks at its addresses at moments, which ascend.
func Addresses(ctx context.Context, v scenarios.Expanded, replication int, moments []time.Duration, opts Options) (*AddressMaps, error) {
	w, err := fleet.New(v, fleet.Options{Replication: replication - 1, TickIdle: opts.TickIdle})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	last := moments[len(moments)-1]
	m := &Snapshot{
		Version: opts.Version, Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: replication, Seed: v.Scenario.Seed, At: last, Fleet: w,
	}
	out := &AddressMaps{Head: m.head(mapSchema)}
	for _, at := range moments[:len(moments)-1] {
		w.Kernel.AtPriority(w.WarmUp+at, des.Late, func() { out.Moments = append(out.Moments, addressesOf(w, at)) })
	}
	if err := w.Run(ctx, w.WarmUp+last, fleet.NewTally(1, opts.Progress)); err != nil {
		return nil, err
	}
	out.Moments = append(out.Moments, addressesOf(w, last))
	return out, nil
}

// addressesOf looks at a fleet as it is now.
func addressesOf(w *fleet.Fleet, at time.Duration) AddressMap {
	m := AddressMap{AtSeconds: at.Seconds()}
	var cidrs []netip.Prefix
	for i, s := range w.Account.Subnets() {
		cidrs = append(cidrs, s.CIDR)
		m.Subnets = append(m.Subnets, subnetMap(w, i, s))
	}
	for _, machine := range w.Machines {
		if machine.Daemon == nil {
			continue
		}
		mark := func(letter byte) func(netip.Prefix) {
			return func(p netip.Prefix) {
				i := slices.IndexFunc(cidrs, func(c netip.Prefix) bool { return c.Contains(p.Addr()) })
				if i >= 0 {
					m.Subnets[i].mark(cidrs[i], p, letter)
				}
			}
		}
		single := func(letter byte) func(netip.Addr) {
			do := mark(letter)
			return func(a netip.Addr) { do(netip.PrefixFrom(a, a.BitLen())) }
		}
		machine.Daemon.Held(mark(LetterWarm))
		for _, a := range machine.Daemon.Cooling() {
			single(LetterCooling)(a.Address)
		}
		machine.Daemon.Assigned(single(LetterPod))
	}
	for i := range m.Subnets {
		m.Subnets[i].sum(w.Account.OthersIn(m.Subnets[i].Name))
	}
	return m
}

// subnetMap is the i-th subnet as EC2 has it: what is on interfaces is nobody's
// that a daemon knows, until the daemons have their say.
func subnetMap(w *fleet.Fleet, i int, state ec2model.SubnetState) SubnetMap {
	s := SubnetMap{
		Name: state.Name, Zone: w.Zone(state.Name), CIDR: state.CIDR.String(), Usable: state.Usable, Free: state.Free, FreeBlocks: state.FreeBlocks,
	}
	for o, by := range w.Account.Occupants(i) {
		s.letters = append(s.letters, map[ec2model.OccupantKind]byte{
			ec2model.Free: LetterFree, ec2model.KeptByAWS: LetterAWS, ec2model.HeldByOthers: LetterOthers, ec2model.Primary: LetterPrimary, ec2model.Secondary: LetterUnmanaged,
		}[by.Kind])
		if by.Name != "" && s.others == nil {
			s.others = make([]string, 1<<(32-state.CIDR.Bits()))
		}
		if by.Name != "" {
			s.others[o] = by.Name
		}
	}
	return s
}

// mark gives addresses of an interface their letter. A daemon may list what EC2
// has taken back a moment ago, or has given to somebody else: that stays theirs.
func (s *SubnetMap) mark(cidr, p netip.Prefix, letter byte) {
	first := offset(cidr, p.Addr())
	for o := first; o < first+1<<(32-p.Bits()); o++ {
		switch s.letters[o] {
		case LetterUnmanaged, LetterWarm, LetterCooling:
			s.letters[o] = letter
		}
	}
}

func offset(cidr netip.Prefix, a netip.Addr) int {
	number := func(a netip.Addr) uint32 {
		b := a.As4()
		return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	return int(number(a) - number(cidr.Masked().Addr()))
}

// sum counts the letters and writes them.
func (s *SubnetMap) sum(others map[string]int) {
	if others == nil {
		s.others = nil // the scenario names none
	}
	counts := map[byte]int{}
	var text []byte
	for i := 0; i < len(s.letters); {
		run := i
		for run < len(s.letters) && s.letters[run] == s.letters[i] {
			run++
		}
		counts[s.letters[i]] += run - i
		text = append(strconv.AppendInt(text, int64(run-i), 10), s.letters[i])
		i = run
	}
	s.Addresses = string(text)
	s.Held = result.Held{Holders: result.Holders{
		Assigned: counts[LetterPod], Cooling: counts[LetterCooling], Warm: counts[LetterWarm], Primaries: counts[LetterPrimary], Unmanaged: counts[LetterUnmanaged], Others: counts[LetterOthers],
	}, OthersBy: others}
}
