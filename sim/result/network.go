package result

import (
	"cmp"
	"slices"
)

// DefectKind is what can be wrong with the network of a node.
type DefectKind string

// The kinds. The first five are of pods in service, from the end of their
// ADD until their containers end; the others of addresses without such a pod.
const (
	// WrongInterface: what the pod sends inside the VPC leaves by an
	// interface that does not have its address, and the VPC drops it.
	WrongInterface DefectKind = "wrong-interface"
	// NoWayOut: what the pod sends out of the VPC carries the node's address,
	// leaves by another interface than that one's, and the VPC drops it.
	NoWayOut DefectKind = "no-way-out"
	// LostAddress: no interface of the node has the pod's address any more.
	LostAddress DefectKind = "lost-address"
	// Unrouted: what comes for the pod's address is not led to the pod,
	// because another pod has the address too, or had it.
	Unrouted DefectKind = "unrouted"
	// MissingRule: nothing is lost yet, but the rule to the pod (512) is not
	// there: pods of the node whose interface is a secondary one and that have
	// their own rules do not reach it, nor it them.
	MissingRule DefectKind = "missing-rule"
	// StaleRule: a rule to or from an address that no pod of the node has.
	StaleRule DefectKind = "stale-rule"
	// LeakedAddress: ipamd has the address on a pod that has gone.
	LeakedAddress DefectKind = "leaked-address"
)

// Dropping says whether a pod that has it loses packets.
func (k DefectKind) Dropping() bool {
	return k == WrongInterface || k == NoWayOut || k == LostAddress || k == Unrouted
}

// OfWiring says whether it may come of a step of wiring that has failed.
func (k DefectKind) OfWiring() bool {
	return k == WrongInterface || k == StaleRule || k == LeakedAddress
}

// Defect is something that was wrong with a node's network. Times are in
// seconds from time 0.
type Defect struct {
	Kind    DefectKind   `json:"kind"`
	Node    string       `json:"node"`
	Pod     string       `json:"pod,omitempty"`
	Address string       `json:"address"`
	Began   float64      `json:"began_seconds"`
	Ended   *float64     `json:"ended_seconds,omitempty"` // absent: it lasts
	Cause   NetworkCause `json:"cause"`
}

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
	// misdirected packets. Absent without faults, when a fault does not end, and
	// when something stayed broken.
	Recovery *float64 `json:"recovery_seconds,omitempty"`
	// Broken is what stayed so until the end, after faults that had ended.
	Broken []string `json:"broken,omitempty"`

	Episodes []Episode `json:"episodes,omitempty"` // in the order in which they began
	// Further is how many defects came after the first 100,000: they are in
	// pods_dropping_peak and pods_dropping_end, and in no other count here nor in
	// the episodes. Absent for none, which is the rule.
	Further int `json:"further_defects,omitempty"`
}

// Episode is one kind of defect with one cause. Times are in seconds from
// time 0.
type Episode struct {
	Kind         DefectKind   `json:"kind"`
	Cause        NetworkCause `json:"cause"`
	Began        float64      `json:"began_seconds"`           // the first of them
	LastBegan    float64      `json:"last_began_seconds"`      // the last of them
	Ended        *float64     `json:"ended_seconds,omitempty"` // the last of them; absent when any lasts
	Count        int          `json:"count"`                   // of pods, or of addresses where it is about addresses: each once, however often
	Again        int          `json:"again,omitempty"`         // of these, those that are in an earlier episode of this kind
	Lasting      int          `json:"lasting"`                 // at the end of the run
	Nodes        int          `json:"nodes"`
	Misdirecting int          `json:"misdirecting,omitempty"` // stale rules that caught what was sent to the address's next pod
	Examples     []Defect     `json:"examples"`               // the first few
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
	n.Further = mean(func(o *Outcome) int { return o.Network.Further })
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

// Of are the episodes of a kind.
func (n *Network) Of(kind DefectKind) (list []Episode) {
	for _, e := range n.Episodes {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}
