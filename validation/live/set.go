package live

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"ipamsim/validation"
)

// scene is a scenario under construction.
type scene struct{ validation.Scenario }

// The latencies of scenes, in ms: multiples of 50, so that the daemon's steps do
// not fall on one instant with a pod's.
var latencies = map[string]int64{
	"AssignPrivateIpAddresses": 300, "UnassignPrivateIpAddresses": 250, "CreateNetworkInterface": 500, "AttachNetworkInterface": 750,
	"DetachNetworkInterface": 500, "DeleteNetworkInterface": 250, "ModifyNetworkInterfaceAttribute": 150,
	"DescribeNetworkInterfaces": 150, "DescribeInstances": 100, "DescribeSubnets": 100, "CreateTags": 200,
}

// on is a node of an instance type, for so many minutes, with variables of the
// daemon's environment: name, value, name, value.
func on(instance string, maxPods, minutes int, env ...string) *scene {
	s := &scene{validation.Scenario{
		Group: "live", InstanceType: instance, MaxPods: maxPods, DurationMS: int64(minutes) * 60_000, Env: map[string]string{},
		Subnets: []validation.Subnet{{CIDR: "10.0.0.0/20"}}, LatencyMS: maps.Clone(latencies), MetadataLagMS: 2000, LoopOverheadNS: 100,
		SDKRetries: true, Seed: 1,
	}}
	for i := 0; i < len(env); i += 2 {
		s.Env[env[i]] = env[i+1]
	}
	return s
}

// named gives it its name, and is the end of its construction.
func (s *scene) named(name string) *validation.Scenario {
	s.Name = name
	return &s.Scenario
}

// adds starts pods number first to last, from a second on, every so many ms.
func (s *scene) adds(first, last, second, every int) *scene {
	return s.steps("add", 7, first, last, second, every)
}

// dels ends them.
func (s *scene) dels(first, last, second, every int) *scene {
	return s.steps("del", 57, first, last, second, every)
}

func (s *scene) steps(op string, offset, first, last, second, every int) *scene {
	for i := first; i <= last; i++ {
		at := second*1000 + offset + (i-first)*every
		s.Workload = append(s.Workload, validation.Step{AtMS: int64(at), Op: op, Pod: pod(i)})
	}
	return s
}

func pod(i int) string { return fmt.Sprintf("p%03d", i) }

// churn starts and ends pods at random, so many a minute, up to so many at once.
func (s *scene) churn(seed uint64, perMinute, most int) *scene {
	r := rand.New(rand.NewPCG(seed, 0))
	var running []int
	next := 0
	for at := int64(8_000); at < s.DurationMS-60_000; at += 100 * (1 + r.Int64N(1200/int64(perMinute))) {
		if len(running) < most && (len(running) == 0 || r.IntN(2) == 0) {
			running = append(running, next)
			s.Workload = append(s.Workload, validation.Step{AtMS: at + 7, Op: "add", Pod: pod(next)})
			next++
			continue
		}
		i := r.IntN(len(running))
		s.Workload = append(s.Workload, validation.Step{AtMS: at + 57, Op: "del", Pod: pod(running[i])})
		running = append(running[:i], running[i+1:]...)
	}
	return s
}

// subnets replaces those of the node.
func (s *scene) subnets(list ...validation.Subnet) *scene {
	s.Subnets = list
	return s
}

// event is something that others do at a second.
func (s *scene) event(second int, e validation.Event) *scene {
	e.AtMS = int64(second)*1000 + 7
	s.Events = append(s.Events, e)
	return s
}

// fails makes calls of an operation fail, by their numbers; all without one.
func (s *scene) fails(op, code string, calls ...int) *scene {
	s.Faults = append(s.Faults, validation.Fault{Op: op, Code: code, Calls: calls})
	return s
}

// with changes something else.
func (s *scene) with(change func(*validation.Scenario)) *scene {
	change(&s.Scenario)
	return s
}

const (
	warmENI, warmIP, minIP, warmPrefix = "WARM_ENI_TARGET", "WARM_IP_TARGET", "MINIMUM_IP_TARGET", "WARM_PREFIX_TARGET"
	prefixes, custom, discovery        = "ENABLE_PREFIX_DELEGATION", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "ENABLE_SUBNET_DISCOVERY"
	throttle                           = "RequestLimitExceeded"
)

// tagged is a subnet with a tag.
func tagged(cidr, key, value string) validation.Subnet {
	return validation.Subnet{CIDR: cidr, Tags: map[string]string{key: value}}
}

// roleTag is the tag by which the daemon discovers subnets.
const roleTag = "kubernetes.io/role/cni"

// nodes are the nodes' subnet under custom networking, with the pods' own.
func nodes(pods string) []validation.Subnet {
	return []validation.Subnet{{CIDR: "10.0.0.0/24"}, {CIDR: pods}}
}

func enableENIConfig(s *validation.Scenario) { s.ENIConfig = 1 }

// Set is what is played by default: every kind of target, prefixes, churn, full
// and fragmented subnets, throttling, custom networking, subnet discovery, a
// cordon, restarts, metadata that stands still, and an API that fails.
func Set() []*validation.Scenario {
	return append(targets(), append(surroundings(), troubles()...)...)
}

func targets() []*validation.Scenario {
	return []*validation.Scenario{
		on("m5.large", 29, 6).named("eni1-idle"),
		on("m5.large", 29, 6).adds(1, 20, 10, 0).named("eni1-burst"),
		on("m5.large", 29, 12).adds(1, 27, 10, 4000).dels(1, 27, 250, 2000).named("eni1-ramp-and-drain"),
		on("t3.small", 11, 10).adds(1, 11, 10, 3000).dels(3, 9, 200, 100).named("eni1-full-node"),
		on("c5.4xlarge", 234, 10).adds(1, 60, 10, 200).named("eni1-burst-of-60"),
		on("m5.large", 29, 12, warmENI, "0").adds(1, 20, 10, 3000).dels(1, 20, 200, 1000).named("eni0-ramp-and-drain"),
		on("c5.2xlarge", 58, 12, warmENI, "2").adds(1, 30, 10, 2000).dels(1, 25, 200, 1000).named("eni2-ramp-and-drain"),
		on("m5.large", 29, 12, warmIP, "5").adds(1, 20, 10, 3000).dels(1, 20, 200, 1000).named("ip5-ramp-and-drain"),
		on("t3.small", 11, 15, warmIP, "2", minIP, "5").churn(1, 6, 9).named("ip2-min5-churn"),
		on("m5.large", 29, 8, minIP, "10").adds(1, 14, 10, 2000).dels(1, 8, 100, 1000).named("min10-alone"),
		on("m5.xlarge", 58, 15, warmIP, "1", minIP, "1").churn(2, 10, 25).named("ip1-min1-churn"),
		on("c5.xlarge", 58, 12, warmIP, "14").adds(1, 40, 10, 1000).dels(1, 35, 200, 500).named("ip14-ramp-and-drain"),
		on("m5.large", 110, 10, prefixes, "true", warmPrefix, "1").adds(1, 60, 10, 1000).dels(1, 55, 200, 500).named("prefix1-ramp-and-drain"),
		on("t3.small", 110, 15, prefixes, "true", warmPrefix, "1").churn(3, 20, 50).named("prefix1-churn"),
		on("m5.large", 110, 12, prefixes, "true", warmIP, "5", minIP, "20").adds(1, 40, 10, 1000).dels(1, 38, 200, 500).named("prefix-ip5-min20"),
		on("m5.large", 110, 6, prefixes, "true").adds(1, 1, 10, 0).named("prefix0-flaps"),
		on("m5.xlarge", 110, 10, prefixes, "true", warmPrefix, "2").adds(1, 80, 10, 500).named("prefix2-burst"),
		on("m5.large", 29, 10, warmIP, "5", "MAX_ENI", "2").adds(1, 20, 10, 2000).named("max-eni-2"),
		on("m5.large", 12, 10, warmIP, "5").adds(1, 12, 10, 2000).dels(1, 6, 100, 1000).named("max-pods-12"),
		on("t3.small", 11, 10, "IP_COOLDOWN_PERIOD", "0").adds(1, 11, 10, 1000).dels(1, 11, 100, 1000).adds(20, 30, 101, 1000).named("cooldown-0"),
		on("t3.small", 11, 10, "IP_COOLDOWN_PERIOD", "60").adds(1, 11, 10, 1000).dels(1, 11, 100, 1000).adds(20, 30, 101, 2000).named("cooldown-60"),
	}
}

func surroundings() []*validation.Scenario {
	return []*validation.Scenario{
		on("m5.large", 29, 10).subnets(validation.Subnet{CIDR: "10.0.0.0/27"}).adds(1, 25, 10, 2000).named("subnet-27-exhausted"),
		on("m5.large", 29, 12, warmIP, "5").subnets(validation.Subnet{CIDR: "10.0.0.0/24"}).adds(1, 22, 10, 3000).
			event(20, validation.Event{Kind: "subnet_occupy", Count: -1}).event(200, validation.Event{Kind: "subnet_release", Count: 60}).named("subnet-occupied-meanwhile"),
		on("m5.large", 29, 6, warmIP, "5").subnets(validation.Subnet{CIDR: "10.0.0.0/24"}).adds(1, 2, 10, 1000).
			event(20, validation.Event{Kind: "subnet_occupy", Count: -1}).adds(3, 7, 22, 0).named("assign-of-many-fails"),
		on("m5.large", 110, 10, prefixes, "true", warmPrefix, "1").subnets(validation.Subnet{CIDR: "10.0.0.0/26"}).adds(1, 40, 10, 1000).named("prefix-subnet-26-exhausted"),
		on("m5.large", 110, 10, prefixes, "true", warmPrefix, "1").
			subnets(validation.Subnet{CIDR: "10.0.0.0/25", InUse: []string{"10.0.0.20", "10.0.0.40-10.0.0.41", "10.0.0.70", "10.0.0.90", "10.0.0.100"}}).adds(1, 50, 10, 1000).named("prefix-fragmented"),
		on("m5.large", 29, 10).subnets(validation.Subnet{CIDR: "10.0.0.0/26"}, tagged("10.0.1.0/24", roleTag, "1")).adds(1, 25, 10, 2000).dels(1, 20, 200, 500).named("discovery-two-subnets"),
		on("m5.large", 29, 10, warmIP, "3").subnets(tagged("10.0.0.0/26", roleTag, "0"), tagged("10.0.1.0/24", roleTag, "1")).adds(1, 15, 10, 2000).named("discovery-primary-excluded"),
		on("m5.large", 29, 10, discovery, "false").subnets(validation.Subnet{CIDR: "10.0.0.0/27"}, tagged("10.0.1.0/24", roleTag, "1")).adds(1, 25, 10, 2000).named("discovery-off"),
		on("m5.large", 20, 10, custom, "true").subnets(nodes("10.0.1.0/24")...).with(enableENIConfig).adds(1, 18, 20, 2000).dels(1, 15, 200, 500).named("custom-networking"),
		on("m5.large", 110, 10, custom, "true", prefixes, "true", warmPrefix, "1").subnets(nodes("10.0.1.0/24")...).with(enableENIConfig).adds(1, 40, 20, 500).named("custom-networking-prefixes"),
		on("m5.large", 20, 10, custom, "true", warmIP, "2", minIP, "4").subnets(nodes("10.0.1.0/27")...).with(enableENIConfig).adds(1, 18, 20, 2000).dels(1, 15, 200, 500).named("custom-networking-ip2"),
		on("m5.large", 29, 12).adds(1, 20, 10, 500).event(60, validation.Event{Kind: "node_unschedulable", Value: true}).dels(1, 18, 80, 500).
			event(400, validation.Event{Kind: "node_unschedulable"}).named("cordon"),
	}
}

func troubles() []*validation.Scenario {
	return []*validation.Scenario{
		on("m5.large", 29, 10).adds(1, 14, 10, 500).event(90, validation.Event{Kind: validation.Restart}).dels(1, 12, 120, 500).named("restart-with-pods"),
		on("m5.large", 110, 10).adds(1, 6, 10, 500).event(90, validation.Event{Kind: validation.Restart, Env: map[string]string{prefixes: "true", warmPrefix: "1"}}).
			adds(10, 40, 130, 500).dels(1, 6, 200, 500).named("restart-into-prefixes"),
		on("m5.large", 29, 8).event(8, validation.Event{Kind: "metadata_freeze"}).adds(1, 12, 10, 500).event(200, validation.Event{Kind: "metadata_thaw"}).named("metadata-stands-still"),
		on("m5.large", 29, 10, warmIP, "3").with(func(s *validation.Scenario) { s.MetadataLagMS = 20_000 }).adds(1, 18, 10, 3000).dels(1, 15, 150, 1000).named("metadata-lag-20s"),
		on("m5.large", 29, 10).fails("CreateNetworkInterface", throttle, 1, 2).fails("AttachNetworkInterface", throttle, 1, 2, 3, 4).fails("DescribeSubnets", throttle, 2).
			adds(1, 14, 10, 2000).named("throttled-and-tried-again"),
		on("m5.large", 29, 12, warmIP, "2").with(func(s *validation.Scenario) {
			s.Tenants = []validation.Tenant{{Op: "AssignPrivateIpAddresses", PerSec: 60, FromMS: 20_000, ToMS: 200_000}}
		}).adds(1, 25, 10, 4000).named("throttled-by-tenants"),
		on("m5.large", 29, 12, warmENI, "0").adds(1, 12, 10, 1000).dels(1, 12, 60, 500).fails("DetachNetworkInterface", "InternalError", 1, 2, 3, 4).
			fails("DeleteNetworkInterface", "InvalidParameterValue", 1, 2).named("detach-fails"),
		on("m5.large", 29, 8).fails("CreateNetworkInterface", "UnauthorizedOperation").adds(1, 12, 10, 1000).named("not-authorised"),
		on("m5.large", 29, 10, warmIP, "4").fails("UnassignPrivateIpAddresses", "InternalError", 1, 2, 3).adds(1, 14, 10, 1000).dels(1, 14, 100, 500).named("unassign-fails"),
		on("m5.large", 29, 10).adds(1, 12, 10, 500).event(80, validation.Event{Kind: "unassign_external", Count: 2}).
			event(120, validation.Event{Kind: "attach_external_eni", SecondaryIPs: 3}).named("others-interfere"),
		on("m5.large", 29, 15, warmIP, "3").with(func(s *validation.Scenario) { s.DefaultEC2 = true }).churn(4, 8, 20).named("ec2-as-modelled"),
		on("m5.large", 29, 10, warmENI, "0").with(func(s *validation.Scenario) { s.DetachSettleMS = 7000 }).adds(1, 12, 10, 1000).dels(1, 12, 60, 500).named("detach-takes-7s"),
	}
}
