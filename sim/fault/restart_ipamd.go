package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// restartIPAMD: the aws-node container ends, and kubelet starts it again.
var restartIPAMD = effect{
	kind: scenarios.FaultRestartIPAMD,
	node: func(i *Injector, _ *Fault, n *cluster.Node) { i.Restart(n) },
}
