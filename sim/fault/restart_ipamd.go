package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// RestartIPAMD: the aws-node container ends, and kubelet starts it again.
const RestartIPAMD = scenarios.FaultRestartIPAMD

var restartIPAMD = effect{
	kind: RestartIPAMD,
	node: func(i *Injector, _ *Fault, n *cluster.Node) { i.Restart(n) },
}
