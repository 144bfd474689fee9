package scenarios

import "fmt"

// FaultSubnetRelease lets others give their addresses of a subnet back.
const FaultSubnetRelease FaultKind = "subnet-release"

var subnetRelease = faultKind{
	name:    FaultSubnetRelease,
	idleFor: true,
	keys:    []string{"subnet", "count"},
	doc:     "Others give their lowest addresses of a subnet back.",
	check:   checkSubnet,
	words: func(f *Fault) string {
		return fmt.Sprintf("others give %s of their addresses of %s back", allOr(f.Count), f.Subnet)
	},
}
