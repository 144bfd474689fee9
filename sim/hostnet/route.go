package hostnet

import (
	"net/netip"
	"slices"
	"strconv"
)

// Route is one route as the kernel has it. What is not set is not printed.
type Route struct {
	Type     RouteType
	Dst      netip.Prefix // 0.0.0.0/0 is the default route
	Via      netip.Addr
	Dev      string // link
	Table    string // where routes of several are listed, unless it is main
	Protocol string // kernel, dhcp; empty is boot, which `ip` leaves out
	Scope    string // link or host; empty is global
	Src      netip.Addr
	Device   int    // of an interface, where Pod is empty
	Pod      string // that the veth Dev belongs to
}

// RouteType says what a route does with a packet.
type RouteType uint8

// The types, named as in `ip route`.
const (
	Unicast RouteType = iota
	Local
	Broadcast
)

func (t RouteType) String() string { return [...]string{"unicast", "local", "broadcast"}[t] }

// LinkName is what an interface is called on the node: eth0, eth1 as on
// Amazon Linux 2 and Bottlerocket. Amazon Linux 2023 calls them ens5, ens6.
func LinkName(device int) string { return "eth" + strconv.Itoa(device) }

// MetadataAddress is that of the instance metadata service.
var MetadataAddress = netip.AddrFrom4([4]byte{169, 254, 169, 254})

var (
	everywhere = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	loopback   = netip.AddrFrom4([4]byte{127, 0, 0, 1})
)

// Routes are a table's, in the kernel's order: by destination, the longest
// prefix first. Tables without any do not exist.
func (n *Network) Routes(table int) []Route { return n.routes(table, netip.Addr{}) }

// routes are those of a table; of the pods' only the one to an address, unless
// that is zero: what a packet meets does not depend on the others.
func (n *Network) routes(table int, to netip.Addr) []Route {
	var list []Route
	switch table {
	case TableMain:
		list = n.mainRoutes(to)
	case TableLocal:
		list = n.localRoutes()
	default:
		if e, ok := n.eni(table - 1); ok && table > 1 && e.state&routed != 0 {
			list = []Route{
				{Dst: everywhere, Via: gateway(e.subnet()), Dev: LinkName(int(e.device)), Device: int(e.device)},
				{Dst: single(gateway(e.subnet())), Dev: LinkName(int(e.device)), Scope: "link", Device: int(e.device)},
			}
		}
	}
	return inKernelOrder(list)
}

func inKernelOrder(list []Route) []Route {
	slices.SortStableFunc(list, func(a, b Route) int {
		if d := a.Dst.Addr().Compare(b.Dst.Addr()); d != 0 {
			return d
		}
		return b.Dst.Bits() - a.Dst.Bits()
	})
	return list
}

func (n *Network) mainRoutes(to netip.Addr) []Route {
	list := []Route{
		{Dst: everywhere, Via: gateway(n.enis[0].subnet()), Dev: LinkName(0)},
		{Dst: single(MetadataAddress), Dev: LinkName(0), Scope: "link"},
	}
	for _, e := range n.byOrder() {
		if e.state&connected != 0 {
			list = append(list, Route{Dst: e.subnet(), Dev: LinkName(int(e.device)), Protocol: "kernel", Scope: "link", Src: e.address(), Device: int(e.device)})
		}
	}
	for i := range n.veths {
		v := &n.veths[i]
		if address := netip.AddrFrom4(v.address); v.state&hostRoute != 0 && (!to.IsValid() || address == to) {
			list = append(list, Route{Dst: single(address), Dev: VethName(n.config.VethPrefix, v.key), Scope: "link", Device: int(v.device), Pod: v.key})
		}
	}
	return list
}

// localRoutes are the node's own addresses. Those of the broadcasts follow
// from the subnets.
func (n *Network) localRoutes() []Route {
	list := loopbackRoutes()
	for _, e := range n.byOrder() {
		if e.state&addressed == 0 {
			continue
		}
		list = append(list,
			Route{Type: Local, Dst: single(e.address()), Dev: LinkName(int(e.device)), Protocol: "kernel", Scope: "host", Src: e.address(), Device: int(e.device)},
			Route{Type: Broadcast, Dst: single(last(e.subnet())), Dev: LinkName(int(e.device)), Protocol: "kernel", Scope: "link", Src: e.address(), Device: int(e.device)})
	}
	return list
}

func loopbackRoutes() []Route {
	net := netip.PrefixFrom(loopback, 8).Masked()
	return []Route{
		{Type: Local, Dst: net, Dev: "lo", Protocol: "kernel", Scope: "host", Src: loopback},
		{Type: Local, Dst: single(loopback), Dev: "lo", Protocol: "kernel", Scope: "host", Src: loopback},
		{Type: Broadcast, Dst: single(last(net)), Dev: "lo", Protocol: "kernel", Scope: "link", Src: loopback},
	}
}

// gateway of a subnet: its base + 1.
func gateway(subnet netip.Prefix) netip.Addr { return subnet.Masked().Addr().Next() }

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// last address of a subnet.
func last(subnet netip.Prefix) netip.Addr {
	b := subnet.Masked().Addr().As4()
	for bit := subnet.Bits(); bit < 32; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(b)
}

// FindRoute is the one of a table that the kernel takes: the longest prefix, and of equal
// ones the first.
func FindRoute(list []Route, dst netip.Addr) (Route, bool) {
	best := -1
	for i := range list {
		if list[i].Dst.Contains(dst) && (best < 0 || list[i].Dst.Bits() > list[best].Dst.Bits()) {
			best = i
		}
	}
	if best < 0 {
		return Route{}, false
	}
	return list[best], true
}

// Destination is the route's as `ip` prints it.
func (r Route) Destination() string {
	if r.Dst == everywhere {
		return "default"
	}
	return host(r.Dst)
}

// String is the route as `ip route` prints it, without the space that ends
// its line there.
func (r Route) String() string {
	text := r.Destination()
	if r.Type != Unicast {
		text = r.Type.String() + " " + text
	}
	if r.Via.IsValid() {
		text += " via " + r.Via.String()
	}
	if r.Dev != "" {
		text += " dev " + r.Dev
	}
	if r.Table != "" {
		text += " table " + r.Table
	}
	if r.Protocol != "" {
		text += " proto " + r.Protocol
	}
	if r.Scope != "" {
		text += " scope " + r.Scope
	}
	if r.Src.IsValid() {
		text += " src " + r.Src.String()
	}
	return text
}
