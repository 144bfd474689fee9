package scenarios

// FaultSpotInterruption gives spot instances notice.
const FaultSpotInterruption FaultKind = "spot-interruption"

var spotInterruption = faultKind{
	name:  FaultSpotInterruption,
	keys:  ofNodes(),
	doc:   "EC2 takes instances on spot back: of the nodes, those of groups with capacityType spot. They have 2 minutes. Karpenter, or the managed node group, hears of it after 2 s and drains the node, and its pods look for another; what is left at the end is lost with the instance. For 3 minutes Karpenter asks for no spot instance of that type in that zone.",
	check: checkSpot,
	words: func(f *Fault) string {
		return "EC2 gives notice to the spot instances among " + f.nodes(f.Share)
	},
}

func checkSpot(c *faultCheck) {
	for i := range c.s.NodeGroups {
		if g := &c.s.NodeGroups[i]; g.Spot() && (c.fault.Group == "" || c.fault.Group == g.Name) {
			return
		}
	}
	c.warning(c.keyAt(c.path+".kind"), "%s: no node that it could hit is on spot (capacityType of a node group): nothing happens", c.what)
}
