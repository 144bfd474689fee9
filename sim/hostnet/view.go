package hostnet

import (
	"crypto/sha1"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// View is one network namespace of a node as its tools show it: iproute2 6.1
// on a kernel from 5.14 on, iptables 1.8 on nftables, as on Amazon Linux 2023
// and Bottlerocket. It is made when somebody asks and nothing of it is kept.
//
// What the model has no fact about, and the tools print all the same, is our
// assumption: the MAC addresses of veths and the names of pods' namespaces,
// which are random in reality and follow here from the pod and its link; the
// ids of those namespaces, which count the veths that are there; that the
// lease of the primary address never runs out; and that interfaces have
// several queues.
type View struct {
	Links       []Link // by index
	Tables      []RouteTable
	Rules       []Rule // in the order in which the kernel asks them
	Neighbours  []Neighbour
	Translation *Translation // of a node; a pod has none
}

// Link is one network interface.
type Link struct {
	Index     int
	Name      string
	Loopback  bool
	Up        bool
	MTU       int
	Qdisc     string
	Queue     int // length of the transmit queue; veths of the plugin have none
	MAC       string
	Peer      *Peer // of a veth
	Addresses []Address
}

// Peer is the other end of a veth, in another namespace.
type Peer struct {
	Index     int
	ID        int    // of its namespace
	Namespace string // empty for the node's, which has no name
}

// Address is one IPv4 address of a link.
type Address struct {
	Local     netip.Prefix
	Broadcast netip.Addr // none for a /32 and for the loopback's
	Scope     string
}

// RouteTable is a routing table by the name that `ip` has for it.
type RouteTable struct {
	Name   string
	Routes []Route
}

// Routes are those of a table by its name.
func (v View) Routes(table string) []Route {
	for _, t := range v.Tables {
		if t.Name == table {
			return t.Routes
		}
	}
	return nil
}

// Rule is one policy rule. What is not set matches everything.
type Rule struct {
	Priority int
	From, To netip.Prefix
	Mark     uint32 // and mask
	Table    string
}

// Neighbour is an entry of the neighbour table.
type Neighbour struct {
	Address  netip.Addr
	Dev, MAC string
	State    string
}

// Attachment is an interface that EC2 has attached to the instance.
type Attachment struct {
	Device int
	MAC    string
}

// Indices of links in every new namespace. The plugin of this version makes
// the host's end of a veth in the node's namespace, so that eth0 is the
// second link of a pod; older ones moved it there, and it was the third.
const (
	loopbackIndex = 1
	podLinkIndex  = 2
)

const (
	unsetMTU    = 1500 // of an interface that nobody has set up
	loopbackMTU = 65536
	queueLength = 1000 // the kernel's default
)

// NodeView is the node's own namespace. An attached interface that ipamd has
// not set up is down and has no address; the model gives links their indices
// at the set-up, so that it is shown with the next one.
//
// The neighbours that a node learns of by its traffic, its pods and its
// gateways, are not modelled: its table is empty.
func (n *Network) NodeView(attached []Attachment) View {
	v := View{Links: n.links(attached), Translation: n.translation()}
	for _, table := range n.tables() {
		v.Tables = append(v.Tables, RouteTable{Name: TableName(uint16(table)), Routes: n.Routes(table)})
	}
	for _, r := range n.rules() {
		v.Rules = append(v.Rules, r.shown(n.config))
	}
	return v
}

// PodView is a pod's namespace, as far as the plugin has come with it. There
// is none where there is no veth.
func (n *Network) PodView(key string) (View, bool) {
	at := n.named(key)
	if at < 0 {
		return View{}, false
	}
	pod := n.veths[at]
	eth0 := n.vethEnd(podLinkIndex, "eth0", pod.mac("pod"), Peer{Index: int(pod.link)})
	address := netip.AddrFrom4(pod.address)
	main, local := RouteTable{Name: "main"}, RouteTable{Name: "local", Routes: loopbackRoutes()}
	v := View{Rules: []Rule{{Priority: priorityLocal, Table: "local"}, {Priority: priorityMain, Table: "main"}, {Priority: priorityDefault, Table: "default"}}}
	if pod.state&podRoute != 0 {
		main.Routes = []Route{{Dst: everywhere, Via: podGateway, Dev: "eth0"}, {Dst: single(podGateway), Dev: "eth0", Scope: "link"}}
	}
	if pod.state&podAddress != 0 {
		eth0.Addresses = []Address{{Local: single(address), Scope: "global"}}
		local.Routes = inKernelOrder(append(local.Routes, Route{Type: Local, Dst: single(address), Dev: "eth0", Protocol: "kernel", Scope: "host", Src: address}))
	}
	if pod.state&podNeighbour != 0 {
		v.Neighbours = []Neighbour{{Address: podGateway, Dev: "eth0", MAC: pod.mac("host"), State: "PERMANENT"}}
	}
	v.Links, v.Tables = []Link{loopbackLink(), eth0}, []RouteTable{main, local}
	return v, true
}

func (n *Network) links(attached []Attachment) []Link {
	list := []Link{loopbackLink()}
	for _, e := range n.enis {
		list = append(list, n.eniLink(e, attached))
	}
	next := int(n.lastIndex)
	for _, a := range attached {
		if _, known := n.eni(a.Device); !known {
			next++
			list = append(list, Link{Index: next, Name: LinkName(a.Device), MTU: unsetMTU, Qdisc: "noop", Queue: queueLength, MAC: a.MAC})
		}
	}
	byLink := slices.Clone(n.veths)
	slices.SortFunc(byLink, func(a, b veth) int { return int(a.link - b.link) })
	for id, v := range byLink {
		list = append(list, n.vethEnd(int(v.link), VethName(n.config.VethPrefix, v.key), v.mac("host"), Peer{Index: podLinkIndex, ID: id, Namespace: v.namespace()}))
	}
	slices.SortFunc(list, func(a, b Link) int { return a.Index - b.Index })
	return list
}

func (n *Network) eniLink(e eni, attached []Attachment) Link {
	l := Link{Index: int(e.link), Name: LinkName(int(e.device)), Up: true, MTU: n.config.MTU, Qdisc: "mq", Queue: queueLength, MAC: noMAC}
	if e.device == 0 && !n.setUp {
		l.MTU = defaultMTU // as the VPC's DHCP says
	}
	if at := slices.IndexFunc(attached, func(a Attachment) bool { return a.Device == int(e.device) }); at >= 0 {
		l.MAC = attached[at].MAC
	}
	if e.state&addressed != 0 {
		l.Addresses = []Address{{Local: netip.PrefixFrom(e.address(), int(e.bits)), Broadcast: last(e.subnet()), Scope: "global"}}
	}
	return l
}

func (n *Network) vethEnd(index int, name, mac string, peer Peer) Link {
	return Link{Index: index, Name: name, Up: true, MTU: n.config.PodMTU, Qdisc: "noqueue", MAC: mac, Peer: &peer}
}

const noMAC = "00:00:00:00:00:00"

func loopbackLink() Link {
	return Link{Index: loopbackIndex, Name: "lo", Loopback: true, Up: true, MTU: loopbackMTU, Qdisc: "noqueue", Queue: queueLength, MAC: noMAC,
		Addresses: []Address{{Local: netip.PrefixFrom(loopback, 8), Scope: "host"}}}
}

// tables that somebody would look at: main, local, and those of rules and of
// interfaces, ascending.
func (n *Network) tables() []int {
	var own []int
	for _, e := range n.enis {
		own = append(own, Table(int(e.device)))
	}
	for _, r := range n.rules() {
		own = append(own, int(r.table))
	}
	slices.Sort(own)
	own = slices.DeleteFunc(slices.Compact(own), func(table int) bool { return table >= tableDefault })
	return append([]int{TableMain, TableLocal}, own...)
}

// mac of one end of a veth: a local one, as generateRandomMAC (driver.go) and
// the kernel make them.
func (v *veth) mac(end string) string {
	b := v.digest(end)
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", (b[0]|2)&0xfe, b[1], b[2], b[3], b[4], b[5])
}

// namespace is what containerd calls the pod's.
func (v *veth) namespace() string {
	b := v.digest("namespace")
	return fmt.Sprintf("cni-%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func (v *veth) digest(of string) [sha1.Size]byte {
	return sha1.Sum([]byte(of + " " + v.key + " " + strconv.Itoa(int(v.link))))
}
