package clusterimport_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/clusterimport"
)

// with imports a cluster with one more file, and says what of what is wanted its
// scenario and report lack.
func with(t *testing.T, files map[string]string, opts clusterimport.Options, wanted ...string) *clusterimport.Result {
	t.Helper()
	r := imported(t, files, opts)
	report, _ := json.Marshal(r.Report)
	all := string(r.Scenario) + strings.ReplaceAll(string(report), `\u003e`, ">")
	for _, w := range wanted {
		if !strings.Contains(all, w) {
			t.Errorf("there is no %q in\n%s\n%s", w, r.Scenario, report)
		}
	}
	for _, n := range r.Report.Nodes {
		if n.Imported != *n.Simulated {
			t.Errorf("%+v", n)
		}
	}
	return r
}

func TestNodesThatAreNotModelledHoldTheirAddresses(t *testing.T) {
	m := some()
	own, _, _ := m.iface(m.subnets[1], 0, 0, nil)
	fargate := own["PrivateIpAddress"].(string)
	m.iface(m.subnets[1], 5, 0, object{"Attachment": object{"InstanceId": "i-00000000000000a01", "DeviceIndex": 0}})
	m.iface(m.subnets[1], 0, 0, object{"Attachment": object{"InstanceId": "i-00000000000000a02", "DeviceIndex": 0}})
	node := func(name, id string, labels object, addresses ...any) {
		m.nodes = append(m.nodes, object{"kind": "Node", "metadata": object{"name": name, "labels": labels}, "spec": object{"providerID": "aws:///us-west-2b/" + id}, "status": object{"addresses": addresses}})
	}
	internal := func(a string) any { return object{"type": "InternalIP", "address": a} }
	node("fargate-1", "x/fargate-1", object{"eks.amazonaws.com/compute-type": "fargate"}, internal(fargate))
	node("win-1", "i-00000000000000a01", object{"beta.kubernetes.io/os": "windows"}, internal("10.0.2.99"))
	node("six-1", "i-00000000000000a02", object{}, internal("2001:db8::1"))
	node("i-00000000000000a03", "i-00000000000000a03", object{"eks.amazonaws.com/compute-type": "auto"}, internal("10.0.2.77"))
	node("mi-1", "", object{"eks.amazonaws.com/compute-type": "hybrid"}, internal("192.168.0.1"))
	r := with(t, m.files(), clusterimport.Options{}, "{holder: fargate, addresses: ["+fargate+"]}", "{holder: windows, addresses: [", "# Not modelled: EKS Auto Mode, 1 node", "# Not modelled: Windows, 1 node", "# Not modelled: IPv6, 1 node", "# Not modelled: hybrid node, 1 node")
	if h := r.Report.Subnets[1].Holders; h["fargate"] != 1 || h["windows"] != 6 || h["other"] != 1 || len(r.Report.NotModelled) != 5 {
		t.Errorf("%v %v", h, r.Report.NotModelled)
	}
}

func TestCustomNetworkingIsCarried(t *testing.T) {
	m := newMade("10.0.0.0/23", "10.0.2.0/24", "10.0.3.0/24", "100.64.0.0/24")
	m.settings("v1.23.1", object{"WARM_ENI_TARGET": "1", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone"})
	n := m.node("ip-10-0-0-1.ec2.internal", "m5.large", m.subnets[0], 20, nil)
	n.attach(n.subnet, 0, 0, nil)
	n.attach(m.subnets[3], 9, 0, nil)
	n.pod("shop", "ReplicaSet", "web-6d4cf56db6", nil)
	files := m.files()
	with(t, files, clusterimport.Options{}, `eniConfig: {us-west-2a: "subnet-00000000000000004"}`, "no file has the ENIConfig us-west-2a", "{subnet: subnet-00000000000000004, address: 100.64.0.4, addresses: [", "cidrs: [10.0.0.0/23, 10.0.2.0/24, 10.0.3.0/24, 100.64.0.0/24]")
	files["eniconfigs.yaml"] = "apiVersion: crd.k8s.amazonaws.com/v1alpha1\nkind: ENIConfig\nmetadata: {name: us-west-2a}\nspec: {subnet: subnet-00000000000000004, securityGroups: [sg-1]}\n"
	r := with(t, files, clusterimport.Options{}, `eniConfig: {us-west-2a: "subnet-00000000000000004"}`)
	if len(r.Report.Assumed) > 0 {
		t.Error(r.Report.Assumed)
	}
}

func TestSettingsOfAwsNode(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		env     object
		wanted  []string
	}{
		"absent variables have the daemon's defaults": {"v1.23.1", object{"WARM_IP_TARGET": "3"}, []string{`WARM_ENI_TARGET: "1" # not set: the daemon's default`, `WARM_PREFIX_TARGET: "0" # not set: the daemon's default`, `WARM_IP_TARGET: "3"`}},
		"old releases":                {"v1.6.1", object{}, []string{"cniVersion: v1.6.3 # the cluster has the VPC CNI v1.6.1, and v1.6.3 is the nearest that is modelled"}},
		"an add-on's build":           {"v1.19.2-eksbuild.1", object{}, []string{"cniVersion: v1.23.1 # the cluster has the VPC CNI v1.19.2-eksbuild.1"}},
		"in the middle":               {"v1.12.6", object{}, []string{"cniVersion: v1.9.0 # the cluster"}},
		"a digest":                    {"@sha256:0123", object{}, []string{"the version of the VPC CNI is not known"}},
		"variables that nobody knows": {"v1.23.1", object{"MY_SECRET": "hunter2"}, []string{"variables of aws-node that the model does not know and that have no effect in it: MY_SECRET"}},
		"without need":                {"v1.23.1", object{"AWS_VPC_K8S_CNI_LOGLEVEL": "DEBUG", "WARM_ENI_TARGET": "2"}, []string{"    cni:\n      WARM_ENI_TARGET: \"2\"\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := some()
			m.settings(c.version, c.env)
			r := with(t, m.files(), clusterimport.Options{}, c.wanted...)
			if strings.Contains(string(r.Scenario), "hunter2") || strings.Contains(string(r.Scenario), "LOGLEVEL") {
				t.Errorf("%s", r.Scenario)
			}
		})
	}
	m := some()
	for _, p := range m.pods {
		if owners := p.(object)["metadata"].(object)["ownerReferences"].([]any); owners[0].(object)["name"] == "aws-node" {
			p.(object)["spec"].(object)["containers"] = []any{object{"name": "aws-node", "image": "amazon-k8s-cni:v1.19.0"}, object{"name": "aws-eks-nodeagent", "image": "agent:v1"}}
			break
		}
	}
	with(t, m.files(), clusterimport.Options{}, "1 pod of aws-node with v1.19.0, and its DaemonSet has v1.23.1")
	files := some().files()
	files["aws-node.json"] = `{"env":{"ENABLE_PREFIX_DELEGATION":"true","WARM_PREFIX_TARGET":"1"}}`
	with(t, files, clusterimport.Options{}, `ENABLE_PREFIX_DELEGATION: "true"`, "the settings of aws-node are those of the add-on's or chart's configuration")
	files["aws-node.json"] = `{"addon": {"addonName": "vpc-cni", "addonVersion": "v1.23.2-eksbuild.1", "configurationValues": "env:\n  WARM_IP_TARGET: 4\n", "createdAt": 1750000000.5}}`
	with(t, files, clusterimport.Options{}, "cniVersion: v1.23.2\n", `      WARM_IP_TARGET: "4"`)
	delete(files, "aws-node.json")
	with(t, files, clusterimport.Options{}, "cni: {} # assumed: no file has the DaemonSet aws-node")
}

func TestWhatKeepsPodsIsCarried(t *testing.T) {
	m := some()
	a := &madeNode{made: m, name: "ip-10-0-0-1.us-west-2.compute.internal", free: nil}
	pod := func(phase, node, owner, ip string) object {
		p := object{"kind": "Pod", "metadata": object{"name": owner + m.number(), "namespace": "jobs", "labels": object{"app": owner}, "ownerReferences": []any{object{"kind": "Job", "name": owner + "-28512345", "controller": true}}},
			"spec": object{"nodeName": node, "containers": []any{object{"name": "x"}}}, "status": object{"phase": phase, "podIP": ip, "startTime": "2026-01-01T00:00:00Z",
				"containerStatuses": []any{object{"state": object{"terminated": object{"finishedAt": "2026-01-01T00:01:30Z"}}}}}}
		m.pods = append(m.pods, p)
		return p
	}
	pod("Succeeded", a.name, "report", "10.0.0.13")
	running := pod("Running", a.name, "report", "10.0.0.12")
	running["status"].(object)["containerStatuses"] = []any{object{"state": object{}}}
	pod("Failed", a.name, "report", "10.0.0.11")
	waiting := pod("Pending", "", "web", "")
	waiting["metadata"].(object)["ownerReferences"] = []any{object{"kind": "ReplicaSet", "name": "web-6d4cf56db6"}}
	waiting["spec"].(object)["topologySpreadConstraints"] = []any{object{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}, object{"maxSkew": 1, "topologyKey": "rack"}}
	files := m.files()
	files["more.yaml"] = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: jobs}
spec: {schedule: "*/15 * * * *", jobTemplate: {spec: {parallelism: 3}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: jobs}
spec: {schedule: "0 3 * * *"}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: jobs}
spec: {minReplicas: 1, maxReplicas: 40, scaleTargetRef: {kind: Deployment, name: web}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: jobs}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
`
	with(t, files, clusterimport.Options{},
		"arrivals: {every: 15m, from: 0s, batch: 3}", "lifetime: {constant: 90s}", "workload: jobs-report, addresses: [10.0.0.12]", "1 CronJob with a schedule that is not each hour's",
		"workloads.jobs-web.replicas: [{at: 5m, count: 40, over: 5m}]", "podDisruptionBudget: {minAvailable: 50%}", "initial: 1 # 0 run", "topologySpread: [{over: zones, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}]",
		"1 spread constraint over other domains")
}

func TestGroupsAreTheClustersPools(t *testing.T) {
	m := newMade("10.0.0.0/23")
	for i, labels := range []object{
		{"karpenter.sh/nodepool": "general", "karpenter.sh/capacity-type": "spot"}, {"karpenter.sh/nodepool": "general", "eks.amazonaws.com/nodegroup": ""},
		{"karpenter.sh/provisioner-name": "old"}, {"eks.amazonaws.com/nodegroup": "managed", "alpha.eksctl.io/nodegroup-name": "other"}, {"team": "red"}, {},
	} {
		n := m.node("ip-10-0-0-"+string(rune('1'+i)), "m5.large", m.subnets[0], 29, labels)
		n.attach(n.subnet, 2, 0, nil)
	}
	files := m.files()
	delete(files, "vpc.json")
	files["groups.json"] = `{"AutoScalingGroups": [{"AutoScalingGroupName": "eks-managed-1", "MinSize": 1, "MaxSize": 7, "Tags": [{"Key": "eks:nodegroup-name", "Value": "managed"}]}]}`
	files["pools.yaml"] = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: general}\nspec: {limits: {cpu: 100}, disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s}, template: {spec: {nodeClassRef: {name: default}, requirements: [{key: kubernetes.io/os, operator: In, values: [linux]}]}}}\n" +
		"---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\nspec: {subnetSelectorTerms: [{tags: {karpenter.sh/discovery: '*'}}]}\n---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: gpu}\nspec: {}\n"
	files["subnets.json"] = strings.Replace(files["subnets.json"], `"Subnets": [`, `"Subnets": [{"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "us-west-2b", "AvailableIpAddressCount": 251, "Tags": [{"Key": "karpenter.sh/discovery", "Value": "made"}]},`, 1)
	with(t, files, clusterimport.Options{GroupLabel: "team"}, "- name: general-spot # karpenter.sh/nodepool: general", "- name: general-on-demand", "capacityType: spot", "- name: old #", "- name: managed #", "    max: 7\n", "- name: red # team: red", "- name: nodes # no label names a group",
		"kind: karpenter\n  groups: [general-on-demand, general-spot, old]\n  scaleDownAfter: 30s\n  utilization: 0", "labels that name a node's group disagree: eks.amazonaws.com/nodegroup=managed and alpha.eksctl.io/nodegroup-name=other", "general may have 50 nodes in all: not carried, since it is several groups", "subnets: [subnet-00000000000000001, subnet-b]", "the NodePool gpu has no nodes and is left out", "the requirements of the NodePool general are not carried")
}

func TestTypesThatAreDescribedNeedNoTable(t *testing.T) {
	m := newMade("10.0.0.0/22")
	n := m.node("ip-10-0-0-1", "m99.large", m.subnets[0], 29, nil)
	n.attach(n.subnet, 9, 0, nil)
	files := m.files()
	files["types.json"] = `{"InstanceTypes": [{"InstanceType": "m99.large", "Hypervisor": "nitro", "VCpuInfo": {"DefaultVCpus": 2}, "NetworkInfo": {"MaximumNetworkInterfaces": 3, "Ipv4AddressesPerInterface": 10, "DefaultNetworkCardIndex": 0, "NetworkCards": [{"NetworkCardIndex": 0, "MaximumNetworkInterfaces": 3}]}}]}`
	with(t, files, clusterimport.Options{}, "- {name: m99.large, networkCards: [3], addressesPerInterface: 10, vcpu: 2}", "    instanceType: m99.large\n")
	files["types.json"] = strings.Replace(files["types.json"], `"MaximumNetworkInterfaces": 3, "Ipv4`, `"MaximumNetworkInterfaces": 77, "Ipv4`, 1)
	files["types.json"] = strings.Replace(files["types.json"], `"MaximumNetworkInterfaces": 3}`, `"MaximumNetworkInterfaces": 77}`, 1)
	with(t, files, clusterimport.Options{}, "- {name: m99.large, networkCards: [77], addressesPerInterface: 10, vcpu: 2}")
	files["types.json"] = strings.Replace(files["types.json"], `"MaximumNetworkInterfaces": 77}`, `"MaximumNetworkInterfaces": 777}`, 1)
	files["types.json"] = strings.Replace(files["types.json"], `"MaximumNetworkInterfaces": 77, "Ipv4`, `"MaximumNetworkInterfaces": 777, "Ipv4`, 1)
	if _, err := clusterimport.Import(sources(files), clusterimport.Options{}); err == nil || !strings.Contains(err.Error(), "m99.large is described to have 777 interfaces with 10 addresses on 1 network card") {
		t.Error(err)
	}
}

func TestReservationsAndCooldownsAreCarried(t *testing.T) {
	files := some().files()
	files["r.json"] = `{"SubnetIpv4CidrReservations": [{"SubnetCidrReservationId": "scr-1", "SubnetId": "subnet-00000000000000001", "Cidr": "10.0.1.0/26", "ReservationType": "prefix"}], "SubnetIpv6CidrReservations": []}`
	eni := strings.SplitN(strings.SplitN(files["interfaces.json"], `"NetworkInterfaceId": "`, 2)[1], `"`, 2)[0]
	files["enis.json"] = `{"0": {"TotalIPs": 9, "AssignedIPs": 6, "ENIs": {"` + eni + `": {"ID": "` + eni + `", "AvailableIPv4Cidrs": {"10.0.0.13/32": {"IPAddresses": {"10.0.0.13": {"Address": "10.0.0.13", "IPAMKey": {"networkName": ""}, "AssignedTime": "2026-01-01T00:00:00Z", "UnassignedTime": "2026-01-01T00:10:00Z"}}},
		"10.0.0.12/32": {"IPAddresses": {"10.0.0.12": {"IPAMKey": {}, "AssignedTime": "2026-01-01T00:00:00Z", "UnassignedTime": "2026-01-01T00:01:00Z"}}},
		"10.0.0.5/32": {"IPAddresses": {"10.0.0.5": {"IPAMKey": {"networkName": "aws-cni"}, "AssignedTime": "2026-01-01T00:10:08Z", "UnassignedTime": "0001-01-01T00:00:00Z"}}}}}}}}`
	with(t, files, clusterimport.Options{}, "- {cidr: 10.0.1.0/26, type: prefix}", "        cooling:\n          - {addresses: [10.0.0.13], since: 8s}\n", "1 address in cooldown")
}

// Hashed names are the same wherever they stand, so that the cluster is the same;
// and none of them is there any more.
func TestHashedNamesKeepTheCluster(t *testing.T) {
	m := some()
	files := m.files()
	plain := imported(t, files, clusterimport.Options{})
	r := with(t, files, clusterimport.Options{Anonymise: true})
	unknown := 0
	for _, s := range r.Report.Subnets {
		unknown += s.Unknown
	}
	if len(r.Report.Nodes) != 2 || unknown != 10 || strings.Count(string(r.Scenario), "\n") != strings.Count(string(plain.Scenario), "\n") {
		t.Errorf("%s\n%s", r.Scenario, plain.Scenario)
	}
	report, _ := json.Marshal(r.Report)
	for _, name := range []string{"ip-10-0", "shop", "workers", "web", "node-exporter", "logs", "subnet-0000000000000000", "made"} {
		if strings.Contains(strings.ReplaceAll(string(r.Scenario), "ipamsim", "")+string(report), name) {
			t.Errorf("%q is still there:\n%s\n%s", name, r.Scenario, report)
		}
	}
}

// What a NodePool's limits allow of its only type is the most that its group may
// have: the strictest of them counts, and a pool beyond its limits gets no more.
func TestLimitsOfANodePoolBoundItsGroup(t *testing.T) {
	for limits, want := range map[string]string{
		"cpu: 100":                         "    max: 50\n", // an m5.large has 2
		"cpu: 7500m":                       "    max: 3\n",
		"memory: 80Gi":                     "    max: 10\n", // 8 GiB, of which Karpenter takes 7.4 for granted
		"cpu: 100, memory: 80Gi":           "    max: 10\n",
		"cpu: 100, memory: 80Gi, nodes: 4": "    max: 4\n",
		"cpu: 1":                           "    max: 2\n",
		"nvidia.com/gpu: 4, cpu: 100":      "the limit of nvidia.com/gpu of the NodePool general is not carried",
		"cpu: 99999999":                    "    max: 200000\n",
	} {
		t.Run(limits, func(t *testing.T) {
			m := newMade("10.0.0.0/23")
			for i := range 2 {
				n := m.node("ip-10-0-0-"+string(rune('1'+i)), "m5.large", m.subnets[0], 29, object{"karpenter.sh/nodepool": "general"})
				n.attach(n.subnet, 2, 0, nil)
			}
			files := m.files()
			files["pools.yaml"] = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: general}\nspec: {limits: {" + limits + "}}\n"
			with(t, files, clusterimport.Options{}, want)
		})
	}
}

// An Elastic Fabric Adapter is kept, and so is one that is nothing else and has no
// address: it takes its place. What has only IPv6 is left out, and named.
func TestAdaptersTakeTheirPlace(t *testing.T) {
	m := newMade("10.0.0.0/23")
	n := m.node("ip-10-0-0-1", "m5.large", m.subnets[0], 29, nil)
	n.attach(n.subnet, 2, 0, nil)
	n.attach(n.subnet, 0, 0, object{"InterfaceType": "efa"})
	bare := func(n *madeNode, kind string) {
		only := n.attach(n.subnet, 0, 0, object{"InterfaceType": kind})
		delete(only, "PrivateIpAddress")
		delete(only, "PrivateIpAddresses")
		m.subnets[0].hidden-- // the address that it was made with
	}
	bare(n, "efa-only")
	n = m.node("ip-10-0-0-2", "m5.large", m.subnets[0], 29, nil)
	n.attach(n.subnet, 2, 0, nil)
	bare(n, "interface")
	with(t, m.files(), clusterimport.Options{}, "{kind: efa, address: ", "{kind: efa-only}", "ip-10-0-0-2: 1 interface without an IPv4 address is left out")
}

// Taints that stay, tolerations and what node affinity requires are carried; what
// comes and goes with a node's state, and what is not modelled, is not, and is said.
func TestWherePodsMayGoIsCarried(t *testing.T) {
	m := newMade("10.0.0.0/23", "10.0.2.0/24")
	keep := func(key, value, effect string) object { return object{"key": key, "value": value, "effect": effect} }
	own := m.node("ip-10-0-0-1.ec2.internal", "m5.large", m.subnets[0], 20, object{"tier": "own"})
	own.attach(own.subnet, 9, 0, nil)
	own.pod("shop", "ReplicaSet", "db-6d4cf56db6", object{
		"tolerations": []any{object{"key": "dedicated", "operator": "Equal", "value": "db", "effect": "NoSchedule"}, object{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}},
		"affinity": object{
			"nodeAffinity": object{
				"requiredDuringSchedulingIgnoredDuringExecution":  object{"nodeSelectorTerms": []any{object{"matchExpressions": []any{object{"key": "tier", "operator": "In", "values": []any{"own", "other"}}}}}},
				"preferredDuringSchedulingIgnoredDuringExecution": []any{object{"weight": 1, "preference": object{}}},
			},
			"podAntiAffinity": object{"requiredDuringSchedulingIgnoredDuringExecution": []any{object{"topologyKey": "kubernetes.io/hostname"}}},
		},
	})
	own.pod("shop", "DaemonSet", "agent", object{
		"tolerations": []any{object{"operator": "Exists"}},
		"affinity":    object{"nodeAffinity": object{"requiredDuringSchedulingIgnoredDuringExecution": object{"nodeSelectorTerms": []any{object{"matchFields": []any{object{"key": "metadata.name", "operator": "In", "values": []any{"ip-10-0-0-1.ec2.internal"}}}}}}}},
	})
	free := m.node("ip-10-0-2-1.ec2.internal", "m5.large", m.subnets[1], 20, nil)
	free.attach(free.subnet, 9, 0, nil)
	free.pod("shop", "ReplicaSet", "web-6d4cf56db6", nil)
	taints := []any{keep("dedicated", "db", "NoSchedule"), keep("wish", "", "PreferNoSchedule"), keep("node.kubernetes.io/unreachable", "", "NoExecute"), keep("karpenter.sh/disrupted", "", "NoSchedule")}
	m.nodes[0].(object)["spec"].(object)["taints"] = taints

	r := with(t, m.files(), clusterimport.Options{}, `taints: [{key: dedicated, value: db, effect: NoSchedule}]`,
		`- matchExpressions: [{key: "tier", operator: In, values: ["own", "other"]}]`, `tolerations: [{key: dedicated, operator: Equal, value: db, effect: NoSchedule}]`,
		"tolerateNotReady: true", "1 workload with affinity to other pods, or against them, which is not modelled", "1 workload with an affinity to nodes that is a preference",
		"1 taint of nodes with the effect PreferNoSchedule")
	if text := string(r.Scenario); strings.Contains(text, "karpenter.sh/disrupted") || strings.Contains(text, "unreachable") || strings.Count(text, "taints:") != 1 || strings.Contains(text, "metadata.name") {
		t.Errorf("\n%s", text)
	}
	r = with(t, m.files(), clusterimport.Options{Anonymise: true}, "effect: NoSchedule}]")
	if text := string(r.Scenario); strings.Contains(text, "dedicated") || strings.Contains(text, "tier") {
		t.Errorf("\n%s", text)
	}
	f, err := scenarios.Load("anonymised.yaml", r.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Warnings {
		if strings.Contains(w.Message, "never start") {
			t.Errorf("%v\n%s", w, r.Scenario)
		}
	}
}
