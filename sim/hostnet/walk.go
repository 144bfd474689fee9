package hostnet

import (
	"fmt"
	"net/netip"
)

// Verdict is what becomes of a packet on its way through a node.
type Verdict uint8

// The verdicts.
const (
	Dropped     Verdict = iota // see Path.Reason
	ToPod                      // by a veth, to a pod of the node
	ToHost                     // to the node itself
	ByInterface                // out by the interface Path.Device
)

func (v Verdict) String() string {
	return [...]string{"dropped", "to pod", "to host", "by interface"}[v]
}

// Path is where a packet goes.
type Path struct {
	Verdict  Verdict
	Reason   string     // why the node drops it
	Device   int        // ByInterface: the interface that it leaves by. ToPod: the one that the pod's address is on
	Pod      string     // ToPod
	Source   netip.Addr // the source address that it carries in the end
	SNAT     bool       // Source was translated to the node's
	Priority int        // of the rule that decided
	Table    int        // that the rule pointed to
}

// Reasons for which a node drops a packet.
const (
	ReasonNoRoute    = "no rule leads to a route"
	ReasonPodRoute   = "the pod has no default route"
	ReasonPodAddress = "the pod's eth0 has no address"
	ReasonNeighbour  = "nobody answers for 169.254.1.1: the pod's neighbour entry is missing, and the host does no proxy ARP"
	// ReasonReversePath is the kernel's reverse-path filter; `nstat -az
	// TcpExtIPReversePathFilter` counts what it drops.
	ReasonReversePath = "the way back does not lead to the pod's veth: reverse-path filtering drops it"
)

// Hop is one thing that happens to a packet, and the command that shows on
// the real machine why.
type Hop struct {
	InPod   bool // in the pod's network namespace, not in the node's
	FromPod bool // out of the pod: the first one on the node
	What    string
	See     string // command; empty where there is none
}

// packet on its way.
type packet struct {
	src, dst netip.Addr
	from     *veth // of the pod that has sent it; nil for the node and for what has arrived
	marked   bool  // it has to leave by the primary interface
}

// Route follows a packet from src to dst, both IPv4, through the node: one
// that a pod of the node or the node itself sends, or that has arrived from
// elsewhere. Each hop is noted unless note is nil.
//
// Reverse-path filtering is loose (2) everywhere: on the primary interface
// the init container sets it, elsewhere it is systemd's default, on veths too
// (https://github.com/bottlerocket-os/bottlerocket/pull/1677). What arrives
// by an interface with an address it never drops; see comesBack for pods.
func (n *Network) Route(src, dst netip.Addr, note func(Hop)) Path {
	p := packet{src: src, dst: dst, from: n.sender(src)}
	if p.from != nil {
		if reason := n.leavePod(p, note); reason != "" {
			return Path{Verdict: Dropped, Reason: reason, Source: src}
		}
		if !n.comesBack(p) {
			return Path{Verdict: Dropped, Reason: ReasonReversePath, Source: src}
		}
		p.marked = n.mark(p, note)
	}
	return n.forward(p, note)
}

// Receive is Route for a packet that has arrived by an interface, even if its
// source is a pod of the node: one that the VPC has brought back.
func (n *Network) Receive(src, dst netip.Addr, note func(Hop)) Path {
	return n.forward(packet{src: src, dst: dst}, note)
}

// forward asks the rules.
func (n *Network) forward(p packet, note func(Hop)) Path {
	way := Path{Verdict: Dropped, Reason: ReasonNoRoute, Source: p.src}
	n.about(p, func(r rule) bool {
		path, ok := n.lookup(int(r.table), p.dst)
		if note != nil {
			n.noteRule(r, p.dst, ok, note)
		}
		if ok {
			path.Source, path.Priority, path.Table = p.src, int(r.priority), int(r.table)
			n.postRouting(&path, p.dst, note)
			way = path
		}
		return !ok
	})
	return way
}

// sender is the pod that has an address: the one that the route leads to, or
// else one that has it all the same.
func (n *Network) sender(src netip.Addr) *veth {
	if !src.Is4() {
		return nil
	}
	if v, ok := n.routedTo(src.As4()); ok {
		return v
	}
	if at, ok := n.find(src.As4()); ok {
		return &n.veths[at]
	}
	return nil
}

// leavePod is the way to the host's end of the veth; an answer is why it ends
// before.
func (n *Network) leavePod(p packet, note func(Hop)) string {
	switch state := p.from.state; {
	case state&podRoute == 0:
		return ReasonPodRoute
	case state&podAddress == 0:
		return ReasonPodAddress
	case state&podNeighbour == 0:
		return ReasonNeighbour
	}
	if note != nil {
		host := VethName(n.config.VethPrefix, p.from.key)
		note(Hop{InPod: true, What: fmt.Sprintf("default via %v dev eth0", podGateway), See: "ip route"})
		note(Hop{InPod: true, What: fmt.Sprintf("%v is the other end of the veth, by a permanent neighbour entry", podGateway), See: "ip neigh"})
		note(Hop{FromPod: true, What: fmt.Sprintf("in by %s, the host's end of the veth", host), See: "ip link show " + host})
	}
	return ""
}

// comesBack says whether an unmarked packet back to the pod would go to the
// veth that this one has come by. The host's end has no address, and on such
// a link the kernel insists on that even where the filter is loose
// (__fib_validate_source in net/ipv4/fib_frontend.c).
func (n *Network) comesBack(p packet) bool {
	comes := false
	n.about(packet{src: p.dst, dst: p.src}, func(r rule) bool {
		path, ok := n.lookup(int(r.table), p.src)
		comes = ok && path.Verdict == ToPod && path.Pod == p.from.key
		return !ok
	})
	return comes
}

// mark is what the chain for pods' new connections does: what leaves the VPC
// and is to be translated must leave by the primary interface.
func (n *Network) mark(p packet, note func(Hop)) bool {
	if !n.translates(p.dst) || n.own(p.dst) {
		return false
	}
	if note != nil {
		note(Hop{What: fmt.Sprintf("%v is outside of the VPC's CIDRs: marked %#x", p.dst, n.config.Mark), See: "nft list table ip aws-cni"})
	}
	return true
}

func (n *Network) noteRule(r rule, dst netip.Addr, ok bool, note func(Hop)) {
	rule := fmt.Sprintf("rule %d: %s", r.priority, r.shown(n.config).action())
	if r.priority == priorityLocal && !ok {
		return // every packet passes it
	}
	list := n.routes(int(r.table), dst)
	found, has := FindRoute(list, dst)
	see := "ip route show table " + TableName(r.table)
	switch {
	case !has && len(list) == 0:
		note(Hop{What: rule, See: "ip rule"})
		note(Hop{What: fmt.Sprintf("table %s is empty: on to the next rule", TableName(r.table)), See: see})
	case !has:
		note(Hop{What: rule, See: "ip rule"})
		note(Hop{What: fmt.Sprintf("table %s has no route to %v: on to the next rule", TableName(r.table), dst), See: see})
	default:
		note(Hop{What: rule, See: "ip rule"})
		note(Hop{What: fmt.Sprintf("table %s: %v", TableName(r.table), found), See: see})
	}
}

// postRouting translates the source of what leaves the VPC.
func (n *Network) postRouting(path *Path, dst netip.Addr, note func(Hop)) {
	if path.Verdict != ByInterface {
		return
	}
	if n.translates(dst) && path.Source != n.primaryIP() {
		path.Source, path.SNAT = n.primaryIP(), true
		if note != nil {
			note(Hop{What: fmt.Sprintf("AWS-SNAT-CHAIN-0: the source becomes %v", path.Source), See: "iptables-save -t nat | grep AWS"})
		}
	}
	if note != nil {
		link := LinkName(path.Device)
		note(Hop{What: fmt.Sprintf("out by %s with the source %v", link, path.Source), See: fmt.Sprintf("tcpdump -ni %s host %v", link, dst)})
	}
}

// lookup asks one table. It agrees with Routes, without making a list.
func (n *Network) lookup(table int, dst netip.Addr) (Path, bool) {
	switch table {
	case TableLocal:
		if n.own(dst) {
			return Path{Verdict: ToHost}, true
		}
	case tableDefault: // empty
	case TableMain:
		if dst.Is4() {
			if v, ok := n.routedTo(dst.As4()); ok {
				return Path{Verdict: ToPod, Device: int(v.device), Pod: v.key}, true
			}
		}
		device, _ := n.connectedTo(dst)
		return Path{Verdict: ByInterface, Device: device}, true // where nothing is connected, the default route of the primary interface
	default:
		if e, ok := n.eni(table - 1); ok && table > 1 && e.state&routed != 0 {
			return Path{Verdict: ByInterface, Device: int(e.device)}, true
		}
	}
	return Path{}, false
}

// primaryIP is the node's address.
func (n *Network) primaryIP() netip.Addr { return n.enis[0].address() }

// own says whether an address is one of the node's.
func (n *Network) own(a netip.Addr) bool {
	for _, e := range n.enis {
		if e.state&addressed != 0 && e.address() == a {
			return true
		}
	}
	return false
}

// translates says whether a packet to dst leaves with the node's address.
func (n *Network) translates(dst netip.Addr) bool {
	return n.setUp && !n.config.ExternalSNAT && !contains(n.config.VPCCIDRs, dst) && !contains(n.config.ExcludeSNATCIDRs, dst)
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
