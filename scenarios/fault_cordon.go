package scenarios

// FaultCordon closes nodes for new pods.
const FaultCordon FaultKind = "cordon"

var cordon = faultKind{
	name:  FaultCordon,
	lasts: true,
	keys:  ofNodes(),
	doc:   "The nodes that are there then are closed for new pods.",
	words: func(f *Fault) string {
		return f.nodes(f.Share) + f.verb(" is cordoned", " are cordoned")
	},
}
