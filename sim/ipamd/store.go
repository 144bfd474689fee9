package ipamd

import (
	"cmp"
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
	config  *Config
	changed func() // hears of each change of what Daemon.ENIs tells; nil: nobody listens
	enis    []*eni
	cooling []chilled // the addresses in cooldown, those that were freed first in front

	// For the log and the metrics alone.
	reused     reuse
	gone       byBlock[int32] // awscni_assigned_ip_per_cidr of the CIDRs that were used and are out of the book
	forcedENIs int32          // taken out with pods on them
	forcedIPs  int32
}

// running are counts that the real datastore keeps instead of counting. They
// drift as the real ones do, see removeENI.
type running struct {
	prefixes      int32
	total         int32 // addresses of both kinds
	shownPrefixes int32 // what the gauges say: not each change reaches them
	shownTotal    int32
}

// reuse is whether the last address given out was on a pod before, and how
// long it had been free.
type reuse struct {
	is    bool
	after time.Duration
}

// eni is an interface in the store.
type eni struct {
	// What each sample of a fleet reads is of one piece.
	id       string
	subnetID string

	// Kept at every change, so that a pass of the pool need not walk the
	// CIDRs. The cooling ones are right after store.expire.
	counts       [kinds]counts
	freePrefixes int32 // prefixes without any pod
	lost         int32 // pods whose CIDR was taken away: awscni_assigned_ip_per_eni goes on counting them

	primary   bool
	efa       bool // an Elastic Fabric Adapter with an ENA device: it is never given back
	excluded  bool // its subnet is tagged away from pods
	served    bool // has had a pod
	device    int32
	primaryIP ip
	addedAt   time.Duration
	lastFreed time.Duration // when a pod last left it, or never
	cidrs     []cidr
	records   []record // addresses that were used and not yet forgotten
}

// counts are of addresses.
type counts struct{ total, assigned, cooling int32 }

// free are the addresses that a pod can have now.
func (c counts) free() int32 { return c.total - c.assigned - c.cooling }

// cidr is a secondary address or a delegated prefix.
type cidr struct {
	block
	assigned uint8 // its addresses on pods
	cooling  uint8 // and in cooldown
	used     bool  // by some pod, ever
	lost     int32 // as the interface's; and what the gauge said when the CIDR was last in the book
}

// record remembers an address that is or was on a pod.
type record struct {
	address    ip
	freed      bool       // freedAt is set
	ending     [2]byte    // of key: it tells most sandboxes apart without reading their keys
	key        SandboxKey // empty: not assigned
	pod        string
	assignedAt time.Duration
	freedAt    time.Duration
}

// lease is an address on a pod and where it comes from.
type lease struct {
	record
	eni   *eni
	block block
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

// hold puts a sandbox on the address.
func (r *record) hold(key SandboxKey, pod string, at time.Duration) {
	r.key, r.ending, r.pod, r.assignedAt = key, ending(key), pod, at
}

func ending(key SandboxKey) (e [2]byte) {
	copy(e[:], key[max(0, len(key)-len(e)):])
	return e
}

// lease finds a sandbox's address.
func (s *store) lease(key SandboxKey) (l lease, has bool) {
	end := ending(key)
	for _, e := range s.enis {
		for i := range e.records {
			if r := &e.records[i]; r.ending == end && r.key == key {
				return lease{*r, e, e.holder(r.address).block}, true
			}
		}
	}
	return lease{}, false
}

// assigned is the number of addresses on pods, of both kinds.
func (s *store) assigned() (n int) {
	for _, e := range s.enis {
		n += e.pods()
	}
	return n
}

func (s *store) tell() {
	if s.changed != nil {
		s.changed()
	}
}

// addENI enters an interface; a known one stays as it is.
func (s *store) addENI(e *eni) *eni {
	i, known := s.search(e.id)
	if known {
		return s.enis[i]
	}
	s.enis = slices.Insert(s.enis, i, e)
	s.tell()
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
	if !forced && e.pods() > 0 {
		return nil
	}
	prefixes, total := int32(0), int32(0)
	for i := range e.cidrs {
		c := &e.cidrs[i]
		orphans = append(orphans, s.release(e, c)...)
		s.leave(c)
		total += int32(c.size())
		prefixes += int32(c.kind)
	}
	if forced && len(orphans) > 0 {
		prefixes *= 2
		total *= 2
		s.forcedENIs++
	}
	s.running.prefixes -= prefixes
	s.total -= total
	if !forced {
		s.shownTotal = s.total
		if prefixes > 0 {
			s.shownPrefixes = s.running.prefixes
		}
	}
	s.enis = slices.Delete(s.enis, i, i+1)
	s.tell()
	return orphans
}

// addCIDR enters an address or prefix on an interface; a known one stays, and
// the answer is false.
func (s *store) addCIDR(e *eni, b block) bool {
	i, known := e.search(b)
	if known {
		return false
	}
	c := cidr{block: b}
	if lost, was := s.gone.get(b); was {
		c.used, c.lost = true, lost
		s.gone.remove(b)
	}
	s.total += int32(c.size())
	s.shownTotal = s.total
	e.cidrs = insert(e.cidrs, i, c, 2)
	e.counts[c.kind].total += int32(c.size())
	if c.kind == prefix {
		s.running.prefixes++
		s.shownPrefixes = s.running.prefixes
		e.freePrefixes++
	}
	s.tell()
	return true
}

// removeCIDR takes a CIDR out. Unless forced, one with pods stays and the
// answer is false.
func (s *store) removeCIDR(e *eni, b block, forced bool) (orphans []SandboxKey, ok bool) {
	i, known := e.search(b)
	if !known {
		return nil, false
	}
	c := &e.cidrs[i]
	if c.assigned > 0 && !forced {
		return nil, false
	}
	orphans = s.release(e, c)
	s.leave(c)
	e.counts[c.kind].total -= int32(c.size())
	s.total -= int32(c.size())
	s.shownTotal = s.total
	if c.kind == prefix {
		s.running.prefixes--
		s.shownPrefixes = s.running.prefixes
		e.freePrefixes--
	}
	e.cidrs = slices.Delete(e.cidrs, i, i+1)
	s.tell()
	return orphans, true
}

// release forgets the addresses of a CIDR that goes, and with them its pods; no
// cooldown follows, and those that are under way end.
func (s *store) release(e *eni, c *cidr) (orphans []SandboxKey) {
	s.warm(e, c)
	from, to := e.span(c.block)
	for _, r := range e.records[from:to] {
		if r.key != "" {
			orphans = append(orphans, r.key)
		}
	}
	e.records = slices.Delete(e.records, from, to)
	s.forcedIPs += int32(len(orphans))
	c.lost += int32(c.assigned)
	e.lost += int32(c.assigned)
	e.count(c, -int(c.assigned))
	return orphans
}

// leave remembers what a used CIDR's gauge says: its series is never deleted.
func (s *store) leave(c *cidr) {
	if c.used {
		s.gone.put(c.block, c.lost)
	}
}

// count takes pods on or off a CIDR.
func (e *eni) count(c *cidr, pods int) {
	wasFree := c.kind == prefix && c.assigned == 0
	c.assigned = uint8(int(c.assigned) + pods)
	c.used = c.used || pods > 0
	e.served = e.served || pods > 0
	e.counts[c.kind].assigned += int32(pods)
	isFree := c.kind == prefix && c.assigned == 0
	switch {
	case wasFree && !isFree:
		e.freePrefixes--
	case isFree && !wasFree:
		e.freePrefixes++
	}
}

// insert is slices.Insert for lists that grow seldom and are many: it leaves a
// quarter of room and so much more, where append would leave as much again.
func insert[T any](list []T, i int, x T, more int) []T {
	if len(list) == cap(list) {
		list = append(make([]T, 0, len(list)+len(list)/4+more), list...)
	}
	return slices.Insert(list, i, x)
}

// search finds a CIDR's place.
func (e *eni) search(b block) (int, bool) {
	return slices.BinarySearchFunc(e.cidrs, b, func(c cidr, b block) int { return c.compare(b) })
}

// holder is the CIDR that holds an address, or nil.
func (e *eni) holder(a ip) *cidr {
	i, _ := slices.BinarySearchFunc(e.cidrs, a, func(c cidr, a ip) int {
		if c.contains(a) {
			return 0
		}
		return cmp.Compare(c.base, a)
	})
	if i < len(e.cidrs) && e.cidrs[i].contains(a) {
		return &e.cidrs[i]
	}
	return nil
}

// span is where the records of a CIDR's addresses are.
func (e *eni) span(b block) (from, to int) {
	from = e.place(b.base)
	for to = from; to < len(e.records) && b.contains(e.records[to].address); to++ {
	}
	return from, to
}

// place is where an address's record is or would be.
func (e *eni) place(a ip) int {
	i, _ := slices.BinarySearchFunc(e.records, a, func(r record, a ip) int { return cmp.Compare(r.address, a) })
	return i
}

// pods are the addresses on pods, of both kinds.
func (e *eni) pods() int { return int(e.counts[single].assigned + e.counts[prefix].assigned) }

// cooling are the addresses in cooldown, of both kinds.
func (e *eni) cooling() int { return int(e.counts[single].cooling + e.counts[prefix].cooling) }

// freeCIDRs are the CIDRs without a pod, of both kinds.
func (e *eni) freeCIDRs() int {
	return int(e.counts[single].total - e.counts[single].assigned + e.freePrefixes)
}

// freeable lists the CIDRs without a pod; cooldown does not protect an address
// from being given back.
func (e *eni) freeable(which func(block) bool) []block {
	var list []block
	for i := range e.cidrs {
		if c := &e.cidrs[i]; c.assigned == 0 && which(c.block) {
			list = append(list, c.block)
		}
	}
	return list
}

func ofAnyKind(block) bool { return true }

// stats counts the addresses of the current mode on interfaces that pods may
// use. Free prefixes are counted on excluded interfaces too, as the real
// daemon does.
func (s *store) stats(now time.Duration) Stats {
	s.expire(now)
	st := Stats{Prefixes: int(s.running.prefixes)}
	for _, e := range s.enis {
		st.FreePrefixes += int(e.freePrefixes)
		if e.excluded {
			continue
		}
		c := e.counts[s.kind()]
		st.Total += int(c.total)
		st.Assigned += int(c.assigned)
		st.Cooling += int(c.cooling)
	}
	return st
}

// kind is what the current mode uses.
func (s *store) kind() kind { return kindOf(s.config.PrefixDelegation) }

// leases lists the addresses that are on pods.
func (s *store) leases(yield func(lease) bool) {
	for _, e := range s.enis {
		for i := range e.cidrs {
			from, to := e.span(e.cidrs[i].block)
			for _, r := range e.records[from:to] {
				if r.key != "" && !yield(lease{r, e, e.cidrs[i].block}) {
					return
				}
			}
		}
	}
}
