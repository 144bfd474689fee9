package fault

import "ipamsim/scenarios"

// subnetRelease: others give their lowest addresses back.
var subnetRelease = effect{
	kind: scenarios.FaultSubnetRelease,
	occasion: func(i *Injector, f *Fault, _ string) {
		for _, id := range i.subnets(f) {
			n, _ := i.Account.Vacate(id, f.Addresses)
			f.hits += n
		}
	},
}
