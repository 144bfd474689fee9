package scenarios

// FaultAttachENI attaches an untagged interface.
const FaultAttachENI FaultKind = "attach-eni"

var attachENI = faultKind{
	name: FaultAttachENI,
	keys: ofNodes("addresses"),
	doc:  "Somebody else attaches an untagged interface.",
	words: func(f *Fault) string {
		return "somebody attaches an interface to " + f.nodes(f.Share)
	},
}
