package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipamsim/sim/ipamd"
)

// tally counts what sequences came across: an oracle that never meets a
// behaviour says nothing about it.
type tally map[string]int

const operations = "operations"

// required is what a full run must have met.
var required = []string{
	"assign", "assign -> no available IP/Prefix addresses", "assign again",
	"assign: a choice among interfaces, CIDRs or addresses", "assign: addresses cool down and none is left",
	"unassign", "unassign -> unknown pod",
	"attach", "attach -> duplicate ENI",
	"detach", "detach -> ENI has pods", "detach -> unknown ENI", "detach by force", "detach by force -> unknown ENI",
	"add", "add -> CIDR is already there", "add -> unknown ENI",
	"drop", "drop -> CIDR has pods", "drop -> unknown CIDR", "drop -> unknown ENI",
	"drop by force", "drop by force -> unknown CIDR", "drop by force -> unknown ENI",
	"exclude", "exclude -> unknown ENI",
	"remove unused", "remove unused: none", "remove unused: a choice among interfaces",
	"restart", "restart: allocations are lost", "restart: the mode changes",
	"wait", "wait: an emptied CIDR leaves an excluded interface",
	"an interface is deletable under the targets", "an interface is deletable, but not under the targets",
	"the running count of prefixes is below zero", "a pod is on an address of the other mode",
}

// operation counts one that both books agreed on, and the state after it.
func (t tally) operation(class string, err error, v *view, prefixes bool) {
	t[operations]++
	if err != nil {
		class = fmt.Sprintf("%s -> %v", class, err)
	}
	t[class]++
	if err == ipamd.ErrNoAddress && v.stats.Cooling > 0 {
		t["assign: addresses cool down and none is left"]++
	}
	if v.stats.Prefixes < 0 {
		t["the running count of prefixes is below zero"]++
	}
	if slices.ContainsFunc(v.records, func(r ipamd.Record) bool { return r.Key != "" && r.Block.IsSingleIP() == prefixes }) {
		t["a pod is on an address of the other mode"]++
	}
	if slices.ContainsFunc(v.enis, func(e eniView) bool { return e.deletable }) {
		t["an interface is deletable under the targets"]++
	}
	if slices.ContainsFunc(v.enis, func(e eniView) bool { return e.surplus && !e.deletable }) {
		t["an interface is deletable, but not under the targets"]++
	}
}

func (t tally) missing() []string {
	return slices.DeleteFunc(slices.Clone(required), func(name string) bool { return t[name] > 0 })
}

func (t tally) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%9d  %s\n", t[name], name)
	}
	return b.String()
}
