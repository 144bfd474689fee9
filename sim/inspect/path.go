package inspect

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/sim/fleet"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/machine"
)

// pathSchema is the version of a PacketPath's JSON.
const pathSchema = "ipamsim.path/v1"

// PacketPath is where a connection's packets go: the first one there, and the answer
// back. Nothing is sent: it is what the rules, the tables and EC2 say.
type PacketPath struct {
	Head
	From      Place  `json:"from"`
	To        Place  `json:"to"`
	There     []Hop  `json:"there"`
	Back      []Hop  `json:"back,omitempty"` // none when nothing arrives there
	Delivered bool   `json:"delivered"`      // the packet arrives
	Answered  bool   `json:"answered"`       // and the answer too
	Verdict   string `json:"verdict"`        // one sentence
}

// Place is an end of a PacketPath.
type Place struct {
	Name      string `json:"name,omitempty"` // of the pod or node
	Address   string `json:"address"`
	Node      string `json:"node,omitempty"`
	Interface string `json:"interface,omitempty"` // eth1 (eni-…)
}

// Hop is one thing that happens to a packet.
type Hop struct {
	At   string `json:"place"` // pod web-3, node workers-0, VPC
	What string `json:"what"`
	See  string `json:"see,omitempty"` // the command that shows it there
	Drop bool   `json:"drop,omitempty"`
}

// Target is what a pod sends to.
type Target struct {
	Name     string     // of a pod or node; empty for an address
	Address  netip.Addr // without a name
	Endpoint string     // pod behind Address, which is that of a Service
}

// Path follows a connection of a pod.
func (m *Snapshot) Path(from string, to Target) (*PacketPath, error) {
	pod, source, err := m.pod(from)
	if err != nil {
		return nil, err
	}
	dst, end, err := m.destination(to)
	if err != nil {
		return nil, err
	}
	way := &PacketPath{Head: m.head(pathSchema), From: m.place(from, pod.Address(), source), To: end}
	t := traveller{fleet: m.Fleet}
	if dst == pod.Address() {
		t.step("pod "+from, "its own address: by lo, and not out of the pod", "ip route get "+dst.String())
		way.There, way.Delivered, way.Answered = t.take(), true, true
		way.Verdict = verdict(way)
		return way, nil
	}
	if to.Endpoint != "" {
		t.service = fmt.Sprintf("kube-proxy: %v becomes %v, pod %s", to.Address, dst, to.Endpoint)
	}
	arrival := t.send(source, pod.Address(), dst, to.pod())
	way.There = t.take()
	way.Delivered = arrival.ok
	if arrival.ok {
		way.Answered = t.answer(source, arrival, pod.Address(), dst, from)
		way.Back = t.take()
	}
	way.Verdict = verdict(way)
	return way, nil
}

// destination is the address that the routing sees.
func (m *Snapshot) destination(to Target) (netip.Addr, Place, error) {
	name := to.Endpoint
	if name == "" {
		name = to.Name
	}
	if name == "" {
		place, _ := m.Fleet.Account.PlaceOf(to.Address)
		p := Place{Address: to.Address.String()}
		if at := m.Fleet.MachineOf(place.Instance); at != nil {
			p = m.place("", to.Address, at)
		}
		return to.Address, p, nil
	}
	at, noNode := m.machine(name)
	if noNode == nil {
		return at.Primary.PrimaryIP, m.place(name, at.Primary.PrimaryIP, at), nil
	}
	pod, at, err := m.pod(name)
	var unknown *UnknownNameError
	if errors.As(err, &unknown) && unknown.Why == "" && to.Endpoint == "" {
		unknown.Kind = "pod or node"
		var node *UnknownNameError
		if errors.As(noNode, &node) {
			unknown.Names = slices.Concat(node.Names, unknown.Names)
		}
	}
	if err != nil {
		return netip.Addr{}, Place{}, err
	}
	return pod.Address(), m.place(name, pod.Address(), at), nil
}

// pod is the pod that is meant to get the packet, or empty.
func (t Target) pod() string {
	if t.Endpoint != "" {
		return t.Endpoint
	}
	return t.Name
}

// place describes an end that is on a node.
func (m *Snapshot) place(name string, address netip.Addr, at *machine.Machine) Place {
	p := Place{Name: name, Address: address.String(), Node: at.Node.Name}
	if owner, ok := m.Fleet.Account.PlaceOf(address); ok {
		p.Interface = owner.Interface
		if owner.Instance == at.Node.Instance.ID {
			p.Interface = hostnet.LinkName(owner.Device) + " (" + owner.Interface + ")"
		}
	}
	return p
}

func verdict(w *PacketPath) string {
	last := func(list []Hop) string {
		if len(list) == 0 {
			return ""
		}
		s := list[len(list)-1]
		return strings.TrimPrefix(s.What, "drops it: ") + " (" + s.At + ")"
	}
	switch {
	case !w.Delivered:
		return "It does not arrive: " + last(w.There) + "."
	case !w.Answered:
		return "It arrives, and the answer does not: " + last(w.Back) + "."
	}
	return "Delivered, and answered."
}

// traveller follows packets and writes down what happens to them.
type traveller struct {
	fleet   *fleet.Fleet
	steps   []Hop
	service string // what kube-proxy does to the next packet that comes out of a pod; empty for nothing
}

func (t *traveller) step(at, what, see string) {
	t.steps = append(t.steps, Hop{At: at, What: what, See: see})
}

func (t *traveller) drop(at, what, see string) arrival {
	t.steps = append(t.steps, Hop{At: at, What: what, See: see, Drop: true})
	return arrival{}
}

func (t *traveller) take() []Hop {
	list := t.steps
	t.steps = nil
	return list
}

// arrival is where a packet has come to.
type arrival struct {
	ok         bool
	at         *machine.Machine // nil outside of the fleet
	source     netip.Addr       // that the packet carries by then
	translated bool
}

// send follows a packet that something on a node sends. want is the pod that
// should get it; empty for whoever does.
func (t *traveller) send(m *machine.Machine, src, dst netip.Addr, want string) arrival {
	node := "node " + m.Node.Name
	path := m.Network.Route(src, dst, func(h hostnet.Hop) { t.hop(m, src, h) })
	switch path.Verdict {
	case hostnet.Dropped:
		return t.drop(node, "drops it: "+path.Reason, "")
	case hostnet.ToPod:
		return t.deliver(m, path, src, want)
	case hostnet.ToHost:
		t.step(node, "it is the node's own address", "")
		return arrival{ok: true, at: m, source: path.Source}
	}
	return t.cross(m, path, dst, want)
}

func (t *traveller) hop(m *machine.Machine, src netip.Addr, h hostnet.Hop) {
	at := "node " + m.Node.Name
	if h.InPod {
		at = "pod " + sender(m, src)
	}
	t.step(at, h.What, h.See)
	if h.FromPod && t.service != "" {
		t.step(at, t.service, "iptables-save -t nat | grep KUBE-SEP")
		t.service = ""
	}
}

// sender is the name of the pod that has an address on the machine.
func sender(m *machine.Machine, address netip.Addr) (name string) {
	m.Network.PodsInService(address, func(p hostnet.Pod) {
		if name == "" || p.Routed {
			name = p.Key
		}
	})
	return name
}

func (t *traveller) deliver(m *machine.Machine, path hostnet.Path, src netip.Addr, want string) arrival {
	if want != "" && path.Pod != want {
		return t.drop("pod "+path.Pod, "it arrives at this pod, which has the same address as "+want, "kubectl get pods -A -o wide | grep "+want)
	}
	t.step("pod "+path.Pod, "arrives on eth0 from "+src.String(), "tcpdump -ni eth0 host "+src.String())
	return arrival{ok: true, at: m, source: path.Source}
}

// cross is the way through the VPC.
func (t *traveller) cross(m *machine.Machine, path hostnet.Path, dst netip.Addr, want string) arrival {
	w := t.fleet
	out := m.Devices()[path.Device]
	owner, owned := w.Account.PlaceOf(path.Source)
	describe := fmt.Sprintf("aws ec2 describe-network-interfaces --network-interface-ids %s", out)
	switch {
	case out == "":
		return t.drop("node "+m.Node.Name, fmt.Sprintf("drops it: no interface is attached as %s any more", hostnet.LinkName(path.Device)), "ip link")
	case !owned || owner.Interface != out:
		has := "no interface has it"
		if owned {
			has = owner.Interface + " has it"
		}
		return t.drop("VPC", fmt.Sprintf("the source check drops it without an error: %v is not an address of %s (%s)", path.Source, out, has), describe)
	}
	t.step("VPC", fmt.Sprintf("source check: %v is an address of %s", path.Source, out), describe)
	return t.land(path, dst, want)
}

// land is where the VPC delivers a packet.
func (t *traveller) land(path hostnet.Path, dst netip.Addr, want string) arrival {
	w := t.fleet
	if dst == hostnet.MetadataAddress {
		t.step("VPC", "the instance metadata service answers on the instance's own host; its hop limit must be 2 or more for pods", "aws ec2 describe-instances --query 'Reservations[].Instances[].MetadataOptions'")
		return arrival{ok: true, source: path.Source, translated: path.SNAT}
	}
	inside := false
	for _, c := range w.VPCBlocks() {
		inside = inside || c.Contains(dst)
	}
	if !inside {
		t.step("VPC", fmt.Sprintf("%v is outside of it: by the subnet's route table to a gateway", dst), "aws ec2 describe-route-tables")
		return arrival{ok: true, source: path.Source, translated: path.SNAT}
	}
	to, owned := w.Account.PlaceOf(dst)
	at := w.MachineOf(to.Instance)
	switch owner, known := w.Account.Owner(dst); {
	case owned && at != nil:
		t.step("VPC", fmt.Sprintf("%s has %v: to %s of node %s", to.Interface, dst, hostnet.LinkName(to.Device), at.Node.Name), "")
		return t.arrive(at, path.Source, dst, want)
	case owned:
		return t.drop("VPC", fmt.Sprintf("drops it: %s has %v and is attached to no node", to.Interface, dst), "")
	case known && owner == ec2model.OwnedByAWS && unanswered(w.Account, dst):
		return t.drop("VPC", fmt.Sprintf("drops it: %v is the first or the last address of a subnet, and a VPC has no broadcast", dst), "")
	case known && owner != "":
		t.step("VPC", fmt.Sprintf("%v is not of the fleet: delivered to its owner (%s)", dst, owner), "")
		return arrival{ok: true, source: path.Source}
	}
	return t.drop("VPC", fmt.Sprintf("drops it: nobody has %v", dst), "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values="+dst.String())
}

// arrive is what a node does with a packet from the VPC.
func (t *traveller) arrive(m *machine.Machine, src, dst netip.Addr, want string) arrival {
	node := "node " + m.Node.Name
	path := m.Network.Receive(src, dst, func(h hostnet.Hop) { t.hop(m, src, h) })
	switch path.Verdict {
	case hostnet.ToPod:
		return t.deliver(m, path, src, want)
	case hostnet.ToHost:
		t.step(node, "it is the node's own address", "")
		return arrival{ok: true, at: m, source: src}
	case hostnet.Dropped:
		return t.drop(node, "drops it: "+path.Reason, "")
	}
	if owner, owned := t.fleet.Account.PlaceOf(path.Source); owned && owner.Instance == m.Node.Instance.ID && owner.Device == path.Device {
		return t.drop(node, fmt.Sprintf("sent on by %s, whose address it carries: it comes back and goes round until its TTL ends", hostnet.LinkName(path.Device)), "ip route get "+dst.String()+" from "+src.String()+" iif eth0")
	}
	return t.drop(node, fmt.Sprintf("sent on by %s, since no pod of the node has %v: the VPC drops it, for it does not come from here", hostnet.LinkName(path.Device), dst), "ip route get "+dst.String())
}

// answer follows the answer to a packet that has arrived. Whoever got it
// answers to the source that it saw; a translated one comes to the node, which
// translates it back.
func (t *traveller) answer(origin *machine.Machine, got arrival, src, dst netip.Addr, from string) bool {
	switch {
	case got.at != nil:
		return t.send(got.at, dst, got.source, from).ok
	case got.translated:
		t.step("VPC", fmt.Sprintf("the answer comes to %v, eth0 of node %s", got.source, origin.Node.Name), "")
		t.step("node "+origin.Node.Name, fmt.Sprintf("conntrack translates it back to %v", src), "conntrack -L -s "+src.String())
	default:
		t.step("VPC", fmt.Sprintf("the answer comes to %v, on node %s", got.source, origin.Node.Name), "")
	}
	return t.arrive(origin, dst, src, from).ok
}

// unanswered says whether an address is a subnet's first or last one.
func unanswered(account *ec2model.Account, a netip.Addr) bool {
	for _, s := range account.Subnets() {
		if s.CIDR.Contains(a) {
			return a == s.CIDR.Masked().Addr() || !s.CIDR.Contains(a.Next())
		}
	}
	return false
}
