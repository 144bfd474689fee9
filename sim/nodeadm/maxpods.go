package nodeadm

import "ipamsim/ec2model"

// addressesPerPrefix is the size of a /28.
const addressesPerPrefix = 16

// Mode is how the VPC CNI hands addresses out, as far as max pods depend on it.
type Mode struct {
	Prefixes         bool // ENABLE_PREFIX_DELEGATION
	CustomNetworking bool // AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: the first interface carries no pods
}

// MaxPods is the number of pods that the VPC CNI's addresses allow on the
// default network card: one per secondary address, or 16 with prefix
// delegation, and two that use the host's network.
// Source: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
func MaxPods(l ec2model.InstanceLimits, m Mode) int {
	perSlot, enis := 1, l.DefaultCardENIs()
	if m.Prefixes {
		perSlot = addressesPerPrefix
	}
	if m.CustomNetworking {
		enis--
	}
	return max(0, enis)*max(0, l.IPv4PerENI-1)*perSlot + SystemPods
}

// The most pods that AWS's own tools set on a node, however many addresses it
// may have: managed node groups and the calculator of the node images.
// Source: https://github.com/awslabs/amazon-eks-ami/blob/a92d9fdeadcc26a22e8ab719bb486dea7d66ccc7/templates/al2023/runtime/max-pods-calculator.sh
const (
	mostPodsOnFewCPU  = 110
	mostPodsOnManyCPU = 250
	fewCPU            = 30 // vCPU, that many included
)

// Recommended is what AWS's tools make of the number that the addresses allow.
// It is not known, and ok false, where the number of vCPU is not.
func Recommended(maxPods, vcpu int) (pods int, ok bool) {
	switch {
	case vcpu == 0:
		return 0, false
	case vcpu > fewCPU:
		return min(maxPods, mostPodsOnManyCPU), true
	}
	return min(maxPods, mostPodsOnFewCPU), true
}
