package fleet_test

import (
	"fmt"
	"slices"

	"ipamsim/sim/result"
)

// ledgerAgrees: the sampler's running sums are what a walk over all books
// finds, and nothing is wrong on a machine that is not watched.
func (w *tested) ledgerAgrees() error {
	l := &w.Measured.Sampler.Ledger
	l.Look(w.Kernel.Now())
	sums, onPods, most := make([]result.Addresses, len(l.Sums)), make([]int, len(l.OnPods)), 0
	var perMachine []int
	for _, m := range w.Machines {
		if m.Daemon == nil {
			continue
		}
		assigned, cooling := 0, 0
		for e := range m.Daemon.ENIs {
			sum := &sums[l.ByID[e.SubnetID]]
			sum.Assigned += e.Assigned
			sum.Cooling += e.Cooling
			sum.Warm += e.Total - e.Assigned - e.Cooling
			assigned += e.Assigned
			cooling += e.Cooling
		}
		onPods[assigned]++
		perMachine = append(perMachine, assigned)
		most = max(most, cooling)
		if !m.Entry.Watched && (assigned != m.Kubelet.Holding() || len(m.Suspects)+len(m.Defects) > 0 || !m.Agent.Serving()) {
			return fmt.Errorf("%s is not watched: %d addresses on pods, %d held, %d suspects, %d defects", m.Node.Name, assigned, m.Kubelet.Holding(), len(m.Suspects), len(m.Defects))
		}
		if cooling > 0 && (m.Entry.RestsUntil <= w.Kernel.Now() || m.Entry.RestsUntil > m.Daemon.Thaws()) {
			return fmt.Errorf("%s has %d addresses that cool down until %v at least, and rests until %v", m.Node.Name, cooling, m.Daemon.Thaws(), m.Entry.RestsUntil)
		}
	}
	if !slices.Equal(l.Sums, sums) || !slices.Equal(l.OnPods, onPods) || l.Cooling() != most {
		return fmt.Errorf("the ledger has %+v, %v and %d, the books %+v, %v and %d", l.Sums, l.OnPods, l.Cooling(), sums, onPods, most)
	}
	slices.Sort(perMachine)
	if n := len(perMachine); n > 0 && l.P90() != perMachine[(n*9+9)/10-1] {
		return fmt.Errorf("nine of ten machines have %d addresses on pods at most, of %v", l.P90(), perMachine)
	}
	return nil
}
