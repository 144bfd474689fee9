package measure

import (
	"cmp"
	"fmt"
	"slices"

	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// ledger keeps what the fleet's daemons hold as running sums. A look at it
// costs as much as has happened since the look before: only machines are
// visited about which something may be different.
type ledger struct {
	byID    map[string]int     // subnet ID to index
	sums    []result.Addresses // assigned, cooling and warm, by subnet
	onPods  []int              // machines by the number of addresses on their pods
	watched []*machine.Machine // to be visited at the next look
	cooling int                // most addresses of one machine that cool down, at the last look
}

func newLedger(subnets int) ledger {
	return ledger{byID: map[string]int{}, sums: make([]result.Addresses, subnets)}
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

// look brings the sums up to date. Machines are visited in their order, as far
// as something may be wrong on them. Those stay watched on which addresses
// still cool down, something is wrong, or no daemon hears what happens.
func (l *ledger) look() {
	slices.SortFunc(l.watched, func(a, b *machine.Machine) int { return cmp.Compare(a.Place, b.Place) })
	l.cooling = 0
	kept := l.watched[:0]
	for _, m := range l.watched {
		m.Entry.Watched = false
		if m.Gone {
			continue
		}
		l.subtract(m)
		cooling := l.add(m)
		l.cooling = max(l.cooling, cooling)
		onPods := int(m.Entry.OnPods)
		wrong := m.Wrong(onPods)
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
	l.onPods[e.OnPods]--
}

// add puts it in as it is now, and says how many of its addresses cool down.
func (l *ledger) add(m *machine.Machine) (cooling int) {
	e := &m.Entry
	e.Open, e.OnPods, e.BySubnet = true, 0, e.BySubnet[:0]
	for eni := range m.Daemon.ENIs {
		i, known := l.byID[eni.SubnetID]
		if !known {
			continue
		}
		s := share(i, eni)
		l.enter(s, 1)
		e.BySubnet = append(e.BySubnet, s)
		e.OnPods += s.Assigned
		cooling += eni.Cooling
	}
	for int(e.OnPods) >= len(l.onPods) {
		l.onPods = append(l.onPods, 0)
	}
	l.onPods[e.OnPods]++
	return cooling
}

// share is what an interface adds to the sums of its subnet.
func share(subnet int, e ipamd.ENIStats) machine.Share {
	return machine.Share{Subnet: int32(subnet), Assigned: int32(e.Assigned), Cooling: int32(e.Cooling), Warm: int32(e.Total - e.Assigned - e.Cooling)}
}

func (l *ledger) enter(s machine.Share, sign int) {
	sum := &l.sums[s.Subnet]
	sum.Assigned += sign * int(s.Assigned)
	sum.Cooling += sign * int(s.Cooling)
	sum.Warm += sign * int(s.Warm)
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

// check says where the ledger is not what the machines' books are: each entry
// what its machine's daemon holds, the sums those of the entries, and nothing
// wrong on a machine that is not watched. Right after a look that holds for
// watched machines too; later their entries may be behind.
func (l *ledger) check(machines []*machine.Machine, looked bool) error {
	sums, onPods, cooling := make([]result.Addresses, len(l.sums)), make([]int, len(l.onPods)), 0
	for _, m := range machines {
		e, sure := &m.Entry, looked || !m.Entry.Watched
		if !e.Open {
			if m.Daemon != nil && sure {
				return fmt.Errorf("%s has no entry", m.Node.Name)
			}
			continue
		}
		held, cools := l.walk(m)
		if sure && !slices.Equal(e.BySubnet, held) {
			return fmt.Errorf("the ledger has %+v of %s, its daemon %+v", e.BySubnet, m.Node.Name, held)
		}
		if sure && !e.Watched && (m.Wrong(int(e.OnPods)) || cools > 0 || !m.Agent.Serving()) {
			return fmt.Errorf("%s is not watched: %d addresses on pods, %d cooling", m.Node.Name, e.OnPods, cools)
		}
		for _, s := range e.BySubnet {
			sums[s.Subnet].Assigned += int(s.Assigned)
			sums[s.Subnet].Cooling += int(s.Cooling)
			sums[s.Subnet].Warm += int(s.Warm)
		}
		onPods[e.OnPods]++
		cooling = max(cooling, cools)
	}
	if !slices.Equal(l.sums, sums) || !slices.Equal(l.onPods, onPods) || looked && l.cooling != cooling {
		return fmt.Errorf("the ledger has %+v, %v and %d, the books %+v, %v and %d", l.sums, l.onPods, l.cooling, sums, onPods, cooling)
	}
	return nil
}

// walk is what a machine's daemon holds of the subnets, interface by interface,
// and how many of its addresses cool down.
func (l *ledger) walk(m *machine.Machine) (held []machine.Share, cooling int) {
	for e := range m.Daemon.ENIs {
		if i, known := l.byID[e.SubnetID]; known {
			held = append(held, share(i, e))
			cooling += e.Cooling
		}
	}
	return held, cooling
}
