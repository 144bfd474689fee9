package machine

import (
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/awscni"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// Site is what all machines of a fleet have around them.
type Site struct {
	Kernel   *des.Kernel
	Account  *ec2model.Account
	Cluster  *cluster.Cluster
	Faults   *fault.Injector
	VPCCIDRs []netip.Prefix
	Zone     func(subnet string) string // Availability Zone by the subnet's name
	SDK      awssdk.Options             // of each node's client
	Epoch    time.Time                  // date of kernel time 0
	Starts   kubelet.Starts             // that the kubelets share

	Hooks
}

// Hooks hear of what happens on machines. They only look; a nil one costs
// nothing.
type Hooks struct {
	// Made hears of a machine before its kubelet and its plugin are made, and
	// may listen to them.
	Made func(m *Machine, k *kubelet.Options, plugin *awscni.Options)
	// Started hears that a process of ipamd starts, and may stand between it
	// and its host.
	Started func(m *Machine, host *ipamd.Host)
	Serving func(m *Machine)            // ipamd begins to serve
	Exited  func(m *Machine, err error) // the aws-node container has ended
	Gone    func(m *Machine)            // the instance has ended
	Changed func(m *Machine)            // what its daemon holds, or what the runtime knows of it
	Vain    func(m *Machine)            // ipamd gives an interface back that never had a pod

	Added                    func(m *Machine, p *kubelet.Pod, err error) // a CNI ADD is over
	Unready                  func(m *Machine, p *kubelet.Pod)            // the network was not ready for a pod
	DefectBegan, DefectEnded func(m *Machine, d *Defect)
}

// Kind is what the nodes of a group have in common.
type Kind struct {
	Environment map[string]string       // of the aws-node container
	Limits      ec2model.InstanceLimits // of the instance type
	Timings     *kubelet.Timings        // of its kubelet and its agent; nil for the defaults
	Cached      bool                    // the images of kube-proxy and aws-node are on the disk of a new node
	Pull        cluster.Draw            // of one of them, where they are not; nil is what Timings have
	ProxyTime   cluster.Draw            // registration until kube-proxy's rules are written; likewise
	Start       map[string]cluster.Draw // container start by workload; absent is kubelet's own
	PodSubnet   map[string]string       // subnet ID by Availability Zone, of the ENIConfigs
	Policies    ipamd.Policies
	ParkIdle    bool   // daemons that do nothing are parked
	Release     string // of the VPC CNI; see ipamd.Releases

	config *ipamd.Config   // what the daemon makes of its environment
	host   *hostnet.Config // and what that makes of the host's network
}

// loopOverhead is what half a pass of ipamd's loop takes in CPU time. Its
// size does not matter, only that it is not zero: without it, a multiple of
// the 5 s pass would equal the 30 s and 60 s gates exactly, which never
// happens on a real node.
const loopOverhead = 100 * time.Nanosecond

// SetEnvironment is what new pods of the DaemonSet see, in a VPC with some
// blocks.
func (k *Kind) SetEnvironment(environment map[string]string, vpcCIDRs []netip.Prefix) {
	host := hostnet.Config{VPCCIDRs: vpcCIDRs}.Environment(environment)
	k.Environment, k.host = environment, &host
	k.config = ipamd.ParseEnvironment(environment, ipamd.Settings{
		ENILimit: k.Limits.DefaultCardENIs(), IPv4Limit: k.Limits.IPv4PerENI, Nitro: k.Limits.Nitro(),
		LoopOverhead: loopOverhead, ParkIdle: k.ParkIdle, Policies: k.Policies, Release: k.Release,
	})
}

// Tags are those of an interface that a daemon of the kind has had for long.
func (k *Kind) Tags(instance string) []types.Tag { return k.config.InterfaceTags(instance) }

// Defect is something that is or was wrong with a node's network. Times are
// kernel times.
type Defect struct {
	Kind         result.DefectKind
	Node         string
	Pod          string
	Address      netip.Addr
	Began, Ended time.Duration // Ended is des.Never while it lasts
	Cause        result.NetworkCause
	Misdirects   bool // a stale rule that has sent somebody's packets out of the wrong interface
}

// Entry is a machine's part of the ledger of the fleet's addresses, kept for
// who keeps that.
type Entry struct {
	BySubnet []Share
	OnPods   int32
	Cooling  int32
	Open     bool // the machine has had a daemon
	Watched  bool
	// RestsUntil is when it is visited for what cools down; 0 is never.
	RestsUntil time.Duration
	Churn      Churn
}

// Churn is when a machine gave interfaces back that never had a pod.
type Churn struct {
	Last    [2]time.Duration // the last times, the latest first; 0 is never
	Counted bool             // as a machine that does so again and again
}

// Share is what a machine's daemon holds of a subnet, by the subnet's place.
type Share struct{ Subnet, Assigned, Cooling, Warm int32 }
