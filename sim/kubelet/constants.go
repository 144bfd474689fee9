package kubelet

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

// Constant is one number of the model and where it comes from.
type Constant struct {
	Name   string // field of Timings
	Value  string
	Unit   string
	Kind   string // FromCode, FromDocs, Observed or Assumption
	Source string
}

const (
	podWorkers   = "Kubernetes pkg/kubelet/pod_workers.go and pkg/kubelet/util/queue"
	kubeletGo    = "Kubernetes pkg/kubelet/kubelet.go"
	kubeletConf  = "KubeletConfiguration defaults, https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"
	podLifecycle = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/"
	awsNode      = "VPC CNI v1.23.1 config/master/aws-k8s-cni.yaml; period and threshold are the Kubernetes defaults"
	nodeLatency  = "https://github.com/awslabs/node-latency-for-k8s, sample in its README"
	warmStart    = "no distribution is published; chosen so that a pod on a warm node starts in 0.8 to 1.8 s, within the Kubernetes start-up objective of 5 s and the 1 to 2 s commonly seen"
)

// Constants lists t with the source of each default, in the order of the
// fields.
func (t *Timings) Constants() []Constant {
	return []Constant{
		span("Sync", t.Sync, "volume manager checks mounts at once and then every 300 ms (pkg/kubelet/volumemanager), so the token volume costs one interval; 10 to 100 ms for the watch are assumed", Assumption),
		span("Netns", t.Netns, warmStart, Assumption),
		span("Plugin", t.Plugin, "AddNetwork itself takes 1 to 3 ms and never calls EC2; the rest is the start of the plugin: "+warmStart, Assumption),
		span("Wiring", t.Wiring, warmStart, Assumption),
		span("Pause", t.Pause, warmStart, Assumption),
		span("Teardown", t.Teardown, warmStart, Assumption),
		span("Start", t.Start, warmStart, Assumption),
		span("Stop", t.Stop, "a container that ends on SIGTERM; the grace period of 30 s is the upper bound", Assumption),
		span("SyncRetry", t.SyncRetry, "backOffPeriod 10 s, jitter factor 0.5: "+podWorkers, FromCode),
		span("NetworkRetry", t.NetworkRetry, "backOffOnTransientErrorPeriod 1 s, jitter factor 0.5: "+podWorkers, FromCode),
		duration("Ticker", t.Ticker, "syncTicker 1 s of the sync loop: "+kubeletGo, FromCode),
		duration("SandboxGC", t.SandboxGC, "ContainerGCPeriod 1 min: "+kubeletGo, FromCode),
		duration("PullInterval", t.PullInterval, "registryPullQPS 5: "+kubeletConf, FromDocs),
		{"PullBurst", fmt.Sprint(t.PullBurst), "pulls", FromDocs, "registryBurst 10: " + kubeletConf},
		duration("ImageBackoff", t.ImageBackoff, "imageBackOff begins at backOffPeriod: "+kubeletGo, FromCode),
		duration("ImageBackoffMax", t.ImageBackoffMax, "MaxImageBackOff 300 s: "+kubeletGo, FromCode),
		span("AgentStart", t.AgentStart, "aws-node runs 2 to 3 s after registration: "+nodeLatency, Observed),
		span("ProcessStart", t.ProcessStart, "start of the process and sync of its object cache; nothing is published", Assumption),
		span("Conflist", t.Conflist, "the entrypoint asks for ipamd's health in passes of 1 s: VPC CNI v1.23.1 cmd/aws-vpc-cni", FromCode),
		span("Ready", t.Ready, "kubelet looks every 100 ms, then updates the node's status; at most 1 s in "+nodeLatency, Observed),
		span("ReadyLate", t.ReadyLate, "runtime check every 5 s and status update every 10 s: "+kubeletGo, FromCode),
		duration("FastReady", t.FastReady, "nodeReadyGracePeriod 120 s: "+kubeletGo, FromCode),
		duration("LivenessDelay", t.LivenessDelay, awsNode, FromCode),
		duration("LivenessPeriod", t.LivenessPeriod, awsNode, FromCode),
		{"LivenessFailures", fmt.Sprint(t.LivenessFailures), "probes", FromCode, awsNode},
		duration("LivenessTimeout", t.LivenessTimeout, "connect timeout of the probe's command: "+awsNode, FromCode),
		duration("ReadinessDelay", t.ReadinessDelay, awsNode, FromCode),
		duration("ReadinessPeriod", t.ReadinessPeriod, awsNode+"; that probes fall on this grid from the first one on is assumed", FromCode),
		span("Restart", t.Restart, "kubelet sees the exit at its next look at the runtime (1 s) and starts a container", Assumption),
		duration("CrashBackoff", t.CrashBackoff, "the first restart is at once: "+podLifecycle, FromDocs),
		duration("CrashBackoffMax", t.CrashBackoffMax, podLifecycle, FromDocs),
	}
}

func span(name string, r Range, source, kind string) Constant {
	if r.Min == r.Max {
		return duration(name, r.Min, source, kind)
	}
	return Constant{name, fmt.Sprintf("%g to %g", r.Min.Seconds(), r.Max.Seconds()), "s", kind, source}
}

func duration(name string, d time.Duration, source, kind string) Constant {
	return Constant{name, fmt.Sprintf("%g", d.Seconds()), "s", kind, source}
}
