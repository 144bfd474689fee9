package clusterimport

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/limits"
)

// world is a cluster as its files say it together.
type world struct {
	*collection
	types    limits.Types
	machines []*machine // by name
	places   []*place   // by name
	byID     map[string]*place
	ours     map[string]*machine // by instance
	cluster  string              // its name, if any file says it
	groups   []*group
	loads    []*workload

	outsiders      map[string]string // instance of a node that is not modelled, to what its addresses count as
	outsideAddress map[string]string // interface of one, likewise
	saidOf         map[string]bool   // instances
	claimed        map[netip.Addr]*networkInterface
	otherTags      map[string]int    // images of aws-node's pods that are not the DaemonSet's
	unprotected    int               // PodDisruptionBudgets of no workload
	soft           int               // taints that are wishes
	strange        map[string]string // types that cannot be carried: to a node of one that is in no table
	described      []string          // types that are carried as they were described
	lasts          time.Duration     // how long Prometheus has recorded workloads

	blocks                        []netip.Prefix // of the VPC
	blocksWhy, releaseWhy, cniWhy string         // remarks
	release                       string         // of the VPC CNI
	cni                           map[string]string
	unset                         map[string]bool // variables that the files do not set

	anonymous bool
	quotas    string   // of the VPC, where the defaults are too low
	detail    detail   // of the scenario
	problems  []string // what keeps a scenario from being made
	assumed   []string
	notes     []string
	not       []NotModelled
}

// machine is a node that the model has.
type machine struct {
	name, instance, instanceType string
	node                         *node
	place                        *place
	interfaces                   []*networkInterface // the first one first
	branches                     []*networkInterface
	holds                        int // addresses, branches' not
	pods                         []*onNode
	group                        *group
}

// place is a subnet that the scenario has.
type place struct {
	id, name, called  string // called: its tag Name
	az                string
	block             netip.Prefix
	tags              map[string]string
	usable, available int
	nodes             int // addresses of nodes' interfaces, branches' among them
	others            map[string][]netip.Prefix
	reservations      []*cidrReservation
	known, unknown    int
}

func (w *world) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}
func (w *world) assume(format string, args ...any) {
	w.assumed = append(w.assumed, fmt.Sprintf(format, args...))
}
func (w *world) say(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// needed are the files without which nothing can be made.
func (w *world) needed() {
	for _, n := range []struct {
		rows          int
		what, command string
	}{
		{len(w.nodes.list), "nodes", "kubectl get nodes -o json"},
		{len(w.subnets.list), "subnets", "aws ec2 describe-subnets --output json"},
		{len(w.interfaces.list), "network interfaces", "aws ec2 describe-network-interfaces --output json"},
	} {
		if n.rows == 0 {
			w.problem("no file has the %s: give what `%s` prints", n.what, n.command)
		}
	}
}

// join finds the instances of the nodes and the interfaces of the instances.
func (w *world) join() {
	w.ours, w.byID, w.strange = map[string]*machine{}, map[string]*place{}, map[string]string{}
	byInstance, byAddress := map[string][]*networkInterface{}, map[netip.Addr]*networkInterface{}
	for _, i := range w.interfaces.list {
		if id := i.instanceID(); id != "" {
			byInstance[id] = append(byInstance[id], i)
		}
		if i.address.IsValid() {
			byAddress[i.address] = i
		}
	}
	var lost, foreign []string
	for _, n := range w.nodes.list {
		if why := unmodelled(n); why.kind != "" {
			w.leaveOut(n, why, byAddress)
			continue
		}
		id := instanceOf(n)
		if id == "" { // a foreign provider, or none: an address that an instance has tells it
			for _, a := range n.Status.Addresses {
				if addr, err := netip.ParseAddr(a.Address); err == nil && a.Type == "InternalIP" && byAddress[addr] != nil {
					id = byAddress[addr].instanceID()
				}
			}
		}
		switch {
		case id == "":
			foreign = append(foreign, n.Metadata.Name)
		case len(byInstance[id]) == 0:
			lost = append(lost, n.Metadata.Name)
		default:
			w.machine(n, id, byInstance[id])
		}
	}
	w.unknownTypes()
	if len(foreign) > 0 {
		w.problem("%s without an instance of EC2 in spec.providerID, or with another provider's: %s; leave them out of the file, or give nodes of EKS", words.Plural(len(foreign), "node"), some(foreign))
	}
	switch {
	case len(w.interfaces.list) == 0:
	case len(lost) > 0 && 2*len(lost) > len(w.nodes.list):
		w.problem("no interface is attached to the instances of %s: %s; the files are of another account, Region or time, or the list of interfaces is not whole", words.Plural(len(lost), "node"), some(lost))
	case len(lost) > 0:
		w.assume("left out, since no interface in the files is attached to their instances (files of different moments?): %s", some(lost))
	}
	slices.SortFunc(w.machines, func(a, b *machine) int { return cmp.Compare(a.name, b.name) })
	if len(w.machines) == 0 && len(w.nodes.list) > 0 && len(w.problems) == 0 {
		w.problem("none of the %s is one that is modelled: nodes on EC2 with Linux, IPv4 and the VPC CNI were expected", words.Plural(len(w.nodes.list), "node"))
	}
}

// called is the machine's name in the scenario.
func (m *machine) called() string { return words.Printable(m.name) }

// some names a few of a list.
func some(list []string) string {
	const most = 5
	list = slices.Sorted(slices.Values(list))
	for i := range list {
		list[i] = words.Printable(list[i])
	}
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return words.And(list)
}

// instanceOf is the instance that a node's provider names, or nothing.
func instanceOf(n *node) string {
	rest, ok := strings.CutPrefix(n.Spec.ProviderID, "aws://")
	if !ok {
		return ""
	}
	id := rest[strings.LastIndexByte(rest, '/')+1:]
	if !strings.HasPrefix(id, "i-") {
		return ""
	}
	return id
}

// first of some labels that has a value. An empty one counts as absent.
func first(labels map[string]string, keys ...string) string {
	for _, k := range keys {
		if v := labels[k]; v != "" {
			return v
		}
	}
	return ""
}

func (n *node) instanceType() string {
	return first(n.Metadata.Labels, "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
}

// machine takes a node with its interfaces.
func (w *world) machine(n *node, id string, interfaces []*networkInterface) {
	m := &machine{name: n.Metadata.Name, instance: id, node: n, instanceType: n.instanceType()}
	if i := w.instances.get(id); i != nil && m.instanceType == "" {
		m.instanceType = string(i.InstanceType)
	}
	if m.instanceType == "" {
		w.problem("the node %s has no label node.kubernetes.io/instance-type: give what `aws ec2 describe-instances --output json` prints", words.Printable(m.name))
		return
	}
	l, carried := w.carries(m)
	if !carried {
		return
	}
	if first := w.ours[id]; first != nil {
		w.problem("the nodes %s and %s are both on the instance %s", words.Printable(first.name), words.Printable(m.name), words.Printable(id))
		return
	}
	without := 0
	for _, i := range interfaces {
		if !i.address.IsValid() && !i.efaOnly() {
			without++ // as an IPv6-only one: the language gives each interface an address
			continue
		}
		m.interfaces = append(m.interfaces, i)
		m.holds += i.holds()
	}
	if without > 0 {
		w.say("%s: %s without an IPv4 address is left out; its place on the instance counts as free", words.Printable(m.name), words.Plural(without, "interface"))
	}
	slices.SortFunc(m.interfaces, func(a, b *networkInterface) int {
		deviceA, cardA := a.device()
		deviceB, cardB := b.device()
		return cmp.Or(order(deviceA != 0 || cardA != l.DefaultCard, deviceB != 0 || cardB != l.DefaultCard), cmp.Compare(cardA, cardB), cmp.Compare(deviceA, deviceB), cmp.Compare(*a.NetworkInterfaceId, *b.NetworkInterfaceId))
	})
	if !slices.ContainsFunc(m.interfaces, func(i *networkInterface) bool { return i.address.IsValid() }) {
		w.problem("the interfaces of the node %s have no IPv4 address", words.Printable(m.name))
		return
	}
	if device, card := m.interfaces[0].device(); device != 0 || card != l.DefaultCard || !m.interfaces[0].address.IsValid() {
		w.problem("the node %s has no first interface (device 0 of card %d) in the list of interfaces: the list is not whole", words.Printable(m.name), l.DefaultCard)
		return
	}
	w.ours[id] = m
	w.machines = append(w.machines, m)
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// find finds the subnets: all of the nodes' VPC, and those that their interfaces
// are in.
func (w *world) find() {
	wanted := map[string]bool{} // VPCs
	for _, m := range w.machines {
		for _, i := range m.interfaces {
			s := w.subnets.get(*i.SubnetId)
			if s == nil {
				w.problem("an interface of the node %s is in %s, which is not among the subnets: give what `aws ec2 describe-subnets --output json` prints, of the whole VPC", words.Printable(m.name), words.Printable(*i.SubnetId))
				return
			}
			wanted[text(s.VpcId)] = true
		}
	}
	if len(wanted) > 1 {
		w.problem("the nodes are in several VPCs, %s: a scenario has one", some(slices.Collect(maps.Keys(wanted))))
		return
	}
	elsewhere := 0
	taken := map[string]bool{}
	for _, s := range w.subnets.list {
		if !wanted[text(s.VpcId)] {
			elsewhere++
			continue
		}
		p := &place{id: *s.SubnetId, name: unique(taken, nameOf(*s.SubnetId)), called: tagOf(s.Tags, "Name"), az: *s.AvailabilityZone, block: s.block(),
			usable: usable(s.block()), available: int(*s.AvailableIpAddressCount), others: map[string][]netip.Prefix{}, tags: map[string]string{}}
		for _, key := range []string{"kubernetes.io/role/cni"} {
			if v := tagOf(s.Tags, key); v != "" {
				p.tags[key] = v
			}
		}
		if w.anonymous {
			p.called = ""
		}
		w.places = append(w.places, p)
		w.byID[p.id] = p
	}
	slices.SortFunc(w.places, func(a, b *place) int { return cmp.Compare(a.name, b.name) })
	for k, p := range w.places {
		for _, q := range w.places[:k] {
			if p.block.Overlaps(q.block) {
				w.problem("the subnets %s and %s overlap: %s and %s", q.id, p.id, q.block, p.block)
			}
		}
	}
	if elsewhere > 0 {
		w.say("%s of other VPCs are passed over", words.Plural(elsewhere, "subnet"))
	}
	for _, r := range w.reservations.list {
		if p := w.byID[*r.SubnetId]; p != nil {
			p.reservations = append(p.reservations, r)
		}
	}
}

// count counts who has the addresses of the subnets.
func (w *world) count() {
	trunks := map[string]*machine{}
	w.claimed = map[netip.Addr]*networkInterface{}
	for _, m := range w.machines {
		m.place = w.byID[*m.interfaces[0].SubnetId]
		for _, i := range m.interfaces {
			w.byID[*i.SubnetId].nodes += i.holds()
			trunks[*i.NetworkInterfaceId] = m
		}
	}
	w.nameCluster()
	elsewhere := 0
	for _, i := range w.interfaces.list {
		p := w.byID[*i.SubnetId]
		switch {
		case p == nil:
			elsewhere++
			continue
		case !w.claim(p, i):
			return
		case w.ours[i.instanceID()] != nil:
			continue
		}
		if m := trunks[i.tag("vpcresources.k8s.aws/trunk-eni-id")]; m != nil && i.branch() && len(i.secondary)+len(i.prefixes) == 0 {
			m.branches = append(m.branches, i)
			p.nodes += i.holds()
			continue
		}
		w.held(p, w.holder(i), i)
	}
	if elsewhere > 0 {
		w.say("%s in subnets that are in no file, or in another VPC, are passed over", words.Plural(elsewhere, "interface"))
	}
	for _, p := range w.places {
		p.known = p.nodes
		for _, list := range p.others { // any order: a sum
			for _, block := range list {
				p.known += 1 << (32 - block.Bits())
			}
		}
		if p.unknown = p.usable - p.available - p.known; p.unknown < 0 {
			w.assume("%s: interfaces have %d addresses and AvailableIpAddressCount leaves %d for them: it lags, or the files are of different moments; the interfaces count", p.id, p.known, p.usable-p.available)
			p.unknown = 0
		}
	}
	for _, m := range w.machines {
		slices.SortFunc(m.branches, func(a, b *networkInterface) int { return a.address.Compare(b.address) })
	}
}

// The account's quota of network interfaces per Region, and the VPC's of Network
// Address Usage with the most that it can be raised to.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
// https://docs.aws.amazon.com/vpc/latest/userguide/network-address-usage.html
const (
	usualInterfaces = 5_000
	usualNAU        = 64_000
	mostNAU         = 256_000
)

// raise finds quotas that allow what is there.
func (w *world) raise() {
	interfaces, nau := 0, 0
	for _, p := range w.places {
		for _, list := range p.others { // any order: a sum
			interfaces += len(list) // each may be an interface of its own
			nau += len(list)
		}
		nau += p.unknown
		interfaces += p.unknown
	}
	for _, m := range w.machines {
		interfaces += len(m.interfaces) + len(m.branches)
		nau += len(m.branches)
		for _, i := range m.interfaces {
			nau += 1 + len(i.secondary) + len(i.prefixes)
		}
	}
	var parts []string
	if interfaces >= usualInterfaces {
		most := (interfaces/usualInterfaces + 1) * usualInterfaces
		parts = append(parts, fmt.Sprintf("networkInterfaces: %d", most))
		w.assume("the account's quota of network interfaces has been raised to %d: about %d are there, and %d is the default", most, interfaces, usualInterfaces)
	}
	if nau >= usualNAU {
		most := max(mostNAU, 2*nau)
		parts = append(parts, fmt.Sprintf("nau: %d", most))
		w.assume("the VPC's quota of Network Address Usage has been raised to %d: %d are used, and %d is the default", most, nau, usualNAU)
	}
	if len(parts) > 0 {
		w.quotas = "{" + strings.Join(parts, ", ") + "}"
	}
}

// claim notes that the addresses of an interface are taken, and says whether they
// can be.
func (w *world) claim(p *place, i *networkInterface) bool {
	blocks := slices.Clone(i.prefixes)
	for _, a := range append([]netip.Addr{i.address}, i.secondary...) {
		if a.IsValid() {
			blocks = append(blocks, netip.PrefixFrom(a, 32))
		}
	}
	last := lastOf(p.block)
	fourth := p.block.Addr().Next().Next().Next()
	for _, b := range blocks {
		if !p.block.Contains(b.Addr()) || b.Bits() < p.block.Bits() {
			w.problem("the interface %s has %s, which is outside of its subnet, %s, %s", *i.NetworkInterfaceId, oneOrBlock(b), p.id, p.block)
			return false
		}
		for a := b.Addr(); b.Contains(a); a = a.Next() {
			switch before := w.claimed[a]; {
			case before != nil:
				w.problem("%s is on two interfaces, %s and %s: the files are of different moments", a, *before.NetworkInterfaceId, *i.NetworkInterfaceId)
				return false
			case a.Compare(fourth) <= 0 || a == last:
				w.problem("the interface %s has %s, which AWS reserves in %s, %s", *i.NetworkInterfaceId, a, p.id, p.block)
				return false
			}
			w.claimed[a] = i
		}
	}
	return true
}

// lastOf is the last address of a block.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(b)
}

// held notes who has the addresses of an interface.
func (w *world) held(p *place, holder string, i *networkInterface) {
	for _, a := range append([]netip.Addr{i.address}, i.secondary...) {
		if a.IsValid() {
			p.others[holder] = append(p.others[holder], netip.PrefixFrom(a, 32))
		}
	}
	p.others[holder] = append(p.others[holder], i.prefixes...)
}

// whole refuses lists of a length that pages have, unless they show themselves
// that nothing is missing: of interfaces, when all held addresses are accounted
// for; of instances, when all nodes are among them; of subnets, when all
// interfaces' are.
func (w *world) whole() {
	for _, s := range w.suspects {
		fine := false
		switch s.kind {
		case interfaceRow:
			fine = !slices.ContainsFunc(w.places, func(p *place) bool { return p.usable-p.available != p.known })
		case subnetRow:
			fine = !slices.ContainsFunc(w.interfaces.list, func(i *networkInterface) bool { return w.subnets.get(*i.SubnetId) == nil })
		case instanceRow, reservationRow:
			fine = !slices.ContainsFunc(w.machines, func(m *machine) bool { return w.instances.get(m.instance) == nil })
		case typeRow, kubeRow:
			fine = true
		}
		if !fine {
			w.problem("%s: exactly %d rows of %s, as a page has them, and nothing shows that it is the last: let the AWS CLI collect all pages (no --max-items, no --no-paginate, no --query), or give two files, one for each half of the subnets (--filters)", s.file, s.rows, s.kind.list())
		}
	}
}

// limitsOf a machine's type.
func (w *world) limitsOf(m *machine) ec2model.InstanceLimits {
	l, _ := w.types.Limits(m.instanceType)
	return l
}
