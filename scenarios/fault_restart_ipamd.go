package scenarios

// FaultRestartIPAMD ends the aws-node container.
const FaultRestartIPAMD FaultKind = "restart-ipamd"

var restartIPAMD = faultKind{
	name: FaultRestartIPAMD,
	keys: ofNodes("when"),
	doc:  "The aws-node container ends, and kubelet starts another.",
	words: func(f *Fault) string {
		return "ipamd restarts on " + f.nodes(f.Share)
	},
}
