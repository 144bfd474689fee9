package fault

import "ipamsim/scenarios"

// throttleStorm: other tenants take an action's tokens.
var throttleStorm = effect{
	kind: scenarios.FaultThrottleStorm,
	occasion: func(i *Injector, f *Fault, _ string) {
		f.hits++
		end := Forever
		if f.For != Forever {
			end = i.Kernel.Now() + f.For
		}
		i.Account.Background(*f.Action, f.Rate, 1, i.Kernel.Now(), end)
	},
}
