package cluster

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ipamsim/sim/controlplane"
)

// Config is a cluster and what is asked of it. Times are scenario times.
type Config struct {
	WarmUp      time.Duration // kernel time at which scenario time begins
	End         time.Duration // of the run
	Groups      []GroupConfig
	Autoscaler  *AutoscalerConfig // nil for fixed groups
	PodCreation controlplane.Rate // of each controller that creates and deletes pods
	Scheduling  controlplane.Rate // of the scheduler
	Scoring     Scoring           // LeastAllocated when empty
	Workloads   []WorkloadConfig
	Limits      Limits
}

// kernelTime converts a scenario time to kernel time. What lies before the warm-up
// is its start.
func (c *Config) kernelTime(t time.Duration) time.Duration { return max(0, c.WarmUp+t) }

// Draw samples a duration. It returns whole microseconds, never negative.
type Draw func(r *rand.Rand) time.Duration

// Resources are requests of a pod or what a node can allocate.
type Resources struct {
	MilliCPU int64
	Memory   int64 // bytes
}

// GroupConfig is a number of nodes that are made alike, of one type or several.
type GroupConfig struct {
	Name          string
	InstanceType  string     // passed on to the Cloud
	Alternatives  []NodeType // further types, in the order of price; InstanceType is the cheapest
	Spot          bool
	Interruptions float64         // of each spot instance, mean per hour
	Count         int             // nodes at scenario time 0 that the warm-up makes
	Existing      []ExistingNodes // and those that are there before it
	Max           int             // most nodes that the autoscaler may make; negative for no bound
	Steps         []Step          // desired number; a floor when an autoscaler manages the group
	Subnets       []string
	MaxPods       int
	Allocatable   Resources
	Boot          Draw // launch call to kubelet start; the default family's when nil
	LaunchDelay   Draw // from a change of the group's desired size until it launches, unless Karpenter manages it; none when nil

	KeepInterface bool // the first interface of an instance stays when it goes; passed on to the Cloud
}

// NodeType is an instance type and what a node of it has.
type NodeType struct {
	InstanceType string
	MaxPods      int
	Allocatable  Resources
}

// Step changes a number at a moment, at once or by a straight ramp.
type Step struct {
	At    time.Duration
	Count int
	Over  time.Duration // length of the ramp
}

// AutoscalerKind is a way to add and remove nodes.
type AutoscalerKind string

// The autoscalers.
const (
	Karpenter         AutoscalerKind = "karpenter"
	ClusterAutoscaler AutoscalerKind = "cluster-autoscaler"
)

// AutoscalerConfig switches an autoscaler on.
type AutoscalerConfig struct {
	Kind           AutoscalerKind
	Groups         []string      // that it manages, all when empty; its order is Config.Groups'
	ScaleDown      bool          // whether it removes nodes at all
	ScaleDownAfter time.Duration // a node must have been unneeded for this long; the kind's default when 0
	Utilization    float64       // nodes below it are drained when their pods fit elsewhere; 1 is any node, 0 removes empty ones only
}

// WorkloadKind is what keeps a workload's pods.
type WorkloadKind string

// The workloads.
const (
	Deployment WorkloadKind = "Deployment"
	DaemonSet  WorkloadKind = "DaemonSet"
	Job        WorkloadKind = "Job"
	Bare       WorkloadKind = "Pod" // whoever makes pods himself
	Trace      WorkloadKind = "Trace"
)

// WorkloadConfig is a set of pods.
type WorkloadConfig struct {
	Name             string
	Kind             WorkloadKind
	Initial          int                // Deployment: replicas at scenario time 0
	Replicas         []Step             // Deployment: replicas over time
	From             *time.Duration     // DaemonSet: when it is created; with the nodes when nil
	TolerateNotReady bool               // DaemonSet: its pods start before a node is Ready
	Spread           []SpreadConstraint // Deployment
	Budget           *DisruptionBudget  // Deployment; nil for none
	ReadyAfter       time.Duration      // Deployment: from running until a pod is ready
	GiveUpAfter      time.Duration      // Job, Bare and Trace: a pod that does not run by then is deleted; 0 for never
	Arrivals         *Arrivals          // Job and Bare
	Trace            []TracePod
	Lifetime         Draw // running to completion (Job, Bare) or to replacement (Deployment); nil for never
	HostNetwork      bool
	Requests         Resources // of one pod
	NotOn            []string  // groups that its pods may not go to, for labels or taints
}

// Scoring is which node with room the scheduler prefers.
type Scoring string

// The scoring strategies.
const (
	LeastAllocated Scoring = "LeastAllocated"
	MostAllocated  Scoring = "MostAllocated"
	Packing        Scoring = "Packing" // MostAllocated, and nothing else
)

// SpreadConstraint keeps the numbers of a workload's pods in all zones, or on
// all nodes, close to each other.
type SpreadConstraint struct {
	Hosts   bool // over nodes rather than zones
	MaxSkew int
	Soft    bool // a preference, no condition
}

// Arrivals is an arrival process of batches of pods.
type Arrivals struct {
	Rate     float64       // mean arrivals per second; or
	Every    time.Duration // one arrival every so often
	Constant bool          // evenly spaced instead of Poisson
	Batch    int           // pods per arrival; 1 when 0
	From     time.Duration
	To       time.Duration // last moment; the end of the run when 0
}

// TracePod is one pod of a trace. Requests of zero take the workload's.
type TracePod struct {
	Created  time.Duration
	Lifetime time.Duration // from running to completion; des.Never for no end
	Requests Resources
}

// Limits bound a run; reaching one ends it with an error. Zero fields take
// their defaults.
type Limits struct {
	Pods  int // created over the whole run; 10 million
	Nodes int // joined over the whole run; 1 million
	Queue int // pods that wait for the scheduler or for room; 2 million
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Pods:  cmp.Or(l.Pods, 10_000_000),
		Nodes: cmp.Or(l.Nodes, 1_000_000),
		Queue: cmp.Or(l.Queue, 2_000_000),
	}
}

// check finds what no scenario reader could: the rest is the caller's
// business, but a cluster that cannot work must not start.
func (c *Config) check() error {
	if len(c.Groups) == 0 {
		return fmt.Errorf("cluster: no node group")
	}
	names := map[string]bool{}
	for i := range c.Groups {
		g := &c.Groups[i]
		switch {
		case names[g.Name]:
			return fmt.Errorf("cluster: two node groups are called %q", g.Name)
		case len(g.Subnets) == 0:
			return fmt.Errorf("cluster: node group %q has no subnet", g.Name)
		case g.Count < 0:
			return fmt.Errorf("cluster: node group %q has a negative count", g.Name)
		case len(g.Alternatives) >= mostTypes:
			return fmt.Errorf("cluster: node group %q has more than %d instance types", g.Name, mostTypes)
		}
		names[g.Name] = true
	}
	if a := c.Autoscaler; a != nil {
		if a.Kind != Karpenter && a.Kind != ClusterAutoscaler {
			return fmt.Errorf("cluster: unknown autoscaler %q", a.Kind)
		}
		for _, name := range a.Groups {
			if !names[name] {
				return fmt.Errorf("cluster: the autoscaler manages node group %q, which does not exist", name)
			}
		}
	}
	clear(names)
	for i := range c.Workloads {
		w := &c.Workloads[i]
		if names[w.Name] {
			return fmt.Errorf("cluster: two workloads are called %q", w.Name)
		}
		names[w.Name] = true
		if err := w.check(); err != nil {
			return err
		}
	}
	return nil
}

func (w *WorkloadConfig) check() error {
	if w.Requests.MilliCPU < 0 || w.Requests.Memory < 0 {
		return fmt.Errorf("cluster: workload %q has negative requests", w.Name)
	}
	switch w.Kind {
	case Deployment, DaemonSet:
	case Job, Bare:
		if a := w.Arrivals; a == nil || (a.Rate > 0) == (a.Every > 0) {
			return fmt.Errorf("cluster: job %q needs arrivals with either a rate or an interval", w.Name)
		}
	case Trace:
		if !slices.IsSortedFunc(w.Trace, func(a, b TracePod) int { return cmp.Compare(a.Created, b.Created) }) {
			return fmt.Errorf("cluster: trace %q is not in the order of creation", w.Name)
		}
	default:
		return fmt.Errorf("cluster: workload %q is of unknown kind %q", w.Name, w.Kind)
	}
	return nil
}
