package ipamd

import (
	"fmt"
	"time"

	"ipamsim/internal/source"
)

const (
	describePause     = 10 * time.Millisecond // times the try, between tries of describeAll
	excludedCIDRDelay = 5 * time.Second       // before an emptied CIDR of an excluded interface is dropped
)

// Where the real daemon has its numbers.
const (
	ipamdGo    = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/ipamd/ipamd.go"
	awsutilsGo = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awsutils.go"
	agentGo    = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/cmd/aws-k8s-agent/main.go"
	storeGo    = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/ipamd/datastore/data_store.go"
)

// Constants are the timers, limits and defaults of the daemon.
func Constants() []source.Constant {
	list := []source.Constant{
		seconds("pool.halfPass", HalfPass, "StartNodeIPPoolManager sleeps half of ipPoolMonitorInterval before the update and half before the reconcile: "+ipamdGo),
		seconds("pool.reconcileInterval", reconcileInterval, "nodeIPPoolReconcileInterval; a reconcile needs strictly more since the last action: "+ipamdGo),
		seconds("pool.decreaseInterval", decreaseInterval, "decreaseIPPoolInterval; blocked up to and including it: "+ipamdGo),
		seconds("pool.insufficientPause", insufficientPause, "insufficientCidrErrorCooldown, one timer for addresses and interfaces: "+ipamdGo),
		seconds("pool.refusedFor", refusedFor, "ipReconcileCooldown: a CIDR given back is not re-entered by a reconcile before: "+ipamdGo),
		seconds("eni.minimumLife", minimumENILife, "minENILifeTime: "+storeGo),
		source.Number("prefix.addresses", addressesPerPrefix, "addresses", source.FromCode, "a /28, GetPrefixDelegationDefaults: "+storeGo),
		source.Number("eni.deviceIndexes", maxDevices, "indexes", source.FromCode, "awsGetFreeDeviceNumber looks at so many: "+awsutilsGo),

		seconds("apiServer.request", apiServerPolled.request, "restCfgTimeout, and pollInterval, whose ticker runs on meanwhile: a request that nobody answers, before kube-proxy has written its rules: "+agentGo),
		count("apiServer.tries", apiServerPolled.tries, "of them, pollTimeout; then it starts without the API server: "+agentGo),
		count("init.setupTries", setupTries, "maxRetryCheckENI retries after the first: "+ipamdGo),
		seconds("init.setupPause", setupPause, "eniAttachTime: "+ipamdGo),
		count("describe.tries", describeTries, "maxENIEC2APIRetries of DescribeAllENIs: "+awsutilsGo),
		seconds("describe.pause", describePause, "times the number of failed tries, DescribeAllENIs: "+awsutilsGo),
	}
	list = append(list, waitBackoff.constants("waitForENI", "WaitForENIAndIPsAttached")...)
	list = append(list, detachBackoff.constants("detach", "freeENI")...)
	list = append(list, deleteBackoff.constants("delete", "deleteENI")...)
	list = append(list, tagBackoff.constants("tag", "TagENI")...)
	list = append(list,
		seconds("backoff.longest", backoffCap, "maxENIBackoffDelay; pauses double up to it: "+awsutilsGo),
		seconds("detach.settle", detachSettle, "FreeENI sleeps so long between the detach and the first delete: "+awsutilsGo),
		seconds("excludedCIDR.delay", excludedCIDRDelay, "deallocateEmptyCIDR: "+storeGo),
		seconds("leaked.interval", LeakedInterval, "cleanUpLeakedENIs, from the end of a run: "+awsutilsGo),
		seconds("leaked.delayMost", LeakedDelayMax, "eniCleanupStartupDelayMax; a whole number of seconds below it is drawn before every run: "+awsutilsGo),
		seconds("leaked.age", leakedAge, "eniDeleteCooldownTime; younger interfaces are spared: "+awsutilsGo),
	)
	return append(list, environmentConstants()...)
}

// environmentConstants are what the binary does when nothing is set: read off
// the parser itself.
func environmentConstants() []source.Constant {
	c := ParseEnvironment(nil, Settings{ENILimit: 1, IPv4Limit: 2, Nitro: true})
	unset := func(name string, value any, unit, meaning string) source.Constant {
		return source.Constant{Name: name, Value: fmt.Sprint(value), Unit: unit, Kind: source.FromCode, Source: "the binary's default, and what an invalid value becomes; " + meaning}
	}
	return []source.Constant{
		unset("WARM_ENI_TARGET", c.WarmENITarget, "interfaces", "getWarmENITarget: "+ipamdGo),
		unset("WARM_IP_TARGET", c.WarmIPTarget, "addresses", "0 is off; getWarmIPTarget: "+ipamdGo),
		unset("MINIMUM_IP_TARGET", c.MinimumIPTarget, "addresses", "0 is off; getMinimumIPTarget: "+ipamdGo),
		unset("WARM_PREFIX_TARGET", c.WarmPrefixTarget, "prefixes", "getWarmPrefixTarget: "+ipamdGo),
		source.Rule("MAX_ENI", "the instance type's", source.FromCode, "also for values below 1 or above it; getMaxENI: "+ipamdGo),
		unset("IP_COOLDOWN_PERIOD", fmt.Sprintf("%g", c.Cooldown.Seconds()), "s", "cooling up to and including it; getCooldownPeriod: "+storeGo),
		unset("ENABLE_PREFIX_DELEGATION", c.PrefixDelegation, "", "nitro and bare metal only: "+ipamdGo),
		unset("ENABLE_SUBNET_DISCOVERY", c.SubnetDiscovery, "", ipamdGo),
		unset("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", c.CustomNetworking, "", ipamdGo),
		unset("MANAGE_UNTAGGED_ENI", c.ManageUntagged, "", ipamdGo),
		unset("AWS_MANAGE_ENIS_NON_SCHEDULABLE", c.ManageCordoned, "", ipamdGo),
		unset("DISABLE_NETWORK_RESOURCE_PROVISIONING", c.NoProvisioning, "", ipamdGo),
		unset("ENABLE_IMDS_ONLY_MODE", c.IMDSOnly, "", ipamdGo),
		unset("DISABLE_LEAKED_ENI_CLEANUP", !c.LeakedCleanup, "", awsutilsGo),
	}
}

// constants are a back-off's three numbers.
func (b backoff) constants(name, function string) []source.Constant {
	where := function + ": " + awsutilsGo
	return []source.Constant{
		seconds(name+".firstPause", b.start, where),
		{Name: name + ".jitter", Value: fmt.Sprintf("0 to %g", 100*b.jitter), Unit: "% more", Kind: source.FromCode, Source: where},
		count(name+".tries", b.tries, where),
	}
}

func seconds(name string, d time.Duration, where string) source.Constant {
	return source.Duration(name, d, source.FromCode, where)
}

func count(name string, n int, where string) source.Constant {
	return source.Number(name, n, "tries", source.FromCode, where)
}
