package cluster

import (
	"fmt"
	"time"
)

// Kinds of sources.
const (
	FromCode   = "code"       // read in the program's source
	FromDocs   = "documented" // by the vendor
	Observed   = "observed"   // measured by somebody, in public
	Assumption = "assumption" // ours, because nothing is published
)

// Constant is one number of the cluster and where it comes from.
type Constant struct {
	Name   string // dotted
	Value  string
	Unit   string // empty for pure numbers
	Kind   string // FromCode, FromDocs, Observed or Assumption
	Source string
}

const (
	nodeLatency    = "https://github.com/awslabs/node-latency-for-k8s (sample in its README)"
	karpenterFlags = "https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/operator/options/options.go"
	karpenterGo    = "https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/controllers/"
	karpenterAWS   = "https://github.com/aws/karpenter-provider-aws/blob/main/pkg/"
	autoscalerFAQ  = "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
	unpublished    = "nothing is published: our choice; "
)

// Constants are the numbers of nodes, scheduler, workloads and autoscalers.
func Constants() []Constant {
	list := []Constant{
		{"boot.instance", fmt.Sprintf("%g to %g", instanceStart.Seconds(), (instanceStart + instanceSpread).Seconds()), "s", Observed, "launch call until the machine runs: " + nodeLatency},
		duration("boot.kubelet", kubeletStart, Observed, "machine runs until kubelet starts: "+nodeLatency),
		duration("boot.slow", slowExtra, Assumption, "more with the slow profile, as images before their optimisation: https://github.com/awslabs/amazon-eks-ami/issues/1099"),
		duration("boot.metal", metalExtra, Assumption, unpublished+"more with the metal profile, whose firmware starts first"),
		duration("boot.registration", registration, Observed, "kubelet starts until the node is registered: "+nodeLatency),
		number("system.pods", systemPods, "pods", FromDocs, "aws-node and kube-proxy, both on the host network, on every node without being listed: https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html"),
		number("system.cpu", systemMilliCPU, "m", FromCode, "100m for kube-proxy (the EKS add-on) and 25m for each of the two containers of aws-node: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/config/master/aws-k8s-cni.yaml"),

		{"scheduler.rate", fmt.Sprint(DefaultSchedulerRate), "pods/s", Assumption, "cautious for an ordinary cluster; the one published number is a ceiling of 500 in https://aws.amazon.com/blogs/containers/under-the-hood-amazon-eks-ultra-scale-clusters/"},
		duration("workload.rampTick", rampTick, Assumption, "a ramp moves once a second: our choice, so that its size costs no time"),

		number("group.runInstancesMost", runInstancesMax, "instances", Assumption, unpublished+"instances of one RunInstances call of a node group"),
		duration("group.retryAfter", retryAfter, Assumption, unpublished+"a node group repeats a failed launch"),
		duration("group.subnetClosed", closedFor, FromCode, "Karpenter's UnavailableOfferingsTTL; that node groups prefer other subnets as long is our assumption: "+karpenterAWS+"cache/cache.go"),
		duration("node.noticeLoss", noticeLoss, Assumption, "node-monitor-grace-period 40 s and node-monitor-period 5 s, https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/; that pods and the node group go at once then is our simplification"),
		duration("terminate.batch", terminationBatch, FromCode, "terminations are collected for so long: "+karpenterAWS+"batcher/terminateinstances.go"),
		number("terminate.most", terminationMax, "instances", FromCode, "of one call: "+karpenterAWS+"batcher/terminateinstances.go"),

		duration("autoscaler.provisionTime", provisionTime, FromCode, "--max-node-provision-time and Karpenter's registration time-out, after which a node that is not Ready counts no more: "+autoscalerFAQ),
	}
	list = append(list, karpenterConstants()...)
	list = append(list, clusterAutoscalerConstants()...)
	limits := Limits{}.withDefaults()
	const bound = "our bound on a run, far above any that fits the machine; reaching it is an error"
	return append(list,
		number("limit.pods", limits.Pods, "pods", Assumption, bound),
		number("limit.nodes", limits.Nodes, "nodes", Assumption, bound),
		number("limit.queue", limits.Queue, "pods", Assumption, bound),
	)
}

func karpenterConstants() []Constant {
	return []Constant{
		duration("karpenter.batchIdle", batchIdle, FromCode, "--batch-idle-duration: "+karpenterFlags),
		duration("karpenter.batchMost", batchMax, FromCode, "--batch-max-duration: "+karpenterFlags),
		duration("karpenter.requeue", requeue, FromCode, "the controller looks at a pending pod again: "+karpenterGo+"provisioning/controller.go"),
		number("karpenter.fleetMost", fleetMax, "instances", FromCode, "MaxItems of the batcher: "+karpenterAWS+"batcher/createfleet.go"),
		duration("karpenter.disruptionPoll", disruptionPoll, FromCode, "pollingPeriod: "+karpenterGo+"disruption/controller.go"),
		number("karpenter.disruptionBudget", disruptionBudgetPercent, "% of the nodes", FromCode, "of a NodePool without budgets, rounded up: https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/apis/v1/nodepool.go"),
		duration("karpenter.emptyAfter", emptyAfter, Assumption, "consolidateAfter, which Karpenter has everyone choose; ours is that of its early examples for empty nodes"),
	}
}

func clusterAutoscalerConstants() []Constant {
	return []Constant{
		duration("clusterAutoscaler.scanInterval", scanInterval, FromDocs, "--scan-interval: "+autoscalerFAQ),
		number("clusterAutoscaler.scaleUpMost", scaleUpMax, "nodes", FromDocs, "--max-nodes-per-scaleup: "+autoscalerFAQ),
		duration("clusterAutoscaler.unneededTime", unneededTime, FromDocs, "--scale-down-unneeded-time, and with it --scale-down-delay-after-add: "+autoscalerFAQ),
		number("clusterAutoscaler.removeParallel", removeParallel, "nodes", FromDocs, "--max-scale-down-parallelism: "+autoscalerFAQ),
		number("clusterAutoscaler.drainParallel", drainParallel, "nodes", FromDocs, "--max-drain-parallelism: "+autoscalerFAQ),
		number("clusterAutoscaler.drainCandidates", drainCandidates, "nodes", FromDocs, "--scale-down-non-empty-candidates-count: "+autoscalerFAQ),
		duration("clusterAutoscaler.backoffFirst", backoffFirst, FromDocs, "--initial-node-group-backoff-duration: "+autoscalerFAQ),
		duration("clusterAutoscaler.backoffLongest", backoffLongest, FromDocs, "--max-node-group-backoff-duration: "+autoscalerFAQ),
		duration("clusterAutoscaler.backoffForgotten", backoffForgotten, FromDocs, "--node-group-backoff-reset-timeout: "+autoscalerFAQ),
	}
}

func duration(name string, d time.Duration, kind, source string) Constant {
	return Constant{name, fmt.Sprintf("%g", d.Seconds()), "s", kind, source}
}

func number(name string, n int, unit, kind, source string) Constant {
	return Constant{name, fmt.Sprint(n), unit, kind, source}
}
