package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// Kinds of sources.
const (
	fromCode   = "code"       // read in the program's source
	assumption = "assumption" // ours, because nothing is published
)

// Constants are the numbers that the run itself adds to those of the models,
// with their sources.
func Constants() []ec2model.Constant {
	const (
		nodeadm  = "https://github.com/awslabs/amazon-eks-ami/tree/main/nodeadm/internal/kubelet"
		manifest = "the shipped manifest, https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/config/master/aws-k8s-cni.yaml"
	)
	list := []ec2model.Constant{
		{Name: "ipamd.loopOverhead", Value: fmt.Sprintf("%g", float64(loopOverhead)/float64(time.Microsecond)), Unit: "µs", Kind: assumption,
			Source: "CPU time of half a pass of ipamd's loop; its size does not matter, only that 12 passes are a little more than 60 s, as on a real node"},
		number("latency.longest", longestLatency.Seconds(), "s", "tail of a latency that a scenario gives without max: the VPC CNI's time-out of one request"),
		number("latency.sigma", defaultSigma, "", "of a latency that a scenario gives without sigma: as in the model's own latencies"),
		number("terminate.again", terminateAgain.Seconds(), "s", "controllers queue a failed termination again; the spacing is our choice"),
		number("link.pause", linkPause.Seconds(), "s", "between ipamd's looks for the link of an interface that metadata lists: pkg/networkutils/network.go, retryLinkByMacInterval, v1.23.1"),
		number("link.tries", linkTries, "", "of them: maxAttemptsLinkByMac, likewise"),
		number("leaked.after", leakedAfter.Seconds(), "s", "how long an interface of the VPC CNI is attached to nothing until it counts as leaked: longer than creating, attaching and deleting take"),
		number("samples.most", samplesPerRun, "per run", "of who holds which address, at least a second apart; extremes are exact whatever this is"),
		number("autoscaler.utilisation", autoscalerConfig(&scenarios.Autoscaler{Kind: string(cluster.ClusterAutoscaler)}).Utilisation, "",
			"--scale-down-utilization-threshold of the Cluster Autoscaler, https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"),
	}
	list[len(list)-1].Kind = fromCode
	for _, r := range reservations() {
		list = append(list, ec2model.Constant{Name: "allocatable." + r.name, Value: fmt.Sprintf("%g", r.amount), Unit: r.unit, Kind: fromCode, Source: r.what + ": " + nodeadm})
	}
	env := daemonEnvironment(&scenarios.NodeGroup{})
	for _, name := range slices.Sorted(maps.Keys(env)) {
		c := ec2model.Constant{Name: "manifest." + name, Value: env[name], Kind: fromCode, Source: "over the binary's default: " + manifest}
		if name == "CLUSTER_NAME" {
			c.Kind, c.Source = assumption, "any name does: it tags the interfaces, as on a cluster whose add-on EKS manages"
		}
		list = append(list, c)
	}
	return list
}

type reservation struct {
	name, unit, what string
	amount           float64
}

// reservations are what a node keeps from its pods, read off allocatable.
func reservations() []reservation {
	cpu := func(cores int) float64 {
		return float64(cores*1000) - float64(allocatable(ec2model.InstanceLimits{VCPU: cores}, 0).MilliCPU)
	}
	memory := func(pods int) float64 {
		const mib = 1 << 20
		return -float64(allocatable(ec2model.InstanceLimits{}, pods).Memory) / mib
	}
	return []reservation{
		{"cpu.first", "m", "of the first core", cpu(1)},
		{"cpu.second", "m", "of the second", cpu(2) - cpu(1)},
		{"cpu.thirdAndFourth", "m each", "of the next two", (cpu(4) - cpu(2)) / 2},
		{"cpu.further", "m each", "of all others", (cpu(8) - cpu(4)) / 4},
		{"memory.fixed", "MiB", "255 MiB and the 100 MiB at which kubelet evicts", memory(0)},
		{"memory.perPod", "MiB", "for each pod of max pods", memory(1) - memory(0)},
	}
}

func number(name string, value float64, unit, source string) ec2model.Constant {
	return ec2model.Constant{Name: name, Value: fmt.Sprintf("%g", value), Unit: unit, Kind: assumption, Source: source}
}
