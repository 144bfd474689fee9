package sim

import (
	"cmp"
	"slices"

	"ipamsim/sim/result"
)

// ledger keeps what the fleet's daemons hold as running sums. A look at it
// costs as much as has happened since the look before: only machines are
// visited about which something may be different.
type ledger struct {
	byID    map[string]int     // subnet ID to index
	sums    []result.Addresses // assigned, cooling and warm, by subnet
	onPods  []int              // machines by the number of addresses on their pods
	watched []*machine         // to be visited at the next look
	cooling int                // most addresses of one machine that cool down, at the last look
}

// entry is a machine's part of the ledger.
type entry struct {
	bySubnet []share
	onPods   int32
	open     bool // the machine has had a daemon
	watched  bool
}

// share is what a machine's daemon holds of a subnet.
type share struct{ subnet, assigned, cooling, warm int32 }

func newLedger(subnets int) ledger {
	return ledger{byID: map[string]int{}, sums: make([]result.Addresses, subnets)}
}

// watch makes the next look visit a machine.
func (l *ledger) watch(m *machine) {
	if !m.entry.watched {
		m.entry.watched = true
		l.watched = append(l.watched, m)
	}
}

// close takes a machine that goes out of the sums.
func (l *ledger) close(m *machine) {
	if m.entry.open {
		l.subtract(m)
		m.entry.open = false
	}
}

// look brings the sums up to date. Machines are visited in their order, as far
// as something may be wrong on them. Those stay watched on which addresses
// still cool down, something is wrong, or no daemon hears what happens.
func (l *ledger) look() {
	slices.SortFunc(l.watched, func(a, b *machine) int { return cmp.Compare(a.place, b.place) })
	l.cooling = 0
	kept := l.watched[:0]
	for _, m := range l.watched {
		m.entry.watched = false
		if m.gone {
			continue
		}
		l.subtract(m)
		cooling := l.add(m)
		l.cooling = max(l.cooling, cooling)
		onPods := int(m.entry.onPods)
		wrong := onPods != m.kubelet.Holding() || len(m.suspects)+len(m.defects) > 0
		if wrong {
			m.leaks(onPods)
			m.checkStaleRules()
		}
		if wrong || cooling > 0 || !m.agent.Serving() {
			m.entry.watched = true
			kept = append(kept, m)
		}
	}
	clear(l.watched[len(kept):])
	l.watched = kept
}

// subtract takes a machine's entry out of the sums.
func (l *ledger) subtract(m *machine) {
	e := &m.entry
	if !e.open {
		return
	}
	for _, s := range e.bySubnet {
		l.enter(s, -1)
	}
	l.onPods[e.onPods]--
}

// add puts it in as it is now, and says how many of its addresses cool down.
func (l *ledger) add(m *machine) (cooling int) {
	e := &m.entry
	e.open, e.onPods, e.bySubnet = true, 0, e.bySubnet[:0]
	for eni := range m.ipamd.ENIs {
		i, known := l.byID[eni.SubnetID]
		if !known {
			continue
		}
		s := share{int32(i), int32(eni.Assigned), int32(eni.Cooling), int32(eni.Total - eni.Assigned - eni.Cooling)}
		l.enter(s, 1)
		e.bySubnet = append(e.bySubnet, s)
		e.onPods += s.assigned
		cooling += eni.Cooling
	}
	for int(e.onPods) >= len(l.onPods) {
		l.onPods = append(l.onPods, 0)
	}
	l.onPods[e.onPods]++
	return cooling
}

func (l *ledger) enter(s share, sign int) {
	sum := &l.sums[s.subnet]
	sum.Assigned += sign * int(s.assigned)
	sum.Cooling += sign * int(s.cooling)
	sum.Warm += sign * int(s.warm)
}

// p90 is how many addresses nine of ten machines have on their pods at most.
func (l *ledger) p90() int {
	machines := 0
	for _, n := range l.onPods {
		machines += n
	}
	rank := (machines*9 + 9) / 10
	for onPods, n := range l.onPods {
		if rank -= n; rank <= 0 {
			return onPods
		}
	}
	return 0
}
