package ipamd

import "slices"

// The lines of amazon-vpc-cni-k8s v1.23.1 that the model writes: level, caller
// and format as the real log has them.
//
// The real caller is not the place of the log call but the place that called
// the function around it: pkg/utils/logger/zaplogger.go sets AddCallerSkip(2),
// and its own wrapper is one frame only. A function that a goroutine begins
// with therefore prints the Go runtime's assembly, and a closure that is
// retried prints the retry package. Where a function has several callers, its
// template names one, and from() the others.
//
// Left out are most of the debug lines that say only that a function was
// entered, and those about what the model has no notion of: IPv6, trunk and
// EFA interfaces, the host's iptables, events, the API server.

const (
	debug = "debug"
	info  = "info"
	warn  = "warn"
	fail  = "error"
)

const (
	// goroutine is where goroutines begin: runtime.goexit of Go 1.26 on amd64,
	// measured. Other versions and architectures have it elsewhere.
	goroutine = "runtime/asm_amd64.s:1771"

	// retried is the call of the repeated function in pkg/utils/retry/retry.go.
	retried = "retry/retry.go:70"
)

// Version is the release of the VPC CNI that the model follows.
const Version = "v1.23.1"

// table is every template, for the test that holds them beside the source.
var table []template

func line(level, caller, format string) template {
	t := template{level, caller, format}
	table = append(table, t)
	return t
}

// Lines lists what a daemon may write: level, caller and, as the message, the
// format.
func Lines() []Line {
	var list []Line
	for _, t := range slices.Concat(table, elsewhere()) {
		list = append(list, Line{Level: t.level, Caller: t.caller, Message: t.format})
	}
	return list
}

// The process: cmd/aws-k8s-agent/main.go, pkg/ipamd/ipamd.go nodeInit and
// what it calls, pkg/ipamd/rpc_handler.go.
var (
	lineStarting     = line(info, "aws-k8s-agent/main.go:52", "Starting L-IPAMD %s  ...")
	lineInitFailed   = line(fail, "aws-k8s-agent/main.go:52", "Initialization failure: %v")
	lineInit         = line(debug, "ipamd/ipamd.go:452", "Start node init")
	lineLimits       = line(debug, "ipamd/ipamd.go:463", "Max ip per ENI %d and max prefixes per ENI %d")
	lineDescribed    = line(debug, "ipamd/ipamd.go:452", "DescribeAllENIs success: ENIs: %d, tagged: %d")
	lineDatastore    = line(info, "ipamd/ipamd.go:500", "initialized datastore for network cards index %d")
	lineDiscovered   = line(debug, "ipamd/ipamd.go:452", "Discovered ENI %s, trying to set it up")
	lineENISetUp     = line(info, "ipamd/ipamd.go:452", "ENI %s set up.")
	lineSetupGivenUp = line(warn, "ipamd/ipamd.go:452", "Reached max retry: Unable to discover attached IPs for ENI from metadata service (attempted %d/%d): %v")
	lineSetupFailed  = line(warn, "ipamd/ipamd.go:452", "Error trying to set up ENI %s: %v")
	lineNoLink       = line(debug, "ipamd/ipamd.go:452", "Unable to match link for this ENI, going to the next one.")
	lineSetupAgain   = line(debug, "ipamd/ipamd.go:452", "Unable to discover IPs for this ENI yet (attempt %d/%d)")
	linePoolLow      = line(debug, "ipamd/ipamd.go:664", "is datastore pool low for networkCard %d, decision %t")
	lineInitDone     = line(debug, "ipamd/ipamd.go:452", "node init completed successfully")
	linePoolManager  = line(info, goroutine, "IP pool manager - max pods: %d, warm IP target: %d, warm prefix target: %d, warm ENI target: %d, minimum IP target: %d")
	lineServing      = line(info, "ipamd/rpc_handler.go:493", "Serving RPC Handler version %s on unix:%s")
)

// Attached interfaces: DescribeAllENIs, TagENI, setUnmanagedENIs,
// filterUnmanagedENIs, setupENI, and RefreshSGIDs.
var (
	lineDescribeFailed = line(fail, "ipamd/ipamd.go:488", "Failed to call ec2:DescribeNetworkInterfaces for %v: %v")
	lineNotInEC2       = line(debug, "ipamd/ipamd.go:488", "Could not find interface: %s, ID: %s")
	lineNoAddresses    = line(fail, "ipamd/ipamd.go:488", "Missing IP addresses from IMDS. Non efa-only interface should have IP address associated with it %s")
	lineUnmanaged      = line(debug, "ipamd/ipamd.go:494", "Marking ENI %s as being unmanaged")
	lineSkipped        = line(debug, "ipamd/ipamd.go:497", "Skipping ENI %s: since it is unmanaged")
	lineTagging        = line(debug, "ipamd/ipamd.go:531", "Tagging ENI %s with missing tags: %v")
	lineTagged         = line(debug, retried, "Successfully tagged ENI: %s")
	lineTagFailed      = line(warn, retried, "Failed to tag the newly created ENI %s:")
	lineAddENI         = line(debug, "ipamd/ipamd.go:1283", "DataStore add an ENI %s")
	lineExcluded       = line(info, "ipamd/ipamd.go:1297", "Marking %s ENI %s as excluded from pod IP allocation (in excluded subnet %s)")
	lineExclusion      = line(info, "ipamd/ipamd.go:2885", "ENI %s marked as excluded from pod IP allocation")
	lineExcludeFailed  = line(warn, "ipamd/ipamd.go:1297", "setupENI: failed to check subnet exclusion for ENI %s (subnet %s): %v")
	lineNetwork        = line(info, "networkutils/network.go:947", "Setting up network for an ENI with IP address %s, MAC address %s, CIDR %s, route table %d and Network Card %d")
	lineENIHas         = line(info, "ipamd/ipamd.go:540", "Found ENIs having %d secondary IPs and %d Prefixes")
	lineGroup          = line(info, "awsutils/awsutils.go:684", "Found %s SG %s, added to ipamd cache")
	lineGroups         = line(debug, "awsutils/awsutils.go:702", "%s ENI %s with security groups %v")
	lineGroupsFailed   = line(warn, "awsutils/awsutils.go:702", "%s: unable to update ENI %s security groups: %v")
)

// Recovery from the checkpoint: datastore/data_store.go ReadBackingStore; and
// the rules of the pods that were found.
var (
	lineRecovery     = line(info, "datastore/data_store.go:1767", "Begin ipam state recovery from backing store")
	lineNoFile       = line(debug, "datastore/data_store.go:1767", "backing store doesn't exists, assuming bootstrap on a new node")
	lineStale        = line(warn, "datastore/data_store.go:366", "stale IP allocation for ID(%v): IPv4(%v), IPv6(%v) due to %v")
	linePruning      = line(info, "datastore/data_store.go:1645", "Pruning potentially stale IP rules")
	linePruneTo      = line(info, "datastore/data_store.go:1670", "Delete toContainer rule for v4: %s, v6: %s")
	linePruneFrom    = line(info, "datastore/data_store.go:1671", "Delete fromContainer rule for v4: %s, v6: %s")
	lineRecovered    = line(debug, "datastore/data_store.go:1767", "Recovered %s => %s/%s")
	lineUnknownIP    = line(info, "datastore/data_store.go:1767", "datastore: Sandbox %s uses unknown IP Address %s - presuming stale/dead")
	lineRecoveryDone = line(debug, "datastore/data_store.go:1767", "Completed ipam state recovery")
	lineUpdateRules  = line(debug, "ipamd/ipamd.go:714", "Update Rule List[%v] for source[%v] ")
)

// Each pass: updateIPPoolIfRequired and its decisions.
var (
	linePass         = line(debug, "ipamd/ipamd.go:789", "IP stats for Network Card %d - total IPs: %d, assigned IPs: %d, cooldown IPs: %d")
	lineTooLow       = line(debug, "ipamd/ipamd.go:803", "IP pool is too low for Network Card %d: available (%d) < ENI target (%d) * addrsPerENI (%d)")
	linePoolStats    = line(debug, "ipamd/ipamd.go:2652", "%s %d: %s, c.maxIPsPerENI = %d")
	lineTooHigh      = line(debug, "ipamd/ipamd.go:808", "Prefix pool is high so might be able to deallocate - free prefixes: %d, warm prefix target: %d from NetworkCard %d")
	lineNoDecrease   = line(debug, "ipamd/ipamd.go:808", "Skipping decrease Datastore pool because time since last %v <= %v")
	lineDecrease     = line(debug, "ipamd/ipamd.go:810", "Starting to decrease pool size for network card %d")
	lineDecreased    = line(debug, "ipamd/ipamd.go:810", "Successfully decreased IP pool")
	lineNoneFreeable = line(fail, "ipamd/ipamd.go:842", "Error finding unassigned IPs for ENI %s")
	lineExtraPrefix  = line(debug, "ipamd/ipamd.go:896", "computeExtraPrefixesOverWarmTarget - available: %d, over: %d, warm_prefix_target: %d")
	lineSpareENI     = line(debug, "ipamd/ipamd.go:812", "It might be possible to remove extra ENIs because available (%d) >= (ENI/Prefix target + 1 (%d) + 1) * addrsPerENI (%d)")
	lineEmptyENI     = line(debug, "ipamd/ipamd.go:1511", "Found a deletable ENI %s and we might be able to free")
)

// Growing: increaseDatastorePool, tryAssignIPs, tryAssignPrefixes,
// tryAllocateENI, and pkg/awsutils.
var (
	lineIncrease       = line(debug, "ipamd/ipamd.go:807", "Starting to increase pool size for network card %d")
	lineCordoned       = line(debug, "ipamd/ipamd.go:973", "AWS CNI is on a non schedulable node, will not try to attach any new IPs or ENIs right now")
	linePause          = line(debug, "ipamd/ipamd.go:807", "Recently we had InsufficientCidr error hence will wait for %v before retrying")
	lineIncreaseFull   = line(fail, "ipamd/ipamd.go:807", "Unable to attach IPs/Prefixes for the ENI, subnet doesn't seem to have enough IPs/Prefixes. Consider using new subnet or carve a reserved range using create-subnet-cidr-reservation")
	lineAllocateFailed = line(debug, "ipamd/ipamd.go:807", "Error trying to allocate ENI: %v")
	lineMaxENI         = line(debug, "ipamd/ipamd.go:807", "Skipping ENI allocation as the max ENI limit is already reached")
	lineHasRoom        = line(debug, "ipamd/ipamd.go:997", "hasRoomForEni: networkCard=%d, currentENIs=%d, currentUsableENIs=%d, maxENI=%d, unmanagedENI=%d, trunkEni=%d, excludedENI=%d, hasRoom=%v")
	linePrefixTarget   = line(debug, "ipamd/ipamd.go:2721", "Prefix target is %d, short of %d prefixes, free %d prefixes")
	lineToAllocate     = line(debug, "ipamd/ipamd.go:1218", "ToAllocate: %d, Network Card %d")
	lineAllocatable    = line(debug, "ipamd/ipamd.go:1129", "Found ENI %s that has less than the maximum number of IP/Prefixes addresses allocated: cur=%d, max=%d")
	lineAssign         = line(info, "ipamd/ipamd.go:1135", "Trying to allocate %d IP addresses on ENI %s")
	lineAssigned       = line(info, "ipamd/ipamd.go:1135", "Allocated %d private IP addresses")
	lineAssignedPD     = line(info, "ipamd/ipamd.go:1225", "Allocated %d private IP prefixes")
	lineAssignFailed   = line(fail, "ipamd/ipamd.go:1135", "Failed to allocate a private IP/Prefix addresses on ENI %v: %v")
	lineNotAllIPs      = line(warn, "ipamd/ipamd.go:1109", "failed to allocate all available IP addresses on ENI %s, err: %v")
	lineNotAllPD       = line(warn, "ipamd/ipamd.go:1107", "failed to allocate all available IPv4 Prefixes on ENI %s, err: %v")
	lineInsufficient   = line(debug, "ipamd/ipamd.go:985", "containsInsufficientCIDRsOrSubnetIPs encountered %v")
	lineInsufficientBy = line(debug, "ipamd/ipamd.go:985", "Insufficient IP Addresses due to: %v\n")
	lineLimitExceeded  = line(debug, "ipamd/ipamd.go:1109", "AssignPrivateIpAddresses returned PrivateIpAddressLimitExceeded. This can happen if the data store is out of sync."+
		"Returning without an error here since we will verify the actual state by calling EC2 to see what addresses have already assigned to this ENI.")

	lineNoENIConfig    = line(fail, "ipamd/ipamd.go:998", "Failed to get pod ENI config")
	lineNothingNeeded  = line(debug, "ipamd/ipamd.go:998", "Did not allocate ENI since IPs/Prefixes needed were not greater than 0. IPs/Prefixes needed: %d")
	lineAllocENIFailed = line(fail, "ipamd/ipamd.go:998", "Failed to increase pool size due to not able to allocate ENI %v")
	lineAllocIPsFailed = line(warn, "ipamd/ipamd.go:998", "Failed to allocate %d IP addresses on an ENI: %v")
	lineAllocateFull   = line(fail, "ipamd/ipamd.go:998", "Unable to attach IPs/Prefixes for the ENI, subnet doesn't seem to have enough IPs/Prefixes. Consider using new subnet or carve a reserved range using create-subnet-cidr-reservation")
	lineWaitFailed     = line(fail, "ipamd/ipamd.go:998", "Failed to increase pool size for Network card %d: Unable to discover attached ENI from metadata service %v")
	lineNewSetupFailed = line(fail, "ipamd/ipamd.go:998", "Failed to increase pool size for network card %d: %v")
	lineNewENI         = line(info, "awsutils/awsutils.go:979", "Trying to allocate %d IP addresses on new ENI")
	lineCreating       = line(info, "awsutils/awsutils.go:979", "Creating ENI with security groups: %v in subnet: %s")
	lineSubnetsFailed  = line(warn, "awsutils/awsutils.go:979", "Failed to call ec2:DescribeSubnets: %v")
	linePrimarySubnet  = line(info, "awsutils/awsutils.go:979", "Defaulting to same subnet as the primary interface for the new ENI")
	lineSubnetNoTag    = line(debug, "awsutils/awsutils.go:1179", "Subnet %s has no %s tag, excluding it from ENI creation")
	lineSubnetTag0     = line(debug, "awsutils/awsutils.go:1179", "Subnet %s has %s=0 tag, excluding it from ENI creation")
	lineSubnetOthers   = line(debug, "awsutils/awsutils.go:1179", "Subnet %s does not belong to this cluster, excluding it from ENI creation")
	linePrimaryNoTag   = line(debug, "awsutils/awsutils.go:1179", "Primary subnet %s has no %s tag, including it for ENI creation (backwards compatibility)")
	linePrimaryNotUsed = line(info, "awsutils/awsutils.go:979", "Primary subnet %s is excluded from ENI creation")
	lineCreated        = line(info, "awsutils/awsutils.go:1192", "Created a new ENI: %s")
	lineCreateFailed   = line(fail, "awsutils/awsutils.go:1192", "Failed to CreateNetworkInterface %v for subnet %s")
	lineNoInstance     = line(fail, "awsutils/awsutils.go:1025", "awsGetFreeDeviceNumber: Unable to retrieve instance data from EC2 control plane %v")
	lineFreeDevice     = line(debug, "awsutils/awsutils.go:1025", "Found a free device number for network card %d : %d")
	lineAttachFailed   = line(fail, "awsutils/awsutils.go:984", "Failed to attach ENI %s: %v")
	lineUndoFailed     = line(fail, "ipamd/ipamd.go:1071", "Failed to delete newly created untagged ENI! %v")
	lineAttached       = line(info, "ipamd/ipamd.go:1071", "Successfully created and attached a new ENI %s to instance on network card %d")
	lineSweepFailed    = line(warn, retried, "Failed to increase pool, error trying to discover attached ENIs on attempt %d/%d: %v ")
	lineSeen           = line(debug, retried, "ENI ID: %v IP Addr: %d, IPv4Prefixes:- %d, IPv6Prefixes:- %d")
	lineNoneYet        = line(debug, retried, "No secondary IPv4/IPv6 addresses/prefixes available yet on ENI %s")
	lineNotYet         = line(debug, retried, "Not able to find the right ENI yet (attempt %d/%d)")
	lineOnlySomeIPs    = line(warn, "awsutils/awsutils.go:2122", "This ENI only has %d IP addresses, we wanted %d")
	lineOnlySomePD     = line(warn, "awsutils/awsutils.go:2122", "This ENI only has %d Prefixes, we wanted %d")
	lineAddCIDR        = line(info, "ipamd/ipamd.go:1350", "Adding %s to DS for %s")
	lineKnownCIDR      = line(info, "ipamd/ipamd.go:1350", "IP already in DS")
	lineAddedCIDR      = line(info, "ipamd/ipamd.go:1350", "Added ENI(%s)'s IP/Prefix %s to datastore")
)

// Shrinking: tryUnassignCidrsFromAll, tryFreeENI, getDeletableENI, and
// pkg/awsutils.
var (
	lineDeletedCIDR     = line(info, "ipamd/ipamd.go:922", "Deleted ENI(%s)'s IP/Prefix %s from datastore")
	lineUnassignIPs     = line(info, "ipamd/ipamd.go:2708", "Trying to unassign the following IPs %v from ENI %s")
	lineUnassignPD      = line(info, "ipamd/ipamd.go:2704", "Trying to unassign the following Prefixes %v from ENI %s")
	lineFreedIPs        = line(debug, "ipamd/ipamd.go:2708", "Successfully freed IPs %v from ENI %s")
	lineFreedPD         = line(debug, "ipamd/ipamd.go:2704", "Successfully freed IPv4 Prefixes %v from ENI %s")
	lineUnassignIPsFail = line(fail, "ipamd/ipamd.go:2708", "Failed to deallocate a private IP address %v")
	lineUnassignPDFail  = line(fail, "ipamd/ipamd.go:2704", "Failed to deallocate IPv4 Prefixes %v: %v")

	lineNotFreeing  = line(debug, "ipamd/ipamd.go:813", "AWS CNI is on a non schedulable node, not detaching any ENIs")
	lineIsPrimary   = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it is primary")
	lineTooYoung    = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it is too young")
	lineIsCooling   = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because has IPs in cooling")
	lineHasPods     = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it has pods assigned")
	lineForWarmIP   = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it is required for WARM_IP_TARGET: %d")
	lineForMinimum  = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it is required for MINIMUM_IP_TARGET: %d")
	lineForPrefix   = line(debug, "datastore/data_store.go:1148", "ENI %s cannot be deleted because it is required for WARM_PREFIX_TARGET: %d")
	lineDeletable   = line(debug, "datastore/data_store.go:1148", "getDeletableENI: found a deletable ENI %s")
	lineRemoveENI   = line(info, "ipamd/ipamd.go:867", "RemoveUnusedENIFromStore %s: IP/Prefix address pool stats: free %d addresses, total: %d, assigned: %d, total prefixes: %d")
	lineFreeing     = line(debug, "ipamd/ipamd.go:813", "Start freeing ENI %s from network card %d")
	lineFreeFailed  = line(fail, "ipamd/ipamd.go:813", "Failed to free ENI %s, err: %v")
	lineFree        = line(info, "awsutils/awsutils.go:1429", "Trying to free ENI: %s")
	lineAlreadyFree = line(info, "awsutils/awsutils.go:1429", "ENI %s not found. It seems to be already freed")
	lineNoAttachID  = line(fail, "awsutils/awsutils.go:1429", "Failed to retrieve ENI %s attachment id: %v")
	lineENINotRead  = line(fail, "awsutils/awsutils.go:1436", "Failed to get ENI %s information from EC2 control plane %v")
	lineAttachID    = line(debug, "awsutils/awsutils.go:1429", "Found ENI %s attachment id: %s ")
	lineDetachFail  = line(fail, retried, "Failed to detach ENI %s %v")
	lineDetached    = line(info, retried, "Successfully detached ENI: %s")
	lineNotDetached = line(fail, "awsutils/awsutils.go:1429", "Failed to detach ENI %s %v")
	lineFreed       = line(info, "awsutils/awsutils.go:1429", "Successfully freed ENI: %s")
	lineDelete      = line(debug, deletedFreed, "Trying to delete ENI: %s")
	lineGone        = line(info, retried, "ENI %s has already been deleted")
	lineDeleteFail  = line(debug, retried, "Not able to delete ENI: %v ")
	lineDeleted     = line(info, retried, "Successfully deleted ENI: %s")
)

// Interfaces in excluded subnets, and CIDRs of the mode that is off:
// cleanupExcludedENI, tryUnassignIPFromENI, tryUnassignPrefixFromENI,
// deallocateEmptyCIDR.
var (
	lineExcludedENI   = line(info, "ipamd/ipamd.go:568", "checkAndHandleAllENIExclusion: cleaning up unassigned resources from excluded %s ENI %s")
	lineExcludedDone  = line(info, "ipamd/ipamd.go:2544", "Completed cleanup of unassigned resources from excluded ENI %s")
	lineTryIPs        = line(debug, "ipamd/ipamd.go:574", "tryUnassignIPsFromENIs")
	lineTryPrefixes   = line(debug, "ipamd/ipamd.go:578", "tryUnassignPrefixesFromENIs")
	lineNoFreeableIPs = line(debug, unusedIPsAtStart, "No freeable IPs")
	lineGaveIPsBack   = line(debug, unusedIPsAtStart, "Successfully decreased IP pool by removing IPs %v from ENI %s")
	lineGavePDBack    = line(debug, unusedPDAtStart, "Successfully removed prefixes %v from ENI %s")
	lineEmptyCIDR     = line(info, "ipamd/rpc_handler.go:354", "CIDR %s on excluded ENI %s is now empty, scheduling for cleanup")
	lineDropCIDR      = line(info, goroutine, "Removing empty CIDR %s from excluded ENI %s in datastore")
	lineDroppedCIDR   = line(info, goroutine, "Successfully removed empty CIDR %s from excluded ENI %s")
)

// Reconciling: nodeIPPoolReconcile and what it calls.
var (
	lineReconcile      = line(debug, "ipamd/ipamd.go:792", "Reconciling ENI/IP pool info because time since last %v > %v")
	lineReconcileFail  = line(fail, "ipamd/ipamd.go:792", "IP pool reconcile: Failed to get attached ENI info: %v")
	lineReconcileNone  = line(fail, "ipamd/ipamd.go:792", "IP pool reconcile: No ENI found at all in metadata, unable to reconcile")
	lineNewSeen        = line(debug, "ipamd/ipamd.go:792", "A new ENI added but not by ipamd, updating tags by calling EC2")
	lineReconcileEC2   = line(warn, "ipamd/ipamd.go:792", "Failed to call EC2 to describe ENIs, aborting reconcile: %v")
	lineReconcileIPs   = line(debug, "ipamd/ipamd.go:792", "Reconcile existing ENI %s IP pool")
	lineReconcilePD    = line(debug, "ipamd/ipamd.go:792", "Reconcile existing ENI %s IP prefixes")
	lineMismatch       = line(warn, "ipamd/ipamd.go:1652", "Instance metadata does not match data store! ipPool: %v, metadata: %v")
	lineMismatchPD     = line(warn, "ipamd/ipamd.go:1656", "Instance metadata does not match data store! ipPool: %v, metadata: %v")
	lineAskEC2         = line(debug, "ipamd/ipamd.go:1652", "We need to check the ENI status by calling the EC2 control plane.")
	lineEC2Failed      = line(fail, "ipamd/ipamd.go:1652", "Failed to fetch ENI IP addresses! Aborting reconcile of ENI %s")
	lineGivenBack      = line(debug, "ipamd/ipamd.go:1729", "Reconcile skipping IP %s on ENI %s because it was recently unassigned from the ENI.")
	lineVerify         = line(debug, "ipamd/ipamd.go:1729", "This IP was recently freed, but is now out of cooldown. We need to verify with EC2 control plane.")
	lineVerifyFailed   = line(fail, "ipamd/ipamd.go:1729", "Failed to fetch ENI IP addresses from EC2! %v")
	lineVerified       = line(debug, "ipamd/ipamd.go:1729", "Verified that IP %s is attached to ENI %s")
	lineNotVerified    = line(warn, "ipamd/ipamd.go:1729", "Skipping IP %s on ENI %s because it does not belong to this ENI!")
	lineOffCache       = line(debug, "ipamd/ipamd.go:1848", "Removing %s from cooldown cache.")
	lineTryAdd         = line(info, "ipamd/ipamd.go:1729", "Trying to add %s")
	lineReconcileDelIP = line(debug, "ipamd/ipamd.go:1652", "Reconcile and delete IP %s on ENI %s")
	lineReconcileDelPD = line(debug, "ipamd/ipamd.go:1656", "Reconcile and delete Prefix %s on ENI %s")
	lineReconcileTag   = line(fail, "ipamd/ipamd.go:792", "IP pool reconcile: failed to tag managed ENI %v: %v")
	lineReconcileNew   = line(debug, "ipamd/ipamd.go:792", "Reconcile and add a new ENI %s")
	lineReconcileSetup = line(fail, "ipamd/ipamd.go:792", "IP pool reconcile: Failed to set up ENI %s network: %v")
	lineDetachedENI    = line(info, "ipamd/ipamd.go:792", "Reconcile and delete detached ENI %s")
	lineForceENI       = line(warn, "ipamd/ipamd.go:1689", "Force removing eni %s with %d assigned pods")
	lineRemovedENI     = line(info, "ipamd/ipamd.go:1689", "RemoveENIFromDataStore %s: IP/Prefix address pool stats: free %d addresses, total: %d, assigned: %d, total prefixes: %d")
	lineForceIP        = line(info, "datastore/data_store.go:596", "unassignPodIPAddressUnsafe: Unassign IP %v from sandbox %s")
	lineReconciled     = line(debug, "ipamd/ipamd.go:792", "Successfully Reconciled ENI/IP pool")
	linePrimaryIP      = line(debug, "ipamd/ipamd.go:792", "Primary IP for ENI %s is %s")
)

// AddNetwork and DelNetwork: pkg/ipamd/rpc_handler.go, called by the generated
// code in rpc/rpc_grpc.pb.go, and the datastore under it.
var (
	lineAdd         = line(info, "rpc/rpc_grpc.pb.go:117", "Received AddNetwork for NS %s, Sandbox %s, ifname %s")
	lineAddRequest  = line(debug, "rpc/rpc_grpc.pb.go:117", "AddNetworkRequest: %s")
	lineMultiNIC    = line(info, "rpc/rpc_grpc.pb.go:117", "Required MultiNIC access %t, interfaces required %+v")
	lineAssignStats = line(debug, "datastore/data_store.go:713", "AssignPodIPv4Address: IP address pool stats: total %d, assigned %d")
	lineTwice       = line(info, "datastore/data_store.go:713", "AssignPodIPv4Address: duplicate pod assign for sandbox %s")
	lineSkipExclude = line(debug, "datastore/data_store.go:713", "Skipping ENI %s as it is excluded from pod IP allocation")
	lineReleased    = line(debug, "datastore/data_store.go:1469", "IP %s released from cooldown after %v, available for reassignment in CIDR %s")
	lineFreeIP      = line(debug, "datastore/data_store.go:1469", "Found a free IP not in DB - %s")
	lineReturnFree  = line(debug, "datastore/data_store.go:806", "Returning Free IP %s")
	lineNoFreeIP    = line(debug, "datastore/data_store.go:806", "Get free IP from prefix failed %v")
	lineNotFromCIDR = line(debug, "datastore/data_store.go:713", "Unable to get IP address from CIDR: %v")
	lineNewIP       = line(debug, "datastore/data_store.go:713", "New IP from CIDR pool- %s")
	lineAllocating  = line(debug, "datastore/data_store.go:713", "Allocating new IP %s from CIDR %s for pod")
	lineAssignIP    = line(info, "datastore/data_store.go:838", "assignPodIPAddressUnsafe: Assign IP %v to sandbox %s with metadata %+v")
	lineENIFull     = line(debug, "datastore/data_store.go:713", "AssignPodIPv4Address: ENI %s does not have available addresses")
	lineNoIP        = line(fail, "datastore/data_store.go:713", "DataStore has no available IP/Prefix addresses")
	lineAddFailed   = line(warn, "rpc/rpc_grpc.pb.go:117", "Failed to assign IPs from network card %d: %v")
	lineAddFailure  = line(fail, "rpc/rpc_grpc.pb.go:117", "Returning failure response for AddNetwork: %v")
	lineAddFrom     = line(info, "rpc/rpc_grpc.pb.go:117", "Assigned IP from network card: %d -> IPv4: %s, IPv6: %s, device number: %d, ")
	lineAddCount    = line(info, "rpc/rpc_grpc.pb.go:117", "Address assigned from datastores:  %d")
	lineAddReply    = line(info, "rpc/rpc_grpc.pb.go:117", "Send AddNetworkReply: Success: %t IPAddr: %v, resp: %s, err: %v")

	lineDel        = line(info, "rpc/rpc_grpc.pb.go:135", "Received DelNetwork for Sandbox %s")
	lineDelRequest = line(debug, "rpc/rpc_grpc.pb.go:135", "DelNetworkRequest: %s")
	lineDelStats   = line(debug, "ipamd/rpc_handler.go:354", "UnassignPodIPAddress: IP address pool stats: total %d, assigned %d, sandbox %s")
	lineDelOldKey  = line(debug, "ipamd/rpc_handler.go:354", "UnassignPodIPAddress: Failed to find IPAM entry under full key, trying CRI-migrated version")
	lineDelUnknown = line(warn, "ipamd/rpc_handler.go:354", "UnassignPodIPAddress: Failed to find sandbox %s")
	lineUnassignIP = line(info, "datastore/data_store.go:1262", "unassignPodIPAddressUnsafe: Unassign IP %v from sandbox %s")
	lineCooldown   = line(debug, "ipamd/rpc_handler.go:354", "IP %s entering cooldown period of %v (available after %v)")
	lineUnassigned = line(info, "ipamd/rpc_handler.go:354", "UnassignPodIPAddress: sandbox %s's ipAddr %s, DeviceNumber %d")
	lineDelCount   = line(debug, "rpc/rpc_grpc.pb.go:135", "IPs allocated for the pod: %d")
	lineDelPrefix  = line(debug, "rpc/rpc_grpc.pb.go:135", "IP belongs to prefix pool with PD disabled so try free prefix from EC2")
	lineDelFound   = line(debug, "rpc/rpc_grpc.pb.go:135", "IPs allocated for the pod: %d, IPs found: %d")
	lineDelReply   = line(info, "rpc/rpc_grpc.pb.go:135", "Send DelNetworkReply: IPAddress: %+v, err: %v")
)

// The job for leaked interfaces: cleanUpLeakedENIs, getLeakedENIs.
var (
	lineLeakedCheck  = line(debug, "awsutils/awsutils.go:2295", "Checking for leaked AWS CNI ENIs.")
	lineLeakedFailed = line(warn, "awsutils/awsutils.go:2295", "Unable to get leaked ENIs: %v")
	lineLeakedNone   = line(debug, "awsutils/awsutils.go:2304", "No AWS CNI leaked ENIs found.")
	lineLeakedFound  = line(debug, "awsutils/awsutils.go:2304", "Found %d leaked ENIs with the AWS CNI tag.")
	lineLeakedYoung  = line(info, "awsutils/awsutils.go:2548", "Found an ENI created less than 5 minutes ago, so not cleaning it up")
	lineLeakedTag    = line(debug, "awsutils/awsutils.go:2416", "Tag untagged ENI %s: key=%s, value=%s")
	lineLeakedKept   = line(warn, "awsutils/awsutils.go:2295", "Failed to clean up leaked ENI %s: %v")
	lineLeakedGone   = line(debug, "awsutils/awsutils.go:2295", "Cleaned up leaked CNI ENI %s")
)
