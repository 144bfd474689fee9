package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// badDocuments are mistakes, and what is said about each.
var badDocuments = []struct {
	name, text string
	want       []string // each begins a problem
}{
	{"unknown key", with("count: 3", "cuont: 3"),
		[]string{`f.yaml:12:5: unknown key "cuont" in nodeGroups.workers; did you mean "count"?`}},
	{"unknown key far from all", with("duration: 2m", "duration: 2m\nfoo: 1"),
		[]string{`f.yaml:5:1: unknown key "foo" in the file; known are apiVersion, kind,`}},
	{"key by the name that others give it", with("az: a}", "zone: a}", "count: 3", "count: 3\n    env: {}"),
		[]string{`f.yaml:8:7: vpc.subnets.a: az is missing: Availability Zone.`, `f.yaml:8:36: unknown key "zone" in vpc.subnets.a; did you mean "az"?`, `f.yaml:13:5: unknown key "env" in nodeGroups.workers; did you mean "cni"?`}},
	{"key beside the object that has it", with("duration: 2m", "duration: 2m\ndescription: d\ntier: xl"),
		[]string{`f.yaml:5:1: unknown key "description" in the file; it is a key of metadata`, `f.yaml:6:1: unknown key "tier" in the file; it is a key of controlPlane`}},
	{"variable beside the CNI's", with("count: 3", "count: 3\n    WARM_IP_TARGET: 3"),
		[]string{`f.yaml:13:5: unknown key "WARM_IP_TARGET" in nodeGroups.workers; it is a key of cni`}},
	{"groups as a mapping", with("  - name: workers\n    instanceType", "  workers:\n    instanceType"),
		[]string{`f.yaml:10:3: nodeGroups: a list was expected, got a mapping: write each entry as - name: NAME`}},
	{"key given twice", with("duration: 2m", "duration: 2m\nduration: 3m"),
		[]string{`f.yaml:5:1: the key "duration" is given twice; the first is in line 4`}},
	{"missing keys", with("duration: 2m\n", "", "    instanceType: m5.large\n", ""),
		[]string{`f.yaml:1:1: the file: duration is missing: Virtual time`, `f.yaml:9:5: nodeGroups.workers: instanceType is missing: EC2 instance type`}},
	{"no unit", with("duration: 2m", "duration: 2"),
		[]string{`f.yaml:4:11: duration: 2 has no unit: write a duration with one, such as 2s, 2m or 2ms`}},
	{"unit in words", with("duration: 2m", "duration: 2 minutes"),
		[]string{`f.yaml:4:11: duration: "2 minutes" is not a duration: write a number and a unit (ns, us, ms, s, m, h), such as 250ms, 5s or 1h30m; did you mean 2m?`}},
	{"unit of days", with("duration: 2m", "duration: 1d"),
		[]string{`f.yaml:4:11: duration: "1d" is not a duration: write a number and a unit (ns, us, ms, s, m, h), such as 250ms, 5s or 1h30m; did you mean 24h?`}},
	{"negative duration", with("duration: 2m", "duration: -2m"),
		[]string{`f.yaml:4:11: duration: -2m is negative`}},
	{"duration out of range", with("duration: 2m", "duration: 1000h"),
		[]string{`f.yaml:4:11: duration: 1000h is out of range: the most is 720h`}},
	{"memory without a unit", with("count: 12}\n", "count: 12}\n    resources: {memory: 512, cpu: 1 core}\n"),
		[]string{`f.yaml:17:25: workloads.web.resources.memory: 512 has no unit: write memory with one, such as 512Mi or 512Gi`,
			`f.yaml:17:35: workloads.web.resources.cpu: "1 core" is not an amount of CPU`}},
	{"version that is no text", with("count: 3", "count: 3\n    kubernetesVersion: 1.35"),
		[]string{`f.yaml:13:24: nodeGroups.workers.kubernetesVersion: text was expected, got 1.35: quote it`}},
	{"version that nobody knows", with("count: 3", "count: 3\n    kubernetesVersion: v1.35"),
		[]string{`f.yaml:13:24: nodeGroups.workers.kubernetesVersion: a version from 1.14 to 1.37 was expected, such as 1.35, got "v1.35"`}},
	{"version without an image", with("count: 3", "count: 3\n    amiFamily: AL2\n    kubernetesVersion: \"1.33\""),
		[]string{`f.yaml:14:24: nodeGroups.workers.kubernetesVersion: there is no AL2 image of 1.33: 1.32 is the last; give amiFamily: AL2023`}},
	{"family in small letters", with("count: 3", "count: 3\n    amiFamily: bottlerocket"),
		[]string{`f.yaml:13:16: nodeGroups.workers.amiFamily: "bottlerocket" is not one of AL2023, AL2 and Bottlerocket; did you mean "Bottlerocket"?`}},
	{"pull of what is there", with("count: 3", "count: 3\n    amiFamily: AL2\n    launch: {systemImagePull: {constant: 2s}}"),
		[]string{`f.yaml:14:14: nodeGroups.workers.launch.systemImagePull: nothing is pulled: an image of AL2 has them; give systemImages: pulled`}},
	{"pull of what is said to be there", with("count: 3", "count: 3\n    launch: {systemImages: cached, systemImagePull: {constant: 2s}}"),
		[]string{`f.yaml:13:36: nodeGroups.workers.launch.systemImagePull: nothing is pulled: systemImages: cached`}},
	{"CPU time beyond any", with("count: 3", "count: 3\n    podStartCPU: 2m"),
		[]string{`f.yaml:13:18: nodeGroups.workers.podStartCPU: 2m is out of range: the most is 1m`}},
	{"two times of a boot", with("count: 3", "count: 3\n    launch: {profile: slow, boot: {constant: 2s}}"),
		[]string{`f.yaml:13:14: nodeGroups.workers.launch: boot and profile exclude each other: boot is the whole time until kubelet runs`}},
	{"misspelt instance type", with("m5.large", "m5.lrage"),
		[]string{`f.yaml:11:19: nodeGroups.workers: unknown instance type "m5.lrage"; did you mean "m5.large"?`}},
	{"instance type like none", with("m5.large", "banana"),
		[]string{`f.yaml:11:19: nodeGroups.workers: unknown instance type "banana"; the nearest are `}},
	{"overlapping subnets", with("az: a}\n", "az: a}\n    - {name: b, cidr: 10.0.0.128/25, az: b}\n"),
		[]string{`f.yaml:9:23: vpc.subnets.b: 10.0.0.128/25 overlaps 10.0.0.0/24 of subnet a in line 8`}},
	{"overlapping blocks", with("[10.0.0.0/16]", "[10.0.0.0/16, 10.0.128.0/17]"),
		[]string{`f.yaml:6:24: vpc.cidrs: 10.0.128.0/17 overlaps 10.0.0.0/16`}},
	{"subnet too small", with("10.0.0.0/24", "10.0.0.0/29"),
		[]string{`f.yaml:8:23: vpc.subnets.a: 10.0.0.0/29 is smaller than AWS allows: /16 to /28 was expected`}},
	{"subnet of one address", with("10.0.0.0/24", "10.0.0.1"),
		[]string{`f.yaml:8:23: vpc.subnets.a: 10.0.0.1/32 is smaller than AWS allows`}},
	{"block too large", with("[10.0.0.0/16]", "[10.0.0.0/8]"),
		[]string{`f.yaml:6:11: vpc.cidrs: 10.0.0.0/8 is larger than AWS allows: /16 to /28 was expected`}},
	{"prefix length beyond any", with("10.0.0.0/24", "10.0.0.0/40"),
		[]string{`f.yaml:8:23: vpc.subnets.a.cidr: "10.0.0.0/40" is not an IPv4 block`}},
	{"host bits", with("10.0.0.0/24", "10.0.0.5/24"),
		[]string{`f.yaml:8:23: vpc.subnets.a.cidr: 10.0.0.5/24 is an address inside a block, not a block; did you mean 10.0.0.0/24?`}},
	{"IPv6", with("10.0.0.0/24", "fd00::/64"),
		[]string{`f.yaml:8:23: vpc.subnets.a.cidr: fd00::/64 is an IPv6 block: only IPv4 is modelled`}},
	{"subnet outside its VPC", with("10.0.0.0/24", "10.1.0.0/24"),
		[]string{`f.yaml:8:23: vpc.subnets.a: 10.1.0.0/24 is outside its VPC, which has 10.0.0.0/16`}},
	{"negative counts", with("count: 3", "count: -3", "count: 12", "count: -1"),
		[]string{`f.yaml:12:12: nodeGroups.workers.count: -3 is negative`, `f.yaml:16:26: workloads.web.replicas[0].count: -1 is negative`}},
	{"fraction of a node", with("count: 3", "count: 2.5"),
		[]string{`f.yaml:12:12: nodeGroups.workers.count: a whole number in decimal digits was expected, got 2.5`}},
	{"numbers without bound", with("count: 12}\n", "count: 9000000000000}\n    initial: 2000001\n") +
		"  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {every: 1s, batch: 1000000000}}\n",
		[]string{`f.yaml:16:26: workloads.web.replicas[0].count: 9000000000000 is out of range: the most is 2000000`,
			`f.yaml:17:14: workloads.web.initial: 2000001 is out of range: the most is 2000000`,
			`f.yaml:18:81: workloads.j.arrivals.batch: 1000000000 is out of range: the most is 2000000`}},
	{"numbers beyond 64 bits", with("count: 3", "count: 99999999999999999999999", "count: 12", "count: -99999999999999999999999", "duration: 2m", "duration: 2m\nseed: 99999999999999999999999"),
		[]string{`f.yaml:5:7: seed: 99999999999999999999999 is out of range: the most is 18446744073709551615`,
			`f.yaml:13:12: nodeGroups.workers.count: 99999999999999999999999 is out of range: the most is 200000`,
			`f.yaml:17:26: workloads.web.replicas[0].count: -99999999999999999999999 is negative`}},
	{"steps of too many nodes", with("count: 3", "count: 3\n    steps: [{at: 1s, count: 200001}]"),
		[]string{`f.yaml:13:29: nodeGroups.workers.steps[0].count: 200001 is out of range: the most is 200000 nodes`}},
	{"duration beyond 64 bits", with("duration: 2m", "duration: 9999999h"),
		[]string{`f.yaml:4:11: duration: 9999999h is out of range: the most is 720h`}},
	{"duration without a bound of its own", with("at: 10s", "at: 9999999h, over: 87601h"),
		[]string{`f.yaml:16:14: workloads.web.replicas[0].at: 9999999h is out of range: the most is 87600h`, `f.yaml:16:30: workloads.web.replicas[0].over: 87601h is out of range: the most is 87600h`}},
	{"duration that is no number", with("duration: 2m", "duration: NaN"),
		[]string{`f.yaml:4:11: duration: "NaN" is not a duration: write a number and a unit`}},
	{"memory of no pod is left", with("count: 3", "count: 3\n    maxPods: 737"),
		[]string{`f.yaml:13:14: nodeGroups.workers: kubelet keeps 255 MiB for itself, 11 MiB per max pod and 100 MiB for eviction: with 737 max pods nothing is left of the 8192 MiB of m5.large; at most 712 was expected`}},
	{"size of a type is unknown", with("m5.large", "mac2.metal"),
		[]string{`f.yaml:11:19: nodeGroups.workers: the CPU and memory of mac2.metal are not known: give resources: {cpu: …, memory: …}`}},
	{"memory of a type is unknown", with("m5.large", "mac2.metal\n    resources: {cpu: 8}"),
		[]string{`f.yaml:11:19: nodeGroups.workers: the memory of mac2.metal is not known: give resources: {memory: …}`}},
	{"no place for the daemons", with("count: 3", "count: 3\n    maxPods: 1"),
		[]string{`f.yaml:13:14: nodeGroups.workers: aws-node, kube-proxy and the DaemonSets are 2 pods, and a node may have 1`}},
	{"no CPU for the daemons", document + "  - {name: d, kind: DaemonSet, resources: {cpu: 2}}\n",
		[]string{`f.yaml:11:19: nodeGroups.workers: aws-node, kube-proxy and the DaemonSets ask for 2150m of CPU, and a node offers 1930m`}},
	{"octal", with("count: 3", "count: 010"),
		[]string{`f.yaml:12:12: nodeGroups.workers.count: a whole number in decimal digits was expected, got 010`}},
	{"too many", with("count: 3", "count: 300000"),
		[]string{`f.yaml:12:12: nodeGroups.workers.count: 300000 is out of range: the most is 200000`}},
	{"word for a number", with("count: 3", "count: three"),
		[]string{`f.yaml:12:12: nodeGroups.workers.count: a whole number was expected, got "three"`}},
	{"number for a word", with("name: web", "name: 7"),
		[]string{`f.yaml:14:11: workloads.7.name: text was expected, got 7: quote it`}},
	{"name with a space", with("name: web", "name: my web"),
		[]string{`f.yaml:14:11: workloads.my web.name: "my web" is not a name: a name has lower-case letters`}},
	{"instance types", with("instanceType: m5.large", "instanceTypes: [m5.large, m5.lrage, m5.large]") + "faults:\n  - {kind: insufficient-capacity, instanceType: m5.lrage, zone: z}\n",
		[]string{`f.yaml:11:31: nodeGroups.workers: unknown instance type "m5.lrage"; did you mean "m5.large"?`, `f.yaml:11:41: nodeGroups.workers: the instance type "m5.large" is given twice`,
			`f.yaml:18:49: faults[0]: unknown instance type "m5.lrage"; did you mean "m5.large"?`, `f.yaml:18:65: unknown Availability Zone "z"`}},
	{"two kinds of types", with("instanceType: m5.large", "instanceType: m5.xlarge\n    instanceTypes: [m5.large]\n    interruptionsPerHour: 1"),
		[]string{`f.yaml:11:5: nodeGroups.workers: instanceType and instanceTypes exclude each other`, `f.yaml:13:5: nodeGroups.workers: instances on demand are not interrupted: interruptionsPerHour needs capacityType: spot`}},
	{"used twice", with("count: 3\n", "count: 3\n  - {name: workers, instanceType: m5.large}\n"),
		[]string{`f.yaml:13:12: nodeGroups: the name "workers" is given twice; the first is in line 10`}},
	{"group in an unknown subnet", with("count: 3", "count: 3\n    subnets: [b, private]"),
		[]string{`f.yaml:13:15: unknown subnet "b"; known are a`, `f.yaml:13:18: unknown subnet "private"; known are a`}},
	{"used outside the subnet", with("az: a}", "az: a, used: [{addresses: [10.0.1.0/28]}, {count: 999}, {}]}"),
		[]string{`f.yaml:8:49: vpc.subnets.a.used: 1015 addresses are used, but 10.0.0.0/24 has 251 that can be`,
			`f.yaml:8:63: vpc.subnets.a.used: 10.0.1.0/28 is outside the subnet, 10.0.0.0/24`,
			`f.yaml:8:92: vpc.subnets.a.used: how many was expected: give count, or addresses`}},
	{"reservations", with("az: a}", "az: a, reservations: [{cidr: 10.0.0.0/30, type: prefix}, {cidr: 10.0.9.0/24, type: explicit}]}"),
		[]string{`f.yaml:8:65: vpc.subnets.a.reservations: 10.0.0.0/30 has no room for a prefix, which is a /28`,
			`f.yaml:8:100: vpc.subnets.a.reservations: 10.0.9.0/24 is outside the subnet, 10.0.0.0/24`}},
	{"steps out of order", with("{at: 10s, count: 12}", "{at: 10s, count: 12, over: 1m}\n      - {at: 30s, count: 1}\n      - {at: 20s, count: 1}"),
		[]string{`f.yaml:17:14: workloads.web.replicas: at 30s the ramp before it still runs, until 1m10s`, `f.yaml:18:14: workloads.web.replicas: 20s is not after the step before it, at 30s`}},
	{"job without arrivals", with("name: web", "name: web\n    kind: Job"),
		[]string{`f.yaml:14:5: workloads.web: a Job needs arrivals`, `f.yaml:14:5: workloads.web: a Job needs lifetime`, `f.yaml:16:5: workloads.web: a Job has no replicas`}},
	{"unknown kind", with("name: web", "name: web\n    kind: Deploymnet"),
		[]string{`f.yaml:15:11: workloads.web.kind: "Deploymnet" is not one of Deployment, DaemonSet, Job, Pod and Trace; did you mean "Deployment"?`}},
	{"arrivals", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 1, every: 5s, from: 10s, to: 5s}}\n",
		[]string{`f.yaml:17:72: workloads.j.arrivals: rate and every exclude each other`, `f.yaml:17:98: workloads.j.arrivals: to, 5s, is not after from, 10s`}},
	{"arrivals before the warm-up", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 1, from: -10m}}\n",
		[]string{`f.yaml:17:78: workloads.j.arrivals: -10m is before the warm-up, which begins at -5m`}},
	{"autoscaler of an unknown group", document + "autoscaler: {kind: karpenter, groups: [wrokers]}\n",
		[]string{`f.yaml:17:40: unknown node group "wrokers"; did you mean "workers"?`}},
	{"resource buckets", document + "ec2:\n  resourceThrottle:\n    RunInstance: {burst: 1, refillPerSecond: 1}\n    CreateTags: {burst: 1, refillPerSecond: 1}\n    Foo: {burst: 1, refillPerSecond: 1}\n    TerminateInstances: {burst: -1}\n",
		[]string{`f.yaml:19:5: unknown API action with a resource bucket "RunInstance"; did you mean "RunInstances"?`,
			`f.yaml:20:5: CreateTags has no resource bucket, only RunInstances, CreateFleet and TerminateInstances have; the bucket of its requests is ec2.throttle.CreateTags`,
			`f.yaml:21:5: unknown API action with a resource bucket "Foo"; known are RunInstances, CreateFleet and TerminateInstances`,
			`f.yaml:22:25: ec2.resourceThrottle.TerminateInstances: refillPerSecond is missing`,
			`f.yaml:22:33: ec2.resourceThrottle.TerminateInstances.burst: -1 is negative`}},
	{"shared buckets", document + "ec2:\n  throttle: {CreateTags: {burst: 1, refillPerSecond: 1}}\n  sharedThrottle:\n    - {actions: [DescribeSubnet, CreateTags], burst: 1, refillPerSecond: 1}\n    - {actions: [DescribeInstances, DescribeInstances], burst: -1, refillPerSecond: 1}\n    - {actions: [DescribeSubnets, DescribeInstances], burst: 1}\n    - {actions: [RunInstances], burst: 1, refillPerSecond: 2000000000}\n    - {burst: 1, refillPerSecond: 1}\n",
		[]string{`f.yaml:20:18: unknown API action "DescribeSubnet"; did you mean "DescribeSubnets"?`,
			`f.yaml:20:34: ec2.sharedThrottle[0].actions: CreateTags has a bucket of its own in ec2.throttle, line 18`,
			`f.yaml:21:37: ec2.sharedThrottle[1].actions: DescribeInstances is given twice; the first is in line 21`,
			`f.yaml:21:64: ec2.sharedThrottle[1].burst: -1 is negative`,
			`f.yaml:22:7: ec2.sharedThrottle[2]: refillPerSecond is missing`,
			`f.yaml:22:35: ec2.sharedThrottle[2].actions: DescribeInstances is given twice; the first is in line 21`,
			`f.yaml:23:17: ec2.sharedThrottle[3].actions: at least 2 entries were expected, got 1`,
			`f.yaml:23:60: ec2.sharedThrottle[3].refillPerSecond: 2000000000 is out of range: the most is 1000000000`,
			`f.yaml:24:7: ec2.sharedThrottle[4]: actions is missing`}},
	{"latencies", document + "ec2:\n  latency:\n    AttachNetworkInterfaces: {constant: 1s}\n    CreateTags: {constant: 1s, mean: 2s}\n    RunInstances: {min: 3s}\n    CreateFleet: {}\n    DescribeSubnets: {min: 5s, max: 2s}\n    TerminateInstances: {mean: 5s, max: 2s}\n",
		[]string{`f.yaml:19:5: unknown API action "AttachNetworkInterfaces"; did you mean "AttachNetworkInterface"?`,
			`f.yaml:20:32: ec2.latency.CreateTags: constant and mean exclude each other`,
			`f.yaml:21:19: ec2.latency.RunInstances: min needs max`,
			`f.yaml:22:18: ec2.latency.CreateFleet: no duration`,
			`f.yaml:23:37: ec2.latency.DescribeSubnets: max, 2s, is below min, 5s`,
			`f.yaml:24:41: ec2.latency.TerminateInstances: the longest value kept, 2s, is below the mean, 5s`}},
	{"faults", document + "faults:\n  - {kind: api-errors, subnet: a}\n  - {kind: subnet-occupy, count: 5}\n  - {kind: cordon, group: wrokers, share: 2}\n  - {kind: meteor}\n",
		[]string{`f.yaml:18:5: faults[0]: api-errors needs code`, `f.yaml:18:24: faults[0]: api-errors has no subnet`,
			`f.yaml:19:5: faults[1]: subnet-occupy needs subnet`,
			`f.yaml:20:27: unknown node group "wrokers"; did you mean "workers"?`, `f.yaml:20:43: faults[2].share: 2 is out of range: the most is 1`,
			`f.yaml:21:12: faults[3].kind: "meteor" is not one of api-errors,`}},
	{"faults of nodes", document + "faults:\n  - {kind: kill-nodes, for: 5m}\n  - {kind: cordon, when: attached, every: 5m}\n  - {kind: restart-ipamd, when: attachd}\n  - {kind: attach-eni, interfaces: 2}\n  - {kind: stale-metadata, addresses: 2, interfaces: -1}\n  - {kind: detach-eni, for: 5m, addresses: 1}\n  - {kind: restart-ipamd, every: 10ms}\n",
		[]string{`f.yaml:18:24: faults[0]: kill-nodes happens at once: for needs every, or when`,
			`f.yaml:19:20: faults[1]: cordon has no when`, `f.yaml:19:36: faults[1]: cordon lasts to the end of the run: every needs for`,
			`f.yaml:20:33: faults[2].when: "attachd" is not one of initialising, assigning, unassigning, creating, created, attaching, attached, modifying, detaching, detached, deleting and adding; did you mean "attached"?`,
			`f.yaml:21:24: faults[3]: attach-eni has no interfaces`,
			`f.yaml:22:28: faults[4]: stale-metadata has no addresses`, `f.yaml:22:54: faults[4].interfaces: -1 is negative`,
			`f.yaml:23:24: faults[5]: detach-eni happens at once: for needs every`, `f.yaml:23:33: faults[5]: detach-eni has no addresses`,
			`f.yaml:24:34: faults[6].every: 10ms is out of range: the least is 1s`}},
	{"targets of faults", document + "faults:\n  - {kind: kill-nodes, node: wrokers-3}\n  - {kind: kill-nodes, node: workers}\n  - {kind: kill-nodes, node: workers-03}\n  - {kind: cordon, node: workers-1, group: workers, share: 0.5, count: 1}\n  - {kind: netlink-errors, node: workers-1, nodeShare: 0.5, share: 0.5}\n  - {kind: flush-rules, subnet: b}\n  - {kind: roll-aws-node, node: workers-1}\n",
		[]string{`f.yaml:18:30: faults[0]: the node "wrokers-3" would be of the node group "wrokers", which is unknown; did you mean "workers"?`,
			`f.yaml:19:30: faults[1]: "workers" is not the name of a node: a node group and a number were expected, such as workers-0`,
			`f.yaml:20:30: faults[2]: "workers-03" is not the name of a node`,
			`f.yaml:21:37: faults[3]: cordon hits one node: node and group exclude each other`, `f.yaml:21:53: faults[3]: cordon hits one node: node and share exclude`,
			`f.yaml:21:65: faults[3]: cordon hits one node: node and count exclude`, `f.yaml:22:45: faults[4]: netlink-errors hits one node: node and nodeShare exclude each other`,
			`f.yaml:23:33: unknown subnet "b"; known are a`, `f.yaml:24:27: faults[6]: roll-aws-node has no node`}},
	{"times of faults", document + "faults:\n  - {kind: kill-nodes, times: 3}\n  - {kind: api-errors, code: X, every: 5m}\n  - {kind: metadata-down, every: 5m, for: 6m}\n  - {kind: flush-rules, when: attached, every: 5m}\n  - {kind: roll-aws-node, for: 1m}\n  - {kind: flush-table, for: 1m, every: 1m, times: 0}\n  - {kind: cordon, for: 0s}\n",
		[]string{`f.yaml:18:24: faults[0]: kill-nodes happens once: times needs every`,
			`f.yaml:19:33: faults[1]: api-errors lasts to the end of the run: every needs for`,
			`f.yaml:20:38: faults[2]: metadata-down lasts 6m each time, and comes again every 5m: at most that was expected`,
			`f.yaml:21:41: faults[3]: flush-rules hits a node each time that it comes to the point: every and when exclude each other`,
			`f.yaml:22:27: faults[4]: roll-aws-node happens at once: for needs every`,
			`f.yaml:23:52: faults[5].times: 0 is out of range: the least is 1`,
			`f.yaml:24:20: faults[6]: cordon lasts 0s: it would be over before anything happens`}},
	{"keys of faults", document + "faults:\n  - {kind: api-slow, action: CreateTag}\n  - {kind: throttle-storm}\n  - {kind: zone-down}\n  - {kind: zone-down, zone: b}\n  - {kind: zone-down, zone: a, subnet: a}\n  - {kind: kill-plugin}\n  - {kind: kill-plugin, step: eni-rule}\n  - {kind: netlink-errors, step: to-rul}\n  - {kind: flush-table, device: 0}\n  - {kind: flush-table, step: to-rule, device: 1}\n  - {kind: api-slow, factor: 0}\n",
		[]string{`f.yaml:18:5: faults[0]: api-slow needs factor or add`, `f.yaml:18:30: unknown API action "CreateTag"; did you mean "CreateTags"?`,
			`f.yaml:19:5: faults[1]: throttle-storm needs action`, `f.yaml:19:5: faults[1]: throttle-storm needs rate`,
			`f.yaml:20:5: faults[2]: zone-down needs subnet or zone`, `f.yaml:21:29: unknown Availability Zone "b"; known are a`,
			`f.yaml:22:23: faults[4]: zone-down takes a subnet or a zone: zone and subnet exclude each other`,
			`f.yaml:23:5: faults[5]: kill-plugin needs step`, `f.yaml:24:31: faults[6]: kill-plugin: eni-rule is a step of ipamd, not of the plugin; one of veth,`,
			`f.yaml:25:34: faults[7].step: "to-rul" is not one of veth,`, `f.yaml:26:33: faults[8].device: 0 is out of range: the least is 1`,
			`f.yaml:27:25: faults[9]: flush-table has no step`, `f.yaml:28:30: faults[10].factor: 0 is out of range: the least is 0.01`}},
	{"rollouts", document + "faults:\n  - {kind: roll-aws-node, share: 0.5, cni: {WARM_IP_TAGET: 5}}\n  - {kind: roll-aws-node, maxUnavailable: 0.5}\n  - {kind: roll-aws-node, cni: {ENABLE_PREFIX_DELEGATION: true, WARM_PREFIX_TARGET: 0}}\n  - {kind: roll-aws-node, group: wrokers}\n",
		[]string{`f.yaml:18:27: faults[0]: roll-aws-node has no share`, `f.yaml:18:45: faults[0].cni: the daemon knows no variable "WARM_IP_TAGET"; did you mean "WARM_IP_TARGET"?`,
			`f.yaml:19:43: faults[1].maxUnavailable: "0.5" is not a number of pods or a percentage of them: write 2 or 10%; did you mean 50%?`,
			`f.yaml:20:59: faults[2].cni: aws-node does not start: with ENABLE_PREFIX_DELEGATION one of`,
			`f.yaml:21:34: unknown node group "wrokers"; did you mean "workers"?`}},
	{"CNI variables", with("count: 3", "count: 3\n    cni:\n      WARM_IP_TAGET: 5\n      IP_COOLDOWN_PERIOD: -1\n      ENABLE_PREFIX_DELEGATION: true\n      WARM_PREFIX_TARGET: 0\n      AWS_VPC_ENI_MTU: 100"),
		[]string{`f.yaml:14:7: nodeGroups.workers.cni: the daemon knows no variable "WARM_IP_TAGET"; did you mean "WARM_IP_TARGET"?`,
			`f.yaml:15:27: nodeGroups.workers.cni: aws-node does not start: IP_COOLDOWN_PERIOD must be a whole number of seconds, at least 0; got "-1"`,
			`f.yaml:16:33: nodeGroups.workers.cni: aws-node does not start: with ENABLE_PREFIX_DELEGATION one of`,
			`f.yaml:18:24: nodeGroups.workers.cni: aws-node does not start: AWS_VPC_ENI_MTU must be between 576 and 9001, got "100"`}},
	{"windows", document + "thresholds:\n  pod_start:\n  - {threshold: max<3, between: 2m}\n  - {threshold: max<3, between: 2m-1m}\n  - {threshold: max<3, between: 1m-9m}\n  - {threshold: max<3, at: 1m}\n" +
		"  - {threshold: max>3, abortOnFail: true}\n  - {threshold: max<3, delayAbortEval: 1m}\n  - {threshold: max<3, between: 0s-1m, at: 1m}\n  recovery: {threshold: value<3, between: 0s-1m}\n  pods_running: {threshold: value>5, abortOnFail: true}\n" +
		"  pod_failed_adds{cause:no_blocks}: count==0\nexpect: {pods_running: {threshold: value>5, severity: warn}}\n",
		[]string{`f.yaml:19:33: thresholds.pod_start.between: "2m" is not a window: write two times with a hyphen between them, such as 2m-6m`,
			`f.yaml:20:33: thresholds.pod_start.between: 2m-1m ends at 1m and begins at 2m: a later end was expected`,
			`f.yaml:21:5: thresholds.pod_start: the condition is about the time until 9m, and the run ends at 2m`,
			`f.yaml:22:28: thresholds.pod_start.at: pod_start is a trend, of pods or nodes whose time began in a window: between was expected, not at`,
			`f.yaml:23:37: thresholds.pod_start.abortOnFail: max>3 is known when all starts are, at the end of the run: only < and <= can end one`,
			`f.yaml:24:40: thresholds.pod_start.delayAbortEval: only a condition with abortOnFail: true has one`,
			`f.yaml:25:44: thresholds.pod_start.at: between and at exclude each other`,
			`f.yaml:26:43: thresholds.recovery.between: recovery is about the whole run: it has no between`,
			`f.yaml:27:51: thresholds.pods_running.abortOnFail: pods_running value>5 may hold again until the end`,
			`f.yaml:28:3: thresholds: unknown cause "no_blocks"; did you mean "no_block"?`,
			`f.yaml:29:24: expect.pods_running: what is expected has no severity: --strict says whether it counts`}},
	{"conditions", document + "thresholds:\n  pod_start:\n  - {threshold: \"p99<5s\", severity: bad}\n  - {severity: warn}\n  - {threshold: max<3, severty: warn}\n  - {threshold: [max<3]}\n  - [max<3]\n",
		[]string{`f.yaml:19:17: thresholds.pod_start: "p99<5s" is not a condition`,
			`f.yaml:19:37: thresholds.pod_start.severity: "bad" is not one of fail and warn`,
			`f.yaml:20:5: thresholds.pod_start: threshold is missing: What must hold`,
			`f.yaml:21:24: unknown key "severty" in thresholds.pod_start; did you mean "severity"?`,
			`f.yaml:22:17: thresholds.pod_start.threshold: text was expected, got a list`,
			`f.yaml:23:5: thresholds.pod_start: a condition such as "p(99)<5s" was expected, got a list`}},
	{"thresholds", document + "thresholds:\n  pod_strat: [\"p(99)<5s\"]\n  pod_start: [\"p99<5s\", \"count==0\", \"p(99)<5h\"]\n  subnet_free_min{subnett:a}: [\"value>1\"]\n  subnet_free_min{subnet:b}: [\"value>1\"]\n  api_calls{action:CreateTag}: \"count>1\"\n  pods_wanted{variant:x}: [\"count>1s\", 5]\n",
		[]string{`f.yaml:18:3: thresholds: unknown metric "pod_strat"; did you mean "pod_start"?`,
			`f.yaml:19:15: thresholds.pod_start: "p99<5s" is not a condition`,
			`f.yaml:19:25: thresholds.pod_start: pod_start is a trend: it has avg, min, med, max and p(N), not count`,
			`f.yaml:19:37: thresholds.pod_start: unknown unit "h": s, ms or m was expected`,
			`f.yaml:20:3: thresholds: subnet_free_min has no label "subnett"; did you mean "subnet"?`,
			`f.yaml:21:3: thresholds.subnet_free_min{subnet:b}: unknown subnet "b"; known are a`,
			`f.yaml:22:3: thresholds.api_calls{action:CreateTag}: unknown action "CreateTag"; did you mean "CreateTags"?`,
			`f.yaml:23:28: thresholds.pods_wanted{variant:x}: count has no unit: write a plain number instead of 1s`,
			`f.yaml:23:40: thresholds.pods_wanted{variant:x}: a condition such as "p(99)<5s" was expected, got 5`}},
	{"incidents", document + incidentHead + "    - {what: a, value: 5, metric: pod_strat, low: 1, reason: x}\n    - {what: a, value: 5, metric: pod_start, low: 1, reason: x}\n" +
		"    - {what: a, value: 5, metric: pod_start, aggregation: count, low: 1, reason: x}\n    - {what: a, value: 5, metric: pods_wanted, reason: x}\n" +
		"    - {what: a, value: 5, metric: pods_wanted, low: 9, high: 3, reason: x}\n    - {what: a, value: 5s, metric: \"pods_wanted{workload:w}\", low: 3}\n" +
		"    - {what: a, value: -1, metric: pod_start, aggregation: p, low: 3, reason: x}\n",
		[]string{`f.yaml:22:35: incident.reported[0].metric: unknown metric "pod_strat"; did you mean "pod_start"?`,
			`f.yaml:23:35: incident.reported[1]: pod_start is a trend: give its aggregation, avg, min, med, max or p(N)`,
			`f.yaml:24:59: incident.reported[2].aggregation: pod_start is a trend: it has avg, min, med, max and p(N), not count`,
			`f.yaml:25:7: incident.reported[3]: neither low nor high: what would be outside of what was reported?`,
			`f.yaml:26:62: incident.reported[4]: high, 3, is below low, 9`,
			`f.yaml:27:7: incident.reported[5]: reason is missing`, `f.yaml:27:24: incident.reported[5].value: a number was expected, got "5s"`,
			`f.yaml:27:36: incident.reported.pods_wanted{workload:w}: unknown workload "w"; known are web`,
			`f.yaml:28:24: incident.reported[6].value: -1 is negative`, `f.yaml:28:60: incident.reported[6].aggregation: p needs a percentile, such as p(99)`}},
	{"an incident of several variants", document + "variants: [{name: x}, {name: y}]\n" + incidentHead + "    - {what: a, value: 5, metric: pods_wanted, low: 3, reason: x}\n    - {what: a, value: 5, metric: \"pods_wanted{variant:z}\", low: 3, reason: x}\n",
		[]string{`f.yaml:23:35: incident.reported[0].metric: the scenario has 2 variants: say which one this is of, pods_wanted{variant:x}`,
			`f.yaml:24:35: incident.reported.pods_wanted{variant:z}: unknown variant "z"; known are x and y`}},
	{"an incident without numbers", document + "incident: {sources: [], summary: x, reported: [], assumed: [{what: x}]}\n",
		[]string{`f.yaml:17:21: incident.sources: at least one entry was expected, got an empty list`, `f.yaml:17:47: incident.reported: at least one entry was expected, got an empty list`,
			`f.yaml:17:61: incident.assumed[0]: reason is missing`}},
	{"variants", document + "variants:\n  - name: x\n    set:\n      nodeGroups.worker.count: 5\n      nodeGroups.workers.cnt: 5\n      nodeGroups.workers.count: -5\n      seed: 5\n      nodeGroups.workers.cni.WARM_IPTARGET: 3\n      nodeGroups.workers.instanceType.foo: 3\n",
		[]string{`f.yaml:20:7: nodeGroups.worker.count: nodeGroups has no entry "worker"; did you mean "workers"? (in variant x)`,
			`f.yaml:21:7: nodeGroups.workers.cnt: there is no "cnt" in nodeGroups.workers; did you mean`,
			`f.yaml:22:33: nodeGroups.workers.count: -5 is negative (in variant x)`,
			`f.yaml:23:7: seed: a variant cannot change seed, which all variants share (in variant x)`,
			`f.yaml:24:7: nodeGroups.workers.cni: the daemon knows no variable "WARM_IPTARGET"; did you mean "WARM_IP_TARGET"? (in variant x)`,
			`f.yaml:25:7: nodeGroups.workers.instanceType.foo: nodeGroups.workers.instanceType is text: there is no "foo" in it (in variant x)`}},
	{"several at once", with("count: 3", "cuont: 3", "duration: 2m", "duration: 2", "m5.large", "m5.lrage", "count: 12", "count: x"),
		[]string{`f.yaml:4:11: duration: 2 has no unit`, `f.yaml:11:19: nodeGroups.workers: unknown instance type`, `f.yaml:12:5: unknown key "cuont"`, `f.yaml:16:26: workloads.web.replicas[0].count: a whole number was expected, got "x"`}},
	{"list for a mapping", with("vpc:\n", "vpc: []\nec2:\n"),
		[]string{`f.yaml:5:6: vpc: a mapping was expected, got a list`, `f.yaml:7:3: unknown key "cidrs" in ec2`, `f.yaml:8:3: unknown key "subnets" in ec2`}},
	{"word for a list", with("[10.0.0.0/16]", "10.0.0.0/16"),
		[]string{`f.yaml:6:10: vpc.cidrs: a list was expected, got "10.0.0.0/16": write [10.0.0.0/16]`}},
	{"word for an object", document + "controlPlane: xl\nautoscaler: karpenter\nfaults: [api-errors]\n",
		[]string{`f.yaml:17:15: controlPlane: a mapping was expected, got "xl": write {tier: xl}`, `f.yaml:18:13: autoscaler: a mapping was expected, got "karpenter": write {kind: karpenter}`, `f.yaml:19:10: faults[0]: a mapping was expected, got "api-errors": write {kind: api-errors}`}},
	{"number for steps", document + "  - {name: v, replicas: 12}\n",
		[]string{`f.yaml:17:25: workloads.v.replicas: a list was expected, got 12: write it like [{at: 10s, count: 12}]`}},
	{"what others call a value", document + "  - {name: v, kind: CronJob}\n  - {name: u, initial: 1, topologySpread: [{over: topology.kubernetes.io/zone}]}\n",
		[]string{`f.yaml:17:21: workloads.v.kind: "CronJob" is not one of Deployment, DaemonSet, Job, Pod and Trace; did you mean "Job"?`, `f.yaml:18:51: workloads.u.topologySpread[0].over: "topology.kubernetes.io/zone" is not one of zones and hosts; did you mean "zones"?`}},
	{"a release that is not modelled", with("count: 3", "cniVersion: v1.19.0"),
		[]string{`f.yaml:12:17: nodeGroups.workers.cniVersion: "v1.19.0" is not one of v1.23.1, v1.23.2, v1.9.0, v1.6.3 and v1.6.0; the nearest is v1.23.1`}},
	{"a key that stands elsewhere", with("count: 3", "autoscaler: {kind: karpenter}", "name: web", "name: web\n    maxPods: 5") + "WARM_IP_TARGET: 5\n",
		[]string{`f.yaml:12:5: unknown key "autoscaler" in nodeGroups.workers; it is a key of the file itself`, `f.yaml:15:5: unknown key "maxPods" in workloads.web; it is a key of nodeGroups or nodeGroups.nodes`, `f.yaml:18:1: unknown key "WARM_IP_TARGET" in the file; it is a key of nodeGroups.cni or faults.cni`}},
	{"empty list", with("[10.0.0.0/16]", "[]"),
		[]string{`f.yaml:6:10: vpc.cidrs: at least one entry was expected, got an empty list`}},
	{"required key without a value", with("duration: 2m", "duration:"),
		[]string{`f.yaml:4:10: duration: a duration such as 5s or 1h30m was expected, got nothing`}},
	{"wrong version", with("ipamsim/v1", "ipamsim/v2"),
		[]string{`f.yaml:1:13: apiVersion: "ipamsim/v1" was expected, got "ipamsim/v2"`}},
	{"tab", with("    instanceType", "\tinstanceType"),
		[]string{`f.yaml:11:1: a tab indents this line: YAML is indented with spaces only`}},
	{"colon in a value", with("name: web", "name: web: x"),
		[]string{`f.yaml:14: not valid YAML: mapping values are not allowed in this context: a value that contains a colon`}},
	{"not UTF-8", with("small", "sm\xffall"), []string{`f.yaml:3:20: the byte 0xFF is not UTF-8: save the file as UTF-8`}},
	{"UTF-16", "\xff\xfea\x00", []string{`f.yaml:1:1: the file is UTF-16: save it as UTF-8`}},
	{"control character", with("small", "sm\x1ball"), []string{`f.yaml:3:20: the control character 0x1B does not belong in a text file`}},
	{"empty", "", []string{`f.yaml:1:1: the file is empty: a scenario was expected`}},
	{"only a comment", "# nothing\n", []string{`f.yaml:1:1: the file is empty: a scenario was expected`}},
	{"only a document mark", "---\n", []string{`f.yaml:1:1: the file is empty: a scenario was expected`}},
	{"text", "just text\n", []string{`f.yaml:1:1: the file: a mapping was expected, got "just text"`}},
	{"two documents", document + "---\na: 1\n", []string{`f.yaml:17:1: a second document begins here: a file holds one scenario; of several variants`}},
	{"foreign tag", with("count: 3", "count: !!binary aGk="), []string{`f.yaml:12:12: the tag !!binary has no meaning in a scenario`}},
	{"too deep for the parser", "a: " + strings.Repeat("[", 20_000), []string{`f.yaml:1:44: nested more than 40 levels deep`}},
	{"entries too deep for the parser", "a:\n" + strings.Repeat("- ", 20_000) + "1\n", []string{`f.yaml:2:81: nested more than 40 levels deep`}},
	{"too deep", "a: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), []string{`f.yaml:1:44: nested more than 40 levels deep`}},
	{"alias of itself", "a: &a [*a]\n", []string{`f.yaml:1:8: the alias *a contains itself`}},
	{"alias bomb", bomb(9), []string{`f.yaml:6:10: the aliases expand to more than 200000 values, the most that a scenario may have`}},
	{"too many values", "a: [" + strings.Repeat("1,", 200_001) + "]", []string{`f.yaml:1:400001: more than 200000 values`}},
	{"too large", strings.Repeat("#", 5<<20), []string{`f.yaml:1:1: the file is larger than 4 MiB`}},
}

// bomb is a document whose aliases expand to 10 to the power of levels.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return b.String()
}

func TestMistakesAreReportedWhereTheyAre(t *testing.T) {
	for _, test := range badDocuments {
		t.Run(test.name, func(t *testing.T) {
			file, err := Load("f.yaml", []byte(test.text))
			var problems Problems
			if !errors.As(err, &problems) || file != nil {
				t.Fatalf("got %v, %v; want problems alone", file, err)
			}
			if len(problems) != len(test.want) {
				t.Errorf("%d problems, want %d", len(problems), len(test.want))
			}
			for i, want := range test.want {
				if i < len(problems) && !strings.HasPrefix(problems[i].String(), want) {
					t.Errorf("problem %d\n got %s\nwant %s", i, problems[i], want)
				}
			}
			if t.Failed() {
				t.Log(err)
			}
		})
	}
}

func TestTheDocumentThatTheTestsBreakIsRight(t *testing.T) {
	if _, err := Load("f.yaml", []byte(document)); err != nil {
		t.Fatal(err)
	}
}

func TestACaretStandsUnderTheColumn(t *testing.T) {
	_, err := Load("f.yaml", []byte(with("count: 3", "cuont: 3")))
	want := `f.yaml:12:5: unknown key "cuont" in nodeGroups.workers; did you mean "count"?
   12 |     cuont: 3
      |     ^`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestLongLinesAreClippedAroundTheColumnAndMadePrintable(t *testing.T) {
	p := Problem{File: "f", Position: Position{Line: 1, Column: 300}, Message: "m", Source: strings.Repeat("a", 299) + "X" + strings.Repeat("\u202e", 300)}
	lines := strings.Split(p.String(), "\n")
	caret := strings.Index(lines[2], "^")
	if r := []rune(lines[1]); len(r) > 140 || r[caret] != 'X' {
		t.Errorf("the caret is not under the X:\n%s", p)
	}
	if strings.ContainsRune(p.String(), '\u202e') {
		t.Error("a character that reverses the terminal is printed")
	}
}

func TestManyProblemsEndInACount(t *testing.T) {
	var text strings.Builder
	text.WriteString(document)
	for i := range 30 {
		fmt.Fprintf(&text, "bad%d: 1\n", i)
	}
	_, err := Load("f.yaml", []byte(text.String()))
	if err == nil || !strings.HasSuffix(err.Error(), "\nand 10 more") || strings.Count(err.Error(), "unknown key") != 20 {
		t.Errorf("got %v", err)
	}
}

func TestA200MegabyteFileIsRefusedWithoutReadingIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.yaml")
	file, err := os.Create(path)
	if err == nil {
		err = errors.Join(file.Truncate(200<<20), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = LoadPath(path)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "the file has 200 MiB, more than the 4 MiB") || !strings.HasPrefix(err.Error(), path+":1:1: ") {
		t.Errorf("got %v", err)
	}
	if read := after.TotalAlloc - before.TotalAlloc; read > 1<<20 {
		t.Errorf("%d bytes were allocated", read)
	}
}

func TestUnreadablePathsAreProblems(t *testing.T) {
	for path, want := range map[string]string{
		t.TempDir():      "a directory, not a scenario file",
		"no/such.yaml":   "no such file or directory",
		"helo":           `neither a file nor a shipped scenario; did you mean "hello"?`,
		"something-else": "neither a file nor a shipped scenario; known are hello,",
	} {
		_, err := Open(path)
		var problems Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

// incidentHead is an incident up to its numbers.
const incidentHead = "incident:\n  sources: [x]\n  summary: x\n  assumed: [{what: x, reason: x}]\n  reported:\n"
