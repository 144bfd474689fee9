package ec2model

import (
	"cmp"
	"errors"
	"slices"
)

// audit remembers what the changes since the last check touched, and what the
// books said then. CheckChanges holds the touched places against each other
// and the totals against the differences, so that a fleet's books can be
// checked at every change at the cost of the change.
type audit struct {
	enis   []*eni
	blocks []blockOf
	claims map[holder]claim // of every interface, at the last check
	totals totals
	held   map[*subnet]*[purposes]int // held addresses by purpose
}

// blockOf is 16 addresses of a subnet.
type blockOf struct {
	subnet *subnet
	block  int
}

// claim is what an interface adds to the books.
type claim struct {
	secondary int  // addresses
	nau       int  // 0 when it is not attached
	attached  bool // to any instance
	primary   bool // it is an instance's primary one, so that it counts that too
	addressed bool // it has a primary address
}

// totals are the books of the whole account.
type totals struct{ interfaces, attached, instances, nau int }

func (a *Account) totals() totals {
	return totals{a.interfaces, a.interfaces - len(a.loose), a.running, a.nau}
}

// Audit makes the account remember what its changes touch, for CheckChanges.
// It costs time and memory: it is for tests.
func (a *Account) Audit() error {
	if err := a.CheckBooks(); err != nil {
		return err
	}
	t := &audit{claims: make(map[holder]claim), totals: a.totals(), held: make(map[*subnet]*[purposes]int)}
	for _, e := range a.enis {
		if e != nil {
			t.claims[e.number] = e.claim()
		}
	}
	for _, s := range a.subnets {
		t.held[s] = new(s.held)
		s.audit = t
	}
	a.audit = t
	return nil
}

func (e *eni) claim() claim {
	c := claim{addressed: e.addressed(), secondary: len(e.held.addresses()) + blockSize*len(e.held.prefixes()), attached: e.attached}
	if e.attached {
		c.nau, c.primary = e.nau(), e.at.instance.isPrimary(e)
	}
	return c
}

// touch notes that an interface changes.
func (t *audit) touch(e *eni) {
	if t != nil {
		t.enis = append(t.enis, e)
	}
}

// touchAddress notes that an address changes hands.
func (t *audit) touchAddress(s *subnet, offset int, by holder, more int) {
	if t == nil {
		return
	}
	t.blocks = append(t.blocks, blockOf{s, offset / blockSize})
	if by.isOthers() {
		t.held[s][othersAddress] += more
	}
}

// CheckChanges compares what the changes since the last check touched: each
// interface with the addresses that it claims, its place and its limits, each
// block of addresses with its holders, counts and free sets, and every total
// with the sum of the differences. It finds what CheckBooks finds, unless a
// change goes by without leaving a trace. Audit comes first.
func (a *Account) CheckChanges() error {
	t, l := a.audit, &ledger{}
	slices.SortFunc(t.enis, func(e, f *eni) int { return cmp.Compare(e.number, f.number) })
	for _, e := range slices.Compact(t.enis) {
		a.checkTouched(l, e)
	}
	for _, b := range slices.Compact(t.blocks) {
		a.checkBlock(l, b.subnet, b.block)
		a.checkTotals(l, b.subnet)
	}
	if got := a.totals(); got != t.totals || got.nau > a.quotas.NAU || got.interfaces > a.quotas.NetworkInterfaces {
		l.problem("the totals are %+v, the changes add up to %+v, of %+v", got, t.totals, a.quotas)
	}
	t.enis, t.blocks = t.enis[:0], t.blocks[:0]
	return errors.Join(l.problems...)
}

// checkTouched takes an interface's difference into the totals and compares it
// with its addresses and its place.
func (a *Account) checkTouched(l *ledger, e *eni) {
	t, alive := a.audit, a.enis[e.number] == e
	before, known := t.claims[e.number]
	var now claim
	if alive {
		now = e.claim()
		t.claims[e.number] = now
	} else {
		delete(t.claims, e.number)
	}
	held := t.held[e.subnet]
	t.totals.nau += now.nau - before.nau
	held[secondaryAddress] += now.secondary - before.secondary
	change := func(total *int, now, before bool) {
		if now != before {
			*total += map[bool]int{true: 1, false: -1}[now]
		}
	}
	change(&t.totals.interfaces, alive, known)
	change(&held[primaryAddress], now.addressed, before.addressed)
	change(&t.totals.attached, now.attached, before.attached)
	change(&t.totals.instances, now.primary, before.primary)
	if alive {
		e.eachAddress(func(offset int) {
			if by := e.subnet.holders[offset]; by != e.number {
				l.problem("%v is claimed by %s and held by %d", e.subnet.addr(offset), e.id(), by)
			}
		})
		a.checkPlace(l, e)
		if i := e.instance(); i != nil {
			l.problems = append(l.problems, i.check()...)
		}
	}
}

// checkBlock compares 16 addresses with their holders and with the sets and
// counts that they are in.
func (a *Account) checkBlock(l *ledger, s *subnet, block int) {
	held := uint8(0)
	for offset := block * blockSize; offset < (block+1)*blockSize; offset++ {
		by := s.holders[offset]
		if by != nobody {
			held++
		}
		if by > nobody && (a.enis[by] == nil || a.enis[by].subnet != s || !a.enis[by].claims(offset)) {
			l.problem("%v is held by %d, who does not claim it", s.addr(offset), by)
		}
		if s.reserved(offset) != (by == aws) {
			l.problem("%v is held by %d, and by AWS: %v", s.addr(offset), by, s.reserved(offset))
		}
		if z := s.zoneOf(offset); z != inExplicitReserv && s.singles[z].has(offset) != (by == nobody) {
			l.problem("the free set of subnet %s is wrong about %v", s.name, s.addr(offset))
		}
	}
	if held != s.inBlock[block] {
		l.problem("block %v has %d held addresses, counted as %d", s.block(block*blockSize), held, s.inBlock[block])
	}
	if pool := s.poolOf[block]; pool >= 0 && s.pools[pool].has(block) != (held == 0) {
		l.problem("the free set of subnet %s is wrong about block %v", s.name, s.block(block*blockSize))
	}
}

// checkTotals compares a subnet's counts with the sum of the differences.
func (a *Account) checkTotals(l *ledger, s *subnet) {
	want := *a.audit.held[s]
	if s.held != want || s.free+want[primaryAddress]+want[secondaryAddress]+want[othersAddress] != s.usable() {
		l.problem("subnet %s: %d are free and %v held, the changes add up to %v", s.name, s.free, s.held, want)
	}
}

// eachAddress calls a function for the offset of each address that an
// interface claims.
func (e *eni) eachAddress(fn func(offset int)) {
	if e.addressed() {
		fn(int(e.primary))
	}
	for _, o := range e.held.addresses() {
		fn(int(o))
	}
	for _, o := range e.held.prefixes() {
		for k := range blockSize {
			fn(int(o) + k)
		}
	}
}

func (e *eni) claims(offset int) (found bool) {
	e.eachAddress(func(o int) { found = found || o == offset })
	return found
}
