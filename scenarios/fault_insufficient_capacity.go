package scenarios

import (
	"fmt"

	"ipamsim/internal/words"
)

// FaultInsufficientCapacity is a shortage of instances.
const FaultInsufficientCapacity FaultKind = "insufficient-capacity"

var insufficientCapacity = faultKind{
	name:  FaultInsufficientCapacity,
	lasts: true,
	keys:  []string{"instanceType", "zone", "capacityType", "count"},
	doc:   "EC2 has no more instances of a type in a zone, or only so many (count): beyond that launches fail with InsufficientInstanceCapacity. A fleet goes on with its other zones and types, and comes back with a part of what was asked for when none has more.",
	check: func(c *faultCheck) {
		c.checkInstanceType(c.at("%s.instanceType", c.path), c.path+".instanceType", c.name, c.fault.InstanceType)
		if c.usable("%s.zone", c.path) {
			c.known(c.path+".zone", "Availability Zone", c.fault.Zone, c.zoneNames())
		}
	},
	words: func(f *Fault) string {
		text := "EC2 has no instances"
		if f.Count != nil {
			text = fmt.Sprintf("EC2 has %s left", words.Plural(*f.Count, "instance"))
		}
		if f.InstanceType != "" {
			text += " of type " + f.InstanceType
		}
		if f.CapacityType != "" {
			text += " (" + f.CapacityType + ")"
		}
		if f.Zone != "" {
			text += " in the Availability Zone " + f.Zone
		}
		return text
	},
}
