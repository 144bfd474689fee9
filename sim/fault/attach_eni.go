package fault

import "ipamsim/scenarios"

// attachENI: somebody attaches an untagged interface. What EC2 refuses, for want of
// room or of interfaces, does not happen.
var attachENI = effect{
	kind: scenarios.FaultAttachENI,
	occasion: func(i *Injector, f *Fault, stream string) {
		for _, n := range i.choose(f, stream) {
			instance, ok := i.Account.Instance(n.Instance.ID)
			if !ok {
				continue
			}
			if _, err := i.Account.AttachNew(n.Instance.ID, *instance.SubnetId, max(f.Addresses, 0), 0, nil); err == nil {
				f.hits++
				i.attachedByOthers(n)
			}
		}
	},
}
