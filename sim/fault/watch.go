package fault

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
)

// Moment is a point in what a node's ipamd does.
type Moment string

// The moments. Those in -ing last from the request until its answer: a node is
// hit at their beginning, when the request is sent and will have its effect
// whatever becomes of the sender. The others last from the answer to the next
// request of the sequence.
const (
	Initialising Moment = "initialising" // ipamd starts
	Assigning    Moment = "assigning"
	Unassigning  Moment = "unassigning"
	Creating     Moment = "creating"
	Created      Moment = "created" // and not attached
	Attaching    Moment = "attaching"
	Attached     Moment = "attached"  // and DeleteOnTermination not set
	Modifying    Moment = "modifying" // it is being set
	Detaching    Moment = "detaching"
	Detached     Moment = "detached" // and not deleted
	Deleting     Moment = "deleting"
)

// starting is the moment that begins with a request.
var starting = map[ec2model.Action]Moment{
	ec2model.AssignPrivateIpAddresses:        Assigning,
	ec2model.UnassignPrivateIpAddresses:      Unassigning,
	ec2model.CreateNetworkInterface:          Creating,
	ec2model.AttachNetworkInterface:          Attaching,
	ec2model.ModifyNetworkInterfaceAttribute: Modifying, // unless it sets security groups
	ec2model.DetachNetworkInterface:          Detaching,
	ec2model.DeleteNetworkInterface:          Deleting,
}

// ending is the moment that begins with a successful answer.
var ending = map[ec2model.Action]Moment{
	ec2model.CreateNetworkInterface: Created,
	ec2model.AttachNetworkInterface: Attached,
	ec2model.DetachNetworkInterface: Detached,
}

// guest is a node whose moments are watched.
type guest struct {
	node        *cluster.Node
	unprotected bool // it has attached an interface and not set DeleteOnTermination
}

// watch waits for nodes to come to a moment.
type watch struct {
	*Fault
	stream string
	left   int                    // nodes that may still be hit; -1 for no bound
	done   map[*cluster.Node]bool // hit, or not of the share
}

// watch plans a fault with a When: from each of its occasions on, nodes are
// hit when they come to the moment, each once per occasion.
func (i *Injector) watch(f *Fault, stream string) {
	w := &watch{Fault: f, stream: stream, done: map[*cluster.Node]bool{}}
	i.each(f, func(n int) {
		if n == 0 {
			i.watches = append(i.watches, w)
		}
		clear(w.done)
		if f.Nodes < 0 {
			w.left = -1
		} else {
			w.left += f.Nodes
		}
	})
	i.Kernel.At(f.Until, func() {
		i.watches = slices.DeleteFunc(i.watches, func(other *watch) bool { return other == w })
	})
	if len(i.guests) == 0 && i.guests != nil {
		i.observe()
	}
}
