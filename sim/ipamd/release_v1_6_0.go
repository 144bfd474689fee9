package ipamd

import "time"

// v1_6_0 is amazon-vpc-cni-k8s v1.6.0 of February 2020, for v1.5 and it: a new
// interface costs a sleep of 10 s besides the loop's 5 s unless metadata shows it
// at once (https://github.com/aws/amazon-vpc-cni-k8s/issues/420), and each sweep
// over metadata, once a minute on an idle node, asks EC2 about every interface
// (https://github.com/aws/amazon-vpc-cni-k8s/issues/887). What the switches mean is
// in package release, where they are: pkg/ipamd/ipamd.go,
// pkg/ipamd/datastore/data_store.go and pkg/awsutils/awsutils.go.
var v1_6_0 = release{
	version: "v1.6.0",
	switches: switches{
		apiServer:        apiServerAskedOnce,
		retriesV1:        15, // New: MaxRetries
		addressRetriesV1: 3,  // whatever that says: DefaultRetryerMaxNumRetries, aws-sdk-go v1.26.8
		noTimeout:        true,
		ignores: []string{
			"AWS_MANAGE_ENIS_NON_SCHEDULABLE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "CLUSTER_ENDPOINT", "DISABLE_LEAKED_ENI_CLEANUP",
			"DISABLE_NETWORK_RESOURCE_PROVISIONING", "ENABLE_IMDS_ONLY_MODE", "ENABLE_PREFIX_DELEGATION", "ENABLE_SUBNET_DISCOVERY",
			"HTTP_TIMEOUT", "IP_COOLDOWN_PERIOD", "MANAGE_UNTAGGED_ENI", "WARM_PREFIX_TARGET",
		},
		noSubnetDiscovery:    true,
		ignoresMaxPods:       true,
		ignoresCordon:        true,
		noInsufficientPause:  true,
		fillsAtStart:         true, // nodeInit: tryAssignIPs
		plainStart:           true,
		assignsOnOne:         true, // tryAssignIPs: GetENINeedsIP
		fillsInterface:       true,
		describesAfterAssign: true,        // getENIaddresses
		assignsAfterAttach:   true,        // tryAllocateENI
		tagsAfterAttach:      true,        // AllocENI: tagENI
		fixedWait:            true,        // waitENIAttached
		describesEach:        true,        // getENIMetadata: DescribeENI
		coolsENI:             time.Minute, // addressENICoolingPeriod
		cleansAnyAge:         true,        // cleanUpLeakedENIs
		datesFromStart:       true,        // nodeIPPoolReconcile, decreaseIPPool
		alwaysCleans:         true,
	},
}
