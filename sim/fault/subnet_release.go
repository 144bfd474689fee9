package fault

import "ipamsim/scenarios"

// SubnetRelease: others give their lowest addresses back.
const SubnetRelease = scenarios.FaultSubnetRelease

var subnetRelease = effect{
	kind: SubnetRelease,
	occasion: func(i *Injector, f *Fault, _ string) {
		for _, id := range i.subnets(f) {
			n, _ := i.Account.Vacate(id, f.Addresses)
			f.hits += n
		}
	},
}
