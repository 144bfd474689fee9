package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// metadataDown: instance metadata answers nothing.
var metadataDown = effect{
	kind: scenarios.FaultMetadataDown,
	plan: func(i *Injector, f *Fault) {
		w := i.newNodeWindow(f)
		w.began = func(n *cluster.Node) {
			f.hits++
			i.Changed(n)
		}
		i.outages = append(i.outages, w)
	},
}

// MetadataDown says whether a node's instance metadata answers nothing now.
// When that begins the target's Changed is called; its end is not told.
func (i *Injector) MetadataDown(n *cluster.Node) bool {
	for _, w := range i.outages {
		if w.nodes[n] != nil {
			return true
		}
	}
	return false
}
