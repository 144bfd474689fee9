package measure

import (
	"net/netip"
	"slices"

	"ipamsim/ec2model"
	"ipamsim/sim/result"
)

// Addresses are who has each address of each subnet now.
func (c *Collector) Addresses() []result.SubnetMap {
	a := addresses{account: c.fleet.Account}
	names := a.account.OtherNames()
	for i, s := range a.account.Subnets() {
		a.maps = append(a.maps, result.SubnetMap{
			Name: s.Name, Zone: c.fleet.Zone(s.Name), CIDR: s.CIDR.String(), Usable: s.Usable, Free: s.Free, FreeBlocks: s.FreeBlocks, CellAddresses: 1,
		})
		a.cidrs = append(a.cidrs, s.CIDR)
		a.letters = append(a.letters, a.booked(i, names))
	}
	for _, machine := range c.fleet.Machines() {
		if d := machine.Daemon; d != nil {
			d.Held(func(p netip.Prefix) { a.mark(p, result.LetterWarm) })
			for _, cooling := range d.Cooling() {
				a.mark(single(cooling.Address), result.LetterCooling)
			}
			d.Assigned(func(address netip.Addr) { a.mark(single(address), result.LetterPod) })
		}
	}
	for i := range a.maps {
		a.sum(i)
	}
	return a.maps
}

// Holders are who holds the addresses of each subnet now, in the order of the
// configuration; the measurement has begun.
func (c *Collector) Holders() []result.Addresses {
	c.sampler.ledger.Look(c.fleet.Kernel.Now())
	states := c.fleet.Account.Subnets()
	list := make([]result.Addresses, len(states))
	for i, state := range states {
		list[i] = holders(state, c.sampler.ledger.Sums[i])
		list[i].AtSeconds = c.seconds(c.fleet.Kernel.Now())
	}
	return list
}

// addresses are maps that are being made.
type addresses struct {
	account *ec2model.Account
	cidrs   []netip.Prefix
	letters [][]byte // by subnet
	maps    []result.SubnetMap
	last    int // the subnet of the address before, where the next one may be, too
}

// letterOfKind is what an address is by the account's books. A secondary one is
// nobody's that a daemon knows, until the daemons have their say.
var letterOfKind = [...]byte{
	ec2model.Free: result.LetterFree, ec2model.KeptByAWS: result.LetterAWS, ec2model.HeldByOthers: result.LetterOthers,
	ec2model.Primary: result.LetterPrimary, ec2model.Secondary: result.LetterUnmanaged,
}

// booked are the i-th subnet's letters by the account's books; names are those of
// others.
func (a *addresses) booked(i int, names []string) []byte {
	letters := make([]byte, 1<<(32-a.cidrs[i].Bits()))
	a.account.Occupants(i, func(address int, by ec2model.Occupant) {
		letters[address] = letterOfKind[by.Kind]
		if by.Kind != ec2model.HeldByOthers {
			return
		}
		if at, named := slices.BinarySearch(names, by.Name); named {
			letters[address] = byte('A' + at)
			if a.maps[i].Others == nil {
				a.maps[i].Others = map[string]string{}
			}
			a.maps[i].Others[string(rune('A'+at))] = by.Name
		}
	})
	return letters
}

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// mark gives addresses of an interface their letter. A daemon may list what EC2
// has taken back a moment ago, or has given to somebody else: that stays theirs.
func (a *addresses) mark(p netip.Prefix, letter byte) {
	for range a.cidrs {
		if a.cidrs[a.last].Contains(p.Addr()) {
			first := offset(a.cidrs[a.last], p.Addr())
			for o, l := range a.letters[a.last][first : first+1<<(32-p.Bits())] {
				switch l {
				case result.LetterUnmanaged, result.LetterWarm, result.LetterCooling:
					a.letters[a.last][first+o] = letter
				}
			}
			return
		}
		a.last = (a.last + 1) % len(a.cidrs)
	}
}

// sum counts the letters of the i-th subnet and writes them.
func (a *addresses) sum(i int) {
	var n [256]int
	others := 0
	for _, l := range a.letters[i] {
		n[l]++
		if l == result.LetterOthers || l >= 'A' && l <= 'Z' {
			others++
		}
	}
	m := &a.maps[i]
	m.Cells = result.WriteCells(a.letters[i])
	m.Held = result.Held{Holders: result.Holders{
		Assigned: n[result.LetterPod], Cooling: n[result.LetterCooling], Warm: n[result.LetterWarm], Primaries: n[result.LetterPrimary], Unmanaged: n[result.LetterUnmanaged], Others: others,
	}, OthersBy: a.account.OthersIn(m.Name)}
}
