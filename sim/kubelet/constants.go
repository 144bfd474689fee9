package kubelet

import (
	"strconv"

	"ipamsim/internal/source"
)

const (
	podWorkers      = "Kubernetes pkg/kubelet/pod_workers.go and pkg/kubelet/util/queue"
	kubeletGo       = "Kubernetes pkg/kubelet/kubelet.go"
	kubeletConf     = "KubeletConfiguration defaults, https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"
	kubeletDefaults = "Kubernetes pkg/kubelet/apis/config/v1beta1/defaults.go of v1.26.15 and v1.27.16, https://github.com/kubernetes/kubernetes/pull/116121"
	statusManager   = "Kubernetes pkg/kubelet/status/status_manager.go"
	podLifecycle    = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/"
	awsNode         = "VPC CNI v1.23.1 config/master/aws-k8s-cni.yaml; period and threshold are the Kubernetes defaults"
	nodeLatency     = "https://github.com/awslabs/node-latency-for-k8s, sample in its README"
	imagePulls      = "https://github.com/awslabs/amazon-eks-ami/pull/938"
	density         = "nothing is published; chosen so that ten pods at once on a machine with one core start as in Kubernetes' density test, p50 3 to 4 s (https://github.com/kubernetes/kubernetes/issues/54651; the machine is in https://github.com/kubernetes/kubernetes/issues/31143). Neither kubelet nor containerd bounds how many run at once (Kubernetes v1.36.0 pkg/kubelet/pod_workers.go, containerd v2.2.1 internal/cri/server/sandbox_run.go)"
	warmStart       = "no distribution is published; chosen so that a pod on a warm node starts in 0.8 to 1.8 s, within the Kubernetes start-up objective of 5 s and the 1 to 2 s commonly seen"
)

// Constants lists t with the source of each default, in the order of the
// fields.
func (t *Timings) Constants() []source.Constant {
	return []source.Constant{
		source.Span("Sync", t.Sync.Min, t.Sync.Max, source.Assumption, "volume manager checks mounts at once and then every 300 ms (pkg/kubelet/volumemanager), so the token volume costs one interval; 10 to 100 ms for the watch are assumed"),
		source.Span("Netns", t.Netns.Min, t.Netns.Max, source.Assumption, warmStart),
		source.Span("Plugin", t.Plugin.Min, t.Plugin.Max, source.Assumption, "AddNetwork itself takes 1 to 3 ms and never calls EC2; the rest is the start of the plugin: "+warmStart),
		source.Span("Wiring", t.Wiring.Min, t.Wiring.Max, source.Assumption, warmStart),
		source.Span("Pause", t.Pause.Min, t.Pause.Max, source.Assumption, warmStart),
		source.Span("Teardown", t.Teardown.Min, t.Teardown.Max, source.Assumption, warmStart),
		source.Span("Start", t.Start.Min, t.Start.Max, source.Assumption, warmStart),
		source.Duration("Relist", t.Relist, source.FromCode, "genericPlegRelistPeriod up to 1.35; from 1.36 on kubelet looks at a pod as soon as it has started it: Kubernetes v1.36.0 pkg/kubelet/kubelet.go, RequestPodRelist. A benchmark from bound to Running has 1.77 s without that and 1.14 s with it: https://github.com/kubernetes/kubernetes/pull/137362"),
		source.Span("Stop", t.Stop.Min, t.Stop.Max, source.Assumption, "a container that ends on SIGTERM; the grace period of 30 s is the upper bound"),
		source.Duration("SandboxCPU", t.SandboxCPU, source.Assumption, "of one core: "+density),
		source.Duration("StartCPU", t.StartCPU, source.Assumption, "of one core: "+density),
		source.Span("SyncRetry", t.SyncRetry.Min, t.SyncRetry.Max, source.FromCode, "backOffPeriod 10 s, jitter factor 0.5: "+podWorkers),
		source.Span("NetworkRetry", t.NetworkRetry.Min, t.NetworkRetry.Max, source.FromCode, "backOffOnTransientErrorPeriod 1 s, jitter factor 0.5: "+podWorkers),
		source.Duration("Ticker", t.Ticker, source.FromCode, "syncTicker 1 s of the sync loop: "+kubeletGo),
		source.Duration("SandboxGC", t.SandboxGC, source.FromCode, "ContainerGCPeriod 1 min: "+kubeletGo),
		source.Duration("APIInterval", t.APIInterval, source.FromCode, "kubeAPIQPS, 50 from 1.27 on and 5 before: "+kubeletDefaults),
		source.Number("APIBurst", t.APIBurst, "requests", source.FromCode, "kubeAPIBurst, 100 from 1.27 on and 10 before: "+kubeletDefaults),
		source.Duration("StatusPeriod", t.StatusPeriod, source.FromCode, "syncPeriod: "+statusManager),

		source.Rule("StatusInTurn", strconv.FormatBool(t.StatusInTurn), source.FromCode, "whether podStatusChannel holds changes, as up to 1.26, or the word that there are some: "+statusManager+" of v1.26.15 and v1.27.16"),
		source.Rule("PodTokens", strconv.FormatBool(t.PodTokens), source.FromCode, "BoundServiceAccountTokenVolume is on from 1.21 on (pkg/features/kube_features.go of v1.20.15 and v1.21.14): a TokenRequest for each pod, pkg/kubelet/token/token_manager.go"),
		source.Duration("PullInterval", t.PullInterval, source.FromDocs, "registryPullQPS 5: "+kubeletConf),
		source.Number("PullBurst", t.PullBurst, "pulls", source.FromDocs, "registryBurst 10: "+kubeletConf),
		source.Duration("ImageBackoff", t.ImageBackoff, source.FromCode, "imageBackOff begins at backOffPeriod: "+kubeletGo),
		source.Duration("ImageBackoffMax", t.ImageBackoffMax, source.FromCode, "MaxImageBackOff 300 s: "+kubeletGo),
		source.Span("ProxyStart", t.ProxyStart.Min, t.ProxyStart.Max, source.Observed, "kube-proxy runs 2 s after registration, in whole seconds: "+nodeLatency),
		source.Span("ProxyRules", t.ProxyRules.Min, t.ProxyRules.Max, source.Assumption, "its informers and one pass of 36 ms in a log of https://github.com/aws/amazon-vpc-cni-k8s/issues/1930; with thousands of services it takes far longer (https://github.com/aws/amazon-vpc-cni-k8s/issues/2948): launch.kubeProxy of a node group"),
		source.Span("ProxyPull", t.ProxyPull.Min, t.ProxyPull.Max, source.Observed, "1.7 s: "+imagePulls),
		source.Span("InitPull", t.InitPull.Min, t.InitPull.Max, source.Observed, "4.0 s: "+imagePulls+"; 5.6 s: https://github.com/awslabs/kubeflow-manifests/issues/250"),
		source.Span("AgentPull", t.AgentPull.Min, t.AgentPull.Max, source.Assumption, "the 6.6 s between the ends of the two pulls, less the run of the init container: "+imagePulls),
		source.Span("AgentStart", t.AgentStart.Min, t.AgentStart.Max, source.Observed, "aws-node runs 2 to 3 s after registration: "+nodeLatency),
		source.Span("ProcessStart", t.ProcessStart.Min, t.ProcessStart.Max, source.Assumption, "start of the process and sync of its object cache; nothing is published"),
		source.Span("Conflist", t.Conflist.Min, t.Conflist.Max, source.FromCode, "the entrypoint asks for ipamd's health in passes of 1 s: VPC CNI v1.23.1 cmd/aws-vpc-cni"),
		source.Span("Ready", t.Ready.Min, t.Ready.Max, source.Observed, "kubelet looks every 100 ms, then updates the node's status; at most 1 s in "+nodeLatency),
		source.Span("ReadyLate", t.ReadyLate.Min, t.ReadyLate.Max, source.FromCode, "runtime check every 5 s and status update every 10 s: "+kubeletGo),
		source.Duration("FastReady", t.FastReady, source.FromCode, "nodeReadyGracePeriod 120 s: "+kubeletGo),
		source.Duration("LivenessDelay", t.LivenessDelay, source.FromCode, awsNode),
		source.Duration("LivenessPeriod", t.LivenessPeriod, source.FromCode, awsNode),
		source.Number("LivenessFailures", t.LivenessFailures, "probes", source.FromCode, awsNode),
		source.Duration("LivenessTimeout", t.LivenessTimeout, source.FromCode, "connect timeout of the probe's command: "+awsNode),
		source.Duration("ReadinessDelay", t.ReadinessDelay, source.FromCode, awsNode),
		source.Duration("ReadinessPeriod", t.ReadinessPeriod, source.FromCode, awsNode+"; that probes fall on this grid from the first one on is assumed"),
		source.Span("Restart", t.Restart.Min, t.Restart.Max, source.Assumption, "kubelet sees the exit at its next look at the runtime (1 s) and starts a container"),
		source.Duration("CrashBackoff", t.CrashBackoff, source.FromDocs, "the first restart is at once: "+podLifecycle),
		source.Duration("CrashBackoffMax", t.CrashBackoffMax, source.FromDocs, podLifecycle),
	}
}
