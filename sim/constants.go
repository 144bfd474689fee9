package sim

import (
	"maps"
	"slices"
	"time"

	"ipamsim/internal/source"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// Constants are the numbers that the run itself adds to those of the models,
// with their sources.
func Constants() []source.Constant {
	const manifest = "the shipped manifest, https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/config/master/aws-k8s-cni.yaml"
	list := []source.Constant{
		number("ipamd.loopOverhead", float64(loopOverhead)/float64(time.Microsecond), "µs",
			"CPU time of half a pass of ipamd's loop; its size does not matter, only that 12 passes are a little more than 60 s, as on a real node"),
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
