package scenarios

import "fmt"

// FaultNetlinkErrors lets the kernel refuse steps of wiring.
const FaultNetlinkErrors FaultKind = "netlink-errors"

var netlinkErrors = faultKind{
	name:  FaultNetlinkErrors,
	lasts: true,
	keys:  ofNodes("nodeShare", "step"),
	doc:   "The kernel refuses a share of the single steps of wiring. On nodes that join meanwhile too, each with the same nodeShare.",
	words: func(f *Fault) string {
		return fmt.Sprintf("the kernel refuses %s of the attempts at %s on %s", allOrShare(f.Share), f.step(), f.nodes(f.NodeShare))
	},
}
