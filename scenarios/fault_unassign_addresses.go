package scenarios

import "fmt"

// FaultUnassignAddresses takes secondary addresses away.
const FaultUnassignAddresses FaultKind = "unassign-addresses"

var unassignAddresses = faultKind{
	name: FaultUnassignAddresses,
	keys: ofNodes("addresses"),
	doc:  "Somebody else takes the highest secondary addresses away, newest interface first.",
	words: func(f *Fault) string {
		return fmt.Sprintf("somebody takes %s secondary addresses from %s", allOr(f.Addresses), f.nodes(f.Share))
	},
}
