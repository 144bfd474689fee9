package fault

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// detachENI: somebody detaches and deletes a secondary interface.
var detachENI = effect{
	kind: scenarios.FaultDetachENI,
	occasion: func(i *Injector, f *Fault, stream string) {
		random := i.Kernel.Rand(stream + "/interfaces")
		for _, n := range i.choose(f, stream) {
			if list := i.interfaces(n); len(list) > 1 {
				f.hits++
				i.detach(n, list[1+random.IntN(len(list)-1)])
			}
		}
	},
}

// interfaces of a node, in the order of their creation.
func (i *Injector) interfaces(n *cluster.Node) []types.InstanceNetworkInterface {
	instance, _ := i.Account.Instance(n.Instance.ID)
	return instance.NetworkInterfaces
}

func (i *Injector) detach(n *cluster.Node, e types.InstanceNetworkInterface) {
	if i.Account.RemoveInterface(*e.NetworkInterfaceId) == nil {
		i.LinkGone(n, int(*e.Attachment.DeviceIndex))
	}
}
