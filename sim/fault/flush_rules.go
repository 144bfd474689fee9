package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// flushRules: systemd-networkd drops the policy rules of others.
var flushRules = effect{
	kind:      scenarios.FaultFlushRules,
	everyTime: true,
	node:      func(i *Injector, _ *Fault, n *cluster.Node) { i.Flush(n) },
}
