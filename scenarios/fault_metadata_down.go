package scenarios

// FaultMetadataDown silences instance metadata.
const FaultMetadataDown FaultKind = "metadata-down"

var metadataDown = faultKind{
	name:  FaultMetadataDown,
	lasts: true,
	keys:  ofNodes(),
	doc:   "Instance metadata answers nothing: ipamd does not start, compares nothing, adopts no interface, and fails each ADD after it has assigned the address. On nodes that join meanwhile too, each with the same share.",
	words: func(f *Fault) string {
		return "instance metadata answers nothing on " + f.nodes(f.Share)
	},
}
