package sensitivity

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"ipamsim/internal/portable"
	"ipamsim/scenarios"
)

// parameter is an assumption. x goes over its range, from 0 to 1.
type parameter struct {
	name, means, source string
	set                 func(s *scenarios.Scenario, x float64) []string // as --set takes it; nothing where the scenario has no use for it
	shown               func(x float64) string
	idle                func(s *scenarios.Scenario) bool // nothing depends on it; nil for never
}

// parameters are those that are tried, in the order in which a pod meets them.
// Their ranges are written down here, before any run.
var parameters = []parameter{
	{"pod_creation_rate", "pods that the control plane creates a second, half as many more at once",
		"20 is Kubernetes' own (QPS of kube-controller-manager), 400 the largest tier of EKS that AWS publishes; 10 stands for a control plane that is busy",
		func(_ *scenarios.Scenario, x float64) []string {
			rate := math.Round(between(10, 400, x))
			return []string{fmt.Sprintf("controlPlane.podCreation.rate=%v", rate), fmt.Sprintf("controlPlane.podCreation.burst=%v", math.Round(1.5*rate))}
		},
		func(x float64) string { return fmt.Sprintf("%.0f/s", between(10, 400, x)) }, nil},
	{"boot", "from the launch call until kubelet runs",
		"20 s: AL2 in https://github.com/awslabs/node-latency-for-k8s; 65 s: AL2023 before it was tuned, on about 1,000 nodes (kube.fm, February 2026); 90 s for metal or large images is our choice",
		func(s *scenarios.Scenario, x float64) []string {
			return eachGroup(s, "launch.boot={constant: "+seconds(between(20, 90, x))+"}")
		},
		func(x float64) string { return seconds(between(20, 90, x)) }, noLaunches},
	{"pod_start_cpu", "CPU time of one core for a sandbox, and again for its containers",
		"nothing is published; 0.2 s fits Kubernetes' density test, 0.05 and 0.5 s are our choice",
		func(s *scenarios.Scenario, x float64) []string {
			return eachGroup(s, "podStartCPU="+millis(between(0.05, 0.5, x)))
		},
		func(x float64) string { return millis(between(0.05, 0.5, x)) }, nil},
	factor("attach_latency", "how long AttachNetworkInterface takes, as a multiple", 0.5, 4,
		"0.44 s of 10 calls and 0.74 s of 6 in https://github.com/aws/amazon-vpc-cni-k8s/issues/1872 and its like; 4 times that is our choice, below the 10 s that AWS's guide allows for an interface",
		func(s *scenarios.Scenario, by float64) []string { return AttachLatency(&s.EC2, by) }),
	factor("metadata_lag", "how late instance metadata shows a change, as a multiple", 0.5, 7,
		"2.6 s at the median, after 2.1 s in https://github.com/aws/amazon-vpc-cni-k8s/issues/1872; 18 s sometimes in https://github.com/aws/amazon-ecs-cni-plugins/pull/66",
		func(s *scenarios.Scenario, by float64) []string { return MetadataLag(&s.EC2, by) }),
	choice("address_allocation", "which free address EC2 picks", "random is what was observed; EC2 publishes no rule", "ec2.allocation.addresses", "random", "lowest"),
	choice("prefix_allocation", "which free block EC2 picks for a prefix", "EC2 publishes no rule; random as for addresses", "ec2.allocation.prefixes", "random", "lowest"),
	choice("fleet_zone", "in which zone a node of Karpenter lands", "EC2 publishes no rule between zones of one price", "ec2.allocation.fleetZone", "fixed", "most-free").unless(noKarpenter),
	{"sdk_attempts", "tries of a call by the AWS SDK",
		"3 is the SDK's default, which AWS_MAX_ATTEMPTS changes",
		func(_ *scenarios.Scenario, x float64) []string {
			return []string{fmt.Sprintf("ec2.sdk.maxAttempts=%.0f", math.Round(between(2, 10, x)))}
		},
		func(x float64) string { return fmt.Sprintf("%.0f", math.Round(between(2, 10, x))) }, nil},
	{"shutdown_time", "from the end of an instance until its addresses are free",
		"not published: 30 s is our choice for ordinary types; 5 min on g4dn in https://github.com/aws/karpenter-provider-aws/issues/7019",
		func(_ *scenarios.Scenario, x float64) []string {
			return []string{"ec2.shutdownTime={constant: " + seconds(between(30, 300, x)) + "}"}
		},
		func(x float64) string { return seconds(between(30, 300, x)) }, nil},
}

// between goes from low to high so that equal steps are equal ratios.
func between(low, high, x float64) float64 {
	switch x { // the ends exactly
	case 0:
		return low
	case 1:
		return high
	}
	return low * portable.Exp(float64(x*portable.Log(high/low)))
}

// factor is a parameter that multiplies what the scenario has.
func factor(name, means string, low, high float64, source string, set func(*scenarios.Scenario, float64) []string) parameter {
	return parameter{name, means, source,
		func(s *scenarios.Scenario, x float64) []string { return set(s, between(low, high, x)) },
		func(x float64) string { return "x" + strconv.FormatFloat(between(low, high, x), 'g', 3, 64) }, nil}
}

// choice is one of two rules.
func choice(name, means, source, path, one, other string) parameter {
	pick := func(x float64) string {
		if x < 0.5 {
			return one
		}
		return other
	}
	set := func(_ *scenarios.Scenario, x float64) []string { return []string{path + "=" + pick(x)} }
	return parameter{name, means, source, set, pick, nil}
}

func (p parameter) unless(idle func(*scenarios.Scenario) bool) parameter {
	p.idle = idle
	return p
}

func noKarpenter(s *scenarios.Scenario) bool {
	return s.Autoscaler == nil || s.Autoscaler.Kind != "karpenter"
}

// noLaunches says that all nodes are there before the run.
func noLaunches(s *scenarios.Scenario) bool {
	if s.Autoscaler != nil || len(s.Faults) > 0 {
		return false
	}
	return !slices.ContainsFunc(s.NodeGroups, func(g scenarios.NodeGroup) bool { return len(g.Steps) > 0 })
}

// eachGroup is a setting of all node groups.
func eachGroup(s *scenarios.Scenario, setting string) (list []string) {
	for i := range s.NodeGroups {
		list = append(list, "nodeGroups."+s.NodeGroups[i].Name+"."+setting)
	}
	return list
}

func seconds(v float64) string { return fmt.Sprintf("%.0fs", v) }
func millis(v float64) string  { return fmt.Sprintf("%.0fms", v*1000) }
