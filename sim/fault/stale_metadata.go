package fault

import "ipamsim/scenarios"

// StaleMetadata: instance metadata keeps showing what it shows now.
const StaleMetadata = scenarios.FaultStaleMetadata

var staleMetadata = effect{
	kind: StaleMetadata,
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
