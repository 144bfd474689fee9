package fault

import (
	"ipamsim/scenarios"
)

// rollDaemonSet: a rolling update of a DaemonSet of the scenario.
var rollDaemonSet = effect{
	kind: scenarios.FaultRollDaemonSet,
	occasion: func(i *Injector, f *Fault, stream string) {
		f.hits += i.Cluster.RollDaemonSet(f.Workload, f.MaxUnavailable, stream)
	},
}
