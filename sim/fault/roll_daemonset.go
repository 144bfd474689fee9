package fault

import (
	"ipamsim/scenarios"
)

// RollDaemonSet: a rolling update of a DaemonSet of the scenario.
const RollDaemonSet = scenarios.FaultRollDaemonSet

var rollDaemonSet = effect{
	kind: RollDaemonSet,
	occasion: func(i *Injector, f *Fault, stream string) {
		f.hits += i.Cluster.RollDaemonSet(f.Workload, f.MaxUnavailable, stream)
	},
}
