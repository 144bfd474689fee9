package ec2model

import (
	"errors"
	"fmt"
	"slices"
)

// ledger is what the interfaces themselves say, to be compared with the books.
type ledger struct {
	holders                   map[*subnet][]holder
	held                      map[*subnet]*[purposes]int
	interfaces, attached, nau int
	problems                  []error
}

func (l *ledger) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf("ec2model: books: "+format, args...))
}

// CheckBooks recomputes every book from the interfaces and compares: owners,
// counters, free sets, quotas, and the limits of every instance. A difference
// is a fault of the model.
func (a *Account) CheckBooks() error {
	l := &ledger{holders: make(map[*subnet][]holder), held: make(map[*subnet]*[purposes]int)}
	for _, s := range a.subnets {
		l.holders[s] = make([]holder, s.size)
		l.held[s] = new([purposes]int)
	}
	for _, e := range a.enis {
		if e != nil {
			a.checkInterface(l, e)
		}
	}
	if l.interfaces != a.interfaces || l.interfaces > a.quotas.NetworkInterfaces {
		l.problem("%d interfaces exist, counted as %d, of %d", l.interfaces, a.interfaces, a.quotas.NetworkInterfaces)
	}
	if known := len(a.attachments) - count(a.attachments, nobody); l.attached != known || len(a.loose) != l.interfaces-l.attached {
		l.problem("%d interfaces are attached and %d are not, of %d with %d attachments", l.attached, len(a.loose), l.interfaces, known)
	}
	if l.nau != a.nau || l.nau > a.quotas.NAU {
		l.problem("network address usage is %d, counted as %d, of %d", l.nau, a.nau, a.quotas.NAU)
	}
	for _, s := range a.subnets {
		l.problems = append(l.problems, s.check(l.holders[s], *l.held[s])...)
	}
	return errors.Join(append(l.problems, a.checkInstances()...)...)
}

// checkInterface enters an interface into the ledger.
func (a *Account) checkInterface(l *ledger, e *eni) {
	l.interfaces++
	own := func(offset int) {
		by := &l.holders[e.subnet][offset]
		if *by != nobody {
			l.problem("%v belongs to %s and to %s", e.subnet.addr(offset), e.id(), a.enis[*by].id())
		}
		*by = e.number
	}
	e.eachAddress(own)
	c := e.claim()
	if c.addressed {
		l.held[e.subnet][primaryAddress]++
	}
	l.held[e.subnet][secondaryAddress] += c.secondary
	l.nau += c.nau
	if e.attached {
		l.attached++
	}
	a.checkPlace(l, e)
}

// checkPlace compares an interface with where it is attached and with the
// limits there.
func (a *Account) checkPlace(l *ledger, e *eni) {
	if a.eni(e.id()) != e {
		l.problem("%s is not found by its ID", e.id())
	}
	if _, loose := slices.BinarySearchFunc(a.loose, e.number, byNumber); loose == e.attached {
		l.problem("%s is listed as loose: %v", e.id(), loose)
	}
	if !e.attached {
		return
	}
	i := e.at.instance
	if a.instances[i.number] != i || i.device(int(e.at.device), int(e.at.card)) != e || a.attached(e.at.id()) != e {
		l.problem("%s is attached to a place that does not know it", e.id())
	}
}

// check compares a subnet with who should hold its addresses.
func (s *subnet) check(expected []holder, held [purposes]int) (problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: books: subnet %s: %w", s.name, fmt.Errorf(format, args...)))
	}
	free, inBlock := 0, make([]uint8, len(s.inBlock))
	for offset, by := range s.holders {
		reserved := s.reserved(offset)
		switch {
		case by.isOthers():
			held[othersAddress]++
		case by == aws && reserved:
		case reserved || by != expected[offset]:
			problem("%v is held by %d, not by %d", s.addr(offset), by, expected[offset])
		}
		if by.isOthers() && expected[offset] != nobody {
			problem("%v is held by others and by %d", s.addr(offset), expected[offset])
		}
		if by == nobody {
			free++
		} else {
			inBlock[offset/blockSize]++
		}
		if z := s.zoneOf(offset); z != inExplicitReserv && s.singles[z].has(offset) != (by == nobody) {
			problem("the free set is wrong about %v", s.addr(offset))
		}
	}
	if free != s.free || held != s.held || free+held[0]+held[1]+held[2] != s.usable() {
		problem("%d are free and %v held, counted as %d and %v", free, held, s.free, s.held)
	}
	if !slices.Equal(inBlock, s.inBlock) {
		problem("the counts per block are wrong")
	}
	for block, n := range inBlock {
		if pool := s.poolOf[block]; pool >= 0 && s.pools[pool].has(block) != (n == 0) {
			problem("the free set is wrong about block %v", s.block(block*blockSize))
		}
	}
	return problems
}

// checkInstances compares every instance with the limits of its type.
func (a *Account) checkInstances() (problems []error) {
	running := 0
	for _, i := range a.instances {
		if i != nil {
			running++
			problems = append(problems, i.check()...)
		}
	}
	if running != a.running {
		problems = append(problems, fmt.Errorf("ec2model: books: %d instances run, counted as %d", running, a.running))
	}
	return problems
}

// check compares an instance with the limits of its type.
func (i *instance) check() (problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: books: instance %s: %w", i.id, fmt.Errorf(format, args...)))
	}
	if len(i.enis) > i.kind.ENIs {
		problem("%d interfaces, more than %d", len(i.enis), i.kind.ENIs)
	}
	for card, most := range i.kind.NetworkCards {
		if n := i.onCard(card); n > most {
			problem("%d interfaces on card %d, more than %d", n, card, most)
		}
	}
	for _, e := range i.enis {
		if e.instance() != i {
			problem("%s is listed but not attached", e.id())
		} else if e.slots() > i.kind.IPv4PerENI || e.subnet.az != i.subnet.az {
			problem("%s has %d addresses in %s", e.id(), e.slots(), e.subnet.az)
		}
	}
	return problems
}

func count[T comparable](list []T, what T) (n int) {
	for _, x := range list {
		if x == what {
			n++
		}
	}
	return n
}
