package scenarios

import (
	"fmt"
	"slices"
)

// FaultRollDaemonSet is a rolling update of a DaemonSet of the scenario.
const FaultRollDaemonSet FaultKind = "roll-daemonset"

var rollDaemonSet = faultKind{
	name: FaultRollDaemonSet,
	keys: []string{"workload", "maxUnavailable"},
	doc:  "A rolling update of a DaemonSet of the scenario: its pods are deleted and made again, each with another address.",
	check: func(c *faultCheck) {
		if c.needs("workload", "the name of a DaemonSet was expected") && c.usable("%s.workload", c.path) {
			c.known(c.path+".workload", "DaemonSet", c.fault.Workload, c.workloadNames("DaemonSet"))
		}
	},
	words: func(f *Fault) string {
		most := f.MayBeUnavailable()
		return fmt.Sprintf("the DaemonSet %s is rolled, %s of its pods at a time", f.Workload, most.Words())
	},
}

// workloadNames are those of one of the kinds.
func (c *checker) workloadNames(kinds ...string) (names []string) {
	for _, w := range c.s.Workloads {
		if slices.Contains(kinds, w.Kind) {
			names = append(names, w.Name)
		}
	}
	return names
}
