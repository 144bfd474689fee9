package hostnet

import "net/netip"

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
	Reason   string     // why it is dropped
	Device   int        // ByInterface, and Dropped by the VPC: the interface it leaves by
	Source   netip.Addr // the source address it carries in the end
	SNAT     bool       // Source was translated to the node's
	Priority int        // of the rule that decided
	Table    int        // that the rule pointed to
}

// Reasons for a drop.
const (
	// ReasonSource is the VPC's: an interface sends only what comes from one
	// of its own addresses (the source check of an interface).
	ReasonSource = "its source address does not belong to the interface it leaves by"
	// ReasonNoRoute is the kernel's.
	ReasonNoRoute = "no route"
)

type packet struct {
	src, dst netip.Addr
	marked   bool // by the chain that marks what has to leave by the primary interface
}

// route is what a table says of a destination.
type route struct {
	verdict Verdict
	device  int
}

// Route follows a packet from src to dst, both IPv4, which a pod of the node
// or the node itself sends, or which has arrived at one of its interfaces.
func (n *Network) Route(src, dst netip.Addr) Path {
	p := packet{src: src, dst: dst}
	from, isPod := n.pod(src)
	p.marked = isPod && n.translates(dst)
	for _, r := range n.rules {
		if !r.matches(n.config, p) {
			continue
		}
		if to, ok := n.lookup(int(r.table), dst); ok {
			path := Path{Verdict: to.verdict, Device: to.device, Source: src, Priority: int(r.priority), Table: int(r.table)}
			return n.leave(path, from, isPod, dst)
		}
	}
	return Path{Verdict: Dropped, Reason: ReasonNoRoute, Source: src}
}

// leave translates the source and has the VPC check it.
func (n *Network) leave(path Path, from pod, isPod bool, dst netip.Addr) Path {
	if path.Verdict != ByInterface {
		return path
	}
	owner := -1
	if isPod {
		owner = int(from.device)
	}
	for _, e := range n.enis {
		if e.primaryIP == path.Source {
			owner = e.device
		}
	}
	if n.translates(dst) {
		path.SNAT = path.Source != n.config.PrimaryIP
		path.Source, owner = n.config.PrimaryIP, 0
	}
	if owner != path.Device {
		path.Verdict, path.Reason = Dropped, ReasonSource
	}
	return path
}

// lookup asks one table.
func (n *Network) lookup(table int, dst netip.Addr) (route, bool) {
	switch table {
	case tableLocal:
		for _, e := range n.enis {
			if e.primaryIP == dst {
				return route{verdict: ToHost}, true
			}
		}
	case tableDefault: // empty
	case TableMain:
		if p, ok := n.pod(dst); ok {
			return route{verdict: ToPod, device: int(p.device)}, true
		}
		return route{verdict: ByInterface}, true // the primary subnet's route and the default route
	default:
		if _, ok := n.link(table - 1); ok {
			return route{verdict: ByInterface, device: table - 1}, true
		}
	}
	return route{}, false
}

// translates says whether a packet to dst leaves with the node's address.
func (n *Network) translates(dst netip.Addr) bool {
	return !n.config.ExternalSNAT && !contains(n.config.VPCCIDRs, dst) && !contains(n.config.ExcludeSNATCIDRs, dst)
}

func (n *Network) pod(address netip.Addr) (pod, bool) {
	if at, ok := n.find(address.As4()); ok {
		return n.pods[at], true
	}
	return pod{}, false
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
