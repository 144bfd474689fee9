package ipamd

import (
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Host is everything that a daemon needs from its surroundings.
type Host struct {
	Clock      Clock
	EC2        EC2
	Metadata   Metadata
	Node       Node
	Network    Network
	Checkpoint Checkpoint
	Picker     Picker
	Spawn      func(name string, fn func()) // runs blocking code beside the caller, as a goroutine would

	// Jitter draws what a back-off adds, in [0, bound).
	Jitter func(bound time.Duration) time.Duration
	// ENIConfigSubnetID is the subnet of the node's ENIConfig; it matters
	// under custom networking only.
	ENIConfigSubnetID string

	// Continues is set for a process that stands for one which has been running
	// for long, as a node has it that exists before a run.
	Continues *Continues
	// APIServer says whether a request to the API server would be answered now;
	// nil: it always is. It is asked before the node init only.
	APIServer func() bool

	// Who listens; each may be nil.
	PoolChanged func()                     // hears of each change of what Daemon.ENIs tells, but for cooldowns that end
	Unserved    func()                     // hears that an interface is given back which never had a pod
	Pausing     func(Pause, time.Duration) // hears of each pause of the daemon at its beginning
	Log         func(Line)                 // hears every line of the log; nil: nothing is formatted
	// Sandbox is what the container runtime calls a sandbox and the path of its
	// network namespace, for those who read the log; nil: both after the key.
	Sandbox func(SandboxKey) (container, netns string)
	Epoch   time.Time // the date of the Clock's start in the log and in Introspect; 2000-01-01 UTC unless set
}

// Continues is what a process knows that stands for one which has been running.
// All else it learns as a new one does. A new process sets the security groups of
// each interface again; here they are set.
type Continues struct {
	Phase   time.Duration // into the passes of the pool loop
	Cleanup time.Duration // until its next clean-up of leaked interfaces, a delay aside
}

// Clock is virtual time. Now counts from an arbitrary start; Sleep blocks.
type Clock interface {
	Now() time.Duration
	Sleep(d time.Duration)
}

// parker is a Clock that can also wake: a daemon on such a clock may skip idle
// passes of its pool loop, and needs no process meanwhile; see
// Settings.ParkIdle.
type parker interface {
	// WakeAt calls wake at a time to come, outside any process. It comes among
	// the events of that instant where the end of a Sleep would.
	WakeAt(t time.Duration, wake func())
	// Resume goes on with the daemon's main goroutine, now and in a process of
	// its own.
	Resume(fn func())
	// Aside says that this instant is only the loop's: how many there are depends
	// on whether the loop may be parked, so that nobody counts them.
	Aside()
}

// Pause is why a daemon sleeps.
type Pause uint8

// The reasons.
const (
	LoopPause      Pause = iota // half a pass of the pool loop
	RetryPause                  // before the next try of a step that has failed
	MetadataPause               // until the next look for a new interface in metadata
	SettlePause                 // after a step that takes effect late
	APIServerPause              // a request to the API server that nobody answers
)

// EC2 is the client behind which the API stands, with its retries. Errors
// that carry a code implement ErrorCode() string.
type EC2 interface {
	DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error)
	DescribeLeakedNetworkInterfaces(vpcID, clusterName string) ([]*types.NetworkInterface, error)
	DescribeSubnets(vpcID, availabilityZone string) ([]*types.Subnet, error)
	DescribeInstance(id string) (*types.Instance, error)
	CreateTags(id string, tags []types.Tag) error
	CreateNetworkInterface(description, subnetID string, ips, prefixes int, tags []types.Tag) (*types.NetworkInterface, error)
	AttachNetworkInterface(eni, instance string, device, card int) (attachmentID string, err error)
	DetachNetworkInterface(attachmentID string) error
	DeleteNetworkInterface(eni string) error
	ModifySecurityGroups(eni string, groups []string) error
	ModifyDeleteOnTermination(eni, attachmentID string, on bool) error
	AssignPrivateIPAddresses(eni string, count int) ([]netip.Addr, error)
	AssignIPv4Prefixes(eni string, count int) ([]netip.Prefix, error)
	UnassignPrivateIPAddresses(eni string, ips []netip.Addr) error
	UnassignIPv4Prefixes(eni string, prefixes []netip.Prefix) error
}

// Metadata is the instance metadata service. It may lag behind EC2, and it may
// not answer: then a read takes its time and fails.
type Metadata interface {
	Identity() (Identity, error)
	// Interfaces is one sweep over every attached interface, ordered as the
	// service lists them. Their lists hold for the visit: copy what you keep.
	Interfaces(visit func(Interface)) error
	SecurityGroups() ([]string, error)
	// VPCCIDRs is read at each ADD. It does not block.
	VPCCIDRs() ([]netip.Prefix, error)
	// Settled says that Interfaces will keep answering the same until the
	// host calls Daemon.Changed.
	Settled() bool
}

// Identity is what a node reads about itself once.
type Identity struct {
	InstanceID       string
	InstanceType     string
	AvailabilityZone string
	VPCID            string
	PrimaryENI       string
	SubnetID         string // of the primary interface
}

// Interface is one interface as metadata lists it.
type Interface struct {
	ID           string
	MAC          string
	DeviceIndex  int
	NetworkCard  int
	Primary      bool
	SubnetID     string
	SubnetCIDR   netip.Prefix
	PrivateIPs   []netip.Addr // primary address first; an EFA-only interface has none
	IPv4Prefixes []netip.Prefix
}

// Node is the Kubernetes object.
type Node interface {
	Unschedulable() bool
	MaxPods() int
}

// Network is the host's network stack as far as ipamd touches it.
type Network interface {
	SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) error
	RemoveENI(primaryIP netip.Addr)
	// RefreshPodRule rewrites a pod's rules at start-up, as far as the real
	// daemon does.
	RefreshPodRule(ip netip.Addr)
	// RemovePodRules deletes the rules to and from an address whose pod has
	// gone while no daemon ran.
	RemovePodRules(ip netip.Addr)
	// HasVeth says whether the pod's host-side interface still exists.
	HasVeth(pod string) bool
}

// Checkpoint is the file of assigned addresses that survives the process.
type Checkpoint interface {
	// Read is what the last process that wrote the file has left in it.
	Read() []Allocation
	// Follow says that the process has written the file, at the end of its
	// recovery, and writes it whole at each change of its book from now on: it
	// always says what Daemon.Checkpoint does.
	Follow(*Daemon)
}

// Picker stands where the real daemon leaves a choice to Go's map order.
type Picker interface {
	// Pick returns the index of the element to take first out of n, n > 0,
	// where the elements are in ascending order of their keys.
	Pick(n int) int
}
