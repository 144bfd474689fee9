package fault

import "ipamsim/scenarios"

// staleMetadata: instance metadata keeps showing what it shows now.
var staleMetadata = effect{
	kind: scenarios.FaultStaleMetadata,
	occasion: func(i *Injector, f *Fault, stream string) {
		nodes := i.choose(f, stream)
		f.hits += len(nodes)
		for _, n := range nodes {
			i.Account.FreezeMetadata(n.Instance.ID, f.HiddenInterfaces)
		}
		i.atEnd(f, func() {
			for _, n := range nodes {
				i.Account.ThawMetadata(n.Instance.ID)
			}
		})
	},
}
