package scenarios

import (
	"fmt"

	"ipamsim/internal/words"
)

// FaultStaleMetadata keeps instance metadata as it is.
const FaultStaleMetadata FaultKind = "stale-metadata"

var staleMetadata = faultKind{
	name:  FaultStaleMetadata,
	lasts: true,
	keys:  ofNodes("interfaces"),
	doc:   "Instance metadata keeps showing what it shows now, then catches up. On the nodes that are there then.",
	words: func(f *Fault) string {
		text := "instance metadata is stale on " + f.nodes(f.Share)
		if f.Interfaces > 0 {
			text += fmt.Sprintf(", without the %s attached last", words.Plural(f.Interfaces, "interface"))
		}
		return text
	},
}
