package sim

import (
	"net/netip"

	"ipamsim/sim/cluster"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// maxExamples of an episode.
const maxExamples = 5

// network sums up what the run has seen of the nodes' networks.
func (c *collector) network() result.Network {
	n := result.Network{DroppingPeak: c.droppedTop, DroppingEnd: c.dropping}
	type group struct {
		kind  result.DefectKind
		cause result.NetworkCause
	}
	index := map[group]int{}
	affected, nodes := map[string]bool{}, map[int]map[string]bool{}
	for _, d := range c.defects {
		if d.kind.Dropping() {
			affected[d.pod] = true
		}
		if d.ended == cluster.Never {
			switch d.kind {
			case result.StaleRule:
				n.StaleRulesEnd++
			case result.LeakedAddress:
				n.LeakedEnd++
			}
		}
		g := group{d.kind, d.cause}
		i, known := index[g]
		if !known {
			i = len(n.Episodes)
			index[g], nodes[i] = i, map[string]bool{}
			n.Episodes = append(n.Episodes, result.Episode{Kind: d.kind, Cause: d.cause, Began: result.Rounded((d.began - c.from).Seconds())})
		}
		nodes[i][d.node] = true
		d.addTo(&n.Episodes[i], c.seconds(d))
		n.Episodes[i].Nodes = len(nodes[i])
	}
	n.Affected = len(affected)
	return n
}

// addTo counts a defect in its episode.
func (d *defect) addTo(e *result.Episode, shown result.Defect) {
	e.Count++
	if d.misdirects {
		e.Misdirecting++
	}
	switch {
	case shown.Ended == nil:
		e.Lasting++
		e.Ended = nil
	case e.Lasting == 0 && (e.Ended == nil || *e.Ended < *shown.Ended):
		e.Ended = shown.Ended
	}
	if len(e.Examples) < maxExamples {
		e.Examples = append(e.Examples, shown)
	}
}

// seconds is a defect as the result shows it.
func (c *collector) seconds(d *defect) result.Defect {
	out := result.Defect{
		Kind: d.kind, Node: d.node, Pod: d.pod, Address: d.address.String(), Cause: d.cause,
		Began: result.Rounded((d.began - c.from).Seconds()),
	}
	if d.ended != cluster.Never {
		ended := result.Rounded((d.ended - c.from).Seconds())
		out.Ended = &ended
	}
	return out
}

// checkStaleRules looks whether a stale rule misdirects anybody's packets now: whether a pod of the
// node that sends to the address, which another node's pod has by now, sends
// it out of the wrong interface.
func (m *machine) checkStaleRules() {
	for _, d := range m.defects {
		if d.kind != result.StaleRule || d.misdirects {
			continue
		}
		place, owned := m.world.account.PlaceOf(d.address)
		if !owned || place.Instance == m.node.Instance.ID || place.Instance == "" {
			continue
		}
		m.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
			path := m.network.Route(p.Address, d.address, nil)
			owner, ok := m.world.account.PlaceOf(path.Source)
			d.misdirects = d.misdirects || path.Verdict == hostnet.ByInterface && (!ok || owner.Device != path.Device)
		})
	}
}
