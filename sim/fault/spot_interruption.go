package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// SpotInterruption: EC2 gives spot instances notice.
const SpotInterruption = scenarios.FaultSpotInterruption

var spotInterruption = effect{
	kind:         SpotInterruption,
	unregistered: true,
	spot:         true,
	node:         func(i *Injector, _ *Fault, n *cluster.Node) { i.Cluster.Interrupt(n) },
}
