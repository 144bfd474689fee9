package sim

import (
	"cmp"
	"net/netip"
	"slices"

	"ipamsim/sim/cluster"
	"ipamsim/sim/hostnet"
)

// Network is what was wrong with the nodes' networks.
type Network struct {
	DroppingPeak  int `json:"pods_dropping_peak"`   // most pods at once that lost packets
	DroppingEnd   int `json:"pods_dropping_end"`    // at the end of the run
	Affected      int `json:"pods_affected"`        // that lost packets at any time
	StaleRulesEnd int `json:"stale_rules_end"`      // addresses with a rule and without a pod, on all nodes
	LeakedEnd     int `json:"leaked_addresses_end"` // that ipamd has on pods which have gone

	// Recovery is how long after the end of the last fault all was well and
	// stayed so, in seconds, to the next sample: no pod lost packets, none was
	// late by more than a minute or missing because its node had died, ipamd
	// served on every node that was Ready, no address was leaked, no stale rule
	// misdirected packets. Absent without faults, when a fault does not end, and when something
	// stayed broken.
	Recovery *float64 `json:"recovery_seconds,omitempty"`
	// Broken is what stayed so until the end, after faults that had ended.
	Broken []string `json:"broken,omitempty"`

	Episodes []Episode `json:"episodes,omitempty"` // in the order in which they began
}

// Episode is one kind of defect with one cause. Times are in seconds from
// time 0.
type Episode struct {
	Kind         DefectKind   `json:"kind"`
	Cause        NetworkCause `json:"cause"`
	Began        float64      `json:"began_seconds"`           // the first of them
	Ended        *float64     `json:"ended_seconds,omitempty"` // the last of them; absent when any lasts
	Count        int          `json:"count"`
	Lasting      int          `json:"lasting"` // at the end of the run
	Nodes        int          `json:"nodes"`
	Misdirecting int          `json:"biting,omitempty"` // stale rules that caught what was sent to the address's next pod
	Examples     []Defect     `json:"examples"`         // the first few
}

// maxExamples of an episode.
const maxExamples = 5

// network sums up what the run has seen of the nodes' networks.
func (c *collector) network() Network {
	n := Network{DroppingPeak: c.droppedTop, DroppingEnd: c.dropping}
	type group struct {
		kind  DefectKind
		cause NetworkCause
	}
	index := map[group]int{}
	affected, nodes := map[string]bool{}, map[int]map[string]bool{}
	for _, d := range c.defects {
		if d.kind.dropping() {
			affected[d.pod] = true
		}
		if d.ended == cluster.Never {
			switch d.kind {
			case StaleRule:
				n.StaleRulesEnd++
			case LeakedAddress:
				n.LeakedEnd++
			}
		}
		g := group{d.kind, d.cause}
		i, known := index[g]
		if !known {
			i = len(n.Episodes)
			index[g], nodes[i] = i, map[string]bool{}
			n.Episodes = append(n.Episodes, Episode{Kind: d.kind, Cause: d.cause, Began: rounded((d.began - c.from).Seconds())})
		}
		nodes[i][d.node] = true
		n.Episodes[i].add(d, c.seconds(d))
		n.Episodes[i].Nodes = len(nodes[i])
	}
	n.Affected = len(affected)
	return n
}

// add takes one defect in.
func (e *Episode) add(d *defect, shown Defect) {
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
func (c *collector) seconds(d *defect) Defect {
	out := Defect{
		Kind: d.kind, Node: d.node, Pod: d.pod, Address: d.address.String(), Cause: d.cause,
		Began: rounded((d.began - c.from).Seconds()),
	}
	if d.ended != cluster.Never {
		ended := rounded((d.ended - c.from).Seconds())
		out.Ended = &ended
	}
	return out
}

// poolNetwork takes peaks and the worst recovery over all replications, means
// of the counts, and the episodes of the replication in which most pods lost
// packets.
func poolNetwork(list []*Outcome, mean func(func(*Outcome) int) int) Network {
	worst := slices.MaxFunc(list, func(a, b *Outcome) int {
		return cmp.Or(cmp.Compare(a.Network.Affected, b.Network.Affected), cmp.Compare(len(a.Network.Episodes), len(b.Network.Episodes)))
	})
	n := worst.Network
	n.DroppingEnd = mean(func(o *Outcome) int { return o.Network.DroppingEnd })
	n.Affected = mean(func(o *Outcome) int { return o.Network.Affected })
	n.StaleRulesEnd = mean(func(o *Outcome) int { return o.Network.StaleRulesEnd })
	n.LeakedEnd = mean(func(o *Outcome) int { return o.Network.LeakedEnd })
	for _, o := range list {
		n.DroppingPeak = max(n.DroppingPeak, o.Network.DroppingPeak)
		switch {
		case o.Network.Recovery == nil:
			n.Recovery = nil
		case n.Recovery != nil && *o.Network.Recovery > *n.Recovery:
			n.Recovery = o.Network.Recovery
		}
		if len(n.Broken) == 0 {
			n.Broken = o.Network.Broken
		}
	}
	return n
}

// checkStaleRules looks whether a stale rule misdirects anybody's packets now: whether a pod of the
// node that sends to the address, which another node's pod has by now, sends
// it out of the wrong interface.
func (m *machine) checkStaleRules() {
	for _, d := range m.defects {
		if d.kind != StaleRule || d.misdirects {
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
