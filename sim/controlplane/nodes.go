package controlplane

import (
	"time"

	"ipamsim/internal/source"
)

// When the loss of a node is noticed.
const (
	// LeaseRenewal is how often a kubelet says that it lives.
	LeaseRenewal = 10 * time.Second
	// NodeMonitorGrace is how long a node may be silent until it is NotReady.
	NodeMonitorGrace = 50 * time.Second
	// NodeMonitorPeriod is how often the node controller looks, and the cloud
	// controller, which deletes nodes whose instance is no more.
	NodeMonitorPeriod = 5 * time.Second
	// DefaultToleration is how long pods bear a node that is unreachable.
	DefaultToleration = 300 * time.Second
	// PodGCPeriod is how often the garbage collector of pods looks, and
	// PodGCQuarantine how long a node must have been missing until its pods are
	// deleted.
	PodGCPeriod     = 20 * time.Second
	PodGCQuarantine = 40 * time.Second
)

func nodeConstants() []source.Constant {
	return []source.Constant{
		source.Duration("node.leaseRenewal", LeaseRenewal, source.FromCode, "a quarter of the lease's 40 s, nodeLeaseRenewIntervalFraction: "+kubernetes+"pkg/kubelet/kubelet.go"),
		source.Duration("node.monitorGrace", NodeMonitorGrace, source.FromCode, "--node-monitor-grace-period, 50 s since Kubernetes 1.32: https://github.com/kubernetes/kubernetes/pull/126287"),
		source.Duration("node.monitorPeriod", NodeMonitorPeriod, source.FromCode, "--node-monitor-period, of the cloud controller as well: "+kubernetes+"pkg/controller/apis/config/v1alpha1/defaults.go"),
		source.Duration("node.toleration", DefaultToleration, source.FromCode, "--default-unreachable-toleration-seconds: "+kubernetes+"plugin/pkg/admission/defaulttolerationseconds/admission.go"),
		source.Duration("podGC.period", PodGCPeriod, source.FromCode, "gcCheckPeriod: "+kubernetes+"pkg/controller/podgc/gc_controller.go"),
		source.Duration("podGC.quarantine", PodGCQuarantine, source.FromCode, "quarantineTime: "+kubernetes+"pkg/controller/podgc/gc_controller.go"),
	}
}
