package findings

import (
	"maps"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/sim/result"
)

// sandboxEvents shows failed ADDs on a cluster.
var sandboxEvents = result.Check{
	Command: "kubectl get events -A --field-selector reason=FailedCreatePodSandBox",
	Shows:   "each failed ADD, its pod and its node; that of an empty pool ends on: failed to assign an IP address to container",
}

// refused alerts on an error code of EC2 that ipamd met, after the SDK's tries.
func refused(codes string) *result.Alert {
	return &result.Alert{PromQL: `sum by (instance, api) (` + grew(`awscni_aws_api_error_count{error=~"`+codes+`"}`, "15m") + `) > 0`}
}

// grew is a counter with labels that has grown in a time. A series of it begins with
// the first thing that it counts, at 1, and increase sees nothing of that.
func grew(counter, in string) string {
	return "increase(" + counter + "[" + in + "]) > 0 or " + counter + " unless " + counter + " offset " + in
}

// counted is how far a counter has come in a time, in whole numbers, from nothing
// on where its series begins in it: a node's first failed ADDs are there at the first
// scrape.
func counted(counter, in string) string {
	return "clamp_min(" + counter + " - " + counter + " offset " + in + " or " + counter + ", 0)"
}

const emptyPools = "awscni_no_available_ip_addresses"

// asked are daemons that have asked EC2 for more in the last 5 min. One that waits
// for an address to cool down, that has what its targets say, or whose interfaces are
// full, does not.
var asked = "(" + grew(`awscni_ec2api_req_count{fn=~"AssignPrivateIpAddresses|CreateNetworkInterface"}`, "5m") + ")"

// atRest are daemons with all addresses on pods that turn pods away and do not ask
// for more.
func atRest(interfaces string) string {
	return "awscni_assigned_ip_addresses == awscni_total_ip_addresses and " + interfaces + " and " + counted(emptyPools, "5m") + " > 0 unless on (instance) " + asked
}

// growing are daemons that were in the middle of it: before they ask for more they look
// at what the instance has, and while EC2 throttles that they ask for nothing.
const growing = `max_over_time(awscni_ipamd_action_inprogress{fn="increaseDatastorePool"}[5m]) > 0`

// share says that what nodes count in a time is one in a hundred of all ADDs, and two
// at least, as the findings do of pods: a single one among few ADDs is no mode.
func share(nodes, in string) string {
	return "sum(" + nodes + ") >= clamp_min(sum(" + counted("awscni_add_ip_req_count", in) + ") / 100, 2)"
}

// cliffPromQL are failed ADDs of daemons that get more addresses meanwhile, or are
// throttled, and that EC2 has not refused for want of room.
var cliffPromQL = share(counted(emptyPools, "5m")+" and on (instance) "+asked+" and on (instance) (changes(awscni_total_ip_addresses[5m]) > 0 or "+
	grew(`awscni_aws_api_error_count{error="RequestLimitExceeded"}`, "5m")+") unless on (instance) ("+
	grew(`awscni_aws_api_error_count{error=~"InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks"}`, "15m")+")", "5m")

// stallPromQL are failed ADDs of daemons that have addresses without a pod, and as
// many in all as before.
var stallPromQL = share("increase("+emptyPools+"[2m]) and awscni_total_ip_addresses > awscni_assigned_ip_addresses and delta(awscni_total_ip_addresses[2m]) == 0", "2m")

// oddErrors leave out the codes that the finding leaves out, and InvalidParameterValue,
// by which EC2 says that an interface is still attached, too.
var oddErrors = `awscni_aws_api_error_count{error!~"` + strings.Join(append(slices.Sorted(maps.Keys(ordinary)), ec2model.CodeInvalidParameterValue), "|") + `"}`

// poolGuides are about addresses: subnets, nodes, and what ipamd does for them.
var poolGuides = []Guide{
	{
		Mode:     result.ModeSubnetExhaustion,
		Means:    "A subnet has no free address, or fewer than one request asks for, while pods wait.",
		Evidence: "A hundredth of a subnet's addresses or fewer free at any moment; or a refusal by EC2, and less free than an interface's worth or a twentieth. Who had the addresses then, and subnets with room, are named.",
		Tried:    "Where a tenth or more of what is held is warm: smaller targets (WARM_IP_TARGET with MINIMUM_IP_TARGET), single addresses in place of prefixes.",
		checks: []result.Check{
			{Command: "aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZone,AvailableIpAddressCount]' --output text", Shows: "how many addresses are free, in its neighbours too"},
			{Command: "grep InsufficientFreeAddressesInSubnet /var/log/aws-routed-eni/ipamd.log", Shows: "on a node: EC2's refusals"},
		},
		alert: refused("InsufficientFreeAddressesInSubnet"),
	},
	{
		Mode:     result.ModeFragmentation,
		Means:    "Prefix delegation finds no free /28, although single addresses are free: somebody has one in each block.",
		Evidence: "A refusal for want of a block, and a subnet without a free /28 that never had fewer than 16 addresses free.",
		Tried:    "ENABLE_PREFIX_DELEGATION=false.",
		checks: []result.Check{
			{Command: "aws ec2 get-subnet-cidr-reservations --subnet-id SUBNET", Shows: "what is kept for prefixes, if anything"},
			{Command: "grep -e InsufficientCidrBlocks -e 'no available IP/Prefix' /var/log/aws-routed-eni/ipamd.log", Shows: "on a node: EC2's refusals, and ADDs that found nothing"},
		},
		alert: refused("InsufficientCidrBlocks"),
	},
	{
		Mode:     result.ModeNoSubnet,
		Means:    "The settings and tags leave ipamd no subnet in which it may make an interface.",
		Evidence: "An ADD that met an empty pool for that reason.",
		Tried:    "kubernetes.io/role/cni=1 on the nodes' subnets, where 0 keeps ipamd out of them.",
		checks: []result.Check{
			{Command: "aws ec2 describe-subnets --filters Name=tag-key,Values=kubernetes.io/role/cni --query 'Subnets[].[SubnetId,AvailabilityZone,Tags]'", Shows: "subnets for pods (1) and those that are not (0)"},
			{Command: "kubectl get eniconfigs.crd.k8s.amazonaws.com", Shows: "with custom networking: one for each zone, named as the zone is"},
		},
	},
	{
		Mode:     result.ModeQuota,
		Means:    "The account's network interfaces, or the VPC's Network Address Usage, are used up.",
		Evidence: "A refusal by EC2 for it.",
		Tried:    "Prefix delegation where all types can; smaller targets.",
		checks: []result.Check{
			{Command: "aws service-quotas get-service-quota --service-code vpc --quota-code L-DF5E4CA3", Shows: "network interfaces per Region"},
			{Command: "aws ec2 describe-network-interfaces --query 'length(NetworkInterfaces)'", Shows: "how many there are"},
		},
		alert: refused("NetworkInterfaceLimitExceeded|NetworkAddressUsageLimitExceeded"),
	},
	{
		Mode:     result.ModeENILimit,
		Means:    "Nodes accept more pods than their interfaces can carry addresses: max pods is too high for the type and the settings.",
		Evidence: "An ADD that met a node whose interfaces were all full. The sum for each node group is given.",
		Tried:    "Prefix delegation where all types can; max pods as the sum says.",
		checks: []result.Check{
			{Command: "kubectl get nodes -o custom-columns=NODE:.metadata.name,TYPE:.metadata.labels.node\\.kubernetes\\.io/instance-type,PODS:.status.allocatable.pods", Shows: "max pods of each node, to hold against what its type carries (ipamsim limits TYPE)"},
		},
		alert: &result.Alert{PromQL: atRest("awscni_eni_allocated >= awscni_eni_max"), For: "2m",
			Needs: "the limit awscni_ip_max is not asked: with custom networking it counts the first interface, too, which carries no pods"},
	},
	{
		Mode:     result.ModePoolAtMinimum,
		Means:    "The pool holds what its targets ask for, all of it is on pods, and others wait: MINIMUM_IP_TARGET without WARM_IP_TARGET does that.",
		Evidence: "An ADD that met a pool which had met its targets.",
		Tried:    "WARM_IP_TARGET=1 beside MINIMUM_IP_TARGET.",
		checks: []result.Check{
			{Command: "kubectl get daemonset aws-node -n kube-system -o jsonpath='{.spec.template.spec.containers[0].env}'", Shows: "the targets"},
		},
		alert: &result.Alert{PromQL: atRest("awscni_eni_allocated < awscni_eni_max") + " unless on (instance) " + growing, For: "2m"},
	},
	{
		Mode:     result.ModeCordonedNodes,
		Means:    "Pods wait on cordoned nodes, whose pools neither grow nor shrink.",
		Evidence: "A pod that never started for it, or one in a hundred that met it.",
		Tried:    "AWS_MANAGE_ENIS_NON_SCHEDULABLE=true.",
		checks: []result.Check{
			{Command: "grep 'non schedulable node' /var/log/aws-routed-eni/ipamd.log", Shows: "on a cordoned node: that ipamd holds back"},
			sandboxEvents,
		},
	},
	{
		Mode:     result.ModeIPAMDDown,
		Means:    "ipamd does not serve when pods need it: it is away, or in a crash loop.",
		Evidence: "A pod that never started for it, or one in a hundred that met it; or three ended aws-node containers per node.",
		Tried:    "A rolling update of aws-node over fewer nodes at a time, where the scenario has one; an ENIConfig for each zone of nodes without one.",
		checks: []result.Check{
			{Command: "kubectl get pods -n kube-system -l k8s-app=aws-node -o wide", Shows: "restarts, and CrashLoopBackOff"},
			{Command: "kubectl logs -n kube-system -l k8s-app=aws-node -c aws-node --previous --prefix --tail 20", Shows: "the last words of the containers that ended"},
		},
		alert: &result.Alert{
			PromQL: `increase(kube_pod_container_status_restarts_total{namespace="kube-system", container="aws-node"}[15m]) >= 2 or up{job="aws-node"} == 0 and max_over_time(up{job="aws-node"}[15m]) == 1`,
			For:    "1m",
			Needs:  "one restart is a rollout, and its pods wait for seconds: two in 15 minutes are none, and neither is a daemon that has served and has not for a minute. ADDs that find nobody are in no metric",
			Shell:  `test -S /var/run/aws-node/ipamd.sock && curl -sf -o /dev/null http://localhost:61679/v1/enis || echo "ipamd does not serve"`,
		},
	},
	{
		Mode:     result.ModeMetadataOutage,
		Means:    "Instance metadata does not answer, and ipamd fails each ADD meanwhile, whatever its pool holds.",
		Evidence: "A pod that never started for it, or one in a hundred that met it.",
		Tried:    "IP_COOLDOWN_PERIOD=0, as each failed ADD gives its address back; a restart of ipamd during the outage, and after it.",
		checks: []result.Check{
			{Command: `curl -s -m 2 -X PUT http://169.254.169.254/latest/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 60" -o /dev/null -w '%{http_code}\n'`, Shows: "on the node: 200 where it answers"},
			sandboxEvents,
		},
	},
	{
		Mode:     result.ModeAPIErrors,
		Means:    "Requests to EC2 fail for reasons other than their rate or a want of addresses: a permission, a limit, a disturbance.",
		Evidence: "Such errors, in one of a hundred requests or with pods that failed after one.",
		checks:   []result.Check{{Command: "grep -e 'api error' /var/log/aws-routed-eni/ipamd.log", Shows: "on a node: EC2's code and words"}},
		alert:    &result.Alert{PromQL: `sum(` + grew(oddErrors, "15m") + `) / sum(increase(awscni_ec2api_req_count[15m])) > 0.01`},
	},
	{
		Mode:     result.ModeAPIThrottling,
		Means:    "EC2 rejects requests of the fleet for their rate.",
		Evidence: "A request of the fleet that was rejected with RequestLimitExceeded, by action; other tenants of the buckets are named.",
		Tried:    "Prefix delegation where all types can; whole interfaces or prefixes in place of IP targets.",
		checks:   []result.Check{{Command: "grep RequestLimitExceeded /var/log/aws-routed-eni/ipamd.log", Shows: "on a node: what was given up after the SDK's own tries"}},
		alert:    refused("RequestLimitExceeded"),
	},
	{
		Mode:     result.ModeWaitInVain,
		Means:    "ipamd waits, for up to three minutes, for an interface that it has deleted itself after a failed call, and its pool does nothing else.",
		Evidence: "A pod that never started for it, or one in a hundred that met it.",
		Tried:    "Prefix delegation where all types can; a restart of ipamd during the errors that the scenario has, and after them.",
		checks:   []result.Check{{Command: "grep -e 'Not able to find the right ENI yet' -e 'DeleteOnTermination' /var/log/aws-routed-eni/ipamd.log", Shows: "on a node: try after try, after a failure to set the interface's attribute"}},
		alert:    &result.Alert{PromQL: `sum by (instance) (` + grew(`awscni_ipamd_error_count{fn="increaseIPPoolwaitENIAttachedFailed"}`, "15m") + `) > 0 and on (instance) ` + counted(emptyPools, "15m") + ` > 0`},
	},
	{
		Mode:     result.ModeCooldownStall,
		Means:    "Pods wait for addresses that were just freed: ipamd counts one in its cooldown as available, and the pool does not grow.",
		Evidence: "A pod that never started for it, or one in a hundred that met it; nodes that can hold no more are told apart.",
		Tried:    "A WARM_IP_TARGET (and MINIMUM_IP_TARGET) above what cools down, or WARM_ENI_TARGET=2; prefix delegation where all types can; IP_COOLDOWN_PERIOD=0.",
		checks:   []result.Check{sandboxEvents},
		alert:    &result.Alert{PromQL: stallPromQL},
	},
	{
		Mode:     result.ModeLatencyCliff,
		Means:    "Pods reach nodes faster than ipamd brings addresses; each that finds none waits for kubelet's pause after a failed sandbox.",
		Evidence: "One in a hundred pods, two at least, that ran 5 s and more after they were bound, after an ADD that failed while the pool was being refilled or EC2 throttled ipamd.",
		Tried:    "Prefix delegation with as many warm prefixes as a new node's pods need; more of them where it is on; MINIMUM_IP_TARGET with WARM_IP_TARGET, or WARM_ENI_TARGET=2.",
		checks:   []result.Check{sandboxEvents},
		alert:    &result.Alert{PromQL: cliffPromQL},
	},
	{
		Mode:     result.ModePluginFailures,
		Means:    "ADDs get their address and fail in the wiring of the pod.",
		Evidence: "A pod that never started for it, or one in a hundred that met it.",
		checks: []result.Check{
			{Command: "grep -e 'Failed SetupPodNetwork' -e 'failed to' /var/log/aws-routed-eni/plugin.log", Shows: "the step that was refused; a killed plugin's lines just end"},
			{Command: "dmesg | grep -i -e oom -e 'out of memory'", Shows: "processes that the kernel killed"},
		},
	},
	{
		Mode:     result.ModeUnschedulable,
		Means:    "No node has room for pods at the end; whether max pods binds is said.",
		Evidence: "Pods that no node had room for at the end of the run.",
		Tried:    "Where max pods binds: max pods as high as the interfaces carry.",
		checks:   []result.Check{{Command: "kubectl get events -A --field-selector reason=FailedScheduling", Shows: "what nodes lack: Too many pods, Insufficient cpu, Insufficient memory"}},
		alert:    &result.Alert{PromQL: `sum(kube_pod_status_unschedulable) > 0`, For: "5m"},
	},
	{
		Mode:     result.ModeControllerBehind,
		Means:    "Pods are asked for faster than the controller that makes them can: its client sends so many requests a second, updates of status and events among them.",
		Evidence: "Pods that were asked for 30 s and more before the end of the run and not created by then.",
		Tried:    "Larger tiers of the control plane (controlPlane.tier), where the scenario gives no rate of its own.",
		checks: []result.Check{
			{Command: "kubectl get replicasets,daemonsets -A", Shows: "a CURRENT that stays below DESIRED"},
			{Command: "kubectl get --raw /apis/metrics.eks.amazonaws.com/v1/kcm/container/metrics | grep -E 'workqueue_depth|workqueue_longest_running'", Shows: "queues of job, replicaset or daemonset that grow"},
		},
	},
	{
		Mode:     result.ModeInterfaceChurn,
		Means:    "Nodes make and free an interface again and again, without any pod on it.",
		Evidence: "A node that gave back three interfaces in ten minutes which had never had a pod; the cost in calls is given.",
		Tried:    "WARM_ENI_TARGET=1, WARM_IP_TARGET=1.",
		checks:   []result.Check{{Command: "grep -c 'Successfully attached ENI' /var/log/aws-routed-eni/ipamd.log", Shows: "on a node that is idle: a number that grows"}},
		alert:    &result.Alert{PromQL: `increase(awscni_ec2api_req_count{fn="CreateNetworkInterface"}[10m]) >= 3 and ignoring (fn) increase(awscni_ec2api_req_count{fn="DeleteNetworkInterface"}[10m]) >= 3 and on (instance) changes(awscni_assigned_ip_addresses[10m]) == 0 and on (instance) awscni_assigned_ip_addresses offset 5m`},
	},
	{
		Mode:     result.ModeLeakedInterfaces,
		Means:    "Interfaces that ipamd made are attached to nothing, and no node knows them.",
		Evidence: "An interface with the VPC CNI's tag that has been attached to nothing for over a minute, at any sample.",
		Tried:    "DISABLE_LEAKED_ENI_CLEANUP=false, where it is true.",
		checks: []result.Check{
			{Command: "aws ec2 describe-network-interfaces --filters Name=status,Values=available Name=tag-key,Values=node.k8s.amazonaws.com/instance_id --query 'NetworkInterfaces[].[NetworkInterfaceId,SubnetId,Description]' --output text", Shows: "interfaces of ipamd that nothing uses"},
		},
	},
	{
		Mode:     result.ModeKeptInterfaces,
		Means:    "Terminated instances leave their first interface behind, because their launch template says so.",
		Evidence: "Such an interface at the end of the run.",
		Tried:    "launch.deleteOnTermination=true.",
		checks: []result.Check{
			{Command: "aws ec2 describe-launch-template-versions --launch-template-id TEMPLATE --versions '$Latest' --query 'LaunchTemplateVersions[].LaunchTemplateData.NetworkInterfaces[].DeleteOnTermination'", Shows: "false, where interfaces stay"},
		},
	},
	{
		Mode:     result.ModeWarmPoolOverhead,
		Means:    "Pools hold more addresses without a pod than with one.",
		Evidence: "At the end, 50 warm or cooling addresses and more of them than on pods.",
		Tried:    "Smaller targets, for what a node's pods have: WARM_IP_TARGET with MINIMUM_IP_TARGET; single addresses in place of prefixes.",
		checks:   []result.Check{{Command: "kubectl get daemonset aws-node -n kube-system -o jsonpath='{.spec.template.spec.containers[0].env}'", Shows: "the targets"}},
		alert:    &result.Alert{PromQL: `sum(awscni_total_ip_addresses) > 2 * sum(awscni_assigned_ip_addresses) and sum(awscni_total_ip_addresses) - sum(awscni_assigned_ip_addresses) >= 50`, For: "10m"},
	},
}
