package fault

import "ipamsim/scenarios"

// subnetOccupy: others take a subnet's highest free addresses.
var subnetOccupy = effect{
	kind: scenarios.FaultSubnetOccupy,
	occasion: func(i *Injector, f *Fault, _ string) {
		for _, id := range i.subnets(f) {
			n, _ := i.Account.Occupy(id, f.Addresses)
			f.hits += n
		}
	},
}

// subnets are the IDs of those that a fault is about.
func (i *Injector) subnets(f *Fault) (ids []string) {
	for _, name := range f.Subnets {
		if id, ok := i.Account.SubnetID(name); ok {
			ids = append(ids, id)
		}
	}
	return ids
}
