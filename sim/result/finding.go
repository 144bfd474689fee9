package result

// Mode is a failure mode: what a finding is about.
type Mode string

// The modes, in the order in which findings are listed: first those for which
// pods never start.
const (
	ModeSubnetExhaustion Mode = "subnet-exhaustion"
	ModeFragmentation    Mode = "fragmentation"
	ModeNoSubnet         Mode = "no-subnet"
	ModeQuota            Mode = "quota"
	ModeENILimit         Mode = "eni-limit"
	ModePoolAtMinimum    Mode = "pool-at-minimum"
	ModeCordonedNodes    Mode = "cordoned-nodes"
	ModeIPAMDDown        Mode = "ipamd-down"
	ModeMetadataOutage   Mode = "metadata-outage"
	ModeAPIErrors        Mode = "api-errors"
	ModeAPIThrottling    Mode = "api-throttling"
	ModeWaitInVain       Mode = "wait-in-vain"
	ModeCooldownStall    Mode = "cooldown-stall"
	ModeLatencyCliff     Mode = "latency-cliff"
	ModePluginFailures   Mode = "plugin-failures"
	ModeUnschedulable    Mode = "unschedulable"
	ModeControllerBehind Mode = "controller-behind"
	ModeInterfaceChurn   Mode = "interface-churn"
	ModeLeakedInterfaces Mode = "leaked-interfaces"
	ModeKeptInterfaces   Mode = "kept-interfaces"
	ModeWarmPoolOverhead Mode = "warm-pool-overhead"

	// These are about the nodes' networks.
	ModeSilentDrop      Mode = "silent-drop"
	ModeNoWayOut        Mode = "no-way-out"
	ModeMissingRules    Mode = "missing-rules"
	ModeLostAddresses   Mode = "lost-addresses"
	ModeSharedAddresses Mode = "shared-addresses"
	ModeStaleRules      Mode = "stale-rules"
	ModeLeakedAddresses Mode = "leaked-addresses"

	// These are about the scenario's faults.
	ModeNotRecovered       Mode = "not-recovered"
	ModeFaultWithoutEffect Mode = "fault-without-effect"

	// This one is what is left where no other says why.
	ModePodsNotStarted Mode = "pods-not-started"
)

// OfNetwork says whether the mode is about packets that are lost, or may be:
// what has gone wrong stays so until somebody repairs the node's network.
func (m Mode) OfNetwork() bool {
	switch m {
	case ModeSilentDrop, ModeNoWayOut, ModeMissingRules, ModeLostAddresses, ModeSharedAddresses, ModeStaleRules, ModeLeakedAddresses:
		return true
	}
	return false
}

// StopsGrowth says whether the mode is about pools that do not grow at all,
// however many pods wait: what ends that is worth its place beside a change that
// happens to give the pods of one scenario enough without it.
func (m Mode) StopsGrowth() bool { return m == ModePoolAtMinimum || m == ModeCordonedNodes }

// Finding is a failure mode in words.
type Finding struct {
	Mode         Mode     `json:"mode"`
	Summary      string   `json:"summary"`       // one sentence
	PodsAffected int      `json:"pods_affected"` // pods that it kept from starting, made late, or made lose packets; 0 where it is about costs
	Evidence     []string `json:"evidence"`      // measured facts
	Remedy       string   `json:"remedy"`        // what would change it, in words
	// Remedies are changes of the scenario against it, the best first: those
	// that were tried and found good, or, untried, all that come into question.
	Remedies []Remedy `json:"remedies"`
	// Rejected are those that were tried in vain.
	Rejected []Remedy `json:"rejected,omitempty"`

	Checks []Check `json:"checks,omitempty"` // how one would see it on the real machine
	Alert  *Alert  `json:"alert,omitempty"`  // how one would be told of it
}

// Check is a command and what it shows.
type Check struct {
	Command string `json:"command"`
	Shows   string `json:"shows"`
}

// Alert finds a failure mode in a running cluster.
type Alert struct {
	PromQL string `json:"promql"`
	For    string `json:"for,omitempty"` // how long it has to hold, as Prometheus writes it; empty where once is enough
	Shell  string `json:"shell"`         // run on a node; it prints what is wrong, and nothing when all is well. Empty where PromQL has it all
	// Metric is what PromQL calls the number of lines that Shell prints, which
	// node_exporter's textfile collector can export. Empty where the rule needs
	// nothing but what is exported anyway.
	Metric string `json:"metric,omitempty"`
	// Needs is what PromQL takes for granted of the way metrics are collected.
	Needs string `json:"needs,omitempty"`
}
