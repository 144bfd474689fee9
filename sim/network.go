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
	// bit. Absent without faults, when a fault does not end, and when something
	// stayed broken.
	Recovery *float64 `json:"recovery_seconds,omitempty"`
	// Broken is what stayed so until the end, after faults that had ended.
	Broken []string `json:"broken,omitempty"`

	Episodes []Episode `json:"episodes,omitempty"` // in the order in which they began
}

// Episode is one kind of ailment with one cause. Times are in seconds from
// time 0.
type Episode struct {
	Kind     AilmentKind `json:"kind"`
	Cause    string      `json:"cause"`
	Began    float64     `json:"began_seconds"`           // the first of them
	Ended    *float64    `json:"ended_seconds,omitempty"` // the last of them; absent when any lasts
	Count    int         `json:"count"`
	Lasting  int         `json:"lasting"` // at the end of the run
	Nodes    int         `json:"nodes"`
	Biting   int         `json:"biting,omitempty"` // stale rules that caught what was sent to the address's next pod
	Examples []Ailment   `json:"examples"`         // the first few
}

// maxExamples of an episode.
const maxExamples = 5

// network sums up what the run has seen of the nodes' networks.
func (c *collector) network() Network {
	n := Network{DroppingPeak: c.droppedTop, DroppingEnd: c.dropping}
	type group struct {
		kind  AilmentKind
		cause string
	}
	index := map[group]int{}
	affected, nodes := map[string]bool{}, map[int]map[string]bool{}
	for _, a := range c.ailments {
		if a.kind.dropping() {
			affected[a.pod] = true
		}
		if a.ended == cluster.Never {
			switch a.kind {
			case StaleRule:
				n.StaleRulesEnd++
			case LeakedAddress:
				n.LeakedEnd++
			}
		}
		g := group{a.kind, a.cause}
		i, known := index[g]
		if !known {
			i = len(n.Episodes)
			index[g], nodes[i] = i, map[string]bool{}
			n.Episodes = append(n.Episodes, Episode{Kind: a.kind, Cause: a.cause, Began: rounded((a.began - c.from).Seconds())})
		}
		nodes[i][a.node] = true
		n.Episodes[i].add(a, c.seconds(a))
		n.Episodes[i].Nodes = len(nodes[i])
	}
	n.Affected = len(affected)
	return n
}

// add takes one ailment in.
func (e *Episode) add(a *ailment, shown Ailment) {
	e.Count++
	if a.bites {
		e.Biting++
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

// seconds is an ailment as the result shows it.
func (c *collector) seconds(a *ailment) Ailment {
	out := Ailment{
		Kind: a.kind, Node: a.node, Pod: a.pod, Address: a.address.String(), Cause: a.cause,
		Began: rounded((a.began - c.from).Seconds()),
	}
	if a.ended != cluster.Never {
		ended := rounded((a.ended - c.from).Seconds())
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

// bite looks whether a stale rule harms anybody now: whether a pod of the
// node that sends to the address, which another node's pod has by now, sends
// it out of the wrong interface.
func (m *machine) bite() {
	for _, a := range m.ill {
		if a.kind != StaleRule || a.bites {
			continue
		}
		place, owned := m.world.account.PlaceOf(a.address)
		if !owned || place.Instance == m.node.Instance.ID || place.Instance == "" {
			continue
		}
		m.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
			path := m.network.Route(p.Address, a.address, nil)
			owner, ok := m.world.account.PlaceOf(path.Source)
			a.bites = a.bites || path.Verdict == hostnet.ByInterface && (!ok || owner.Device != path.Device)
		})
	}
}
