package scenarios

// MetricKind says how a metric is summed up.
type MetricKind int

// The kinds.
const (
	Trend   MetricKind = iota // a distribution of durations
	Counter                   // a number of things that happened
	Gauge                     // a level
)

func (k MetricKind) String() string { return [...]string{"trend", "counter", "gauge"}[k] }

// Metric is something that a threshold can be set on.
type Metric struct {
	Name   string
	Kind   MetricKind
	Unit   string   // s for trends, empty for numbers
	Labels []string // that a selector may name; variant is always one
	// Across says what stands for several subnets or actions when the
	// selector names none: lowest, highest or sum; empty where there is one.
	Across string
	Doc    string
}

var (
	byVariant = []string{"variant"}
	bySubnet  = []string{"variant", "subnet"}
	byAction  = []string{"variant", "action"}
	byCode    = []string{"variant", "action", "code"}
)

// Metrics is every metric, in the order of the reference page.
var Metrics = []Metric{
	{"pod_start", Trend, "s", byVariant, "", "From bound to a node until running, per pod."},
	{"pod_pending", Trend, "s", byVariant, "", "From created until running, per pod."},
	{"pod_address_wait", Trend, "s", byVariant, "", "From the first CNI ADD until one succeeded, per pod."},
	{"pods_wanted", Counter, "", byVariant, "", "Pods created from time 0 on."},
	{"pods_running", Counter, "", byVariant, "", "Pods that reached running, whether or not they still run."},
	{"pods_never_started", Counter, "", byVariant, "", "Pods that neither ran nor were deleted before they could."},
	{"pod_failed_adds", Counter, "", byVariant, "", "CNI ADDs that failed."},
	{"node_ready", Trend, "s", byVariant, "", "From the launch call until Ready, per node."},
	{"nodes_peak", Gauge, "", byVariant, "", "Most nodes at once."},
	{"agent_restarts", Counter, "", byVariant, "", "aws-node containers that ended: crashes, failed or too long starts, rollouts."},
	{"enis_peak", Gauge, "", byVariant, "", "Most network interfaces at once, of anybody."},
	{"enis_leaked_peak", Gauge, "", byVariant, "", "Most leaked interfaces at once: with a tag of the VPC CNI, and attached to nothing for over a minute."},
	{"enis_leaked_end", Gauge, "", byVariant, "", "Leaked interfaces at the end of the run."},
	{"pods_dropping_peak", Gauge, "", byVariant, "", "Most pods at once that lost packets: what they sent left by the wrong interface, or their address was not theirs any more."},
	{"pods_dropping_end", Gauge, "", byVariant, "", "Pods that lose packets at the end of the run."},
	{"pods_affected", Counter, "", byVariant, "", "Pods that lost packets at any time."},
	{"stale_rules_end", Gauge, "", byVariant, "", "Addresses with a policy rule on a node, and without a pod there, at the end of the run."},
	{"leaked_addresses_end", Gauge, "", byVariant, "", "Addresses that ipamd has on pods which have gone, at the end of the run."},
	{"recovery", Gauge, "", byVariant, "", "Seconds from the end of the last fault until all was well and stayed so, to the next sample: no pod lost packets, none was late by more than a minute or missing because its node had died, ipamd served on every node that was Ready, no address was leaked, no stale rule bit. Not observed without faults, when one does not end, and when something stays broken."},
	{"nodes_failed_launches", Counter, "", byVariant, "", "Instances that could not be launched."},
	{"subnet_free_min", Gauge, "", bySubnet, "lowest", "Fewest free addresses at any moment."},
	{"subnet_free_blocks_min", Gauge, "", bySubnet, "lowest", "Fewest free aligned /28 blocks at any moment."},
	{"subnet_allocated_peak", Gauge, "", bySubnet, "highest", "Most addresses that anybody held at once."},
	{"subnet_assigned_at_peak", Gauge, "", bySubnet, "highest", "Of those, addresses on pods."},
	{"subnet_assigned_end", Gauge, "", bySubnet, "sum", "Addresses on pods at the end of the run."},
	{"subnet_warm_end", Gauge, "", bySubnet, "sum", "Addresses that ipamd holds for pods to come, at the end of the run."},
	{"subnet_cooling_end", Gauge, "", bySubnet, "sum", "Addresses that a pod freed less than the cooldown ago, at the end of the run."},
	{"subnet_free_end", Gauge, "", bySubnet, "lowest", "Free addresses at the end of the run."},
	{"subnet_unmanaged_end", Gauge, "", bySubnet, "sum", "Addresses on interfaces that no daemon knows, at the end of the run: leaked, being created, or of a node that starts."},
	{"api_calls", Counter, "", byAction, "sum", "Calls of the SDK by the fleet."},
	{"api_attempts", Counter, "", byAction, "sum", "HTTP requests by the fleet, retries included."},
	{"api_throttled", Counter, "", byAction, "sum", "Requests of the fleet that were rejected with RequestLimitExceeded."},
	{"api_errors", Counter, "", byCode, "sum", "Failed requests of the fleet, throttled ones included."},
}

func metricNamed(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

func metricNames() []string {
	names := make([]string, len(Metrics))
	for i, m := range Metrics {
		names[i] = m.Name
	}
	return names
}
