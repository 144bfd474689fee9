package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// ledger keeps what the fleet's daemons hold as running sums. A look at it
// costs as much as has happened since the look before: only machines are
// visited about which something may be different.
type ledger struct {
	ByID      map[string]int     // subnet ID to index
	Sums      []result.Addresses // assigned, cooling and warm, by subnet
	OnPods    []int              // machines by the number of addresses on their pods
	OnCooling []int              // and of those that cool down
	watched   []*machine.Machine // to be visited at the next look
	resting   []rest             // to be visited once an address has cooled down
}

// rest is a machine of which nothing is to be expected before a kernel time
// but what it tells of.
type rest struct {
	until   time.Duration
	machine *machine.Machine
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

// Look brings the sums up to date. Where something may be wrong it is looked
// into, in the order of the machines. Those stay watched on which something is
// wrong, or no daemon hears what happens.
func (l *ledger) Look(now time.Duration) {
	l.wakeUp(now)
	var wrong []*machine.Machine
	kept := l.watched[:0]
	for _, m := range l.watched {
		e := &m.Entry
		e.Watched = false
		if m.Gone {
			continue
		}
		l.subtract(m)
		l.add(m)
		isWrong := int(e.OnPods) != m.Kubelet.Holding() || len(m.Suspects)+len(m.Defects) > 0
		if isWrong {
			wrong = append(wrong, m)
		}
		if isWrong || !m.Agent.Serving() {
			e.Watched = true
			kept = append(kept, m)
		}
		if e.Cooling > 0 {
			l.rest(m, m.Daemon.Thaws())
		}
	}
	clear(l.watched[len(kept):])
	l.watched = kept
	slices.SortFunc(wrong, func(a, b *machine.Machine) int { return cmp.Compare(a.Place, b.Place) })
	for _, m := range wrong {
		m.CheckLeaks(int(m.Entry.OnPods))
		m.CheckStaleRules()
	}
}

// rest makes a look at a kernel time visit a machine.
func (l *ledger) rest(m *machine.Machine, until time.Duration) {
	if e := &m.Entry; e.RestsUntil == 0 || e.RestsUntil > until {
		e.RestsUntil = until
		l.resting = append(l.resting, rest{until, m})
	}
}

// wakeUp makes those watched that have rested long enough.
func (l *ledger) wakeUp(now time.Duration) {
	kept := l.resting[:0]
	for _, r := range l.resting {
		if r.until > now {
			kept = append(kept, r)
			continue
		}
		if r.machine.Entry.RestsUntil == r.until {
			r.machine.Entry.RestsUntil = 0
		}
		l.watch(r.machine)
	}
	clear(l.resting[len(kept):])
	l.resting = kept
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
	l.OnCooling[e.Cooling]--
}

// add puts it in as it is now.
func (l *ledger) add(m *machine.Machine) {
	e := &m.Entry
	e.Open, e.OnPods, e.Cooling, e.BySubnet = true, 0, 0, e.BySubnet[:0]
	for eni := range m.Daemon.ENIs {
		i, known := l.ByID[eni.SubnetID]
		if !known {
			continue
		}
		s := machine.Share{Subnet: int32(i), Assigned: int32(eni.Assigned), Cooling: int32(eni.Cooling), Warm: int32(eni.Total - eni.Assigned - eni.Cooling)}
		l.enter(s, 1)
		e.BySubnet = append(e.BySubnet, s)
		e.OnPods += s.Assigned
		e.Cooling += s.Cooling
	}
	enroll(&l.OnPods, e.OnPods)
	enroll(&l.OnCooling, e.Cooling)
}

// enroll adds a machine with n addresses.
func enroll(machines *[]int, n int32) {
	for int(n) >= len(*machines) {
		*machines = append(*machines, 0)
	}
	(*machines)[n]++
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

// Cooling is the most addresses of one machine that cool down.
func (l *ledger) Cooling() int {
	for n, machines := range slices.Backward(l.OnCooling) {
		if machines > 0 {
			return n
		}
	}
	return 0
}

// walk is what the sums are, by the books of all machines. It looks at each, and
// changes nothing.
func (l *ledger) walk(machines []*machine.Machine) []result.Addresses {
	sums := make([]result.Addresses, len(l.Sums))
	for _, m := range machines {
		if m.Daemon == nil {
			continue
		}
		for e := range m.Daemon.ENIs {
			if i, known := l.ByID[e.SubnetID]; known {
				sums[i].Assigned += e.Assigned
				sums[i].Cooling += e.Cooling
				sums[i].Warm += e.Total - e.Assigned - e.Cooling
			}
		}
	}
	return sums
}

// check says where the ledger, right after a look, is not what a walk over the
// books of all machines finds, and where something is wrong on a machine that
// is neither watched nor resting.
func (l *ledger) check(machines []*machine.Machine, now time.Duration) error {
	sums, onPods, most := l.walk(machines), make([]int, len(l.OnPods)), 0
	for _, m := range machines {
		if m.Daemon == nil {
			continue
		}
		assigned, cooling := 0, 0
		for e := range m.Daemon.ENIs {
			assigned += e.Assigned
			cooling += e.Cooling
		}
		onPods[assigned]++
		most = max(most, cooling)
		if !m.Entry.Watched && (m.Wrong(assigned) || !m.Agent.Serving()) {
			return fmt.Errorf("%s is not watched: %d addresses on pods, %d held, %d suspects, %d defects", m.Node.Name, assigned, m.Kubelet.Holding(), len(m.Suspects), len(m.Defects))
		}
		if cooling > 0 && (m.Entry.RestsUntil <= now || m.Entry.RestsUntil > m.Daemon.Thaws()) {
			return fmt.Errorf("%s has %d addresses that cool down until %v at least, and rests until %v", m.Node.Name, cooling, m.Daemon.Thaws(), m.Entry.RestsUntil)
		}
	}
	if !slices.Equal(l.Sums, sums) || !slices.Equal(l.OnPods, onPods) || l.Cooling() != most {
		return fmt.Errorf("the ledger has %+v, %v and %d, the books %+v, %v and %d", l.Sums, l.OnPods, l.Cooling(), sums, onPods, most)
	}
	return nil
}
