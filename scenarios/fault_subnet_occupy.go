package scenarios

import "fmt"

// FaultSubnetOccupy lets others take a subnet's free addresses.
const FaultSubnetOccupy FaultKind = "subnet-occupy"

var subnetOccupy = faultKind{
	name:    FaultSubnetOccupy,
	idleFor: true,
	keys:    []string{"subnet", "count"},
	doc:     "Others take the highest free addresses of a subnet.",
	check:   checkSubnet,
	words: func(f *Fault) string {
		return fmt.Sprintf("others take %s free addresses of %s", allOr(f.Count), f.Subnet)
	},
}

// checkSubnet is the check of what others do in a subnet.
func checkSubnet(c *faultCheck) {
	if c.needs("subnet", "the name of a subnet was expected") && c.usable("%s.subnet", c.path) {
		c.known(c.path+".subnet", "subnet", c.fault.Subnet, c.subnetNames())
	}
}
