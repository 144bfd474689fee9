package cluster

// Cloud launches and terminates instances.
type Cloud interface {
	// Launch asks for instances in one call, with the client's retries, and
	// calls done exactly once when the call has ended, not before Launch
	// has returned.
	Launch(req LaunchRequest, done func(LaunchResult))
	// Existing makes the instance of a node that exists before the run: it
	// is there at once and costs no API traffic.
	Existing(group *Group, subnet string) (Instance, error)
	// Restore makes the instance of a node that exists before the run, with
	// all that the entry says; likewise.
	Restore(group *Group, entry *ExistingNodes) (Instance, error)
	// Terminate ends instances. Nobody waits for it.
	Terminate(instances []string)
	// TakeBack ends a spot instance, as EC2 does by itself.
	TakeBack(instance string)
	// Zone is the Availability Zone of a subnet.
	Zone(subnet string) string
	// FreeAddresses is the number of free addresses of a subnet, as the
	// cloud would report it.
	FreeAddresses(subnet string) int
}

// LaunchRequest asks for Count instances.
type LaunchRequest struct {
	Group *Group
	Count int
	Pools []Pool // by type, the cheapest first; of one subnet unless Fleet, then of one for each zone
	Fleet bool   // an instant fleet (CreateFleet) rather than RunInstances
}

// Pool is an instance type in a subnet.
type Pool struct{ InstanceType, Subnet string }

// LaunchResult is what a launch call brought: at most Count instances, a
// failure for each reason why there are fewer, and one for each pool of a fleet
// that refused an instance, which another may have given.
type LaunchResult struct {
	Instances []Instance
	Failures  []LaunchFailure
}

// LaunchFailure says where and why instances are missing.
type LaunchFailure struct {
	Pool        // empty when the failure is of no pool
	Code string // the API's error code
}

// Instance is a launched instance.
type Instance struct {
	ID     string
	Subnet string
	Type   string
}

// Machine is the inside of a node from its registration on: the daemons that
// every node has, and the pods' way from bound to running and from stopped to
// gone.
type Machine interface {
	// Boot starts the node's own daemons (aws-node, kube-proxy), whose pods
	// have been made. It calls ready once, when the node has become Ready.
	// Before Boot the machine is given no pod, before ready DaemonSet pods
	// only, and of those only the ones on the host network can run.
	Boot(ready func())
	// Resume takes the place of Boot on a node that exists before the run: it
	// is Ready at time 0, and its pods run. The entry is the node's Existing.
	Resume(pods []*Pod)
	// StartPod begins a pod that has just been bound, and calls
	// Cluster.PodRunning.
	StartPod(p *Pod)
	// StopPod ends a started pod, whether it runs or not, and calls
	// Cluster.PodGone once nothing of it is left on the node.
	StopPod(p *Pod)
	// Shutdown ends everything at once: the instance is terminated. No
	// method is called afterwards and it calls nothing any more.
	Shutdown()
}

// The error codes of a launch call that say that a subnet or its Availability
// Zone has no room, so that another one may do.
const (
	codeNoAddresses = "InsufficientFreeAddressesInSubnet"
	codeNoCapacity  = "InsufficientInstanceCapacity"
)
