package findings

import (
	"slices"
	"strings"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// Guide is what there is to know of a failure mode before it comes.
type Guide struct {
	Mode     result.Mode
	Means    string // what it is
	Evidence string // what must have been measured, so that it is found
	Tried    string // changes that come into question, which are tried; empty where there are none

	checks []result.Check // with what stands for the node, the address and so on
	alert  *result.Alert
}

// Guides are those of all modes, in the order of package result.
var Guides = slices.Concat(poolGuides, networkGuides, scenarioGuides)

// GuideTo is the one of a mode.
func GuideTo(mode result.Mode) (Guide, bool) {
	i := slices.IndexFunc(Guides, func(g Guide) bool { return g.Mode == mode })
	if i < 0 {
		return Guide{}, false
	}
	return Guides[i], true
}

// What commands of guides have in place of what only a finding knows.
const (
	theNode     = "NODE"
	theAddress  = "ADDRESS"
	theVeth     = "VETH"
	theResolver = "RESOLVER"
)

// Alert finds the mode in a running cluster; nil where no metric tells of it.
func (g *Guide) Alert() *result.Alert { return g.alert }

// checksFor are the checks with what a finding knows: the first pod or address
// that it is about.
func (g *Guide) checksFor(example *result.Defect, f *Facts) []result.Check {
	if example == nil {
		return g.checks
	}
	known := strings.NewReplacer(theNode, example.Node, theAddress, example.Address, theVeth, hostnet.VethName("eni", example.Pod), theResolver, f.resolver)
	list := slices.Clone(g.checks)
	for i := range list {
		list[i].Command, list[i].Shows = known.Replace(list[i].Command), known.Replace(list[i].Shows)
	}
	return list
}

// example is the first pod, or address, that a finding of the network is about.
func (o *outcome) example(mode result.Mode) *result.Defect {
	if list := o.Network.Of(defects[mode]); len(list) > 0 {
		return &list[0].Examples[0]
	}
	return nil
}
