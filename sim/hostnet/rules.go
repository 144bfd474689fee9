package hostnet

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// Priorities of the rules (pkg/networkutils/network.go and names.go of the VPC CNI); the
// kernel's own are the first and the last two.
const (
	priorityLocal   = 0
	priorityToPod   = 512
	priorityMark    = 1024
	priorityService = 1535
	priorityFromPod = 1536
	priorityENI     = 32765
	priorityMain    = 32766
	priorityDefault = 32767
)

// The kernel's own tables.
const (
	TableMain    = 254
	TableLocal   = 255
	tableDefault = 253
)

const maxDevice = 99 // highest device index that ipamd looks at

// rule is one policy rule. The rules of a pod are a part of its veth as long
// as that has those of its ADD, and loose otherwise.
type rule struct {
	priority uint16
	table    uint16
	address  [4]byte // of the pod or the interface; the priority says whether it is source or destination
	service  uint8   // index in Config.ExternalServices
}

var (
	kernelLocal   = rule{priority: priorityLocal, table: TableLocal}
	markRule      = rule{priority: priorityMark, table: TableMain}
	kernelMain    = rule{priority: priorityMain, table: TableMain}
	kernelDefault = rule{priority: priorityDefault, table: tableDefault}
)

// looseRule is one that is no part of a veth: an interface's, or a pod's whose
// veth has gone or is a later one.
type looseRule struct {
	rule
	order int32 // among those of its priority
}

func ruleTo(a [4]byte) rule { return rule{priority: priorityToPod, table: TableMain, address: a} }

func ruleFrom(a [4]byte, table uint16) rule {
	return rule{priority: priorityFromPod, table: table, address: a}
}

// ofPod says whether it is one that the plugin writes for an address.
func (r rule) ofPod(a [4]byte) bool {
	return r.address == a && (r.priority == priorityToPod || r.priority == priorityFromPod)
}

// isFrom says whether it speaks of packets from an address.
func (r rule) isFrom(a [4]byte) bool {
	return r.address == a && (r.priority == priorityFromPod || r.priority == priorityENI)
}

// toRule is the rule to the veth's pod, as its ADD has written it: when the
// link was made.
func (v *veth) toRule() looseRule { return looseRule{ruleTo(v.address), v.link} }

func (v *veth) fromRule() looseRule {
	return looseRule{ruleFrom(v.address, uint16(Table(int(v.device)))), v.fromOrder}
}

// hasRule says whether a rule of a pod is there.
func (n *Network) hasRule(r rule) bool {
	twins := n.vethsOf(r.address)
	for i := range twins {
		v := &twins[i]
		if v.state&ruledTo != 0 && v.toRule().rule == r || v.state&ruledFrom != 0 && v.fromRule().rule == r {
			return true
		}
	}
	return slices.ContainsFunc(n.loose, func(l looseRule) bool { return l.rule == r })
}

// addFrom puts a rule from an address behind the others, as the kernel does.
func (n *Network) addFrom(r rule) {
	n.lastRule++
	twins := n.vethsOf(r.address)
	for i := range twins {
		if v := &twins[i]; v.state&ruledFrom == 0 && v.fromRule().rule == r {
			v.state, v.fromOrder = v.state|ruledFrom, n.lastRule
			return
		}
	}
	n.loose = append(n.loose, looseRule{r, n.lastRule})
}

// deleteRules deletes those about an address of which which is true.
func (n *Network) deleteRules(a [4]byte, which func(rule) bool) {
	twins := n.vethsOf(a)
	for i := range twins {
		v := &twins[i]
		if which(v.toRule().rule) {
			v.state &^= ruledTo
		}
		if which(v.fromRule().rule) {
			v.state &^= ruledFrom
		}
	}
	n.loose = slices.DeleteFunc(n.loose, func(l looseRule) bool { return l.address == a && which(l.rule) })
}

// loosen keeps the rules of a veth that goes.
func (n *Network) loosen(v *veth) {
	if v.state&ruledTo != 0 {
		n.loose = append(n.loose, v.toRule())
	}
	if v.state&ruledFrom != 0 {
		n.loose = append(n.loose, v.fromRule())
	}
}

// rulesFrom appends the rules from an address to a list, in the order in which
// the kernel asks them.
func (n *Network) rulesFrom(a [4]byte, list []looseRule) []looseRule {
	twins := n.vethsOf(a)
	for i := range twins {
		if v := &twins[i]; v.state&ruledFrom != 0 {
			list = append(list, v.fromRule())
		}
	}
	for _, l := range n.loose {
		if l.isFrom(a) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, compareRules)
	return list
}

func compareRules(a, b looseRule) int {
	return cmp.Or(int(a.priority)-int(b.priority), int(a.order-b.order))
}

// about visits the rules that speak of a packet, in the order in which the
// kernel asks them, until visit says that it has seen enough.
func (n *Network) about(p packet, visit func(rule) bool) {
	if !visit(kernelLocal) {
		return
	}
	if to := ruleTo(p.dst.As4()); n.hasRule(to) && !visit(to) {
		return
	}
	if p.marked && n.marking && !visit(markRule) {
		return
	}
	for i := range n.services {
		if n.config.ExternalServices[i].Contains(p.dst) && !visit(serviceRule(i)) {
			return
		}
	}
	var few [4]looseRule
	for _, r := range n.rulesFrom(p.src.As4(), few[:0]) {
		if !visit(r.rule) {
			return
		}
	}
	if visit(kernelMain) {
		visit(kernelDefault)
	}
}

func serviceRule(i uint8) rule { return rule{priority: priorityService, table: TableMain, service: i} }

// rules are all of them in the order in which the kernel asks them.
func (n *Network) rules() []rule {
	list := slices.Clone(n.loose)
	for i := range n.veths {
		v := &n.veths[i]
		if v.state&ruledTo != 0 {
			list = append(list, v.toRule())
		}
		if v.state&ruledFrom != 0 {
			list = append(list, v.fromRule())
		}
	}
	for i := range n.services {
		list = append(list, looseRule{serviceRule(i), int32(i)})
	}
	if n.marking {
		list = append(list, looseRule{rule: markRule})
	}
	list = append(list, looseRule{rule: kernelLocal}, looseRule{rule: kernelMain}, looseRule{rule: kernelDefault})
	slices.SortFunc(list, compareRules)
	out := make([]rule, len(list))
	for i := range list {
		out[i] = list[i].rule
	}
	return out
}

// Rules lists the policy rules in the order in which the kernel asks them,
// one line each, as `ip rule` prints them.
func (n *Network) Rules() []string {
	list := n.rules()
	lines := make([]string, len(list))
	for i, r := range list {
		lines[i] = r.shown(n.config).String()
	}
	return lines
}

// shown is the rule as one sees it.
func (r rule) shown(c *Config) Rule {
	rule := Rule{Priority: int(r.priority), Table: TableName(r.table)}
	address := single(netip.AddrFrom4(r.address))
	switch r.priority {
	case priorityToPod:
		rule.To = address
	case priorityMark:
		rule.Mark = c.Mark
	case priorityService:
		if to := c.ExternalServices[r.service]; to.Bits() > 0 { // one to everywhere is one without a destination
			rule.To = to
		}
	case priorityFromPod, priorityENI:
		rule.From = address
	}
	return rule
}

// TableName is what `ip` calls a table.
func TableName(table uint16) string {
	switch table {
	case TableMain:
		return "main"
	case tableDefault:
		return "default"
	case TableLocal:
		return "local"
	}
	return fmt.Sprint(table)
}

// String is the rule as `ip rule` prints it.
func (r Rule) String() string { return fmt.Sprintf("%d:\t%s", r.Priority, r.action()) }

// action is the rule without its priority.
func (r Rule) action() string {
	text := "from " + host(r.From)
	if r.To.IsValid() {
		text += " to " + host(r.To)
	}
	if r.Mark != 0 {
		text += fmt.Sprintf(" fwmark %#x", r.Mark)
		if r.Mark != allBits {
			text += fmt.Sprintf("/%#x", r.Mark)
		}
	}
	return text + " lookup " + r.Table
}

const allBits = 1<<32 - 1 // a mask that `ip` leaves out

// host is a prefix without the length of a single address.
func host(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return "all"
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}
