package fault

import "ipamsim/internal/source"

const managedUpdate = "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"

// Constants are the numbers of rolling replacements of nodes.
func Constants() []source.Constant {
	return []source.Constant{
		source.Number("rollNodes.surgePerZone", surgePerZone, "nodes", source.FromDocs, "launched first for each zone of a managed node group, or maxUnavailable if that is more: "+managedUpdate),
		source.Number("rollNodes.mostUnavailable", mostUnavailable, "nodes", source.FromDocs, "quota of maxUnavailable: "+managedUpdate),
		source.Duration("rollNodes.joinTimeout", joinTimeout, source.Observed, "new nodes must have joined by then, as AWS's support has told: https://github.com/awsdocs/amazon-eks-user-guide/issues/842"),
		source.Duration("rollNodes.drainTimeout", DrainTimeout, source.FromDocs, "a node's pods must have left by then: "+managedUpdate),
		source.Duration("rollNodes.afterDrain", afterDrain, source.FromDocs, "a drained node is cordoned and terminated so much later: "+managedUpdate),
		source.Duration("rollNodes.lookEvery", lookEvery, source.Assumption, "nothing is published: EKS looks whether the first new nodes have come"),
	}
}
