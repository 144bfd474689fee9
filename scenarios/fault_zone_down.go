package scenarios

import "fmt"

// FaultZoneDown ends what is in a subnet or a zone, and closes it.
const FaultZoneDown FaultKind = "zone-down"

var zoneDown = faultKind{
	name:  FaultZoneDown,
	lasts: true,
	keys:  []string{"subnet", "zone"},
	doc:   "The instances in a subnet, or in all subnets of a zone, fall silent at once, which EC2 does not tell; their pods are evicted, and replaced, after the 300 s that pods tolerate it. While it lasts launches there fail with InsufficientInstanceCapacity, and interfaces are not created nor addresses assigned there (Unavailable).",
	check: checkZone,
	words: func(f *Fault) string {
		place := f.Subnet
		if f.Zone != "" {
			place = "the Availability Zone " + f.Zone
		}
		return fmt.Sprintf("the instances in %s die and EC2 gives nothing there", place)
	},
}

func checkZone(c *faultCheck) {
	f, path := c.fault, c.path
	switch {
	case c.has("zone") && c.has("subnet"):
		c.wrong("zone", "takes a subnet or a zone: zone and subnet exclude each other")
	case c.usable("%s.zone", path):
		c.known(path+".zone", "Availability Zone", f.Zone, c.zoneNames())
	case c.usable("%s.subnet", path):
		c.known(path+".subnet", "subnet", f.Subnet, c.subnetNames())
	case !c.has("zone") && !c.has("subnet"):
		c.problem(c.at("%s", path), "%s needs subnet or zone: the name of a subnet, or of an Availability Zone, was expected", c.what)
	}
}
