package scenarios

// FaultKillNodes terminates instances.
const FaultKillNodes FaultKind = "kill-nodes"

var killNodes = faultKind{
	name: FaultKillNodes,
	keys: ofNodes("when"),
	doc:  "Instances are terminated.",
	words: func(f *Fault) string {
		return f.nodes(f.Share) + f.verb(" dies", " die")
	},
}
