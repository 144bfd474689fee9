package ipamd

// The warm-pool arithmetic: numbers in, numbers out.

// Targets are the settings that say how many addresses a node keeps.
type Targets struct {
	WarmENI, WarmIP, MinimumIP, WarmPrefix int

	PrefixDelegation bool
	MaxIPsPerENI     int // addresses for pods on a full interface: 16 per prefix with prefix delegation
	MaxPods          int
}

// Stats are what a node holds, in addresses of the current mode: the real
// daemon's DataStoreStats.
type Stats struct {
	Total        int // addresses for pods
	Assigned     int // of those, on pods
	Cooling      int // of those, freed less than the cooldown ago
	Prefixes     int // the store's running count, excluded interfaces included
	FreePrefixes int // prefixes without any pod
}

// Available counts the addresses without a pod. Cooling ones are among them:
// the real daemon counts what it cannot hand out yet as available.
func (s Stats) Available() int { return s.Total - s.Assigned }

// ByIP says whether WARM_IP_TARGET and MINIMUM_IP_TARGET decide: if either is
// set, the other warm targets are ignored.
func (t Targets) ByIP() bool { return t.WarmIP != 0 || t.MinimumIP != 0 }

// shortOver is how far a node is from its IP targets: in addresses, or in
// prefixes with prefix delegation. Both are 0 unless ByIP.
func (t Targets) shortOver(s Stats) (short, over int) {
	if !t.ByIP() {
		return 0, 0
	}
	available := s.Available()
	short = max(t.WarmIP-available, 0, t.MinimumIP-s.Total)
	if !t.PrefixDelegation {
		over = max(min(max(available-t.WarmIP, 0), s.Total-t.MinimumIP), 0)
		return short, over
	}
	forWarm := ceilDiv(s.Assigned+t.WarmIP, addressesPerPrefix)
	forMinimum := ceilDiv(t.MinimumIP, addressesPerPrefix)
	over = max(min(s.FreePrefixes, s.Prefixes-forWarm), 0)
	over = max(min(over, s.Prefixes-forMinimum), 0)
	return ceilDiv(short, addressesPerPrefix), over
}

// TooLow says whether the pool must grow.
func (t Targets) TooLow(s Stats) bool {
	if s.Total >= t.MaxPods {
		return false
	}
	if t.ByIP() {
		short, _ := t.shortOver(s)
		return short > 0
	}
	warm, unit := t.WarmENI, t.MaxIPsPerENI
	if t.PrefixDelegation {
		warm, unit = t.WarmPrefix, addressesPerPrefix
	}
	return s.Available() < unit*warm || warm == 0 && s.Available() == 0
}

// Over is what a decrease gives back, in CIDRs: addresses or prefixes. By
// WARM_ENI_TARGET only whole interfaces are ever given back, so it is 0.
func (t Targets) Over(s Stats) int {
	switch {
	case t.ByIP():
		_, over := t.shortOver(s)
		return over
	case t.PrefixDelegation:
		return max(s.FreePrefixes-t.WarmPrefix, 0)
	}
	return 0
}

// prefixesNeeded is how many prefixes an increase asks for.
func (t Targets) prefixesNeeded(s Stats) int {
	if t.ByIP() {
		short, _ := t.shortOver(s)
		return max(1, short)
	}
	return max(1, t.WarmPrefix-s.FreePrefixes)
}

// wanted is how many CIDRs an increase asks for on an empty interface.
func (t Targets) wanted(s Stats) int {
	switch {
	case t.PrefixDelegation:
		return t.prefixesNeeded(s)
	case t.ByIP():
		short, _ := t.shortOver(s)
		return short
	}
	return t.MaxIPsPerENI
}

// SpareENI says whether an interface may be surplus. By IP targets the answer
// is always yes, and the interface itself is examined.
func (t Targets) SpareENI(s Stats) bool {
	if t.ByIP() {
		return true
	}
	warm := t.WarmENI
	if t.PrefixDelegation {
		warm = t.WarmPrefix
	}
	return s.Available() >= (warm+1)*t.MaxIPsPerENI
}

func ceilDiv(x, y int) int { return (x + y - 1) / y }
