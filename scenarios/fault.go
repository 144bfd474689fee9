package scenarios

import (
	"slices"

	"ipamsim/sim/controlplane"
)

// IntOrPercent is a number of pods or a percentage of them.
type IntOrPercent = controlplane.IntOrPercent

// Fault is a disturbance.
type Fault struct {
	At             Duration          `yaml:"at" negative:"true" doc:"When it begins, from time 0. Negative values are in the warm-up."`
	For            *Duration         `yaml:"for" doc:"How long it lasts; to the end of the run unless given. What happens at once has no duration: there it says how long every and when go on. With every, how long it lasts each time."`
	Every          *Duration         `yaml:"every" min:"1s" doc:"Again every so often, from at on. What hits nodes chooses each time among those that are there then. With when, each time count more nodes may be hit."`
	Times          int               `yaml:"times" min:"1" max:"1000000" doc:"With every: so many times in all; to the end of the run unless given."`
	Kind           FaultKind         `yaml:"kind" required:"true" names:"fault" doc:"What happens; see [the kinds of faults](#the-kinds-of-faults)."`
	When           string            `yaml:"when" enum:"initialising,assigning,unassigning,creating,created,attaching,attached,modifying,detaching,detached,deleting,adding" doc:"kill-nodes, restart-ipamd, flush-rules, flush-table: not at once, but from then on each node when it comes to this point, nodes that join later included: the first time only, but flush-rules and flush-table every time. -ing: the node's request of that kind has been sent (modifying: the one that sets DeleteOnTermination). created, attached, detached: that request has been answered and the next one of the sequence not yet sent; for flush-rules and flush-table, attached is also an interface that attach-eni brings. initialising: the start of ipamd. adding: ipamd has answered the CNI plugin's ADD, and the plugin has written nothing yet."`
	Step           string            `yaml:"step" enum:"veth,pod-route,pod-address,pod-neighbour,host-route,to-rule,from-rule,del-to-rule,del-from-rule,eni-link,eni-address,eni-route,eni-rule,refresh-rule" doc:"netlink-errors, kill-plugin: one step of the wiring. veth to from-rule: of an ADD. del-to-rule, del-from-rule: of a DEL. eni-link to eni-rule: of an interface's set-up by ipamd. refresh-rule: at ipamd's start the old rule is deleted and the new one refused. netlink-errors: every step unless given. kill-plugin needs one of an ADD or a DEL."`
	Action         string            `yaml:"action" names:"action" doc:"api-errors, api-slow: the API action; every action unless given. throttle-storm: what others call."`
	Code           string            `yaml:"code" doc:"api-errors: the error code, for example RequestLimitExceeded."`
	Rate           float64           `yaml:"rate" min:"0" max:"100000" doc:"throttle-storm: mean requests per second."`
	Factor         *float64          `yaml:"factor" min:"0.01" max:"1000" doc:"api-slow: a request takes so many times as long. slow-metadata: a change shows so many times as late."`
	Add            *Duration         `yaml:"add" max:"10m" doc:"api-slow: and so much longer. slow-metadata: and so much later."`
	Share          *float64          `yaml:"share" min:"0" max:"1" doc:"Share of calls (api-errors), of attempts at a step (netlink-errors, kill-plugin) or of nodes (all others); all unless given."`
	NodeShare      *float64          `yaml:"nodeShare" min:"0" max:"1" doc:"netlink-errors, kill-plugin: share of the nodes; all unless given."`
	Group          string            `yaml:"group" doc:"Node group; every group unless given."`
	Node           string            `yaml:"node" doc:"One node by its name, such as workers-3: the group and a number from 0 in the order of joining. If there is none at that moment, nothing happens."`
	Subnet         string            `yaml:"subnet" doc:"subnet-occupy, subnet-release, zone-down: the subnet. Faults of nodes: only nodes whose instance is in it."`
	Zone           string            `yaml:"zone" doc:"zone-down: the Availability Zone, in place of one subnet of it. insufficient-capacity: the zone; every zone unless given."`
	InstanceType   string            `yaml:"instanceType" names:"instance" doc:"insufficient-capacity: the instance type; every type unless given."`
	CapacityType   string            `yaml:"capacityType" enum:"on-demand,spot" doc:"insufficient-capacity: of which there is too little; of both unless given."`
	Count          *int              `yaml:"count" min:"0" max:"2000000" doc:"insufficient-capacity: how many instances there still are; none unless given. subnet-occupy, subnet-release: how many addresses; all unless given. Faults of nodes: at most so many nodes."`
	Addresses      *int              `yaml:"addresses" min:"0" max:"2000000" doc:"attach-eni: secondary addresses of the new interface; none unless given. unassign-addresses: how many are taken from each node; all unless given."`
	Interfaces     int               `yaml:"interfaces" min:"0" max:"1000" doc:"stale-metadata: how many of a node's newest secondary interfaces are missing from what is shown."`
	Device         int               `yaml:"device" min:"1" max:"100" doc:"flush-table: device index of the interface; all secondary interfaces unless given."`
	MaxUnavailable *IntOrPercent     `yaml:"maxUnavailable" doc:"How many pods may be unavailable at a time, as in Kubernetes: a number or a percentage. roll-aws-node, roll-daemonset: percentages are of the nodes that the DaemonSet is for and are rounded up, and pods that are unavailable for any reason count; the shipped manifest's 10% for aws-node unless given, 1 for others. recreate-pods: percentages are rounded down, but it is at least one pod; 25% unless given, as in a Deployment. roll-nodes: nodes that are drained at a time, a percentage of the group's nodes rounded up, 1 unless given and at most 100, as EKS has it; with Karpenter the NodePool's disruption budget, 10% unless given."`
	Workload       string            `yaml:"workload" doc:"roll-daemonset: the DaemonSet. roll-deployment: the Deployment. recreate-pods: the Deployment; every one unless given. pause-deletes: the workload; every one unless given."`
	MaxSurge       *IntOrPercent     `yaml:"maxSurge" min:"0" doc:"roll-nodes: how many nodes are launched before the first old one is drained, a percentage of the group's nodes rounded up. Unless given, what EKS does: the larger of twice the number of the group's zones and maxUnavailable. 0 is the update strategy MINIMAL of managed node groups."`
	Force          bool              `yaml:"force" doc:"roll-nodes: pods that are still on a node at the end of drainTimeout are deleted, whatever budgets say."`
	DrainTimeout   *Duration         `yaml:"drainTimeout" min:"1s" max:"24h" doc:"roll-nodes: how long a node's pods may take to leave, 15m unless given, as with EKS. Then the update has failed (PodEvictionFailure), unless with force."`
	CNI            map[string]string `yaml:"cni" names:"cni" doc:"roll-aws-node: environment of the new pods, laid over that of their group; nodes that join later have it too. With from: FILE variables are taken from a file, as a node group's cni does."`
}

// FaultKind is what a disturbance does. Each kind has a file of its own.
type FaultKind string

// faultKind is all there is to say of a kind.
type faultKind struct {
	name      FaultKind
	lasts     bool                // it has a duration; the others happen at once
	everyTime bool                // with when, it hits a node each time that it comes to the point, not the first time only
	idleFor   bool                // a for without every was let pass once, and is still: it has no effect
	keys      []string            // that mean something, besides kind, at, for, every and times
	doc       string              // what happens, for the reference
	check     func(*faultCheck)   // of its own keys; nil for none
	words     func(*Fault) string // what happens, as the rest of a sentence
}

// faultKinds are all of them, in the order of the reference.
var faultKinds = []*faultKind{
	&apiErrors, &apiSlow, &throttleStorm,
	&subnetOccupy, &subnetRelease, &zoneDown, &insufficientCapacity,
	&cordon, &killNodes, &spotInterruption, &restartIPAMD, &rollAWSNode, &rollDaemonSet, &rollDeployment, &rollNodes, &recreatePods, &pauseDeletes,
	&metadataDown, &slowMetadata, &staleMetadata,
	&attachENI, &detachENI, &unassignAddresses,
	&flushRules, &flushTable,
	&netlinkErrors, &killPlugin,
}

// ofNodes are the keys that choose nodes, with others.
func ofNodes(others ...string) []string {
	return append([]string{"share", "group", "node", "subnet", "count"}, others...)
}

// FaultKinds are the names of all kinds, in the order of the reference.
func FaultKinds() []FaultKind {
	names := make([]FaultKind, len(faultKinds))
	for i, k := range faultKinds {
		names[i] = k.name
	}
	return names
}

func faultKindNamed(name FaultKind) (*faultKind, bool) {
	if i := slices.IndexFunc(faultKinds, func(k *faultKind) bool { return k.name == name }); i >= 0 {
		return faultKinds[i], true
	}
	return &faultKind{}, false
}

// takes says whether a key means something.
func (k *faultKind) takes(key string) bool { return slices.Contains(k.keys, key) }

// ofNodes says whether the fault chooses nodes by its keys.
func (k *faultKind) ofNodes() bool { return k.takes("node") }

// Lasts says whether the fault has a duration: the others happen at once.
func (f *Fault) Lasts() bool {
	k, _ := faultKindNamed(f.Kind)
	return k.lasts
}

// ShareOfNodes is the share of the nodes that the fault hits, or nil for all:
// where share is of something else, nodeShare is that of nodes.
func (f *Fault) ShareOfNodes() *float64 {
	if k, _ := faultKindNamed(f.Kind); k.takes("nodeShare") {
		return f.NodeShare
	}
	return f.Share
}

// CountOfNodes is how many nodes the fault hits at most, or nil for no bound.
func (f *Fault) CountOfNodes() *int {
	if k, _ := faultKindNamed(f.Kind); k.ofNodes() {
		return f.Count
	}
	return nil
}

// CountOfAddresses is how many addresses the fault is about, or nil for as
// many as there are.
func (f *Fault) CountOfAddresses() *int {
	if k, _ := faultKindNamed(f.Kind); !k.ofNodes() {
		return f.Count
	}
	return f.Addresses
}

// MayBeUnavailable is how many pods may be away at a time: aws-node's manifest
// and Deployments have a default of their own, of other DaemonSets it is one
// (SetDefaults_DaemonSet in pkg/apis/apps/v1/defaults.go of Kubernetes).
func (f *Fault) MayBeUnavailable() IntOrPercent {
	switch {
	case f.MaxUnavailable != nil:
		return *f.MaxUnavailable
	case f.Kind == FaultRollAWSNode:
		return shippedMaxUnavailable
	case f.Kind == FaultRollNodes:
		return IntOrPercent{Number: 1} // of a managed node group: the Amazon EKS API Reference, NodegroupUpdateConfig
	case f.Kind == FaultRecreatePods:
		return DeploymentMaxUnavailable
	}
	return IntOrPercent{Number: 1}
}
