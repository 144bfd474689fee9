package scenarios

// FaultKillNodes terminates instances.
const FaultKillNodes FaultKind = "kill-nodes"

var killNodes = faultKind{
	name: FaultKillNodes,
	keys: ofNodes("when"),
	doc:  "Instances are terminated. Pods are replaced 80 to 120 s later: the node has to be found silent, deleted, and missed by the collector of pods.",
	words: func(f *Fault) string {
		return f.nodes(f.Share) + f.verb(" dies", " die")
	},
}
