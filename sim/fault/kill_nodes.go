package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// KillNodes: instances are terminated at once.
const KillNodes = scenarios.FaultKillNodes

var killNodes = effect{
	kind:         KillNodes,
	unregistered: true,
	node:         func(i *Injector, _ *Fault, n *cluster.Node) { i.Cluster.Kill(n) },
}
