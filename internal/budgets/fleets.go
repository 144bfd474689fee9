package main

import (
	"fmt"
	"strings"
)

// head is what all fleets have: 50 blocks of a VPC, quotas and token buckets
// that do not hold a fleet of this size up.
func head(name, duration string, perSecond int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: %s}\nduration: %s\nvpc:\n  cidrs:\n", name, duration)
	for i := range 50 {
		fmt.Fprintf(&b, "    - 10.%d.0.0/16\n", i)
	}
	b.WriteString("  quotas: {networkInterfaces: 1000000, nau: 10000000}\n  subnets:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "    - {name: %c%d, cidr: 10.%d.0.0/16, az: %c}\n", 'a'+i%3, i/3, i, 'a'+i%3)
	}
	b.WriteString("ec2:\n  throttle:\n")
	for _, action := range []string{
		"AssignPrivateIpAddresses", "CreateNetworkInterface", "AttachNetworkInterface", "ModifyNetworkInterfaceAttribute",
		"CreateTags", "DescribeNetworkInterfaces", "DescribeSubnets", "DescribeInstances",
	} {
		fmt.Fprintf(&b, "    %s: {burst: %d, refillPerSecond: %d}\n", action, 5*perSecond, perSecond)
	}
	b.WriteString("    CreateFleet: {burst: 1000, refillPerSecond: 200}\n")
	return b.String()
}

// whole fails a run whose fleet is not what its cost is measured for.
func whole(nodes int) string {
	return fmt.Sprintf("thresholds:\n  nodes_peak: ['value>=%d']\n  pods_never_started: [count==0]\n", nodes)
}

// growing is a fleet that Karpenter builds from nothing: ultra with prefixes
// and eni with interfaces over 48 minutes, burst for pods that come all at once.
// The buckets of burst grow with the fleet, as AWS raises them: it asks for its
// nodes faster than they are let through, and a throttle storm of five minutes
// follows at each size. With the same buckets for all sizes the storm would last
// longer the larger the fleet, and its requests would grow with the square.
func growing(family string, nodes int) string {
	cni, maxPods, over, perSecond := "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 10", 110, ", over: 48m", 200
	switch family {
	case "eni":
		cni, maxPods = "WARM_ENI_TARGET: 1", 29
	case "burst":
		over, perSecond = "", max(1, nodes/stormSeconds)
	}
	return head(family, "50m", perSecond) + fmt.Sprintf(`nodeGroups:
  - {name: workers, instanceType: m5.large, max: %d, maxPods: %d, cni: {%s}}
autoscaler: {kind: karpenter, scaleDown: false}
controlPlane: {tier: unlimited, scheduling: {rate: 500}}
workloads:
  - name: web
    replicas: [{at: 0s, count: %d%s}]
    resources: {cpu: 180m, memory: 256Mi}
`, nodes, maxPods, cni, 9*nodes, over) + whole(nodes)
}

// stormSeconds is how long the buckets of burst take to let one request of each
// node through.
const stormSeconds = 300

// churning is a fleet of fixed size whose pods are replaced every 15 minutes.
func churning(nodes int) string {
	return head("churn", "30m", 200) + fmt.Sprintf(`nodeGroups:
  - {name: workers, instanceType: m5.large, count: %d, maxPods: 29, cni: {WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 10}}
controlPlane: {tier: unlimited, scheduling: {rate: 10000}}
workloads:
  - name: web
    initial: %d
    resources: {cpu: 100m, memory: 128Mi}
    lifetime: {mean: 15m}
`, nodes, 6*nodes) + whole(nodes)
}

// goal is the size that most large clusters have: a scale-out, and jobs that
// come and go.
func goal() string {
	return head("goal", "30m", 200) + `nodeGroups:
  - {name: workers, instanceType: m5.xlarge, count: 100, max: 5000}
autoscaler: {kind: karpenter, scaleDown: false}
controlPlane: {tier: unlimited, scheduling: {rate: 500}}
workloads:
  - name: web
    initial: 1000
    replicas: [{at: 1m, count: 130000, over: 20m}]
    resources: {cpu: 100m, memory: 128Mi}
  - name: jobs
    kind: Job
    arrivals: {rate: 11}
    lifetime: {mean: 3m}
    resources: {cpu: 50m, memory: 64Mi}
` + whole(3000)
}
