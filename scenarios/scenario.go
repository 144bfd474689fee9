// Package scenarios reads, checks and explains scenario files, and holds the
// shipped ones.
//
// The types in this file are the language: a field's yaml tag is its key, its
// doc tag is its description in the schema, in the reference page and in
// error messages, and its default tag is the value that an absent key has.
package scenarios

import "ipamsim/ec2model"

// Scenario is one file: a fleet, what happens to it, and what must hold.
type Scenario struct {
	APIVersion   string        `yaml:"apiVersion" required:"true" enum:"ipamsim/v1" doc:"Version of the scenario language."`
	Kind         string        `yaml:"kind" required:"true" enum:"Scenario" doc:"Always Scenario."`
	Metadata     Metadata      `yaml:"metadata" required:"true" doc:"Name, description and source of the scenario."`
	Seed         uint64        `yaml:"seed" default:"1" doc:"Seed of every random stream. Equal seeds give equal results."`
	Replications int           `yaml:"replications" default:"1" min:"1" max:"1000" doc:"How many times each variant runs, each time in another random world. Quantiles pool all replications."`
	WarmUp       Duration      `yaml:"warmUp" default:"5m" max:"24h" doc:"Virtual time before time 0 in which the initial nodes and initial replicas start and settle. Nothing in it is measured."`
	Duration     Duration      `yaml:"duration" required:"true" min:"1s" max:"720h" doc:"Virtual time from time 0 to the end of the run."`
	Profile      string        `yaml:"profile" doc:"A file with what is true of the account and its nodes, relative to the scenario: a [Profile](#profile), as ipamsim calibrate makes one of measurements. What the scenario, its variants or the command line say themselves comes first."`
	VPC          VPC           `yaml:"vpc" required:"true" doc:"Address space."`
	EC2          EC2           `yaml:"ec2" doc:"The modelled EC2 API: latencies, token buckets, other tenants."`
	NodeGroups   []NodeGroup   `yaml:"nodeGroups" also:"groups managedNodeGroups nodePools" required:"true" min:"1" doc:"Groups of equal nodes."`
	Autoscaler   *Autoscaler   `yaml:"autoscaler" also:"karpenter clusterAutoscaler" doc:"Adds nodes for pods that fit nowhere and removes empty ones. Without it, groups change only by their own steps."`
	ControlPlane ControlPlane  `yaml:"controlPlane" doc:"How fast the control plane creates pods and binds them to nodes."`
	Scheduler    *Scheduler    `yaml:"scheduler" doc:"As it was spelt before controlPlane.scheduling; still read, with a warning."`
	Workloads    []Workload    `yaml:"workloads" also:"pods deployments" required:"true" doc:"What runs on the fleet."`
	Faults       []Fault       `yaml:"faults" doc:"Disturbances."`
	Variants     []Variant     `yaml:"variants" doc:"Named sets of overrides, run side by side in the same random world. Without any there is one variant, the file as it stands, named default."`
	Incident     *Incident     `yaml:"incident" doc:"A public report that the scenario is made after: its numbers, and what had to be assumed. ipamsim validate holds the numbers beside those of the simulation."`
	Expect       ThresholdList `yaml:"expect" doc:"What the scenario reproduces, a failure for example, in the words of thresholds. The report says whether it did; the exit code does not, unless with --strict."`
	Thresholds   ThresholdList `yaml:"thresholds" doc:"What must hold: metric to conditions, for example pod_start: [\"p(99)<5s\"]. A selector narrows a metric: pod_start{variant:default}. A failed threshold makes the exit code 99; a metric that was never observed fails."`
	Limits       Limits        `yaml:"limits" doc:"Bounds of a run; reaching one is an error."`

	// Deployed are the files that settings of aws-node were taken from.
	Deployed []Deployed `yaml:"-"`

	types ec2model.Catalogue // that it describes itself
	// Measured is what was taken from a profile; nil without one.
	Measured *Measured `yaml:"-"`
}

// Metadata names and explains a scenario.
type Metadata struct {
	Name        string `yaml:"name" required:"true" pattern:"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" doc:"Name: lower-case letters, digits and hyphens."`
	Description string `yaml:"description" doc:"What the scenario shows, for people."`
	Source      string `yaml:"source" doc:"Where its numbers come from: an incident, a document, an assumption."`
}

// Limits bounds each replication.
type Limits struct {
	Events uint64 `yaml:"events" default:"2000000000" min:"1" doc:"Events that one replication may execute."`
}

// VPC is the address space.
type VPC struct {
	CIDRs   []Prefix  `yaml:"cidrs" required:"true" min:"1" max:"50" doc:"IPv4 blocks of the VPC, each /16 to /28."`
	Subnets []Subnet  `yaml:"subnets" required:"true" min:"1" doc:"Subnets, each inside one of the blocks and apart from the others."`
	Quotas  VPCQuotas `yaml:"quotas" doc:"Quotas of the account and the VPC."`
}

// VPCQuotas are the adjustable limits of AWS that addresses run into.
type VPCQuotas struct {
	NetworkInterfaces int `yaml:"networkInterfaces" default:"5000" min:"1" max:"10000000" doc:"Network interfaces per Region (quota L-DF5E4CA3)."`
	NAU               int `yaml:"nau" default:"64000" min:"1" max:"10000000" doc:"Network Address Usage of the VPC: 1 per address or prefix of an interface."`
}

// Subnet is a range of addresses in one Availability Zone.
type Subnet struct {
	Name         string            `yaml:"name" required:"true" pattern:"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" doc:"Name by which the scenario and the results call it."`
	CIDR         Prefix            `yaml:"cidr" required:"true" doc:"IPv4 block, /16 to /28. Five addresses are reserved by AWS."`
	AZ           string            `yaml:"az" also:"zone availabilityZone" required:"true" doc:"Availability Zone."`
	Used         []UsedAddresses   `yaml:"used" doc:"Addresses that others hold from the start."`
	Reservations []CIDRReservation `yaml:"reservations" doc:"Subnet CIDR reservations."`
	Tags         map[string]string `yaml:"tags" doc:"Tags, as subnet discovery reads them (kubernetes.io/role/cni)."`
}

// UsedAddresses are addresses that others hold. Give count, or addresses.
type UsedAddresses struct {
	Holder    string   `yaml:"holder" enum:"control-plane,load-balancer,nat,lambda,vpc-endpoint,database,file-system,fargate,windows,branch,other-cluster,leaked,other,unknown" default:"other" doc:"Who they are; results count each by itself. control-plane: the interfaces of the EKS control plane. leaked: available interfaces that nobody will use. unknown: held, and nobody has said by whom."`
	Count     int      `yaml:"count" min:"0" max:"65536" doc:"How many single addresses."`
	Pattern   string   `yaml:"pattern" enum:"random,contiguous,highest" default:"random" doc:"Which ones: random over the subnet (outside its reservations while there is room), contiguous from the lowest free, or contiguous from the highest free."`
	Addresses []Prefix `yaml:"addresses" max:"65536" doc:"Explicit addresses or blocks, for example 10.0.0.17 or 10.0.1.0/28."`
}

// CIDRReservation keeps a part of a subnet for a use.
type CIDRReservation struct {
	CIDR Prefix `yaml:"cidr" required:"true" doc:"Block inside the subnet."`
	Type string `yaml:"type" required:"true" enum:"prefix,explicit" doc:"prefix: EC2 takes automatically assigned prefixes from it. explicit: never used automatically."`
}

// EC2 changes the modelled API. Everything has a default with a source; see
// the model page.
type EC2 struct {
	Latency          map[string]Latency `yaml:"latency" names:"action" doc:"Action to the duration of a successful call."`
	Throttle         map[string]Bucket  `yaml:"throttle" names:"action" doc:"Action to its account-wide token bucket, which counts requests."`
	ResourceThrottle map[string]Bucket  `yaml:"resourceThrottle" names:"resourceAction" doc:"Action to its account-wide resource token bucket, which counts instances besides: of RunInstances and TerminateInstances, and of CreateFleet, which has none unless given: then a fleet gets as many instances as there are tokens, and hears RequestLimitExceeded of the rest. The defaults are those of a new account; AWS raises them on request, as it must have for the [100,000 nodes](https://aws.amazon.com/blogs/containers/under-the-hood-amazon-eks-ultra-scale-clusters/) that it launched at 2,000 a minute."`
	SharedThrottle   []SharedBucket     `yaml:"sharedThrottle" doc:"Token buckets that several actions share, each in place of their own; what is throttled is still said of each action. Today each action has its own; see [an EC2 request](model.md#an-ec2-request) for how it was until about 2019."`
	Throttling       *bool              `yaml:"throttling" default:"true" doc:"false switches every token bucket off."`
	Allocation       Allocation         `yaml:"allocation" doc:"Which free address EC2 picks, and which zone for a fleet."`
	Metadata         MetadataLag        `yaml:"metadata" doc:"How far instance metadata lags behind EC2."`
	Background       []BackgroundCaller `yaml:"background" doc:"Calls of other tenants of the account, which eat from the same buckets."`
	InstanceTypes    []InstanceType     `yaml:"instanceTypes" max:"200" doc:"Instance types besides the published ones, or with other limits than those have: what aws ec2 describe-instance-types says of them."`
	SDK              SDK                `yaml:"sdk" doc:"The AWS SDK's retry behaviour inside ipamd."`
	DetachTime       *Latency           `yaml:"detachTime" doc:"Time from the end of a detach call until the interface is available. Deleting it earlier fails."`
	ShutdownTime     *Latency           `yaml:"shutdownTime" doc:"Time from the termination of an instance until its interfaces and their addresses are free. Not published: 30 to 60 s unless given, our assumption; some types take 5 min."`
}

// Latency is a distribution of durations. Give constant, or mean with sigma,
// or min with max.
type Latency struct {
	Constant *Duration `yaml:"constant" doc:"Always this long."`
	Mean     *Duration `yaml:"mean" doc:"Mean of a log-normal distribution."`
	Sigma    *float64  `yaml:"sigma" min:"0" max:"3" doc:"Standard deviation of the logarithm; 0.35 unless given."`
	Min      *Duration `yaml:"min" doc:"Lower end of a uniform distribution."`
	Max      *Duration `yaml:"max" doc:"Upper end of a uniform distribution; with mean, the longest value kept."`
}

// Bucket is a token bucket.
type Bucket struct {
	Burst           float64 `yaml:"burst" required:"true" min:"0" max:"1000000000" doc:"Tokens in a full bucket."`
	RefillPerSecond float64 `yaml:"refillPerSecond" also:"rate refill" required:"true" min:"0" max:"1000000000" doc:"Tokens added at each full second."`
}

// SharedBucket is a token bucket of several actions.
type SharedBucket struct {
	Actions         []string `yaml:"actions" required:"true" names:"action" min:"2" doc:"API actions, two or more. None may have another bucket, in ec2.throttle or here."`
	Burst           float64  `yaml:"burst" required:"true" min:"0" max:"1000000000" doc:"Tokens in a full bucket."`
	RefillPerSecond float64  `yaml:"refillPerSecond" also:"rate refill" required:"true" min:"0" max:"1000000000" doc:"Tokens added at each full second."`
}

// Allocation is how EC2 chooses.
type Allocation struct {
	Addresses string `yaml:"addresses" enum:"random,lowest" default:"random" doc:"Single addresses: random over the subnet, as observed, or lowest first."`
	Prefixes  string `yaml:"prefixes" enum:"random,lowest" default:"random" doc:"/28 prefixes: a random free aligned block, or the lowest."`
	FleetZone string `yaml:"fleetZone" enum:"random,fixed,most-free" default:"random" doc:"The Availability Zone that a fleet request of Karpenter's lands in; EC2 publishes no rule. random: each request draws one. fixed: always the zone of the first subnet, the worst that happens. most-free: that of the subnet with most free addresses, which EC2 does not do."`
}

// MetadataLag is the delay after which a change shows in instance metadata.
type MetadataLag struct {
	Profile   string   `yaml:"profile" enum:"usual,tail" default:"usual" doc:"How late interfaces show unless interface says it. usual: a median of 2.6 s after their creation, 10 s in one of a hundred. tail: the same median, 18 s in one of a hundred and up to 150 s, with the longest that have been reported; how often is our assumption."`
	Interface *Latency `yaml:"interface" doc:"From the end of an attach until the interface is listed."`
	Addresses *Latency `yaml:"addresses" doc:"From the end of a change of addresses until it is listed."`
}

// BackgroundCaller calls an action at a rate.
type BackgroundCaller struct {
	Action   string    `yaml:"action" required:"true" names:"action" doc:"API action."`
	Rate     float64   `yaml:"rate" required:"true" min:"0" max:"1000" doc:"Mean calls per second; arrivals are Poisson."`
	Attempts int       `yaml:"attempts" default:"1" min:"1" max:"20" doc:"Requests per call: a throttled one is sent again, as an SDK does, after a pause of up to 2 s, then 4 s and so on up to 20 s. The SDKs of AWS have 3 unless told otherwise."`
	From     Duration  `yaml:"from" doc:"First moment."`
	To       *Duration `yaml:"to" doc:"Last moment; the end of the run unless given."`
}

// SDK is the client side of a call.
type SDK struct {
	MaxAttempts int `yaml:"maxAttempts" default:"3" min:"1" max:"20" doc:"HTTP attempts per call."`
	RetryQuota  int `yaml:"retryQuota" default:"500" min:"0" max:"1000000000" doc:"Tokens of the client-wide retry quota."`
}

// NodeGroup is a number of equal nodes.
type NodeGroup struct {
	Name              string            `yaml:"name" required:"true" pattern:"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" doc:"Name."`
	InstanceType      string            `yaml:"instanceType" also:"type" names:"instance" doc:"EC2 instance type; its limits come from AWS's published table, or from ec2.instanceTypes."`
	InstanceTypes     []string          `yaml:"instanceTypes" names:"instance" min:"1" max:"60" doc:"Several types in place of one, in the order of their price, the cheapest first. Karpenter gives a NodeClaim pods for as long as one of the types holds them all, and asks for every type that does: on demand EC2 takes the cheapest that it has. An Auto Scaling group takes them in this order, and its nodes have the lowest max pods of all of them, as EKS sets it; the Cluster Autoscaler reckons with the first. Nodes at time 0 are of the first."`
	CapacityType      string            `yaml:"capacityType" enum:"on-demand,spot" default:"on-demand" doc:"spot: EC2 may take an instance back, with a notice of 2 minutes (interruptionsPerHour, the fault spot-interruption). On the notice Karpenter, or the managed node group, drains the node. Which type in which zone a request gets EC2 decides by its capacity (price-capacity-optimized), of which it publishes nothing: each request draws one."`
	Interruptions     float64           `yaml:"interruptionsPerHour" min:"0" max:"60" doc:"How often EC2 takes an instance on spot back, a mean for each, from time 0 on. AWS publishes bands for a month: less than 5 % of the instances to more than 20 %."`
	Count             int               `yaml:"count" also:"replicas size desiredSize desiredCapacity" default:"0" min:"0" max:"200000" doc:"Nodes at time 0. They start during the warm-up. With nodes, their number unless given; another one is wanted from time 0 on."`
	Nodes             []ExistingNode    `yaml:"nodes" max:"200000" doc:"A snapshot: nodes that are there before the run, with what they hold at time 0. See [Snapshots](#existingnode)."`
	Max               *int              `yaml:"max" also:"maxSize" min:"0" max:"200000" doc:"Most nodes that the autoscaler may make of the group; no bound unless given."`
	Steps             []CountStep       `yaml:"steps" max:"10000" doc:"Changes of the desired number of nodes over time (a fixed group, or a floor under the autoscaler)."`
	Subnets           []string          `yaml:"subnets" also:"zone az zones availabilityZones subnet" doc:"Subnets that its nodes are spread over; all unless given."`
	MaxPods           *int              `yaml:"maxPods" min:"1" max:"2000" doc:"kubelet's max pods; (ENIs x (addresses - 1)) + 2 unless given. With prefix delegation give it: 110 up to 30 vCPU, 250 above, is AWS's advice."`
	Resources         *Resources        `yaml:"resources" also:"requests" doc:"Allocatable CPU and memory; derived from the instance type unless given."`
	CNI               map[string]string `yaml:"cni" also:"env environment" names:"cni" doc:"Environment of the aws-node container, verbatim, for example WARM_IP_TARGET: 5. Over the shipped manifest's values (WARM_ENI_TARGET 1, WARM_PREFIX_TARGET 1). With from: FILE beside the variables those that are not here are taken from a file, relative to the scenario: the values of the Helm chart aws-vpc-cni (also under the name of a dependency), the add-on's configurationValues (alone, or as eksctl and aws eks describe-addon have them), or the manifest of the DaemonSet aws-node."`
	CNIVersion        string            `yaml:"cniVersion" also:"addonVersion" names:"release" enum:"v1.23.1,v1.23.2,v1.9.0,v1.6.3,v1.6.0" default:"v1.23.1" doc:"Release of the VPC CNI. v1.23.2: an interface is used although EC2 did not say whether its subnet is excluded, and the client of EC2 does not heed AWS_MAX_ATTEMPTS and AWS_RETRY_MODE. v1.9.0, v1.6.3 and v1.6.0 are for incidents of their time: what they hold and leave out is in [the deviations](../validation/DEVIATIONS.md)."`
	AMIFamily         string            `yaml:"amiFamily" also:"amiType" enum:"AL2023,AL2,Bottlerocket" means:"AmazonLinux2023=AL2023 AmazonLinux2=AL2" default:"AL2023" doc:"Family of the node images, as Karpenter's EC2NodeClass calls it. It decides how long a launched node boots and whether it has to pull the images of kube-proxy and aws-node: AL2023 and Bottlerocket do, AL2 has them. From the launch call to Ready: AL2 about 28 s, Bottlerocket about 40 s, AL2023 about 55 s."`
	KubernetesVersion string            `yaml:"kubernetesVersion" doc:"Version of the nodes' kubelet, \"1.14\" to \"1.37\": 1.35 with AL2023 and Bottlerocket and 1.32, its last, with AL2 unless given; in quotes in a file, as all text that looks like a number, and without in --set. Up to 1.35 kubelet finds out at its next relist, once a second, that containers run, from 1.36 on at once; before 1.27 its client of the API server is ten times slower (kubelet). Nothing else that it decides is modelled."`
	Kubelet           Kubelet           `yaml:"kubelet" doc:"Settings of the nodes' kubelet."`
	ENIConfig         map[string]string `yaml:"eniConfig" also:"customNetworking" doc:"Custom networking: Availability Zone to the subnet of its ENIConfig, in which interfaces for pods are made. It takes AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true in cni. Pods then never use the node's primary interface, and maxPods should be ((ENIs - 1) x (addresses - 1)) + 2, which nodeadm does not do by itself and the simulation neither. Security groups of the ENIConfig are not modelled."`
	Policies          Policies          `yaml:"policies" doc:"Changes to ipamd that users ask upstream for. No released daemon has any of them."`
	PodStartCPU       Duration          `yaml:"podStartCPU" default:"200ms" max:"1m" doc:"CPU time of one core that a pod's sandbox takes, and the start of its containers once more: the pods that come to a node at once share its cores. An assumption; nothing is published. 0 takes none."`
	Launch            Launch            `yaml:"launch" doc:"Stages from the launch call to Ready."`
	Labels            map[string]string `yaml:"labels" doc:"Node labels; a workload's nodeSelector and nodeAffinity match them."`
	Taints            []Taint           `yaml:"taints" max:"100" doc:"Taints that its nodes have from the beginning, such as {key: dedicated, value: gpu}: only workloads with a toleration of each of them come here. aws-node and kube-proxy tolerate everything."`

	types ec2model.Catalogue // that the scenario describes itself
}

// Policies are changes to ipamd that no released daemon has. All are off
// unless given.
type Policies struct {
	LowestDeviceFirst       bool `yaml:"lowestDeviceFirst" default:"false" doc:"A pod gets an address of the interface with the lowest device index that has one, in place of a random interface, so that the others can empty. Not in any released daemon; proposed in https://github.com/aws/amazon-vpc-cni-k8s/pull/3300."`
	CooldownCountsAsUsed    bool `yaml:"cooldownCountsAsUsed" default:"false" doc:"Cooling addresses are not available where the pool is compared with its targets. Not in any released daemon; asked for in https://github.com/aws/amazon-vpc-cni-k8s/issues/1700 and https://github.com/aws/amazon-vpc-cni-k8s/issues/2896, proposed in https://github.com/aws/amazon-vpc-cni-k8s/pull/3752, which was closed without being merged."`
	LongestFreeFirst        bool `yaml:"longestFreeFirst" default:"false" doc:"A pod gets the address that has been free for the longest time, never-used ones first, in place of a random one; with lowestDeviceFirst, of the interface that it chose. Not in any released daemon; for the trouble with early reuse see https://github.com/aws/amazon-vpc-cni-k8s/issues/59 and https://github.com/aws/amazon-vpc-cni-k8s/issues/3634."`
	CooldownSurvivesRestart bool `yaml:"cooldownSurvivesRestart" default:"false" doc:"The checkpoint holds cooldowns too, so that an address freed just before a restart of ipamd is not reused at once. Not in any released daemon; asked for in https://github.com/aws/amazon-vpc-cni-k8s/issues/1127, proposed in https://github.com/aws/amazon-vpc-cni-k8s/pull/1188."`
}

// CountStep is a change of a desired number.
type CountStep struct {
	At    Duration  `yaml:"at" required:"true" doc:"When, from time 0."`
	Count int       `yaml:"count" required:"true" min:"0" max:"2000000" doc:"The number from then on."`
	Over  *Duration `yaml:"over" doc:"Reach it by a straight ramp of this length instead of at once."`
}

// Resources are CPU and memory.
type Resources struct {
	CPU    CPU    `yaml:"cpu" doc:"CPU in cores or milli-cores, for example 2 or 250m."`
	Memory Memory `yaml:"memory" doc:"Memory, for example 512Mi or 2Gi."`
}

// Kubelet are settings of KubeletConfiguration.
type Kubelet struct {
	KubeAPIQPS   *int `yaml:"kubeAPIQPS" min:"1" max:"100000" doc:"Requests a second that kubelet sends to the API server. What a pod waits for is among them: its token (from Kubernetes 1.21 on), and for each change of its status a read and a patch, one pod after the other. Unless given, what AWS's images have: 50 from 1.27 on, 10 from 1.22 on (since September 2022; 5 before), 5 up to 1.21."`
	KubeAPIBurst *int `yaml:"kubeAPIBurst" min:"1" max:"100000" doc:"How many of them at once; 100, 20 and 10 unless given."`
}

// Launch is how long a node takes to join.
type Launch struct {
	Profile string   `yaml:"profile" enum:"fast,slow,metal" default:"fast" doc:"What comes on top of the time of amiFamily. fast: nothing. slow: 10 s more, for an image with more in it. metal: 45 s more."`
	Boot    *Latency `yaml:"boot" doc:"From the launch call until kubelet runs, in place of amiFamily's and profile's."`

	SystemImages    string   `yaml:"systemImages" enum:"cached,pulled" doc:"Whether the images of kube-proxy and aws-node are on the disk of a new node, as in an image of one's own, or come from the registry; as amiFamily has it unless given."`
	SystemImagePull *Latency `yaml:"systemImagePull" doc:"How long the pull of each of them takes: of kube-proxy's, and one after the other of aws-node's init container and aws-node. 1 to 2.5 s, 2.5 to 5.5 s and 2 to 5 s unless given."`
	KubeProxy       *Latency `yaml:"kubeProxy" doc:"From the registration of a new node until kube-proxy has written its rules; thousands of Services make it long. Unless given, about 2.4 s and the pull. An aws-node that comes before loses 5 s or a multiple of it, unless CLUSTER_ENDPOINT is set."`

	// an Auto Scaling group's
	GroupDelay *Latency `yaml:"groupDelay" doc:"From a change of the group's desired size until it launches, which an Auto Scaling group takes by itself, with and without the Cluster Autoscaler. Published activities have 1 to 37 s; uniform between 1 and 30 s unless given. Karpenter's nodes have none."`

	DeleteOnTermination *bool `yaml:"deleteOnTermination" default:"true" doc:"Whether an instance's first interface goes with it, as the launch template says. With false it stays behind, holds its address, and no clean-up of the VPC CNI finds it, because it is not one of its own."`
}

// Autoscaler adds and removes nodes.
type Autoscaler struct {
	Kind           string    `yaml:"kind" required:"true" enum:"karpenter,cluster-autoscaler" means:"ca=cluster-autoscaler cas=cluster-autoscaler" doc:"karpenter: batches unschedulable pods (1 s idle, 10 s at most), makes a NodeClaim for each node, and asks for them with fleet requests. cluster-autoscaler: scans every 10 s and raises the desired size of a group."`
	Groups         []string  `yaml:"groups" doc:"Node groups that it manages; all unless given."`
	ScaleDownAfter *Duration `yaml:"scaleDownAfter" doc:"Remove a node that has been empty (DaemonSets aside) or below the utilization for this long; karpenter 0s (consolidateAfter), cluster-autoscaler 10m unless given. karpenter looks every 10 s, and again 15 s after it has found something."`
	ScaleDown      *bool     `yaml:"scaleDown" default:"true" doc:"false never removes a node."`
	Utilization    *float64  `yaml:"utilization" formerly:"utilisation" min:"0" max:"1" doc:"Drain nodes whose requests are below this share and whose pods fit elsewhere; 1 is any node, 0 removes only empty ones. cluster-autoscaler 0.5, karpenter 1 (consolidationPolicy WhenEmptyOrUnderutilized; 0 is WhenEmpty) unless given."`
}

// ControlPlane is the size of the cluster's control plane. The tier gives the
// rates; what is written besides goes over them.
type ControlPlane struct {
	Tier        string       `yaml:"tier" enum:"standard,xl,2xl,4xl,unlimited" default:"standard" doc:"Tier of the EKS control plane. standard: Kubernetes' own defaults, which EKS runs: 20 requests a second, 30 at once, for each controller that creates pods, updates of status and events among them, and 50 bindings a second, 100 at once. xl, 2xl, 4xl: AWS publishes 167, 283 and 400 bindings a second and no rate of creation, which is taken to be the same. unlimited: no cluster has it; pods appear and are bound at once."`
	PodCreation *RequestRate `yaml:"podCreation" doc:"Requests of each controller of kube-controller-manager that creates and deletes pods: that of ReplicaSets (Deployments), that of Jobs, that of DaemonSets. Pods, updates of status and events pay from it. The tier's unless given. Pods of the kinds Pod and Trace come when they arrive."`
	Scheduling  *RequestRate `yaml:"scheduling" doc:"Bindings of the scheduler. The tier's unless given."`
	Scoring     string       `yaml:"scoringStrategy" enum:"LeastAllocated,MostAllocated,Packing" default:"LeastAllocated" doc:"Which node with room the scheduler prefers. LeastAllocated and MostAllocated: that of the NodeResourcesFit plugin, which EKS lets one choose; with either the pods of a node count against it, as the scheduler's default spreading has it, which outweighs the packing of MostAllocated. Packing: a scheduler of one's own that fills the fullest node first and does not spread."`
}

// RequestRate is a token bucket that fills evenly, as clients of the Kubernetes
// API have it.
type RequestRate struct {
	Rate  *float64 `yaml:"rate" min:"0.1" max:"10000" doc:"Requests per second; the tier's unless given."`
	Burst *int     `yaml:"burst" min:"1" max:"100000" doc:"Requests at once after a pause; the tier's unless given, 1 in the tier unlimited."`
}

// Scheduler is an older spelling.
type Scheduler struct {
	Rate float64 `yaml:"rate" required:"true" min:"0.1" max:"10000" doc:"Most pods bound per second, without a burst: controlPlane.scheduling: {rate: …, burst: 1}."`
}

// Workload is a set of pods. Give replicas (kept running), arrivals (jobs, pods) or
// trace (a CSV file); a DaemonSet needs none.
type Workload struct {
	Name           string             `yaml:"name" required:"true" pattern:"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" doc:"Name."`
	Kind           string             `yaml:"kind" enum:"Deployment,DaemonSet,Job,Pod,Trace" means:"CronJob=Job StatefulSet=Deployment ReplicaSet=Deployment" default:"Deployment" doc:"What keeps the pods. Deployment, DaemonSet, Job: the controller of these, whose client pays for pods, updates of status and events (controlPlane.podCreation); for a Job of one pod that is 8 requests. Pod: whoever makes pods himself, as runners of CI, workflow engines and operators do; they come when they arrive, and another one at once when one is evicted or lost. Trace: likewise, at the times of a file."`
	Initial        int                `yaml:"initial" min:"0" max:"2000000" doc:"Deployment: replicas that run at time 0, started during the warm-up. In a scenario with nodeGroups[].nodes, the pods that run there unless given; another number is wanted from time 0 on."`
	Replicas       []CountStep        `yaml:"replicas" like:"[{at: 10s, count: 12}]" max:"10000" doc:"Deployment: number of replicas over time."`
	Arrivals       *Arrivals          `yaml:"arrivals" also:"schedule cron" doc:"Job, Pod: arrival process, of Jobs or of pods."`
	Lifetime       *Latency           `yaml:"lifetime" doc:"Job, Pod: time from running to completion. Deployment: mean time until a replica is replaced, none unless given."`
	File           string             `yaml:"file" also:"trace" doc:"Trace: CSV file beside the scenario with the columns created_s, lifetime_s and optionally cpu, memory. A negative created_s is in the warm-up."`
	GiveUpAfter    *Duration          `yaml:"giveUpAfter" also:"activeDeadlineSeconds deadline" min:"1s" doc:"Job, Pod, Trace: a pod that does not run so long after its creation is deleted, and nobody makes another: whoever wanted it has given up. It counts as one that never started."`
	From           *Duration          `yaml:"from" negative:"true" doc:"DaemonSet: when it is created; with the nodes unless given. Nodes keep room for its pods from the beginning."`
	Tolerant       bool               `yaml:"tolerateNotReady" doc:"DaemonSet: its pods tolerate node.kubernetes.io/not-ready:NoSchedule, as those with a blanket toleration do, and are made when a node registers. Without it they are made when the node is Ready. aws-node and kube-proxy, which run without being listed, have it."`
	HostNetwork    bool               `yaml:"hostNetwork" doc:"Pods use the node's address and need none of their own."`
	Resources      Resources          `yaml:"resources" also:"requests" doc:"Requests of one pod."`
	NodeSelector   map[string]string  `yaml:"nodeSelector" doc:"Labels that a node must have."`
	NodeAffinity   []NodeTerm         `yaml:"nodeAffinity" max:"100" doc:"What else the labels of a node must be like, one of these terms: the nodeSelectorTerms of requiredDuringSchedulingIgnoredDuringExecution. Preferences, and affinity to other pods, are not modelled."`
	Tolerations    []Toleration       `yaml:"tolerations" max:"100" doc:"Taints that the pods tolerate. They come to no group with another."`
	ReadyAfter     Duration           `yaml:"readyAfter" max:"1h" doc:"Deployment: from the moment when a pod runs until it passes its readiness probe. Rolling updates and disruption budgets count ready pods."`
	RollingUpdate  *RollingUpdate     `yaml:"rollingUpdate" doc:"Deployment: how the fault roll-deployment replaces its pods, as strategy.rollingUpdate has it."`
	Budget         *DisruptionBudget  `yaml:"podDisruptionBudget" also:"pdb budget" doc:"Deployment: its PodDisruptionBudget. Every drain asks for evictions (of Karpenter, the Cluster Autoscaler, roll-nodes, a group that shrinks, spot), which the API server refuses while the budget allows none. kubectl drain asks again after 5 s, and EKS and the Cluster Autoscaler are taken to do likewise; Karpenter after 0.1 s, doubling up to 10 s."`
	TopologySpread []SpreadConstraint `yaml:"topologySpread" also:"topologySpreadConstraints" doc:"Deployment: how its pods are spread over zones and nodes, as topologySpreadConstraints have it. Karpenter makes NodeClaims for the zones that the constraints ask for, and takes preferences for conditions while it can; the Cluster Autoscaler takes a group to be in the zone of its first subnet, and adds nothing for pods that must be in another: give it a group for each zone."`
	ImagePull      *Latency           `yaml:"imagePull" doc:"The image comes from a registry: time to pull it and start the containers once the sandbox stands. kubelet's limit of 5 pulls per second and node, 10 at once, applies. Unless given, the image is on the node and the start takes 0.3 to 0.9 s."`
}

// SpreadConstraint keeps the numbers of a workload's pods in all zones, or on all
// nodes, close to each other.
type SpreadConstraint struct {
	Over              string `yaml:"over" also:"topologyKey" required:"true" enum:"zones,hosts" means:"topology.kubernetes.io/zone=zones kubernetes.io/hostname=hosts zone=zones host=hosts" doc:"The domains: zones (topology.kubernetes.io/zone) or hosts (kubernetes.io/hostname)."`
	MaxSkew           int    `yaml:"maxSkew" default:"1" min:"1" max:"1000000" doc:"How many more pods a domain may have than the one with the fewest."`
	WhenUnsatisfiable string `yaml:"whenUnsatisfiable" enum:"DoNotSchedule,ScheduleAnyway" default:"DoNotSchedule" doc:"DoNotSchedule: a pod that would exceed the skew everywhere waits. ScheduleAnyway: domains with fewer pods are preferred."`
}

// RollingUpdate is how a Deployment's pods are replaced.
type RollingUpdate struct {
	MaxSurge       IntOrPercent `yaml:"maxSurge" default:"25%" min:"0" max:"1000" doc:"How many pods more than wanted there may be; percentages are rounded up, and may be above 100%."`
	MaxUnavailable IntOrPercent `yaml:"maxUnavailable" default:"25%" min:"0" doc:"How many pods fewer than wanted may be ready; percentages are rounded down. Where both come to 0 it is one."`
}

// DisruptionBudget is a PodDisruptionBudget of a workload's pods. Give one of the
// two.
type DisruptionBudget struct {
	MinAvailable   *IntOrPercent `yaml:"minAvailable" min:"0" doc:"How many of its pods must stay ready; percentages are of the replicas wanted, rounded up."`
	MaxUnavailable *IntOrPercent `yaml:"maxUnavailable" min:"0" doc:"How many of its pods may be missing; percentages are of the replicas wanted, rounded up."`
}

// Arrivals is an arrival process.
type Arrivals struct {
	Rate  float64   `yaml:"rate" min:"0" max:"10000" doc:"Mean arrivals per second."`
	Kind  string    `yaml:"kind" enum:"poisson,constant" default:"poisson" doc:"Spacing of the arrivals."`
	Batch int       `yaml:"batch" default:"1" min:"1" max:"2000000" doc:"Pods per arrival: of one Job, or that come together."`
	Every *Duration `yaml:"every" doc:"One batch every so often, in place of rate."`
	From  Duration  `yaml:"from" negative:"true" doc:"First moment, from time 0. Negative values start in the warm-up."`
	To    *Duration `yaml:"to" doc:"Last moment; the end of the run unless given."`
}

// Variant is a named set of overrides.
type Variant struct {
	Name        string         `yaml:"name" required:"true" pattern:"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" doc:"Name."`
	Description string         `yaml:"description" doc:"What it changes and why."`
	Set         map[string]any `yaml:"set" doc:"Path to value, for example nodeGroups.workers.cni.WARM_IP_TARGET: 10. List entries are called by their name."`
}
