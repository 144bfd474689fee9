package nodeadm

import "ipamsim/internal/source"

const (
	kubeletConfig = "https://github.com/awslabs/amazon-eks-ami/tree/main/nodeadm/internal/kubelet"
	manifest      = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/config/master/aws-k8s-cni.yaml"
	calculator    = "https://github.com/awslabs/amazon-eks-ami/blob/a92d9fdeadcc26a22e8ab719bb486dea7d66ccc7/templates/al2023/runtime/max-pods-calculator.sh"
	addOns        = "https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html"
)

// Constants are the package's numbers with their sources.
func Constants() []source.Constant {
	kept := func(name string, value float64, unit, what string) source.Constant {
		return source.Number("allocatable."+name, value, unit, source.FromCode, what+": "+kubeletConfig)
	}
	cpu := func(share int) float64 { return float64(share) / 100 }
	return []source.Constant{
		kept("cpu.first", cpu(reservedCPU.first), "m", "kept of the first core"),
		kept("cpu.second", cpu(reservedCPU.second), "m", "of the second"),
		kept("cpu.thirdAndFourth", cpu(reservedCPU.nextTwo), "m each", "of the next two"),
		kept("cpu.further", cpu(reservedCPU.further), "m each", "of all others"),
		kept("memory.fixed", ReservedMiB, "MiB", "for kubelet and the system"),
		kept("memory.eviction", EvictionMiB, "MiB", "below which kubelet evicts"),
		kept("memory.perPod", ReservedMiBPerPod, "MiB", "for each pod of max pods"),
		source.Number("maxPods.fewCPU", mostPodsOnFewCPU, "pods", source.FromCode, "most that AWS's tools set on up to 30 vCPU: "+calculator),
		source.Number("maxPods.manyCPU", mostPodsOnManyCPU, "pods", source.FromCode, "most that they set above 30 vCPU: "+calculator),
		source.Number("system.pods", SystemPods, "pods", source.FromDocs, "aws-node and kube-proxy, both on the host network, on every node without being listed: "+addOns),
		source.Number("system.cpu", SystemMilliCPU, "m", source.FromCode, "100m for kube-proxy (the EKS add-on) and 25m for each of the two containers of aws-node: "+manifest),
	}
}
