package findings

import "strings"

// Risks of changes that a run cannot show: packets of services, and nodes that are
// there, are not what a scenario is about.
const (
	// A pod's end reaches kube-proxy on each node as a change of endpoints, and
	// conntrack keeps connections: https://github.com/aws/amazon-vpc-cni-k8s/issues/3634,
	// and IP_COOLDOWN_PERIOD in
	// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/README.md.
	shortCooldown = "No run shows what the cooldown is for: it gives kube-proxy on every node the time to drop a pod's address. Another pod that has it before gets connections that were meant for the first one. Take the longest that your starts allow."
	// kubelet reads it at its start, and nodeadm writes it at boot:
	// https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go.
	// Of a tier AWS publishes the scheduler's rate alone:
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-provisioned-control-plane.html.
	anotherTier  = "A larger control plane is paid for by the hour, and more pods at once meet the warm pools. AWS publishes how fast its scheduler binds pods; that its controllers may create them as fast is an assumption."
	otherMaxPods = "Max pods are set when a node boots: the nodes that are there keep theirs until they are replaced."
)

// risksOf are those of a set of overrides, each once.
func risksOf(set []string) (risks []string) {
	cooldown, pods, tier := false, false, false
	for _, s := range set {
		path, _, _ := strings.Cut(s, "=")
		cooldown = cooldown || strings.HasSuffix(path, ".cni.IP_COOLDOWN_PERIOD")
		tier = tier || path == tierPath
		pods = pods || strings.HasPrefix(path, "nodeGroups.") && strings.HasSuffix(path, ".maxPods")
	}
	if cooldown {
		risks = append(risks, shortCooldown)
	}
	if pods {
		risks = append(risks, otherMaxPods)
	}
	if tier {
		risks = append(risks, anotherTier)
	}
	return risks
}
