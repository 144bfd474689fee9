package hostnet

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
)

// podGateway is every pod's default gateway, an address that nobody has.
var podGateway = netip.AddrFrom4([4]byte{169, 254, 1, 1})

// veth is a pod's pair, what is set up in the pod, the /32 route to it, which
// goes with it, and the rules that its ADD has written, which do not: in 32
// bytes, as a big fleet has millions.
type veth struct {
	key       string // namespace/name, or the name of a pod of the default namespace
	address   [4]byte
	link      int32 // index of the host's end; the pod's has its own
	fromOrder int32 // of the rule from it
	device    uint8 // of the interface that the address belongs to
	state     vethState
	ending    [2]byte // of key: it tells most pods apart without reading their names
}

// vethState is how far a pod is wired.
type vethState uint8

const (
	podRoute vethState = 1 << iota
	podAddress
	podNeighbour
	hostRoute // the main table's route to the address leads here
	ruledTo   // by the rule that its ADD has written
	ruledFrom // likewise
	inService // the ADD has succeeded, and the pod has not ended

	// wired is what an undisturbed ADD leaves on every interface.
	wired = podRoute | podAddress | podNeighbour | hostRoute
)

// AddPod wires a pod as the plugin does: veth, the pod's side of it, the
// route to it, the rule to it, and, on a secondary interface, the rule from
// it. A veth that an older sandbox of the pod left is deleted first. It fails
// where Fate says so, with a *RefusedError or a *KilledError; what was done
// until then stays.
func (n *Network) AddPod(key string, address netip.Addr, device int) error {
	defer n.changed(address)
	n.DropVeth(key)
	if err := n.attempt(StepVeth, address); err != nil {
		return err
	}
	a := address.As4()
	at, _ := n.find(a)
	n.insert(at, veth{key: key, address: a, link: n.nextIndex(), device: uint8(device), ending: ending(key)})
	for _, s := range [...]struct {
		step Step
		is   vethState
	}{{StepPodRoute, podRoute}, {StepPodAddress, podAddress}, {StepPodNeighbour, podNeighbour}, {StepHostRoute, hostRoute}} {
		if err := n.attempt(s.step, address); err != nil {
			return err
		}
		if s.is == hostRoute {
			n.unroute(a) // the route is replaced: an older veth is led to no more
		}
		n.veths[at].state |= s.is
	}
	if err := n.attempt(StepToRule, address); err != nil {
		return err
	}
	if !n.hasRule(ruleTo(a)) {
		n.veths[at].state |= ruledTo
	}
	if device != 0 {
		if err := n.attempt(StepFromRule, address); err != nil {
			return err
		}
		if from := ruleFrom(a, uint16(Table(device))); !n.hasRule(from) {
			n.addFrom(from)
		}
	}
	n.veths[at].state |= inService
	return nil
}

// Retire is the end of a pod's containers: from here on nobody minds what
// becomes of its packets. The kernel knows nothing of it.
func (n *Network) Retire(key string, address netip.Addr) {
	if !address.IsValid() {
		return
	}
	twins := n.vethsOf(address.As4())
	for i := range twins {
		if twins[i].key == key {
			twins[i].state &^= inService
			n.ended(address)
			return
		}
	}
}

// Pod is a pod in service as the network sees it.
type Pod struct {
	Key     string
	Address netip.Addr
	Device  int  // of the interface that ipamd said the address is on
	Routed  bool // what comes for the address is led to this pod
	at      int  // in veths
}

// PodsInService visits the pods whose ADD has succeeded and whose containers
// have not ended: those of one address, or all of them for the zero one.
func (n *Network) PodsInService(address netip.Addr, visit func(Pod)) {
	from, to := 0, len(n.veths)
	if address.IsValid() {
		from, to = n.span(address.As4())
	}
	for i := from; i < to; i++ {
		if v := &n.veths[i]; v.state&inService != 0 {
			visit(Pod{Key: v.key, Address: netip.AddrFrom4(v.address), Device: int(v.device), Routed: v.state&hostRoute != 0, at: i})
		}
	}
}

// Ruled says whether the rule to a pod is there.
func (n *Network) Ruled(p Pod) bool { return n.hasRule(ruleTo(p.Address.As4())) }

// Sound says of a pod just visited that all is as an undisturbed ADD leaves
// it. Then what it sends into the VPC leaves by its device, and what it sends
// out of the VPC as Config wants it; otherwise Route knows.
func (n *Network) Sound(p Pod) bool { return n.sound(p.at) }

// sound says whether the kernel has for a pod just what its ADD and the
// set-up of its interface have written: the pod's side and its route, no other
// veth with its address, the rule to it, the rules from it that it should have
// and no others, its interface's table, and the rule for marked packets.
func (n *Network) sound(i int) bool {
	v := &n.veths[i]
	twin := i > 0 && n.veths[i-1].address == v.address || i+1 < len(n.veths) && n.veths[i+1].address == v.address
	if v.state&wired != wired || twin || n.services > 0 {
		return false
	}
	to, from := v.state&ruledTo != 0, v.state&ruledFrom != 0
	for _, l := range n.loose {
		switch {
		case l.address != v.address:
		case l.rule == ruleTo(v.address):
			to = true
		case l.rule == v.fromRule().rule:
			from = true
		default:
			return false
		}
	}
	if v.device == 0 || !to {
		return to
	}
	e, ok := n.eni(int(v.device))
	return ok && e.state&routed != 0 && from && (n.marking || n.config.ExternalSNAT)
}

// Orphaned says whether a rule to or from an address is there, and no veth of
// that address.
func (n *Network) Orphaned(address netip.Addr) bool {
	a := address.As4()
	if _, ok := n.find(a); ok {
		return false
	}
	return slices.ContainsFunc(n.loose, func(l looseRule) bool { return l.ofPod(a) })
}

// OrphanedAddresses are all addresses of which Orphaned is true, ascending.
func (n *Network) OrphanedAddresses() []netip.Addr {
	var list []netip.Addr
	for _, l := range n.loose {
		if _, ok := n.find(l.address); !ok && l.ofPod(l.address) {
			list = append(list, netip.AddrFrom4(l.address))
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

// RemovePod is the plugin's teardown: the rules to and from the address go,
// and the route; the veth goes with its namespace. device is what the plugin
// was told when it asked; on the primary interface it does not look for rules
// from the pod. Rules and a route that are not there are no failure. It fails
// where Fate says so, as AddPod does.
func (n *Network) RemovePod(address netip.Addr, device int) error {
	defer n.ended(address)
	a := address.As4()
	if err := n.attempt(StepDelToRule, address); err != nil {
		return err
	}
	var err error
	if device != 0 {
		err = n.attempt(StepDelFromRule, address)
	}
	from := device != 0 && err == nil
	table := uint16(Table(device))
	n.deleteRules(a, func(r rule) bool { return r == ruleTo(a) || from && r == ruleFrom(a, table) })
	if err == nil {
		n.unroute(a)
	}
	return err
}

// ended tells of an end, unless nobody needs to know: a veth without a twin
// that is on its way out.
func (n *Network) ended(address netip.Addr) {
	if twins := n.vethsOf(address.As4()); n.Calm && len(twins) == 1 && twins[0].state&inService == 0 {
		return
	}
	n.changed(address)
}

// HasAddress says whether some veth is that of a pod with the address.
func (n *Network) HasAddress(address netip.Addr) bool {
	_, ok := n.find(address.As4())
	return ok
}

// DropVeth is the end of a pod's network namespace: its veth goes, and with
// it the route; rules stay.
func (n *Network) DropVeth(key string) {
	at := n.named(key)
	if at < 0 {
		return
	}
	address := n.veths[at].address
	n.loosen(&n.veths[at])
	n.veths = slices.Delete(n.veths, at, at+1)
	if n.Calm && len(n.vethsOf(address)) == 0 && !slices.ContainsFunc(n.loose, func(l looseRule) bool { return l.ofPod(address) }) {
		return // nothing is left of it
	}
	n.changed(netip.AddrFrom4(address))
}

// RemovePodRules is what ipamd does at its start for each address of its
// checkpoint whose pod has no veth any more: the rules to and from it go,
// whatever their table.
func (n *Network) RemovePodRules(address netip.Addr) {
	a := address.As4()
	n.deleteRules(a, func(r rule) bool { return r.ofPod(a) })
	n.changed(address)
}

// RefreshPodRule is what ipamd does at its start for each address that it
// recovers: the rules from the address are replaced by one to the table of
// the last of them. A missing rule is not made; and where Fate refuses the
// new one, the old ones have gone all the same.
func (n *Network) RefreshPodRule(address netip.Addr) {
	a := address.As4()
	var few [4]looseRule
	old := n.rulesFrom(a, few[:0])
	if len(old) == 0 {
		return
	}
	n.deleteRules(a, func(r rule) bool { return r.isFrom(a) })
	if n.attempt(StepRefreshRule, address) == nil {
		fresh := ruleFrom(a, old[len(old)-1].table)
		n.addFrom(fresh)
		if len(old) == 1 && old[0].rule == fresh {
			return // as it was
		}
	}
	n.changed(address)
}

// HasVeth says whether the pod has a host-side interface.
func (n *Network) HasVeth(key string) bool { return n.named(key) >= 0 }

// Pods is the number of veths.
func (n *Network) Pods() int { return len(n.veths) }

// VethName is the name of the host's end of a pod's veth: a prefix and the
// beginning of the SHA-1 of the pod's namespace and name (names.go). A pod
// without a namespace is in default.
func VethName(prefix, pod string) string {
	namespace, name, ok := strings.Cut(pod, "/")
	if !ok {
		namespace, name = "default", pod
	}
	sum := sha1.Sum([]byte(namespace + "." + name))
	return prefix + hex.EncodeToString(sum[:])[:11]
}

// usualPods is room for the pods that most nodes have at least.
const usualPods = 12

// insert puts a veth in its place. It grows the list by a few at a time:
// doubling it would cost a big fleet more than it saves.
func (n *Network) insert(at int, v veth) {
	if len(n.veths) == cap(n.veths) {
		grown := make([]veth, len(n.veths), len(n.veths)+max(usualPods, len(n.veths)/4))
		copy(grown, n.veths)
		n.veths = grown
	}
	n.veths = slices.Insert(n.veths, at, v)
}

func ending(key string) (e [2]byte) {
	copy(e[:], key[max(0, len(key)-len(e)):])
	return e
}

// named is the place of a pod's veth, or -1.
func (n *Network) named(key string) int {
	end := ending(key)
	for i := range n.veths {
		if n.veths[i].ending == end && n.veths[i].key == key {
			return i
		}
	}
	return -1
}

// find is the place of the first veth with an address. It is asked several
// times per pod.
func (n *Network) find(a [4]byte) (int, bool) {
	want := binary.BigEndian.Uint32(a[:])
	low, high := 0, len(n.veths)
	for low < high {
		middle := (low + high) / 2
		if binary.BigEndian.Uint32(n.veths[middle].address[:]) < want {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(n.veths) && n.veths[low].address == a
}

// span is where the veths with an address are: one, or none, unless ipamd has
// given an address twice.
func (n *Network) span(a [4]byte) (from, to int) {
	from, _ = n.find(a)
	for to = from; to < len(n.veths) && n.veths[to].address == a; to++ {
	}
	return from, to
}

// vethsOf are the veths with an address.
func (n *Network) vethsOf(a [4]byte) []veth {
	from, to := n.span(a)
	return n.veths[from:to]
}

// routedTo is the veth that the route to an address leads to.
func (n *Network) routedTo(a [4]byte) (*veth, bool) {
	twins := n.vethsOf(a)
	for i := range twins {
		if twins[i].state&hostRoute != 0 {
			return &twins[i], true
		}
	}
	return nil, false
}

// unroute deletes the route to an address.
func (n *Network) unroute(a [4]byte) {
	if v, ok := n.routedTo(a); ok {
		v.state &^= hostRoute
	}
}
