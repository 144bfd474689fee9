package ipamd

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// SandboxKey names a pod sandbox: a new sandbox of the same pod has another.
type SandboxKey string

// Allocation is an address on a pod.
type Allocation struct {
	Key     SandboxKey
	Pod     string
	Address netip.Addr
	At      time.Duration // when it was assigned
	Freed   time.Duration // when its cooldown began; only with CooldownSurvivesRestart
	Cooling bool          // it is in cooldown, not on a pod
}

// store is the daemon's book of interfaces, CIDRs and addresses. Interfaces
// are in ascending order of ID, CIDRs and address records in ascending order
// of address: a Picker that always takes the first element reproduces a run
// of the real daemon whose maps are walked in that order.
type store struct {
	running
	enis     []*eni
	byKey    map[SandboxKey]*record
	byPrefix bool
	cooldown time.Duration
	policies Policies

	// For the log and the metrics alone.
	reused     reuse
	gone       map[netip.Prefix]int32 // awscni_assigned_ip_per_cidr of the CIDRs that were used and are out of the book
	forcedENIs int                    // taken out with pods on them
	forcedIPs  int
}

// running are counts that the real datastore keeps instead of counting. They
// drift as the real ones do, see removeENI.
type running struct {
	prefixes      int
	total         int // addresses of both kinds
	shownPrefixes int // what the gauges say: not each change reaches them
	shownTotal    int
}

// reuse is whether the last address given out was on a pod before, and how
// long it had been free.
type reuse struct {
	is    bool
	after time.Duration
}

// eni is an interface in the store.
type eni struct {
	id        string
	subnetID  string
	device    int
	primary   bool
	excluded  bool // its subnet is tagged away from pods
	primaryIP netip.Addr
	addedAt   time.Duration
	cidrs     []*cidr

	// Kept at every change, so that a pass of the pool need not walk the
	// CIDRs. Index 0 is addresses, 1 is prefixes.
	total        [2]int        // addresses
	assigned     [2]int        // of those, on pods
	freePrefixes int           // prefixes without any pod
	lastFreed    time.Duration // of any address; never unless one was
	lost         int           // pods whose CIDR was taken away: awscni_assigned_ip_per_eni goes on counting them
}

// cidr is a secondary address (/32) or a delegated prefix (/28).
type cidr struct {
	eni      *eni
	block    netip.Prefix
	isPrefix bool
	used     bool  // by some pod, ever
	lost     int32 // as the interface's; and what the gauge said when the CIDR was last in the book
	assigned int
	records  []*record // addresses that were used and not yet forgotten
}

// record remembers an address that is or was on a pod.
type record struct {
	cidr       *cidr
	address    netip.Addr
	key        SandboxKey // empty: not assigned
	pod        string
	assignedAt time.Duration
	freedAt    time.Duration
	freed      bool // freedAt is set
}

func newStore(c *config, p Policies) *store {
	return &store{byKey: map[SandboxKey]*record{}, byPrefix: c.prefixDelegation, cooldown: c.cooldown, policies: p}
}

func (c *cidr) kind() int {
	if c.isPrefix {
		return 1
	}
	return 0
}

// count takes pods on or off a CIDR.
func (c *cidr) count(pods int) {
	wasFree := c.isPrefix && c.assigned == 0
	c.assigned += pods
	c.used = c.used || pods > 0
	c.eni.assigned[c.kind()] += pods
	isFree := c.isPrefix && c.assigned == 0
	switch {
	case wasFree && !isFree:
		c.eni.freePrefixes--
	case isFree && !wasFree:
		c.eni.freePrefixes++
	}
}

func (c *cidr) size() int {
	if c.isPrefix {
		return addressesPerPrefix
	}
	return 1
}

// cooling is true up to and including the period's last instant.
func (r *record) cooling(now, period time.Duration) bool {
	return r.key == "" && r.freed && now-r.freedAt <= period
}

func (s *store) find(id string) *eni {
	if i, ok := s.search(id); ok {
		return s.enis[i]
	}
	return nil
}

func (s *store) search(id string) (int, bool) {
	return slices.BinarySearchFunc(s.enis, id, func(e *eni, id string) int { return strings.Compare(e.id, id) })
}

// addENI enters an interface; a known one stays as it is.
func (s *store) addENI(e *eni) *eni {
	i, known := s.search(e.id)
	if known {
		return s.enis[i]
	}
	e.lastFreed = never
	s.enis = slices.Insert(s.enis, i, e)
	return e
}

// removeENI takes an interface and all its CIDRs out. Unless forced, one with
// pods stays. Forced removals of such a one subtract the prefixes twice from
// the running count, as the real daemon does.
func (s *store) removeENI(id string, forced bool) (orphans []SandboxKey) {
	i, ok := s.search(id)
	if !ok {
		return nil
	}
	e := s.enis[i]
	if !forced && e.hasPods() {
		return nil
	}
	prefixes, total := 0, 0
	for _, c := range e.cidrs {
		orphans = append(orphans, s.release(c)...)
		s.leave(c)
		total += c.size()
		if c.isPrefix {
			prefixes++
		}
	}
	if forced && len(orphans) > 0 {
		prefixes *= 2
		total *= 2
		s.forcedENIs++
	}
	s.prefixes -= prefixes
	s.total -= total
	if !forced {
		s.shownTotal = s.total
		if prefixes > 0 {
			s.shownPrefixes = s.prefixes
		}
	}
	s.enis = slices.Delete(s.enis, i, i+1)
	return orphans
}

// addCIDR enters an address or prefix on an interface; a known one stays, and
// the answer is false.
func (s *store) addCIDR(e *eni, block netip.Prefix, isPrefix bool) bool {
	i, known := e.search(block)
	if known {
		return false
	}
	c := &cidr{eni: e, block: block, isPrefix: isPrefix}
	if lost, was := s.gone[block]; was {
		c.used, c.lost = true, lost
		delete(s.gone, block)
	}
	s.total += c.size()
	s.shownTotal = s.total
	e.cidrs = slices.Insert(e.cidrs, i, c)
	e.total[c.kind()] += c.size()
	if isPrefix {
		s.prefixes++
		s.shownPrefixes = s.prefixes
		e.freePrefixes++
	}
	return true
}

// removeCIDR takes a CIDR out. Unless forced, one with pods stays and the
// answer is false.
func (s *store) removeCIDR(e *eni, block netip.Prefix, forced bool) (orphans []SandboxKey, ok bool) {
	i, known := e.search(block)
	if !known {
		return nil, false
	}
	c := e.cidrs[i]
	if c.assigned > 0 && !forced {
		return nil, false
	}
	orphans = s.release(c)
	s.leave(c)
	e.total[c.kind()] -= c.size()
	s.total -= c.size()
	s.shownTotal = s.total
	if c.isPrefix {
		s.prefixes--
		s.shownPrefixes = s.prefixes
		e.freePrefixes--
	}
	e.cidrs = slices.Delete(e.cidrs, i, i+1)
	return orphans, true
}

// release forgets the pods of a CIDR that goes; no cooldown follows.
func (s *store) release(c *cidr) (orphans []SandboxKey) {
	for _, r := range c.records {
		if r.key != "" {
			orphans = append(orphans, r.key)
			delete(s.byKey, r.key)
		}
	}
	s.forcedIPs += len(orphans)
	c.lost += int32(c.assigned)
	c.eni.lost += c.assigned
	c.count(-c.assigned)
	return orphans
}

// leave remembers what a used CIDR's gauge says: its series is never deleted.
func (s *store) leave(c *cidr) {
	if !c.used {
		return
	}
	if s.gone == nil {
		s.gone = map[netip.Prefix]int32{}
	}
	s.gone[c.block] = c.lost
}

func (e *eni) search(block netip.Prefix) (int, bool) {
	return slices.BinarySearchFunc(e.cidrs, block, func(c *cidr, b netip.Prefix) int {
		if d := c.block.Addr().Compare(b.Addr()); d != 0 {
			return d
		}
		return c.block.Bits() - b.Bits()
	})
}

func (e *eni) hasPods() bool { return e.assigned[0]+e.assigned[1] > 0 }

// cooling counts the addresses in cooldown.
func (e *eni) cooling(now, period time.Duration, which func(*cidr) bool) (n int) {
	if now-e.lastFreed > period {
		return 0
	}
	for _, c := range e.cidrs {
		if which != nil && !which(c) {
			continue
		}
		for _, r := range c.records {
			if r.cooling(now, period) {
				n++
			}
		}
	}
	return n
}

func (e *eni) hasCooling(now, period time.Duration) bool { return e.cooling(now, period, nil) > 0 }

// freeable lists the CIDRs without a pod, of both kinds; cooldown does not
// protect an address from being given back.
func (e *eni) freeable(keep func(*cidr) bool) []*cidr {
	var list []*cidr
	for _, c := range e.cidrs {
		if c.assigned == 0 && keep(c) {
			list = append(list, c)
		}
	}
	return list
}

// stock counts the addresses of the current mode on interfaces that pods may
// use. Free prefixes are counted on excluded interfaces too, as the real
// daemon does.
func (s *store) stock(now time.Duration) Stock {
	st := Stock{Prefixes: s.prefixes}
	for _, e := range s.enis {
		st.FreePrefixes += e.freePrefixes
		if e.excluded {
			continue
		}
		st.Total += e.total[s.kind()]
		st.Assigned += e.assigned[s.kind()]
		st.Cooling += e.cooling(now, s.cooldown, s.inMode)
	}
	return st
}

func (s *store) inMode(c *cidr) bool { return c.isPrefix == s.byPrefix }

// kind is the index of the current mode in an interface's counts.
func (s *store) kind() int {
	if s.byPrefix {
		return 1
	}
	return 0
}

// eachAssigned visits the records of addresses that are on pods.
func (s *store) eachAssigned(visit func(*record)) {
	for _, e := range s.enis {
		for _, c := range e.cidrs {
			for _, r := range c.records {
				if r.key != "" {
					visit(r)
				}
			}
		}
	}
}
