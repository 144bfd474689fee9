package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// FlushTable: the routes of secondary interfaces' tables disappear.
const FlushTable = scenarios.FaultFlushTable

var flushTable = effect{
	kind:      FlushTable,
	everyTime: true,
	node:      func(i *Injector, f *Fault, n *cluster.Node) { i.FlushTable(n, f.Device) },
}
