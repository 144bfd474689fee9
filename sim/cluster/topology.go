package cluster

import "slices"

// This file is what autoscalers make of spread constraints.
//
// Karpenter gives a pod that must be spread over zones the zone that has the
// fewest, which the NodeClaim then is for, and takes a preference for a
// condition for as long as that works
// (pkg/controllers/provisioning/scheduling/topologygroup.go, preferences.go).
// Over hosts a new node always has none, so that each may get maxSkew. The
// Cluster Autoscaler asks the scheduler's own plugin about a node like those of
// the group, which it takes to be in the group's first zone, and preferences are
// nothing to it.

// constrain says how many of a class's pods one new node may get.
func constrain(cl *class, d *demand) {
	if cl.spread == nil {
		return
	}
	for _, c := range cl.spread.Spread {
		if c.Hosts && !c.Soft && (d.atMost == 0 || c.MaxSkew < d.atMost) {
			d.atMost = c.MaxSkew
		}
	}
}

// byZone parts a demand by the zones that its pods must be in: so that all have
// as many of the workload's pods, as far as that goes. Without such a constraint
// it stays whole.
func (p *provisioning) byZone(cl *class, d demand) []demand {
	zones := p.zonesOf(cl)
	at := -1
	if cl.spread != nil {
		at = slices.IndexFunc(cl.spread.Spread, func(c SpreadConstraint) bool { return !c.Hosts && (p.cfg.Kind == Karpenter || !c.Soft) })
	}
	if at < 0 || len(zones) < 2 {
		return []demand{d}
	}
	there := cl.spread.countDomains(cl.groups).zones
	parts := make([]demand, len(zones))
	for i, z := range zones {
		parts[i] = d
		parts[i].count, parts[i].zone, parts[i].relaxes = 0, z, cl.spread.Spread[at].Soft
	}
	for range d.count {
		least := 0
		for i, z := range zones {
			if there[z] < there[zones[least]] {
				least = i
			}
		}
		there[zones[least]]++
		parts[least].count++
	}
	return parts
}

// zonesOf are the zones in which a class's pods may be, in the order of the
// config.
func (p *provisioning) zonesOf(cl *class) (zones []string) {
	for _, g := range cl.groups {
		for _, z := range g.zones {
			if !slices.Contains(zones, z) {
				zones = append(zones, z)
			}
		}
	}
	return zones
}

// pin is a type and a zone that NodeClaims are for.
type pin struct {
	kind int
	zone string
}
