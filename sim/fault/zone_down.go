package fault

import "ipamsim/scenarios"

// zoneDown: instances in subnets fall silent, and EC2 gives nothing there. It always finds
// them, nodes or none.
var zoneDown = effect{
	kind: scenarios.FaultZoneDown,
	occasion: func(i *Injector, f *Fault, _ string) {
		ids := i.subnets(f)
		for _, id := range ids {
			f.hits++
			_ = i.Account.CloseSubnet(id)
		}
		for _, n := range i.Cluster.Select(f.covers, 1, -1, "") {
			f.hits++
			i.Cluster.Silence(n)
		}
		i.atEnd(f, func() {
			for _, id := range ids {
				_ = i.Account.OpenSubnet(id)
			}
		})
	},
}
