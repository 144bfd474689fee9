package measure

import (
	"cmp"
	"slices"

	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// ledger keeps what the fleet's daemons hold as running sums. A look at it
// costs as much as has happened since the look before: only machines are
// visited about which something may be different.
type ledger struct {
	ByID    map[string]int     // subnet ID to index
	Sums    []result.Addresses // assigned, cooling and warm, by subnet
	OnPods  []int              // machines by the number of addresses on their pods
	watched []*machine.Machine // to be visited at the next look
	Cooling int                // most addresses of one machine that cool down, at the last look
}

func newLedger(subnets int) ledger {
	return ledger{ByID: map[string]int{}, Sums: make([]result.Addresses, subnets)}
}

// watch makes the next look visit a machine.
func (l *ledger) watch(m *machine.Machine) {
	if !m.Entry.Watched {
		m.Entry.Watched = true
		l.watched = append(l.watched, m)
	}
}

// close takes a machine that goes out of the sums.
func (l *ledger) close(m *machine.Machine) {
	if m.Entry.Open {
		l.subtract(m)
		m.Entry.Open = false
	}
}

// Look brings the sums up to date. Machines are visited in their order, as far
// as something may be wrong on them. Those stay watched on which addresses
// still cool down, something is wrong, or no daemon hears what happens.
func (l *ledger) Look() {
	slices.SortFunc(l.watched, func(a, b *machine.Machine) int { return cmp.Compare(a.Place, b.Place) })
	l.Cooling = 0
	kept := l.watched[:0]
	for _, m := range l.watched {
		m.Entry.Watched = false
		if m.Gone {
			continue
		}
		l.subtract(m)
		cooling := l.add(m)
		l.Cooling = max(l.Cooling, cooling)
		onPods := int(m.Entry.OnPods)
		wrong := onPods != m.Kubelet.Holding() || len(m.Suspects)+len(m.Defects) > 0
		if wrong {
			m.CheckLeaks(onPods)
			m.CheckStaleRules()
		}
		if wrong || cooling > 0 || !m.Agent.Serving() {
			m.Entry.Watched = true
			kept = append(kept, m)
		}
	}
	clear(l.watched[len(kept):])
	l.watched = kept
}

// subtract takes a machine's entry out of the sums.
func (l *ledger) subtract(m *machine.Machine) {
	e := &m.Entry
	if !e.Open {
		return
	}
	for _, s := range e.BySubnet {
		l.enter(s, -1)
	}
	l.OnPods[e.OnPods]--
}

// add puts it in as it is now, and says how many of its addresses cool down.
func (l *ledger) add(m *machine.Machine) (cooling int) {
	e := &m.Entry
	e.Open, e.OnPods, e.BySubnet = true, 0, e.BySubnet[:0]
	for eni := range m.Daemon.ENIs {
		i, known := l.ByID[eni.SubnetID]
		if !known {
			continue
		}
		s := machine.Share{Subnet: int32(i), Assigned: int32(eni.Assigned), Cooling: int32(eni.Cooling), Warm: int32(eni.Total - eni.Assigned - eni.Cooling)}
		l.enter(s, 1)
		e.BySubnet = append(e.BySubnet, s)
		e.OnPods += s.Assigned
		cooling += eni.Cooling
	}
	for int(e.OnPods) >= len(l.OnPods) {
		l.OnPods = append(l.OnPods, 0)
	}
	l.OnPods[e.OnPods]++
	return cooling
}

func (l *ledger) enter(s machine.Share, sign int) {
	sum := &l.Sums[s.Subnet]
	sum.Assigned += sign * int(s.Assigned)
	sum.Cooling += sign * int(s.Cooling)
	sum.Warm += sign * int(s.Warm)
}

// P90 is how many addresses nine of ten machines have on their pods at most.
func (l *ledger) P90() int {
	machines := 0
	for _, n := range l.OnPods {
		machines += n
	}
	rank := (machines*9 + 9) / 10
	for onPods, n := range l.OnPods {
		if rank -= n; rank <= 0 {
			return onPods
		}
	}
	return 0
}
