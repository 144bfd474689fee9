package result

import "slices"

// Cause is why a CNI ADD failed, as results call it.
type Cause string

// The causes. Those of an empty pool are ipamd's shortages under the same
// names.
const (
	CauseCooling      Cause = "cooling"
	CauseCordoned     Cause = "cordoned"
	CauseSubnetFull   Cause = "subnet_full"
	CauseNoBlock      Cause = "no_block"
	CauseThrottled    Cause = "throttled"
	CauseAPIError     Cause = "api_error"
	CauseNodeFull     Cause = "node_full"
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
	{CauseCordoned, "the node was cordoned", "the node was cordoned, and its pool does not grow then", SideIPAMD, nil},
	{CauseIPAMDDown, "ipamd did not run", "ipamd did not serve", SideIPAMD, nil},
	{CauseMetadataDown, "instance metadata was silent", "instance metadata did not answer (a fault of the scenario)", SideEC2, nil},
	{CauseNoBlock, "the subnet had no free /28", "the subnet had no free /28", SideSubnet, []Mode{ModeFragmentation, ModeSubnetExhaustion}},
	{CauseNodeFull, "the node's interfaces were full", "the node's interfaces were full", SideNodeSize, []Mode{ModeENILimit}},
	{CausePlugin, "the plugin failed or was killed", "the plugin could not wire the pod, or was killed (a fault of the scenario)", SidePlugin, []Mode{ModePluginFailures}},
	{CauseRefilling, "the pool was being refilled", "the pool was being refilled", SideIPAMD, []Mode{ModeLatencyCliff}},
	{CauseSubnetFull, "the subnet was full", "the subnet had no free address", SideSubnet, []Mode{ModeSubnetExhaustion}},
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
