package cluster

import "ipamsim/internal/source"

const (
	nodeLatency    = "https://github.com/awslabs/node-latency-for-k8s (sample in its README)"
	karpenterFlags = "https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/operator/options/options.go"
	karpenterGo    = "https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/controllers/"
	karpenterAWS   = "https://github.com/aws/karpenter-provider-aws/blob/main/pkg/"
	kubernetes     = "https://github.com/kubernetes/kubernetes/blob/v1.37.2/"
	autoscalerFAQ  = "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
	unpublished    = "nothing is published: our choice; "
)

// Constants are the numbers of nodes, scheduler, workloads and autoscalers.
func Constants() []source.Constant {
	list := []source.Constant{
		source.Duration("boot.registration", registration, source.Observed, "kubelet starts until the node is registered: "+nodeLatency),

		source.Number("controller.workers", controllerWorkers, "objects at a time", source.FromCode, "--concurrent-replicaset-syncs and --concurrent-job-syncs: "+kubernetes+"pkg/controller/replicaset/config/v1alpha1/defaults.go"),
		source.Number("controller.daemonWorkers", daemonWorkers, "objects at a time", source.FromCode, "--concurrent-daemonset-syncs: "+kubernetes+"pkg/controller/daemon/config/v1alpha1/defaults.go"),
		source.Number("controller.syncMost", syncMost, "pods", source.FromCode, "BurstReplicas, and MaxPodCreateDeletePerSync of Jobs; a ReplicaSet is looked at again when all of them are done and its status is written: "+kubernetes+"pkg/controller/replicaset/replica_set.go"),
		source.Number("controller.daemonsMost", daemonsMost, "pods", source.FromCode, "likewise of DaemonSets, BurstReplicas: "+kubernetes+"pkg/controller/daemon/daemon_controller.go"),
		source.Duration("controller.jobBatching", jobBatching, source.FromCode, "from a change of a Job's pods until it is looked at, SyncJobBatchPeriod: "+kubernetes+"pkg/controller/job/job_controller.go"),
		source.Duration("controller.jobBackoff", jobBackoff, source.FromCode, "from the eviction or loss of a Job's pod until another is made, DefaultJobPodFailureBackOff; twice as long after each further one of the same work: "+kubernetes+"pkg/controller/job/job_controller.go"),
		source.Duration("controller.jobBackoffMost", jobBackoffMost, source.FromCode, "at most, MaxJobPodFailureBackOff: "+kubernetes+"pkg/controller/job/job_controller.go"),
		source.Duration("workload.rampTick", rampTick, source.Assumption, "between two moves of a ramp: our choice, finer than any window that a pause would close"),

		source.Number("group.runInstancesMost", runInstancesMax, "instances", source.Assumption, unpublished+"instances of one RunInstances call of a node group"),
		source.Span("group.launchDelay", launchDelayLeast, launchDelayMost, source.Observed, "a change of a group's desired size until its launch, uniform: published scaling activities have 1 to 37 s, for example 16 s in https://docs.aws.amazon.com/cli/latest/reference/autoscaling/describe-scaling-activities.html and 18 s in https://docs.aws.amazon.com/powershell/latest/reference/items/Get-ASScalingActivity.html; that it is uniform is our reading"),
		source.Duration("group.retryAfter", retryAfter, source.Assumption, unpublished+"a node group repeats a failed launch"),
		source.Duration("group.subnetClosed", closedFor, source.FromCode, "Karpenter's UnavailableOfferingsTTL, for the zone; that node groups prefer other subnets as long is our assumption: "+karpenterAWS+"cache/cache.go"),
		source.Duration("spot.notice", interruptionNotice, source.FromDocs, "between the notice and the end of a spot instance: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html"),
		source.Duration("spot.heard", noticeHeard, source.Assumption, unpublished+"a notice passes EventBridge and the queue that Karpenter polls without a pause: "+karpenterAWS+"controllers/interruption"),
		source.Number("group.typesMost", mostTypes, "types", source.Assumption, "our bound on the instance types of a group"),
		source.Duration("terminate.batch", terminationBatch, source.FromCode, "terminations are collected for so long: "+karpenterAWS+"batcher/terminateinstances.go"),
		source.Number("terminate.most", terminationMax, "instances", source.FromCode, "of one call: "+karpenterAWS+"batcher/terminateinstances.go"),

		source.Duration("eviction.retry", kubectlRetry, source.FromCode, "an eviction that was refused for a budget is asked for again, EvictErrorRetryDelay of kubectl drain; that EKS and the Cluster Autoscaler do likewise is our assumption: https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/drain/drain.go"),
		source.Duration("eviction.karpenterRetry", karpenterRetry, source.FromCode, "likewise by Karpenter, doubling: "+karpenterGo+"node/termination/terminator/eviction.go"),
		source.Duration("eviction.karpenterRetryMost", karpenterRetryMost, source.FromCode, "at most: "+karpenterGo+"node/termination/terminator/eviction.go"),
		source.Duration("eviction.terminateHook", terminateHook, source.Observed, "a node that a managed node group has too many goes then with the pods that budgets keep on it: the HeartbeatTimeout of its Terminate-LC-Hook, as aws autoscaling describe-lifecycle-hooks prints it; that such nodes are drained: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html"),
		source.Duration("autoscaler.provisionTime", provisionTime, source.FromCode, "an instance whose node has not registered by then is terminated: "+karpenterGo+"nodeclaim/lifecycle/liveness.go, and --max-node-provision-time, "+autoscalerFAQ+"; with the Cluster Autoscaler a registered node that is not Ready for as long counts no more (MaxNodeStartupTime)"),
	}
	list = append(list, karpenterConstants()...)
	list = append(list, clusterAutoscalerConstants()...)
	limits := Limits{}.withDefaults()
	const bound = "our bound on a run, far above any that fits the machine; reaching it is an error"
	return append(list,
		source.Number("limit.pods", limits.Pods, "pods", source.Assumption, bound),
		source.Number("limit.nodes", limits.Nodes, "nodes", source.Assumption, bound),
		source.Number("limit.queue", limits.Queue, "pods", source.Assumption, bound),
	)
}

func karpenterConstants() []source.Constant {
	return []source.Constant{
		source.Duration("karpenter.batchIdle", batchIdle, source.FromCode, "--batch-idle-duration: "+karpenterFlags),
		source.Duration("karpenter.batchMost", batchMax, source.FromCode, "--batch-max-duration: "+karpenterFlags),
		source.Duration("karpenter.requeue", requeue, source.FromCode, "the controller looks at a pending pod again: "+karpenterGo+"provisioning/controller.go"),
		source.Number("karpenter.clientRate", clientRate, "writes/s", source.FromCode, "--kube-client-qps; a NodeClaim takes two before its launch, those after it are left out: "+karpenterFlags),
		source.Number("karpenter.clientBurst", clientBurst, "writes", source.FromCode, "--kube-client-burst: "+karpenterFlags),
		source.Duration("karpenter.fleetIdle", fleetIdle, source.FromCode, "IdleTimeout of the batcher: "+karpenterAWS+"batcher/createfleet.go"),
		source.Duration("karpenter.fleetWindow", fleetWindow, source.FromCode, "its MaxTimeout: "+karpenterAWS+"batcher/createfleet.go"),
		source.Number("karpenter.fleetMost", fleetMax, "instances", source.FromCode, "its MaxItems: "+karpenterAWS+"batcher/createfleet.go"),
		source.Number("karpenter.fleetWorkers", fleetWorkers, "requests", source.FromCode, "under way at a time, MaxRequestWorkers: "+karpenterAWS+"batcher/batcher.go"),
		source.Duration("karpenter.claimRetry", claimRetry, source.FromCode, "a failed launch is tried again, doubling: "+karpenterGo+"nodeclaim/lifecycle/controller.go"),
		source.Duration("karpenter.claimRetryMost", claimRetryMax, source.FromCode, "at most: "+karpenterGo+"nodeclaim/lifecycle/controller.go"),
		source.Number("karpenter.retryRate", retryRate, "tries/s", source.FromCode, "of all NodeClaims, with one CPU: "+karpenterGo+"nodeclaim/lifecycle/controller.go"),
		source.Number("karpenter.retryBurst", retryBurst, "tries", source.FromCode, "of them: "+karpenterGo+"nodeclaim/lifecycle/controller.go"),
		source.Duration("karpenter.launchTimeout", launchTimeout, source.FromCode, "then the NodeClaim is deleted: "+karpenterGo+"nodeclaim/lifecycle/liveness.go"),
		source.Duration("karpenter.subnets", subnetsEvery, source.FromCode, "between two looks at the free addresses of subnets: "+karpenterAWS+"controllers/nodeclass/subnet.go"),
		source.Duration("karpenter.disruptionPoll", disruptionPoll, source.FromCode, "pollingPeriod: "+karpenterGo+"disruption/controller.go"),
		source.Number("karpenter.disruptionBudget", disruptionBudgetPercent, "% of the nodes", source.FromCode, "of a NodePool without budgets, of those that have been Ready, rounded up: https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/apis/v1/nodepool.go"),
		source.Duration("karpenter.validation", commandValidation, source.FromCode, "what consolidation has found must still hold then, commandValidationDelay: "+karpenterGo+"disruption/consolidation.go"),
		source.Number("karpenter.multiNodeMost", multiNodeMost, "nodes", source.FromCode, "that one command may remove together: "+karpenterGo+"disruption/multinodeconsolidation.go"),
		source.Duration("karpenter.commandLook", commandLook, source.FromCode, "a replacement of a drifted node looks again whether new nodes are Ready, queueBaseDelay: "+karpenterGo+"disruption/queue.go"),
		source.Duration("karpenter.commandTimeout", commandTimeout, source.FromCode, "and gives up, minRetryDuration: "+karpenterGo+"disruption/queue.go"),
		source.Duration("karpenter.consolidatedFor", consolidatedFor, source.FromCode, "a cluster in which nothing has changed is looked at again: "+karpenterGo+"state/cluster.go"),
	}
}

func clusterAutoscalerConstants() []source.Constant {
	return []source.Constant{
		source.Duration("clusterAutoscaler.scanInterval", scanInterval, source.FromDocs, "--scan-interval: "+autoscalerFAQ),
		source.Number("clusterAutoscaler.scaleUpMost", scaleUpMax, "nodes", source.FromDocs, "--max-nodes-per-scaleup: "+autoscalerFAQ),
		source.Duration("clusterAutoscaler.unneededTime", unneededTime, source.FromDocs, "--scale-down-unneeded-time, and with it --scale-down-delay-after-add: "+autoscalerFAQ),
		source.Number("clusterAutoscaler.removeParallel", removeParallel, "nodes", source.FromDocs, "--max-scale-down-parallelism: "+autoscalerFAQ),
		source.Number("clusterAutoscaler.drainParallel", drainParallel, "nodes", source.FromDocs, "--max-drain-parallelism: "+autoscalerFAQ),
		source.Number("clusterAutoscaler.drainCandidates", drainCandidates, "nodes", source.FromDocs, "--scale-down-non-empty-candidates-count: "+autoscalerFAQ),
		source.Duration("clusterAutoscaler.backoffFirst", backoffFirst, source.FromDocs, "--initial-node-group-backoff-duration: "+autoscalerFAQ),
		source.Duration("clusterAutoscaler.backoffLongest", backoffLongest, source.FromDocs, "--max-node-group-backoff-duration: "+autoscalerFAQ),
		source.Duration("clusterAutoscaler.backoffForgotten", backoffForgotten, source.FromDocs, "--node-group-backoff-reset-timeout: "+autoscalerFAQ),
	}
}
