package hostnet

import (
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

// rule is one policy rule in 10 bytes: a node has two per pod.
type rule struct {
	priority uint16
	table    uint16
	address  [4]byte // of the pod or the interface; the priority says whether it is source or destination
	service  uint8   // index in Config.ExternalServices
}

func (r rule) isFrom(a [4]byte) bool {
	return r.address == a && (r.priority == priorityFromPod || r.priority == priorityENI)
}

// matches says whether the rule speaks of a packet.
func (r rule) matches(c *Config, p packet) bool {
	switch r.priority {
	case priorityToPod:
		return p.dst.As4() == r.address
	case priorityMark:
		return p.marked
	case priorityService:
		return c.ExternalServices[r.service].Contains(p.dst)
	case priorityFromPod, priorityENI:
		return p.src.As4() == r.address
	}
	return true
}

// addRule puts r behind the rules of its priority, as the kernel does.
func (n *Network) addRule(r rule) {
	at, _ := slices.BinarySearchFunc(n.rules, int(r.priority)+1, func(r rule, priority int) int { return int(r.priority) - priority })
	n.rules = slices.Insert(n.rules, at, r)
}

// addRuleOnce accepts that an equal rule exists.
func (n *Network) addRuleOnce(r rule) {
	if !slices.Contains(n.rules, r) {
		n.addRule(r)
	}
}

func (n *Network) deleteRules(which func(rule) bool) { n.rules = slices.DeleteFunc(n.rules, which) }

// Rules lists the policy rules in the order in which the kernel asks them,
// one line each, as `ip rule` prints them.
func (n *Network) Rules() []string {
	lines := make([]string, len(n.rules))
	for i, r := range n.rules {
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
