package hostnet

import (
	"fmt"
	"net/netip"
	"slices"
)

// Config is what the node's network is set up with.
type Config struct {
	PrimaryIP        netip.Addr     // of the node, on the primary interface
	PrimarySubnet    netip.Prefix   // of the primary interface
	VPCCIDRs         []netip.Prefix // destinations that are never translated
	ExcludeSNATCIDRs []netip.Prefix // AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: nor are these
	ExternalServices []netip.Prefix // AWS_EXTERNAL_SERVICE_CIDRS: always by the primary interface
	ExternalSNAT     bool           // AWS_VPC_K8S_CNI_EXTERNALSNAT: the node translates nothing
	NoNodePort       bool           // AWS_VPC_CNI_NODE_PORT_SUPPORT=false
}

// Network is one node's network stack. Addresses are IPv4.
type Network struct {
	config *Config
	enis   []eni  // by device; the primary interface is the first
	pods   []pod  // by address
	rules  []rule // by priority, and then in the order in which they were written
}

// eni is a link with its addresses and its table.
type eni struct {
	primaryIP netip.Addr
	subnet    netip.Prefix
	device    int
}

// pod is a host-side veth with the /32 route to it, which goes with it.
type pod struct {
	key     string // namespace/name
	address [4]byte
	device  uint8 // of the interface that the address belongs to
}

// New returns the stack of a node that has just booted: the primary link and
// the kernel's own rules. ipamd's start adds to it; see SetupHost. Nodes of
// one kind may share the slices of config.
func New(config Config) *Network {
	return &Network{
		config: &config,
		enis:   []eni{{primaryIP: config.PrimaryIP, subnet: config.PrimarySubnet}},
		rules:  []rule{{priority: priorityLocal, table: tableLocal}, {priority: priorityMain, table: TableMain}, {priority: priorityDefault, table: tableDefault}},
	}
}

// SetupHost is what ipamd does to the host at each start: it writes the rule
// for marked packets anew, and the rules for external services.
func (n *Network) SetupHost() {
	n.deleteRules(func(r rule) bool { return r.priority == priorityMark || r.priority == priorityService })
	if !n.config.NoNodePort || !n.config.ExternalSNAT {
		n.addRule(rule{priority: priorityMark, table: TableMain})
	}
	for i := range n.config.ExternalServices {
		n.addRule(rule{priority: priorityService, table: TableMain, service: uint8(i)})
	}
}

// Table is the number of an interface's routing table: the main table for
// the primary one, device + 1 for the others.
func Table(device int) int {
	if device == 0 {
		return TableMain
	}
	return device + 1
}

// SetupENI brings an attached interface up: its table with a default route,
// and the rule for packets from its primary address. The primary interface
// needs nothing. It fails when the device index or the address is impossible.
func (n *Network) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) error {
	if device == 0 {
		return nil
	}
	if device < 0 || device > maxDevice || !primaryIP.Is4() {
		return fmt.Errorf("cannot set up interface %d with the address %v", device, primaryIP)
	}
	n.Detached(device)
	at, _ := slices.BinarySearchFunc(n.enis, device, func(e eni, device int) int { return e.device - device })
	n.enis = slices.Insert(n.enis, at, eni{primaryIP: primaryIP, subnet: subnet, device: device})
	n.addRuleOnce(rule{priority: priorityENI, table: uint16(Table(device)), address: primaryIP.As4()})
	return nil
}

// RemoveENI is ipamd's clean-up after it has detached an interface: the rules
// from its primary address go, and with the link its table.
func (n *Network) RemoveENI(primaryIP netip.Addr) {
	for _, e := range n.enis {
		if e.primaryIP == primaryIP && e.device != 0 {
			n.Detached(e.device)
			break
		}
	}
	address := primaryIP.As4()
	n.deleteRules(func(r rule) bool { return r.isFrom(address) })
}

// Detached is what the kernel does when an interface disappears: the link's
// routes go, and every rule stays.
func (n *Network) Detached(device int) {
	n.enis = slices.DeleteFunc(n.enis, func(e eni) bool { return e.device == device && device != 0 })
}

// AddPod wires a pod: veth and route, the rule to it, and, on a secondary
// interface, the rule from it. A veth left over by an older sandbox of the
// pod is replaced.
func (n *Network) AddPod(key string, address netip.Addr, device int) {
	a := address.As4()
	n.DropVeth(key)
	at, found := n.find(a)
	if found { // the route is replaced; the older veth leads nowhere
		n.pods[at] = pod{key: key, address: a, device: uint8(device)}
	} else {
		n.pods = slices.Insert(n.pods, at, pod{key: key, address: a, device: uint8(device)})
	}
	n.addRuleOnce(rule{priority: priorityToPod, table: TableMain, address: a})
	if device != 0 {
		n.addRuleOnce(rule{priority: priorityFromPod, table: uint16(Table(device)), address: a})
	}
}

// RemovePod is the plugin's teardown: the rules to and from the address go,
// and the route. device is what the plugin was told when it asked; on the
// primary interface it does not look for rules from the pod.
func (n *Network) RemovePod(address netip.Addr, device int) {
	a := address.As4()
	n.deleteRules(func(r rule) bool {
		return r.address == a && (r.priority == priorityToPod || r.priority == priorityFromPod && device != 0)
	})
	if at, found := n.find(a); found {
		n.pods = slices.Delete(n.pods, at, at+1)
	}
}

// DropVeth is the end of a pod's network namespace: a veth that nobody tore
// down goes, and with it the route; the rules stay.
func (n *Network) DropVeth(key string) {
	n.pods = slices.DeleteFunc(n.pods, func(p pod) bool { return p.key == key })
}

// RefreshPodRule is what ipamd does at its start for each address that it
// recovers: the rules from the address are replaced by one to the table of
// the last of them. A missing rule is not made.
func (n *Network) RefreshPodRule(address netip.Addr) {
	a := address.As4()
	table := uint16(0)
	n.deleteRules(func(r rule) bool {
		if !r.isFrom(a) {
			return false
		}
		table = r.table
		return true
	})
	if table != 0 {
		n.addRule(rule{priority: priorityFromPod, table: table, address: a})
	}
}

// HasVeth says whether the pod, as namespace/name, has a host-side interface.
func (n *Network) HasVeth(key string) bool {
	return slices.ContainsFunc(n.pods, func(p pod) bool { return p.key == key })
}

// Pods is the number of pods that are wired.
func (n *Network) Pods() int { return len(n.pods) }

// FlushRules removes every rule but the kernel's own three, as
// systemd-networkd does with rules that it did not write. Routes stay.
func (n *Network) FlushRules() {
	n.deleteRules(func(r rule) bool {
		return r.priority != priorityLocal && r.priority != priorityMain && r.priority != priorityDefault
	})
}

func (n *Network) find(a [4]byte) (int, bool) {
	return slices.BinarySearchFunc(n.pods, a, func(p pod, a [4]byte) int { return slices.Compare(p.address[:], a[:]) })
}

func (n *Network) link(device int) (eni, bool) {
	for _, e := range n.enis {
		if e.device == device {
			return e, true
		}
	}
	return eni{}, false
}
