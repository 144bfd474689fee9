package fault

import "ipamsim/scenarios"

// InsufficientCapacity: EC2 has only so many instances left. It is there whether
// anybody asks for one or not.
const InsufficientCapacity = scenarios.FaultInsufficientCapacity

var insufficientCapacity = effect{
	kind: InsufficientCapacity,
	occasion: func(i *Injector, f *Fault, _ string) {
		f.hits++
		i.atEnd(f, i.Account.RunShort(f.Shortage))
	},
}
