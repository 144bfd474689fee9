package result

import "slices"

// Cause is why a CNI ADD failed, as results call it.
type Cause string

// The causes. Those of an empty pool are ipamd's shortages under the same
// names.
const (
	CauseCooling      Cause = "cooling"
	CauseCoolingFull  Cause = "cooling_full"
	CauseCordoned     Cause = "cordoned"
	CauseInVain       Cause = "in_vain"
	CauseSubnetFull   Cause = "subnet_full"
	CauseNoBlock      Cause = "no_block"
	CauseThrottled    Cause = "throttled"
	CauseAPIError     Cause = "api_error"
	CauseNoSubnet     Cause = "no_subnet"
	CauseNodeFull     Cause = "node_full"
	CauseTargetsMet   Cause = "targets_met"
	CauseRefilling    Cause = "refilling"
	CauseIPAMDDown    Cause = "ipamd_down"
	CauseMetadataDown Cause = "metadata_down"
	CausePlugin       Cause = "plugin" // the ADD had its address, and the pod was not wired
)

// AboutCause is what there is to say of a cause.
type AboutCause struct {
	Cause  Cause
	Label  string // in a table
	Clause string // as a sentence ends on it
	Side   Side   // whose it is
	Modes  []Mode // findings that speak of it, the likeliest first
}

// Causes are all of them, in the order of their names.
var Causes = []AboutCause{
	{CauseAPIError, "an EC2 call had failed", "a call to EC2 had failed", SideEC2, []Mode{ModeQuota, ModeAPIErrors}},
	{CauseCooling, "freed addresses were cooling", "every address without a pod was cooling down", SideIPAMD, []Mode{ModeCooldownStall}},
	{CauseCoolingFull, "cooling, on a full node", "a full node's addresses were cooling down", SideNodeSize, []Mode{ModeCooldownStall}},
	{CauseCordoned, "the node was cordoned", "the node was cordoned, and its pool does not grow then", SideIPAMD, []Mode{ModeCordonedNodes}},
	{CauseInVain, "ipamd waited in vain", "ipamd waited for an interface that it had deleted again", SideIPAMD, []Mode{ModeWaitInVain}},
	{CauseIPAMDDown, "ipamd did not run", "ipamd did not serve", SideIPAMD, []Mode{ModeIPAMDDown}},
	{CauseMetadataDown, "instance metadata was silent", "instance metadata did not answer (a fault of the scenario)", SideEC2, []Mode{ModeMetadataOutage}},
	{CauseNoBlock, "the subnet had no free /28", "the subnet had no free /28", SideSubnet, []Mode{ModeFragmentation, ModeSubnetExhaustion}},
	{CauseNoSubnet, "no subnet for interfaces", "the settings and tags left no subnet for a new interface", SideSubnet, []Mode{ModeNoSubnet}},
	{CauseNodeFull, "the node's interfaces were full", "the node's interfaces were full", SideNodeSize, []Mode{ModeENILimit}},
	{CausePlugin, "the plugin failed or was killed", "the plugin could not wire the pod, or was killed (a fault of the scenario)", SidePlugin, []Mode{ModePluginFailures}},
	{CauseRefilling, "the pool was being refilled", "the pool was being refilled", SideIPAMD, []Mode{ModeLatencyCliff}},
	{CauseSubnetFull, "the subnet was full", "the subnet had no free address", SideSubnet, []Mode{ModeSubnetExhaustion}},
	{CauseTargetsMet, "the pool had met its targets", "the pool held what its targets ask for, and all of it was on pods", SideIPAMD, []Mode{ModePoolAtMinimum}},
	{CauseThrottled, "EC2 throttled ipamd", "EC2 throttled ipamd", SideEC2, []Mode{ModeAPIThrottling, ModeLatencyCliff}},
}

// About says what there is to say of the cause; of one that is not known, its
// name.
func (c Cause) About() AboutCause {
	if i := slices.IndexFunc(Causes, func(a AboutCause) bool { return a.Cause == c }); i >= 0 {
		return Causes[i]
	}
	return AboutCause{Cause: c, Label: string(c), Clause: string(c)}
}

// Side is the part of the system that a slow or failed start is down to.
type Side string

// The sides.
const (
	SideIPAMD       Side = "ipamd"
	SideEC2         Side = "EC2"
	SideSubnet      Side = "subnet"
	SideNodeSize    Side = "node size"
	SidePlugin      Side = "plugin"
	SideCapacity    Side = "capacity"
	SideNodeNetwork Side = "node network"
	SideScheduler   Side = "scheduler"
	SideKubelet     Side = "kubelet"
	SideImage       Side = "image"
	SideNone        Side = "none"
)

func isCause(name string) bool { return slices.Contains(causeNames(), name) }

func causeNames() (names []string) {
	for i := range Causes {
		names = append(names, string(Causes[i].Cause))
	}
	return names
}
