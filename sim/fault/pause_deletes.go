package fault

import "ipamsim/scenarios"

// PauseDeletes: no pod of a workload ends.
const PauseDeletes = scenarios.FaultPauseDeletes

var pauseDeletes = effect{
	kind: PauseDeletes,
	occasion: func(i *Injector, f *Fault, _ string) {
		f.hits++
		i.Cluster.PauseDeletes(f.Workload)
		i.atEnd(f, func() { i.Cluster.ResumeDeletes(f.Workload) })
	},
}
