package ipamd

// v1_6_3 is amazon-vpc-cni-k8s v1.6.3 of July 2020, for v1.6.1 to v1.6.3: as
// v1.6.0, except that a sweep over metadata believes what metadata says of an
// interface's addresses (getENIMetadata), and asks EC2 about all interfaces at once
// at the start and when one is new (DescribeAllENIs). Its wait for an interface
// still looks for the interface alone, so that one whose addresses metadata does
// not list yet comes into the datastore without them, and is asked for as many
// again (https://github.com/aws/amazon-vpc-cni-k8s/issues/989). From v1.7.2 on
// WaitForENIAndIPsAttached waits for the addresses, too.
//
// Each switch was read in v1.6.3, in pkg/ipamd/ipamd.go unless said otherwise:
//
//   - apiServer: cmd/aws-k8s-agent/main.go, _main: CreateKubeClient, once
//   - retriesV1, noTimeout: pkg/awsutils/awsutils.go, New: MaxRetries 15, and no
//     client of its own; addressRetriesV1: service/ec2/customizations.go of
//     aws-sdk-go v1.30.4, the same file as in v1.26.8
//   - ignores: what neither of the two files reads by os.Getenv
//   - noSubnetDiscovery, tagsAfterAttach: pkg/awsutils/awsutils.go, AllocENI,
//     createENI, tagENI
//   - ignoresMaxPods, ignoresCordon: nodeIPPoolTooLow, updateIPPoolIfRequired
//   - noInsufficientPause, assignsOnOne: increaseIPPool, tryAssignIPs
//   - fillsAtStart, plainStart: nodeInit
//   - fillsInterface, describesAfterAssign: tryAssignIPs; the first by ID is
//     GetENINeedsIP of pkg/ipamd/datastore/data_store.go
//   - assignsAfterAttach: tryAllocateENI
//   - fixedWait: waitENIAttached
//   - describesEach, which is off: getENIMetadata of pkg/awsutils/awsutils.go
//   - datesFromStart: nodeIPPoolReconcile, decreaseIPPool
//   - coolsENI: addressENICoolingPeriod of pkg/ipamd/datastore/data_store.go
//   - cleansAnyAge, alwaysCleans: cleanUpLeakedENIs and
//     getFilteredListOfNetworkInterfaces of pkg/awsutils/awsutils.go
//
// Between v1.6.0 and v1.6.3 nothing else differs in these files that a pool shows.
var v1_6_3 = func() release {
	r := v1_6_0
	r.version = "v1.6.3"
	r.describesEach = false
	return r
}()
