package result

import "slices"

// MetricKind says how a metric is summed up.
type MetricKind int

// The kinds.
const (
	Trend   MetricKind = iota // a distribution of durations
	Counter                   // a number of things that happened
	Gauge                     // a level
)

// Kinds are all of them, in the order of the reference page.
var Kinds = []MetricKind{Trend, Counter, Gauge}

func (k MetricKind) String() string { return [...]string{"trend", "counter", "gauge"}[k] }

// Metric is something that a threshold can be set on, and how it is read off
// a result: one row here is all that a new metric takes.
type Metric struct {
	Name   string
	Kind   MetricKind
	Unit   string   // s for trends, empty for numbers
	Labels []string // that a selector may name; variant is always one
	// Across says what stands for several subnets or actions when the
	// selector names none: lowest, highest or sum; empty where there is one.
	Across string
	Pooled Pooling // what it is of several replications
	Doc    string

	read reader
}

// reader takes a metric's value from a result. One of its functions is set.
type reader struct {
	trend   func(*StartTrends) *Durations        // of all pods or nodes, or of those that a selector or a window means
	summed  func(*Outcome) *Quantiles            // a trend once it was summed up
	ofSet   func(*PodSet) *Quantiles             // likewise, of a workload or a node group; nil where results have none
	counts  func(*Counts) int                    // one number of the pods that a selector means
	nodes   func(*NodeCounts) int                // one number of the nodes that a selector means
	parted  func(*Outcome, Part) int             // one number of a run, or of the pods and nodes that a selector means
	outcome func(*Outcome, Selector) int         // one number of a run
	seconds func(*Outcome, Selector) *float64    // likewise; nil was not observed
	subnet  func(*Subnet) int                    // one number a subnet
	action  func(a *Action, code string) (n int) // one number an action; an empty code is every code
	network bool                                 // the number is one of NetworkCounts
	spans   spans                                // what it is of a window
}

// ofPods says whether a selector of pods or nodes narrows the metric, or a window.
func (m *Metric) ofPods() bool {
	return m.read.counts != nil || m.read.trend != nil || m.read.nodes != nil || m.read.parted != nil
}

var (
	byVariant  = []string{"variant"}
	byPods     = append([]string{"variant"}, podLabels...)
	byCause    = append(slices.Clone(byPods), "cause")
	byNodes    = []string{"variant", "nodegroup", "zone", "subnet"}
	byWorkload = []string{"variant", "workload"}
	byGroup    = []string{"variant", "nodegroup"}
	byRollout  = []string{"variant", "workload", "nodegroup"}
	bySubnet   = []string{"variant", "subnet", "zone"}
	byAction   = []string{"variant", "action"}
	byCode     = []string{"variant", "action", "code"}
)

// Metrics is every metric, in the order of the reference page.
var Metrics = []Metric{
	{"pod_start", Trend, "s", byPods, "", Together, "From bound to a node until running, per pod.",
		ofStarts(func(t *StartTrends) *Durations { return &t.PodStart }, func(o *Outcome) *Quantiles { return &o.Pods.Start }).by(func(s *PodSet) *Quantiles { return &s.Start })},
	{"pod_pending", Trend, "s", byPods, "", Together, "From created until running, per pod.",
		ofStarts(func(t *StartTrends) *Durations { return &t.PodPending }, func(o *Outcome) *Quantiles { return &o.Pods.Pending }).by(func(s *PodSet) *Quantiles { return &s.Pending })},
	{"pod_address_wait", Trend, "s", byPods, "", Together, "From the first CNI ADD until one succeeded, per pod.",
		ofStarts(func(t *StartTrends) *Durations { return &t.PodAddressWait }, func(o *Outcome) *Quantiles { return &o.Pods.AddressWait })},
	{"pod_creation", Trend, "s", byWorkload, "", Together, "From asked for until created, per pod: how long its controller was held up. A pod is asked for when its ReplicaSet, its Job or its DaemonSet should have it and lacks it. Pods of kind Pod and of traces are created when they are asked for.",
		ofStarts(func(t *StartTrends) *Durations { return &t.PodCreation }, func(o *Outcome) *Quantiles { return &o.Pods.Creation })},
	{"pods_wanted", Counter, "", byPods, "", Mean, "Pods that exist at time 0, were created from then on, or are asked for at the end and not created.",
		counted(func(c *Counts) int { return c.Wanted }).ofCohort()},
	{"pods_started", Counter, "", byPods, "", Mean, "Pods that reached running, whether or not they still run.",
		counted(func(c *Counts) int { return c.Started })},
	{"pods_never_started", Counter, "", byPods, "", Mean, "Pods that neither ran nor were deleted before they could, and those that were asked for and not created.",
		counted(func(c *Counts) int { return c.NeverStarted }).ofCohort()},
	{"initial_never_started", Counter, "", byVariant, "", Mean, "Pods that were there at time 0, did not run then and never did. A scenario with initial pods that says nothing of this or of pods_never_started fails by count==0, and its thresholds show it then.",
		number(func(o *Outcome) int { return o.Pods.InitialNeverStarted }).ofTheRun()},
	{"pod_failed_adds", Counter, "", byCause, "", Mean, "CNI ADDs that failed.",
		counted(func(c *Counts) int { return c.FailedAdds })},
	{"pods_running", Gauge, "", byPods, "", Mean, "Pods that run at the end of the run.",
		counted(func(c *Counts) int { return c.AtEnd.Running })},
	{"pods_running_min", Gauge, "", byPods, "", Lowest, "Fewest pods that ran at any moment.",
		counted(func(c *Counts) int { return c.Worst.Running })},
	{"pods_waiting_for_address_peak", Gauge, "", byPods, "", Highest, "Most pods at once that were on a node without an address after a CNI ADD had failed or the node's network was not ready.",
		counted(func(c *Counts) int { return c.Worst.WaitingForAddress })},
	{"pods_waiting_for_address_end", Gauge, "", byPods, "", Mean, "Pods that wait for an address at the end of the run.",
		counted(func(c *Counts) int { return c.AtEnd.WaitingForAddress })},
	{"pods_unschedulable_peak", Gauge, "", byPods, "", Highest, "Most pods at once that no node had room for.",
		counted(func(c *Counts) int { return c.Worst.Unschedulable })},
	{"pods_unschedulable_end", Gauge, "", byPods, "", Mean, "Pods that no node has room for at the end of the run.",
		counted(func(c *Counts) int { return c.AtEnd.Unschedulable })},
	{"pods_not_created_peak", Gauge, "", byPods, "", Highest, "Most pods at once that were asked for and that their controller had not created.",
		counted(func(c *Counts) int { return c.Worst.NotCreated })},
	{"pods_not_created_end", Gauge, "", byPods, "", Mean, "Pods that are asked for at the end of the run and that their controller has not created.",
		counted(func(c *Counts) int { return c.AtEnd.NotCreated })},
	{"node_ready", Trend, "s", byNodes, "", Together, "From the launch call until Ready, per node.",
		ofStarts(func(t *StartTrends) *Durations { return &t.NodeReady }, func(o *Outcome) *Quantiles { return &o.Nodes.Ready })},
	{"nodes_peak", Gauge, "", byNodes, "", Highest, "Most nodes at once.",
		ofNodes(func(n *NodeCounts) int { return n.Peak })},
	{"agent_restarts", Counter, "", byNodes, "", Mean, "aws-node containers that ended: crashes, failed or too long starts, rollouts.",
		ofNodes(func(n *NodeCounts) int { return n.AgentRestarts })},
	{"spot_interruptions", Counter, "", byNodes, "", Mean, "spot instances that EC2 gave notice to, two minutes before it took them back.",
		ofNodes(func(n *NodeCounts) int { return n.Interruptions })},
	{"enis_peak", Gauge, "", byVariant, "", Highest, "Most network interfaces at once, of anybody.",
		number(func(o *Outcome) int { return o.Interfaces.Peak })},
	{"enis_leaked_peak", Gauge, "", byVariant, "", Highest, "Most leaked interfaces at once: with a tag of the VPC CNI, and attached to nothing for over a minute.",
		number(func(o *Outcome) int { return o.Interfaces.LeakedPeak })},
	{"enis_leaked_end", Gauge, "", byVariant, "", Mean, "Leaked interfaces at the end of the run.",
		number(func(o *Outcome) int { return o.Interfaces.LeakedEnd })},
	{"enis_kept_end", Gauge, "", byVariant, "", Mean, "First interfaces that terminated instances have left by the end of the run, because their launch template keeps them.",
		number(func(o *Outcome) int { return o.Interfaces.KeptEnd })},
	{"pods_dropping_peak", Gauge, "", byPods, "", Highest, "Most pods at once that lost packets: what they sent left by the wrong interface, or their address was not theirs any more.",
		counted(func(c *Counts) int { return c.Worst.WithoutNetwork })},
	{"pods_dropping_end", Gauge, "", byPods, "", Mean, "Pods that lose packets at the end of the run.",
		counted(func(c *Counts) int { return c.AtEnd.WithoutNetwork })},
	{"pods_affected", Counter, "", byPods, "", Mean, "Pods that lost packets at any time.",
		ofNetwork(func(n NetworkCounts) int { return n.Affected })},
	{"stale_rules_end", Gauge, "", byNodes, "", Mean, "Addresses with a policy rule on a node, and without a pod there, at the end of the run.",
		ofNetwork(func(n NetworkCounts) int { return n.StaleRulesEnd })},
	{"leaked_addresses_end", Gauge, "", byNodes, "", Mean, "Addresses that ipamd has on pods which have gone, at the end of the run.",
		ofNetwork(func(n NetworkCounts) int { return n.LeakedEnd })},
	{"recovery", Gauge, "", byVariant, "", Longest, "Seconds from the end of the last fault until all was well and stayed so, to the next sample: no pod lost packets, none was late by more than a minute or missing because its node had died, ipamd served on every node that was Ready, no address was leaked, no stale rule bit. Not observed without faults, when one does not end, and when something stays broken.",
		reader{seconds: func(o *Outcome, _ Selector) *float64 { return o.Network.Recovery }, spans: ofTheRun}},
	{"nodes_failed_launches", Counter, "", byGroup, "", Mean, "Instances that could not be launched.",
		ofNodes(func(n *NodeCounts) int { return n.FailedLaunch })},
	{"nodes_replaced", Counter, "", byGroup, "", Mean, "Nodes that roll-nodes replaced.",
		reader{outcome: (*Outcome).replaced}},
	{"evictions_refused", Counter, "", byPods, "", Mean, "Evictions that the API server refused because of a PodDisruptionBudget, each time that one was asked for.",
		reader{parted: (*Outcome).refusedEvictions}},
	{"rollout", Gauge, "", byRollout, "", Longest, "Seconds that the longest rolling update of nodes or of a Deployment took, from its fault to the last one replaced. Not observed without any, when one failed, and when one is not over at the end of the run.",
		reader{seconds: (*Outcome).rolled, spans: ofTheRun}},
	{"subnet_free_min", Gauge, "", bySubnet, "lowest", Lowest, "Fewest free addresses at any moment.",
		ofSubnet(func(s *Subnet) int { return s.FreeMin })},
	{"subnet_free_blocks_min", Gauge, "", bySubnet, "lowest", Lowest, "Fewest free aligned /28 blocks at any moment.",
		ofSubnet(func(s *Subnet) int { return s.FreeBlocksMin })},
	{"subnet_allocated_peak", Gauge, "", bySubnet, "highest", Highest, "Most addresses that anybody held at once.",
		ofSubnet(func(s *Subnet) int { return s.AllocatedPeak })},
	{"subnet_assigned_at_peak", Gauge, "", bySubnet, "highest", Highest, "Of those, addresses on pods.",
		ofSubnet(func(s *Subnet) int { return s.AssignedAtPeak }).ofTheRun()},
	{"subnet_assigned_end", Gauge, "", bySubnet, "sum", Mean, "Addresses on pods at the end of the run.",
		ofSubnet(func(s *Subnet) int { return s.Held.Assigned })},
	{"subnet_warm_end", Gauge, "", bySubnet, "sum", Mean, "Addresses that ipamd holds for pods to come, at the end of the run.",
		ofSubnet(func(s *Subnet) int { return s.Held.Warm })},
	{"subnet_cooling_end", Gauge, "", bySubnet, "sum", Mean, "Addresses that a pod freed less than the cooldown ago, at the end of the run.",
		ofSubnet(func(s *Subnet) int { return s.Held.Cooling })},
	{"subnet_free_end", Gauge, "", bySubnet, "lowest", Mean, "Free addresses at the end of the run.",
		ofSubnet(func(s *Subnet) int { return s.FreeAtEnd })},
	{"subnet_unmanaged_end", Gauge, "", bySubnet, "sum", Mean, "Addresses on interfaces that no daemon knows, at the end of the run: leaked, being created, or of a node that starts.",
		ofSubnet(func(s *Subnet) int { return s.Held.Unmanaged })},
	{"api_calls", Counter, "", byAction, "sum", Mean, "Calls of the SDK by the fleet.",
		ofAction(func(a *Action, _ string) int { return a.Calls })},
	{"api_attempts", Counter, "", byAction, "sum", Mean, "HTTP requests by the fleet, retries included.",
		ofAction(func(a *Action, _ string) int { return a.Attempts })},
	{"api_throttled", Counter, "", byAction, "sum", Mean, "Requests of the fleet that were rejected with RequestLimitExceeded.",
		ofAction(func(a *Action, _ string) int { return a.Throttled })},
	{"api_errors", Counter, "", byCode, "sum", Mean, "Failed requests of the fleet, throttled ones included.",
		ofAction((*Action).failed)},
}

func number(read func(*Outcome) int) reader {
	return reader{outcome: func(o *Outcome, _ Selector) int { return read(o) }}
}

func ofStarts(read func(*StartTrends) *Durations, summed func(*Outcome) *Quantiles) reader {
	return reader{trend: read, summed: summed, spans: ofCohort}
}

func (r reader) by(set func(*PodSet) *Quantiles) reader { r.ofSet = set; return r }

func (r reader) ofCohort() reader { r.spans = ofCohort; return r }

func (r reader) ofTheRun() reader { r.spans = ofTheRun; return r }

func counted(read func(*Counts) int) reader { return reader{counts: read} }

func ofNodes(read func(*NodeCounts) int) reader { return reader{nodes: read} }

func ofNetwork(read func(NetworkCounts) int) reader {
	return reader{parted: func(o *Outcome, of Part) int { return read(o.networkCounts(of)) }, network: true}
}

func ofSubnet(read func(*Subnet) int) reader { return reader{subnet: read} }

func ofAction(read func(*Action, string) int) reader { return reader{action: read} }

// failed counts the failed requests with a code, or all for the empty one.
func (a *Action) failed(code string) (n int) {
	if code != "" {
		return a.Errors[code]
	}
	for _, k := range a.Errors {
		n += k
	}
	return n
}

// metricNamed is the metric with a name.
func metricNamed(name string) (*Metric, bool) {
	for i := range Metrics {
		if Metrics[i].Name == name {
			return &Metrics[i], true
		}
	}
	return nil, false
}

func metricNames() []string {
	names := make([]string, len(Metrics))
	for i := range Metrics {
		names[i] = Metrics[i].Name
	}
	return names
}
