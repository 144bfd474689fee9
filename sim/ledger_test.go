package sim

import (
	"fmt"
	"slices"

	"ipamsim/sim/result"
)

// ledgerAgrees: the sampler's running sums are what a walk over all books
// finds, and nothing is wrong on a machine that is not watched.
func (w *world) ledgerAgrees() error {
	l := &w.measured.sampler.ledger
	l.look()
	sums, onPods, most := make([]result.Addresses, len(l.sums)), make([]int, len(l.onPods)), 0
	var perMachine []int
	for _, m := range w.machines {
		if m.ipamd == nil {
			continue
		}
		assigned, cooling := 0, 0
		for e := range m.ipamd.ENIs {
			sum := &sums[l.byID[e.SubnetID]]
			sum.Assigned += e.Assigned
			sum.Cooling += e.Cooling
			sum.Warm += e.Total - e.Assigned - e.Cooling
			assigned += e.Assigned
			cooling += e.Cooling
		}
		onPods[assigned]++
		perMachine = append(perMachine, assigned)
		most = max(most, cooling)
		if !m.entry.watched && (assigned != m.kubelet.Holding() || len(m.suspects)+len(m.defects)+cooling > 0 || !m.agent.Serving()) {
			return fmt.Errorf("%s is not watched: %d addresses on pods, %d held, %d suspects, %d defects, %d cooling", m.node.Name, assigned, m.kubelet.Holding(), len(m.suspects), len(m.defects), cooling)
		}
	}
	if !slices.Equal(l.sums, sums) || !slices.Equal(l.onPods, onPods) || l.cooling != most {
		return fmt.Errorf("the ledger has %+v, %v and %d, the books %+v, %v and %d", l.sums, l.onPods, l.cooling, sums, onPods, most)
	}
	slices.Sort(perMachine)
	if n := len(perMachine); n > 0 && l.p90() != perMachine[(n*9+9)/10-1] {
		return fmt.Errorf("nine of ten machines have %d addresses on pods at most, of %v", l.p90(), perMachine)
	}
	return nil
}
