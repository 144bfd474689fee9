package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// cordon: nodes are closed for new pods.
var cordon = effect{
	kind: scenarios.FaultCordon,
	occasion: func(i *Injector, f *Fault, stream string) {
		nodes := i.choose(f, stream)
		f.hits += len(nodes)
		i.Cluster.Cordon(nodes)
		i.changed(nodes)
		i.atEnd(f, func() {
			i.Cluster.Uncordon(nodes)
			i.changed(nodes)
		})
	},
}

func (i *Injector) changed(nodes []*cluster.Node) {
	for _, n := range nodes {
		if n.State() != cluster.Gone { // it may have gone while it was cordoned
			i.Changed(n)
		}
	}
}
