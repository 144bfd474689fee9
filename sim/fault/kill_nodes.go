package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// killNodes: instances are terminated at once.
var killNodes = effect{
	kind:         scenarios.FaultKillNodes,
	unregistered: true,
	node:         func(i *Injector, _ *Fault, n *cluster.Node) { i.Cluster.Kill(n) },
}
