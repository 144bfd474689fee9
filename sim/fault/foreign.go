package fault

import (
	"math"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/sim/cluster"
)

// freeze lets the metadata of nodes stand still for a while.
func (i *Injector) freeze(nodes []*cluster.Node, f *Fault) {
	f.hits += len(nodes)
	for _, n := range nodes {
		i.Account.FreezeMetadata(n.Instance.ID, f.HiddenInterfaces)
	}
	i.over(f, func() {
		for _, n := range nodes {
			i.Account.ThawMetadata(n.Instance.ID)
		}
	})
}

// meddle changes a node's interfaces behind ipamd's back. What EC2 refuses,
// for want of room or of interfaces, does not happen.
func (i *Injector) meddle(n *cluster.Node, f *Fault, random *rand.Rand) {
	instance, ok := i.Account.Instance(n.Instance.ID)
	if !ok {
		return
	}
	list := instance.NetworkInterfaces // in the order of their creation
	switch f.Kind {
	case AttachENI:
		if _, err := i.Account.AttachNew(n.Instance.ID, *instance.SubnetId, max(f.Addresses, 0), 0, nil); err == nil {
			f.hits++
			i.brought(n)
		}
	case DetachENI:
		if len(list) > 1 {
			f.hits++
			i.detach(n, list[1+random.IntN(len(list)-1)])
		}
	case Unassign:
		left := f.Addresses
		if left < 0 {
			left = math.MaxInt
		}
		for k := len(list) - 1; k >= 0 && left > 0; k-- {
			gone, _ := i.Account.UnassignHighest(*list[k].NetworkInterfaceId, left)
			left -= len(gone)
			f.hits += len(gone)
		}
	}
}

func (i *Injector) detach(n *cluster.Node, e types.InstanceNetworkInterface) {
	if i.Account.RemoveInterface(*e.NetworkInterfaceId) == nil {
		i.LinkGone(n, int(*e.Attachment.DeviceIndex))
	}
}
