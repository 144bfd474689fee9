package ipamd

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// assign gives a sandbox an address, or returns nil when there is none. A
// sandbox that has one gets the same again.
//
// The real daemon walks interfaces, CIDRs and used addresses in map order and
// takes the first address that it may hand out. Picking among those that have
// one is the same choice: an interface or CIDR without any leaves no trace.
func (s *store) assign(key SandboxKey, pod string, now time.Duration, pick Picker) *record {
	if r := s.byKey[key]; r != nil {
		return r
	}
	enis := make([]*eni, 0, 16)
	for _, e := range s.enis {
		if !e.excluded && slices.ContainsFunc(e.cidrs, func(c *cidr) bool { return s.usable(c, now) }) {
			enis = append(enis, e)
		}
	}
	if len(enis) == 0 {
		return nil
	}
	c := s.chooseCIDR(s.chooseENI(enis, now, pick), now, pick)
	r := c.use(s.chooseAddress(c, now, pick))
	r.key, r.pod, r.assignedAt = key, pod, now
	c.count(1)
	s.byKey[key] = r
	return r
}

// usable says whether a CIDR of the current mode has an address to hand out:
// one without a record, or one that has left its cooldown.
func (s *store) usable(c *cidr, now time.Duration) bool {
	if c.isPrefix != s.byPrefix {
		return false
	}
	return len(c.records) < c.size() || slices.ContainsFunc(c.records, func(r *record) bool { return s.reusable(r, now) })
}

func (s *store) reusable(r *record, now time.Duration) bool {
	return r.key == "" && !r.cooling(now, s.cooldown)
}

func (s *store) chooseENI(enis []*eni, now time.Duration, pick Picker) *eni {
	switch {
	case s.policies.LowestDeviceFirst:
		return slices.MinFunc(enis, func(a, b *eni) int { return a.device - b.device })
	case s.policies.LongestFreeFirst:
		enis = least(enis, func(e *eni) time.Duration {
			since := now
			for _, c := range e.cidrs {
				if s.usable(c, now) {
					since = min(since, s.freeSince(c, now))
				}
			}
			return since
		})
	}
	return enis[one(pick, len(enis))]
}

func (s *store) chooseCIDR(e *eni, now time.Duration, pick Picker) *cidr {
	cidrs := make([]*cidr, 0, 50)
	for _, c := range e.cidrs {
		if s.usable(c, now) {
			cidrs = append(cidrs, c)
		}
	}
	if s.policies.LongestFreeFirst {
		cidrs = least(cidrs, func(c *cidr) time.Duration { return s.freeSince(c, now) })
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
func (s *store) freeSince(c *cidr, now time.Duration) time.Duration {
	if len(c.records) < c.size() {
		return -1
	}
	oldest := now
	for _, r := range c.records {
		if s.reusable(r, now) {
			oldest = min(oldest, r.freedAt)
		}
	}
	return oldest
}

// chooseAddress prefers an address that was used before over a fresh one and
// forgets all others that have left their cooldown, as the real daemon does.
func (s *store) chooseAddress(c *cidr, now time.Duration, pick Picker) netip.Addr {
	s.reused = reuse{}
	var reusable []*record
	for _, r := range c.records {
		if s.reusable(r, now) {
			reusable = append(reusable, r)
		}
	}
	if s.policies.LongestFreeFirst {
		if fresh, ok := c.fresh(); ok {
			return fresh
		}
		slices.SortStableFunc(reusable, func(a, b *record) int { return int(a.freedAt - b.freedAt) })
		s.reused = reuse{true, now - reusable[0].freedAt}
		return reusable[0].address
	}
	if len(reusable) > 0 {
		chosen := reusable[one(pick, len(reusable))]
		address := chosen.address
		s.reused = reuse{true, now - chosen.freedAt}
		c.records = slices.DeleteFunc(c.records, func(r *record) bool { return s.reusable(r, now) })
		return address
	}
	fresh, ok := c.fresh()
	if !ok {
		panic("ipamd: a usable CIDR has no address")
	}
	return fresh
}

// fresh is the lowest address without a record.
func (c *cidr) fresh() (netip.Addr, bool) {
	address := c.block.Addr()
	for _, r := range c.records {
		if r.address != address {
			break
		}
		address = address.Next()
	}
	return address, c.block.Contains(address)
}

// use enters a record for the address.
func (c *cidr) use(address netip.Addr) *record {
	i, known := slices.BinarySearchFunc(c.records, address, func(r *record, a netip.Addr) int { return r.address.Compare(a) })
	if known {
		return c.records[i]
	}
	r := &record{cidr: c, address: address}
	c.records = slices.Insert(c.records, i, r)
	return r
}

// unassign ends a sandbox's use of its address and starts the cooldown. It
// returns nil for an unknown sandbox.
func (s *store) unassign(key SandboxKey, now time.Duration) *record {
	r := s.byKey[key]
	if r == nil {
		return nil
	}
	delete(s.byKey, key)
	r.key, r.pod = "", ""
	r.freedAt, r.freed = now, true
	r.cidr.count(-1)
	r.cidr.eni.lastFreed = now
	return r
}

// errTwice ends a start whose checkpoint has an address on two pods.
var errTwice = errors.New("IP already in data store")

// restore enters an allocation from the checkpoint; found is false when no
// CIDR holds its address.
func (s *store) restore(a Allocation) (found bool, err error) {
	for _, e := range s.enis {
		for _, c := range e.cidrs {
			if c.block.Contains(a.Address) {
				return true, s.restoreIn(c, a)
			}
		}
	}
	return false, nil
}

func (s *store) restoreIn(c *cidr, a Allocation) error {
	records := len(c.records)
	r := c.use(a.Address)
	if len(c.records) == records {
		return errTwice
	}
	if a.Cooling {
		r.freedAt, r.freed = a.Freed, true
		c.eni.lastFreed = max(c.eni.lastFreed, a.Freed)
		return nil
	}
	r.key, r.pod, r.assignedAt = a.Key, a.Pod, a.At
	c.count(1)
	s.byKey[a.Key] = r
	return nil
}
