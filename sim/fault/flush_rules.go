package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// FlushRules: systemd-networkd drops the policy rules of others.
const FlushRules = scenarios.FaultFlushRules

var flushRules = effect{
	kind:      FlushRules,
	everyTime: true,
	node:      func(i *Injector, _ *Fault, n *cluster.Node) { i.Flush(n) },
}
