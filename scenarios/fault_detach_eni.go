package scenarios

// FaultDetachENI detaches and deletes a secondary interface.
const FaultDetachENI FaultKind = "detach-eni"

var detachENI = faultKind{
	name: FaultDetachENI,
	keys: ofNodes(),
	doc:  "Somebody else detaches and deletes a secondary interface.",
	words: func(f *Fault) string {
		return "somebody deletes a secondary interface of " + f.nodes(f.Share)
	},
}
