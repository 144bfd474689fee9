package ipamd

import (
	"errors"
	"slices"
	"time"
)

// assign gives a sandbox an address; ok is false when there is none. A sandbox
// that has one gets the same again.
//
// The real daemon walks interfaces, CIDRs and used addresses in map order and
// takes the first address that it may hand out. Picking among those that have
// one is the same choice: an interface or CIDR without any leaves no trace.
func (s *store) assign(key SandboxKey, pod string, now time.Duration, pick Picker) (l lease, ok bool) {
	if l, has := s.lease(key); has {
		return l, true
	}
	s.expire(now)
	enis := make([]*eni, 0, 16)
	for _, e := range s.enis {
		if !e.excluded && e.counts[s.kind()].free() > 0 {
			enis = append(enis, e)
		}
	}
	if len(enis) == 0 {
		return lease{}, false
	}
	e := s.chooseENI(enis, now, pick)
	c := s.chooseCIDR(e, now, pick)
	r := e.use(s.chooseAddress(e, c, now, pick))
	r.hold(key, pod, now)
	e.count(c, 1)
	s.tell()
	return lease{*r, e, c.block}, true
}

// usable says whether a CIDR of the current mode has an address to hand out:
// one without a record, or one that has left its cooldown.
func (s *store) usable(c *cidr) bool {
	return c.kind == s.kind() && int(c.assigned+c.cooling) < c.size()
}

func (s *store) reusable(r *record, now time.Duration) bool {
	return r.key == "" && !r.cooling(now, s.config.Cooldown)
}

func (s *store) chooseENI(enis []*eni, now time.Duration, pick Picker) *eni {
	switch {
	case s.config.Policies.LowestDeviceFirst:
		return slices.MinFunc(enis, func(a, b *eni) int { return int(a.device - b.device) })
	case s.config.Policies.LongestFreeFirst:
		enis = least(enis, func(e *eni) time.Duration {
			since := now
			for i := range e.cidrs {
				if c := &e.cidrs[i]; s.usable(c) {
					since = min(since, s.freeSince(e, c, now))
				}
			}
			return since
		})
	}
	return enis[one(pick, len(enis))]
}

func (s *store) chooseCIDR(e *eni, now time.Duration, pick Picker) *cidr {
	cidrs := make([]*cidr, 0, 50)
	for i := range e.cidrs {
		if s.usable(&e.cidrs[i]) {
			cidrs = append(cidrs, &e.cidrs[i])
		}
	}
	if s.config.Policies.LongestFreeFirst {
		cidrs = least(cidrs, func(c *cidr) time.Duration { return s.freeSince(e, c, now) })
	}
	return cidrs[one(pick, len(cidrs))]
}

// least are the elements with the least value, in their order.
func least[T any](list []T, value func(T) time.Duration) []T {
	var kept []T
	var lowest time.Duration
	for _, x := range list {
		v := value(x)
		if len(kept) == 0 || v < lowest {
			kept, lowest = nil, v
		}
		if v == lowest {
			kept = append(kept, x)
		}
	}
	return kept
}

// freeSince is when the address that a CIDR would hand out was last freed;
// one that was never used has been free for ever.
func (s *store) freeSince(e *eni, c *cidr, now time.Duration) time.Duration {
	from, to := e.span(c.block)
	if to-from < c.size() {
		return -1
	}
	oldest := now
	for i := from; i < to; i++ {
		if r := &e.records[i]; s.reusable(r, now) {
			oldest = min(oldest, r.freedAt)
		}
	}
	return oldest
}

// chooseAddress prefers an address that was used before over a fresh one and
// forgets all others that have left their cooldown, as the real daemon does.
func (s *store) chooseAddress(e *eni, c *cidr, now time.Duration, pick Picker) ip {
	s.reused = reuse{}
	if s.config.Policies.LongestFreeFirst {
		return s.longestFree(e, c, now)
	}
	from, to := e.span(c.block)
	reusable := make([]*record, 0, addressesPerPrefix)
	for i := from; i < to; i++ {
		if r := &e.records[i]; s.reusable(r, now) {
			reusable = append(reusable, r)
		}
	}
	if len(reusable) == 0 {
		return e.mustHaveFresh(c.block)
	}
	chosen := *reusable[one(pick, len(reusable))]
	s.reused = reuse{true, now - chosen.freedAt}
	kept := slices.DeleteFunc(e.records[from:to], func(r record) bool { return s.reusable(&r, now) })
	e.records = slices.Delete(e.records, from+len(kept), to)
	return chosen.address
}

// longestFree is a fresh address, or the one that has been free the longest.
func (s *store) longestFree(e *eni, c *cidr, now time.Duration) ip {
	if a, ok := e.fresh(c.block); ok {
		return a
	}
	from, to := e.span(c.block)
	var longest *record
	for i := from; i < to; i++ {
		if r := &e.records[i]; s.reusable(r, now) && (longest == nil || r.freedAt < longest.freedAt) {
			longest = r
		}
	}
	s.reused = reuse{true, now - longest.freedAt}
	return longest.address
}

// fresh is the lowest address without a record.
func (e *eni) fresh(b block) (ip, bool) {
	a := b.base
	from, to := e.span(b)
	for _, r := range e.records[from:to] {
		if r.address != a {
			break
		}
		a++
	}
	return a, b.contains(a)
}

func (e *eni) mustHaveFresh(b block) ip {
	a, ok := e.fresh(b)
	if !ok {
		panic("ipamd: a usable CIDR has no address")
	}
	return a
}

// usualPods is room for the pods that most nodes have at least.
const usualPods = 12

// use enters a record for the address.
func (e *eni) use(a ip) *record {
	i := e.place(a)
	if i == len(e.records) || e.records[i].address != a {
		e.records = insert(e.records, i, record{address: a}, usualPods)
	}
	return &e.records[i]
}

// unassign ends a sandbox's use of its address and starts the cooldown; known
// is false for an unknown sandbox. The lease is what remains: without a pod.
func (s *store) unassign(key SandboxKey, now time.Duration) (l lease, known bool) {
	l, known = s.lease(key)
	if !known {
		return l, false
	}
	s.expire(now)
	r := &l.eni.records[l.eni.place(l.address)]
	r.key, r.pod = "", ""
	r.freedAt, r.freed = now, true
	l.eni.lastFreed = now
	l.record = *r
	l.eni.count(l.eni.holder(l.address), -1)
	s.cool(l.eni, l.address, now)
	s.tell()
	return l, true
}

// errTwice ends a start whose checkpoint has an address on two pods.
var errTwice = errors.New("IP already in data store")

// restore enters an allocation from the checkpoint; found is false when no
// CIDR holds its address.
func (s *store) restore(a Allocation) (found bool, err error) {
	for _, e := range s.enis {
		if c := e.holder(ipOf(a.Address)); c != nil {
			return true, s.restoreIn(e, c, a)
		}
	}
	return false, nil
}

func (s *store) restoreIn(e *eni, c *cidr, a Allocation) error {
	records := len(e.records)
	r := e.use(ipOf(a.Address))
	if len(e.records) == records {
		return errTwice
	}
	if a.Cooling {
		r.freedAt, r.freed = a.Freed, true
		s.cool(e, r.address, a.Freed)
		return nil
	}
	r.hold(a.Key, a.Pod, a.At)
	e.count(c, 1)
	return nil
}
