package fleet

import (
	"maps"
	"slices"

	"ipamsim/internal/source"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// Constants are the numbers that a fleet adds to those of its parts, with
// their sources.
func Constants() []source.Constant {
	const manifest = "the shipped manifest, https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/config/master/aws-k8s-cni.yaml"
	list := []source.Constant{
		number("latency.longest", longestLatency.Seconds(), "s", "tail of a latency that a scenario gives without max: the VPC CNI's time-out of one request"),
		number("latency.sigma", defaultSigma, "", "of a latency that a scenario gives without sigma: as in the model's own latencies"),
		number("terminate.again", terminateAgain.Seconds(), "s", "controllers queue a failed termination again; the spacing is our choice"),
		number("autoscaler.utilization", autoscalerConfig(&scenarios.Autoscaler{Kind: string(cluster.ClusterAutoscaler)}).Utilization, "",
			"--scale-down-utilization-threshold of the Cluster Autoscaler, https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"),
	}
	list[len(list)-1].Kind = source.FromCode
	env := daemonEnvironment(&scenarios.NodeGroup{})
	for _, name := range slices.Sorted(maps.Keys(env)) {
		c := source.Rule("manifest."+name, env[name], source.FromCode, "over the binary's default: "+manifest)
		if name == "CLUSTER_NAME" {
			c.Kind, c.Source = source.Assumption, "any name does: it tags the interfaces, as on a cluster whose add-on EKS manages"
		}
		list = append(list, c)
	}
	return list
}

func number(name string, value float64, unit, where string) source.Constant {
	return source.Number(name, value, unit, source.Assumption, where)
}
