package oracle

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ipamsim/sim/ipamd"
)

// view is all that can be seen of a book at one time.
type view struct {
	stats    ipamd.Stats
	assigned int  // on pods, of both kinds and on excluded interfaces too
	empty    bool // a secondary interface has no pods
	enis     []eniView
	records  []ipamd.Record
	saved    []allocation
}

type eniView struct {
	id          string
	cidrs       []netip.Prefix
	freeable    []netip.Prefix
	allocatable bool // takes more CIDRs under the sequence's limits
	deletable   bool // under the sequence's targets
	surplus     bool // deletable under none
}

// allocation is an entry of the checkpoint.
type allocation struct {
	key     ipamd.SandboxKey
	address netip.Addr
	at      time.Duration
}

// lines is a view to read: one fact a line.
func (v *view) lines() []string {
	list := []string{
		fmt.Sprintf("stats %+v", v.stats),
		fmt.Sprintf("addresses on pods %d", v.assigned),
		fmt.Sprintf("an empty secondary interface: %t", v.empty),
	}
	for _, e := range v.enis {
		list = append(list, fmt.Sprintf("%s holds %v", e.id, e.cidrs),
			fmt.Sprintf("%s could give back %v", e.id, e.freeable),
			fmt.Sprintf("%s allocatable: %t, deletable: %t, deletable without targets: %t", e.id, e.allocatable, e.deletable, e.surplus))
	}
	for _, r := range v.records {
		state := "on " + string(r.Key)
		if r.Key == "" {
			state = "free"
		}
		freed := "never freed"
		if r.Freed {
			freed = fmt.Sprintf("freed at %v", r.FreedAt)
		}
		list = append(list, fmt.Sprintf("%s %v %v: %s, assigned at %v, %s", r.ENI, r.Block, r.Address, state, r.AssignedAt, freed))
	}
	for _, a := range v.saved {
		list = append(list, fmt.Sprintf("checkpoint: %s has %v since %v", a.key, a.address, a.at))
	}
	return list
}

// difference lists the facts that only one of two views has.
func difference(real, ours *view) []string {
	a, b := real.lines(), ours.lines()
	var list []string
	for _, l := range a {
		if !slices.Contains(b, l) {
			list = append(list, "real: "+l)
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			list = append(list, "ours: "+l)
		}
	}
	return list
}

func byBlock(a, b netip.Prefix) int {
	if d := a.Addr().Compare(b.Addr()); d != 0 {
		return d
	}
	return a.Bits() - b.Bits()
}
