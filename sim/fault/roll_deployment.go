package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/des"
)

// superseded is why a Deployment's update ends before its time: another has begun.
const superseded = "Superseded"

// rollDeployment: a rolling update of a Deployment.
var rollDeployment = effect{
	kind: scenarios.FaultRollDeployment,
	occasion: func(i *Injector, f *Fault, _ string) {
		r := i.rollBegan(f, f.Workload, 0)
		total, updated := i.Cluster.RollDeployment(f.Workload, f.Update.MaxSurge, f.Update.MaxUnavailable, func(updated int, another bool) {
			r.Done, r.updated = updated, nil
			if another {
				i.rollEnded(r, superseded)
			} else {
				i.rollEnded(r, "")
			}
		})
		f.hits += total
		r.Total = total
		if r.Ended == des.Never { // else it was over at once
			r.updated = updated
		}
	},
}
