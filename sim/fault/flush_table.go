package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// flushTable: the routes of secondary interfaces' tables disappear.
var flushTable = effect{
	kind:      scenarios.FaultFlushTable,
	everyTime: true,
	node:      func(i *Injector, f *Fault, n *cluster.Node) { i.FlushTable(n, f.Device) },
}
