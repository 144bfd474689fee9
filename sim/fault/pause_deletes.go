package fault

import "ipamsim/scenarios"

// pauseDeletes: no pod of a workload ends.
var pauseDeletes = effect{
	kind: scenarios.FaultPauseDeletes,
	occasion: func(i *Injector, f *Fault, _ string) {
		f.hits++
		i.Cluster.PauseDeletes(f.Workload)
		i.atEnd(f, func() { i.Cluster.ResumeDeletes(f.Workload) })
	},
}
