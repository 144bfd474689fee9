package ipamd

// v1_9_0 is amazon-vpc-cni-k8s v1.9.0 of July 2021, for v1.9 and v1.10 up to
// v1.10.2: an interface gets its addresses by a call of its own and is then
// waited for, for up to three minutes, until metadata shows all that the targets
// ask for; https://github.com/aws/amazon-vpc-cni-k8s/pull/1400 has that. What the
// switches mean is in package release, where they are: pkg/ipamd/ipamd.go,
// pkg/ipamd/datastore/data_store.go, pkg/awsutils/awsutils.go and
// pkg/awsutils/awssession/session.go.
var v1_9_0 = release{
	version: "v1.9.0",
	switches: switches{
		apiServer: apiServerAskedOnce,
		retriesV1: 10, addressRetriesV1: 10, // maxRetries; aws-sdk-go v1.40.6 heeds it for all calls
		ignores: []string{
			"AWS_MANAGE_ENIS_NON_SCHEDULABLE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "CLUSTER_ENDPOINT", "DISABLE_LEAKED_ENI_CLEANUP", "ENABLE_IMDS_ONLY_MODE",
			"ENABLE_SUBNET_DISCOVERY", "IP_COOLDOWN_PERIOD", "MANAGE_UNTAGGED_ENI",
		},
		noSubnetDiscovery:    true,
		ignoresMaxPods:       true,
		ignoresCordon:        true,
		noInsufficientPause:  true,
		fillsAtStart:         true, // nodeInit: tryAssignCidrs
		groupsLast:           true, // New: RefreshSGIDs
		assignsOnOne:         true, // tryAssignIPs, tryAssignPrefixes: GetENINeedsIP
		describesAfterAssign: true, // GetIPv4sFromEC2, GetIPv4PrefixesFromEC2
		assignsAfterAttach:   true, // tryAllocateENI
		waitsUncapped:        true, // GetENIResourcesToAllocate
		comparesCounts:       true, // eniIPPoolReconcile, eniPrefixPoolReconcile
		overOnEach:           true, // tryUnassignCidrsFromAll
		datesFromStart:       true, // nodeIPPoolReconcile, decreaseDatastorePool
		alwaysCleans:         true,
	},
}
