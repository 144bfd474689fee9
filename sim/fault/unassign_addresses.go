package fault

import (
	"math"

	"ipamsim/scenarios"
)

// unassign: somebody takes the highest secondary addresses away, newest interface
// first.
var unassign = effect{
	kind: scenarios.FaultUnassignAddresses,
	occasion: func(i *Injector, f *Fault, stream string) {
		for _, n := range i.choose(f, stream) {
			left := f.Addresses
			if left < 0 {
				left = math.MaxInt
			}
			list := i.interfaces(n)
			for k := len(list) - 1; k >= 0 && left > 0; k-- {
				gone, _ := i.Account.UnassignHighest(*list[k].NetworkInterfaceId, left)
				left -= len(gone)
				f.hits += len(gone)
			}
		}
	},
}
