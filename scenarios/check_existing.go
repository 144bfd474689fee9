package scenarios

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
)

// leastWarmUp is what nodes that are there before the run need of one: their
// daemons start in it and read what is attached, which takes seconds.
const leastWarmUp = Duration(60_000_000_000)

// snapshot is what the checks of a scenario's existing nodes gather.
type snapshot struct {
	c     *checker
	names map[string]Position
	taken map[netip.Addr]Position // of interfaces, and the first of each prefix
	used  map[string]int          // addresses, by subnet

	prefixes map[string]int // that are only counted, by subnet
}

func (c *checker) checkExisting() {
	if !c.s.snapshot() {
		return
	}
	if c.readable("warmUp") && c.s.WarmUp < leastWarmUp {
		c.problem(c.at("warmUp"), "warmUp: nodes that exist at time 0 need a warm-up of at least %s, in which their daemons start: got %s", leastWarmUp, c.s.WarmUp)
	}
	s := &snapshot{c, map[string]Position{}, map[netip.Addr]Position{}, map[string]int{}, map[string]int{}}
	for i := range c.s.NodeGroups {
		s.group(i, &c.s.NodeGroups[i])
	}
	for i := range c.s.VPC.Subnets {
		s.subnet(i, &c.s.VPC.Subnets[i])
	}
}

func (s *snapshot) group(i int, g *NodeGroup) {
	if len(g.Nodes) == 0 {
		return
	}
	c, path, name := s.c, fmt.Sprintf("nodeGroups.%d", i), entry("nodeGroups", i, g.Name)
	switch existing := g.Existing(); {
	case existing > maxGroup:
		c.problem(c.keyAt(path+".nodes"), "%s.nodes: %s nodes are out of range: the most is %d", name, words.Count(existing), maxGroup)
	case c.usable("%s.count", path) && g.Count != existing && c.managed(g):
		c.problem(c.at("%s.count", path), "%s: count, %d, is not the number of its nodes, %d: the autoscaler decides from time 0 on; leave count out", name, g.Count, existing)
	}
	odd := oddities{}
	for j := range g.Nodes {
		if at := fmt.Sprintf("%s.nodes.%d", path, j); c.readable("%s", at) {
			s.node(at, name+".nodes", g, &g.Nodes[j], odd)
		}
	}
	odd.report(c, path, name, g)
}

func (s *snapshot) node(path, name string, g *NodeGroup, n *ExistingNode, odd oddities) {
	c := s.c
	if n.Name != "" && c.usable("%s.name", path) {
		at := c.at("%s.name", path)
		if n.Count > 1 {
			c.problem(at, "%s: %d nodes cannot all be called %s: leave the name out, or give one entry each", name, n.Count, n.Name)
		}
		if first, twice := s.names[n.Name]; twice {
			c.problem(at, "%s: the name %q is given twice; the first is in line %d", name, n.Name, first.Line)
		} else {
			s.names[n.Name] = at
		}
	}
	if !s.kind(path, name, g, n) {
		return
	}
	own := c.subnet(n.Subnet)
	switch {
	case !c.readable("%s.subnet", path):
		return
	case n.Subnet == "":
		c.problem(c.at("%s", path), "%s: a node of a group with several subnets needs its subnet: one of %s was expected", name, few(c.namesOfSubnets(g)))
		return
	case !c.known(path+".subnet", "subnet", n.Subnet, c.subnetNames()):
		return
	case !g.Uses(n.Subnet):
		c.problem(c.at("%s.subnet", path), "%s: the group's nodes are not in the subnet %q, but in %s", name, n.Subnet, few(g.Subnets))
		return
	}
	g = g.As(n)
	if limits, ok := g.Limits(g.InstanceType); ok && s.interfaces(path, name, g, n, own, limits) {
		s.pods(path, name, g, n, odd)
	}
}

// kind checks what is said of a node's type, and says whether it is known.
func (s *snapshot) kind(path, name string, g *NodeGroup, n *ExistingNode) bool {
	c := s.c
	if !n.Differs() {
		return true
	}
	if n.InstanceType != "" {
		at := path + ".instanceType"
		c.checkInstanceType(c.at("%s", at), at, name, n.InstanceType)
		if _, known := g.Limits(n.InstanceType); !known {
			return false
		}
	}
	c.checkAllocatable(path, name, g.As(n))
	return true
}

func (c *checker) namesOfSubnets(g *NodeGroup) (names []string) {
	for _, s := range c.nodeSubnets(g) {
		names = append(names, s.Name)
	}
	return names
}

// interfaces checks a node's interfaces against its type's limits and the
// addresses of all others. It says whether they can be reckoned with.
func (s *snapshot) interfaces(path, name string, g *NodeGroup, n *ExistingNode, own *Subnet, limits ec2model.InstanceLimits) bool {
	all := nodeInterfaces{c: s.c, name: name, instanceType: g.InstanceType, limits: limits, fine: true, cards: map[int]int{}, devices: map[device]bool{}}
	for k := range n.Interfaces {
		e := &n.Interfaces[k]
		at := fmt.Sprintf("%s.interfaces.%d", path, k)
		if !s.c.readable("%s", at) {
			return false
		}
		subnet := all.subnet(at, n, k, own)
		if subnet == nil {
			continue
		}
		all.fits(at, e)
		all.attach(at, e)
		s.used[subnet.Name] += n.Count * e.Count * (e.own() + e.secondary())
		s.prefixes[subnet.Name] += n.Count * e.Count * e.PrefixCount
		s.named(at, name, n, e, subnet)
	}
	all.fit(path + ".interfaces")
	return all.fine
}

// nodeInterfaces are those of one node, as far as they have been looked at.
type nodeInterfaces struct {
	c                  *checker
	name, instanceType string // of the node
	limits             ec2model.InstanceLimits
	fine               bool

	cards            map[int]int // how many each has
	devices          map[device]bool
	trunks, branches int
}

// device is a place for an interface.
type device struct{ index, card int }

func (i *nodeInterfaces) wrong(at, format string, args ...any) {
	i.c.problem(i.c.at("%s", at), "%s: "+format, slices.Concat([]any{i.name}, args)...)
	i.fine = false
}

// subnet is the one that the k-th interface is in; nil where it cannot be.
func (i *nodeInterfaces) subnet(at string, n *ExistingNode, k int, own *Subnet) *Subnet {
	e := &n.Interfaces[k]
	subnet := i.c.subnet(e.SubnetOf(n))
	switch {
	case k == 0 && (e.Kind != "pods" || e.Device != nil && *e.Device != 0 || e.Card != i.limits.DefaultCard || e.Subnet != "" && e.Subnet != n.Subnet):
		i.wrong(at, "the first interface of a node was expected here: of kind pods, device 0 of card %d, in the node's subnet", i.limits.DefaultCard)
	case subnet == nil:
		i.c.known(at+".subnet", "subnet", e.Subnet, i.c.subnetNames())
		i.fine = false
	case subnet.AZ != own.AZ:
		i.wrong(at+".subnet", "the subnet %q is in Availability Zone %s, the node in %s: an interface cannot be attached across zones", subnet.Name, subnet.AZ, own.AZ)
	default:
		return subnet
	}
	return nil
}

// fits checks an interface by itself.
func (i *nodeInterfaces) fits(at string, e *ExistingInterface) {
	switch {
	case e.slots() > i.limits.IPv4PerENI:
		i.wrong(at, "an interface of %s has at most %d addresses and prefixes, its own included: got %d", i.instanceType, i.limits.IPv4PerENI, e.slots())
	case e.PrefixCount+len(e.Prefixes) > 0 && !i.limits.Nitro():
		i.wrong(at, "%s is not built on Nitro, and its interfaces have no prefixes", i.instanceType)
	case e.Kind == "branch" && e.secondary() > 0:
		i.wrong(at, "a branch interface has one address, its own")
	case e.Kind == "efa-only" && (e.Address != nil || e.secondary() > 0):
		i.wrong(at, "an EFA-only interface has no IP device and no address: kind efa was expected for one that has")
	case e.Kind == "pods" && e.Card != i.limits.DefaultCard:
		i.wrong(at, "ipamd has pods on card %d alone: kind efa or other was expected on card %d", i.limits.DefaultCard, e.Card)
	}
}

// attach gives an interface its place.
func (i *nodeInterfaces) attach(at string, e *ExistingInterface) {
	if e.Kind == "branch" {
		i.branches += e.Count
		return
	}
	i.cards[e.Card] += e.Count
	if e.Kind == "trunk" {
		i.trunks += e.Count
	}
	if e.Device == nil {
		return
	}
	d := device{*e.Device, e.Card}
	if e.Count > 1 || i.devices[d] {
		i.wrong(at+".device", "two interfaces cannot be device %d of card %d", d.index, d.card)
	}
	i.devices[d] = true
}

// fit checks how many there are.
func (i *nodeInterfaces) fit(at string) {
	for _, card := range slices.Sorted(maps.Keys(i.cards)) {
		most := i.limits.ENIs
		if card < len(i.limits.NetworkCards) {
			most = i.limits.NetworkCards[card]
		} else if card > 0 {
			most = 0
		}
		if i.cards[card] > most {
			i.wrong(at, "%d interfaces on network card %d, and %s has room for %d", i.cards[card], card, i.instanceType, most)
		}
	}
	if i.branches > 0 && (i.trunks == 0 || i.branches > i.limits.BranchENIs) {
		i.wrong(at, "branch interfaces need a trunk, and %s has at most %d of them: got %d trunks and %d branches", i.instanceType, i.limits.BranchENIs, i.trunks, i.branches)
	}
}

// named checks the addresses of an interface that are given by name.
func (s *snapshot) named(path, name string, n *ExistingNode, e *ExistingInterface, subnet *Subnet) {
	c := s.c
	several := n.Count*e.Count > 1
	one := func(at string, p Prefix, bits int, what string) {
		if !c.usable("%s", at) {
			return
		}
		switch position := c.at("%s", at); {
		case several:
			c.problem(position, "%s: %s cannot be on %d interfaces: give a count, or one entry each", name, p, n.Count*e.Count)
		case p.Bits() != bits:
			c.problem(position, "%s: %s was expected, got %s", name, what, p)
		default:
			s.claim(position, name, p, subnet)
		}
	}
	const address = "an address such as 10.0.1.23"
	if e.Address != nil {
		one(path+".address", *e.Address, 32, address)
	}
	for i, a := range e.Addresses {
		one(fmt.Sprintf("%s.addresses.%d", path, i), a, 32, address)
	}
	for i, p := range e.Prefixes {
		one(fmt.Sprintf("%s.prefixes.%d", path, i), p, 28, "a /28 block such as 10.0.1.16/28")
	}
}

// claim enters an address or a prefix of an interface.
func (s *snapshot) claim(at Position, name string, p Prefix, subnet *Subnet) {
	c := s.c
	if !subnet.CIDR.contains(p) {
		c.problem(at, "%s: %s is outside the subnet %s, %s", name, p, subnet.Name, subnet.CIDR)
		return
	}
	first := p.Addr()
	for range p.Size() {
		if subnet.reserves(Prefix{netip.PrefixFrom(first, 32)}) {
			c.problem(at, "%s: AWS reserves %s, one of the first four addresses or the last of the subnet %s", name, first, subnet.Name)
			return
		}
		if before, twice := s.taken[first]; twice {
			c.problem(at, "%s: %s is on another interface already, in line %d", name, first, before.Line)
			return
		}
		s.taken[first] = at
		first = first.Next()
	}
}

// subnet checks that a subnet has room for what existing nodes and others hold
// together.
func (s *snapshot) subnet(i int, subnet *Subnet) {
	c, others := s.c, 0
	for j, u := range subnet.Used {
		others += u.Count
		for k, p := range u.Addresses {
			others += p.Size()
			at := fmt.Sprintf("vpc.subnets.%d.used.%d.addresses.%d", i, j, k)
			for a, n := p.Addr(), 0; n < min(p.Size(), 1<<16); a, n = a.Next(), n+1 {
				if _, twice := s.taken[a]; twice && c.usable("%s", at) {
					c.problem(c.at("%s", at), "vpc.subnets.%s.used: %s is on an interface of a node, in line %d", subnet.Name, a, s.taken[a].Line)
					break
				}
			}
		}
	}
	s.blocks(i, subnet)
	most := subnet.Usable()
	if hasBlocks(*subnet) { // which may cover reserved ones
		most = subnet.CIDR.Size()
	}
	if total := s.used[subnet.Name] + others; s.used[subnet.Name] > 0 && total > most {
		c.problem(c.at("vpc.subnets.%d", i), "vpc.subnets.%s: nodes hold %s addresses at time 0 and others %s, and %s has %s that can be", subnet.Name,
			words.Count(s.used[subnet.Name]), words.Count(others), subnet.CIDR, words.Count(subnet.Usable()))
	}
}

// blocks checks that prefixes which are only counted have room between what is
// given by name.
func (s *snapshot) blocks(i int, subnet *Subnet) {
	wanted := s.prefixes[subnet.Name]
	if wanted == 0 {
		return
	}
	held := map[netip.Addr]bool{}
	note := func(a netip.Addr) { held[netip.PrefixFrom(a, 28).Masked().Addr()] = true }
	note(subnet.CIDR.Addr())
	last := subnet.CIDR.Addr().As4()
	for bit := subnet.CIDR.Bits(); bit < 32; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	note(netip.AddrFrom4(last))
	for a := range s.taken { // any order: a set is filled
		if subnet.CIDR.contains(Prefix{netip.PrefixFrom(a, 32)}) {
			note(a)
		}
	}
	for _, u := range subnet.Used {
		for _, p := range u.Addresses {
			for a, n := p.Addr(), 0; n < min(p.Size(), 1<<16); a, n = a.Next(), n+1 {
				note(a)
			}
		}
	}
	if room := subnet.CIDR.Size()/16 - len(held); wanted > room {
		s.c.problem(s.c.at("vpc.subnets.%d", i), "vpc.subnets.%s: nodes hold %s there at time 0, and %s has %d free /28 blocks for them", subnet.Name,
			words.Plural(wanted, "prefix"), subnet.CIDR, max(0, room))
	}
}

// pods checks a node's pods and what cools down, and notes what the rules could
// not have produced.
func (s *snapshot) pods(path, name string, g *NodeGroup, n *ExistingNode, odd oddities) {
	c, h := s.c, n.holdings()
	var room Resources
	all, onNode := 0, map[string]bool{}
	for k := range n.Pods {
		p := &n.Pods[k]
		sub := fmt.Sprintf("%s.pods.%d", path, k)
		i := slices.IndexFunc(c.s.Workloads, func(w Workload) bool { return w.Name == p.Workload })
		if i < 0 {
			if c.usable("%s.workload", sub) {
				names := make([]string, len(c.s.Workloads))
				for i := range c.s.Workloads {
					names[i] = c.s.Workloads[i].Name
				}
				c.known(sub+".workload", "workload", p.Workload, names)
			}
			continue
		}
		w := &c.s.Workloads[i]
		c.existingPods(sub, name, g, n, p, w, odd)
		if w.Kind == "DaemonSet" && (onNode[w.Name] || p.Total() > 1) {
			c.problem(c.at("%s", sub), "%s: %s is a DaemonSet, which has one pod on a node", name, w.Name)
		}
		onNode[w.Name] = true
		all += p.Total()
		room.CPU += w.Resources.CPU * CPU(p.Total())
		room.Memory += w.Resources.Memory * Memory(p.Total())
		if !w.HostNetwork {
			h.take(p)
		}
	}
	s.cooling(path, name, g, n, &h)
	offer, limit := g.Allocatable(), g.PodLimit()-2
	odd.note(all > limit, oddPods, n.Count)
	odd.note(room.CPU > offer.CPU || room.Memory > offer.Memory, oddRequests, n.Count)
	odd.note(h.strangers > 0, oddStrangers, n.Count)
	if daemon := daemonOf(g); h.cooling+h.onPods <= h.total {
		targets, stats := daemonTargets(daemon, g), h.stats(daemon)
		odd.note(h.other(daemon) > 0, oddMode, n.Count)
		odd.note(targets.Over(stats) > 0, oddOver, n.Count)
		odd.note(targets.TooLow(stats) && !n.Cordoned && n.mayGrow(daemon), oddLow, n.Count)
	}
}

func (c *checker) existingPods(path, name string, g *NodeGroup, n *ExistingNode, p *ExistingPods, w *Workload, odd oddities) {
	switch {
	case p.Total() == 0 && c.readable("%s.count", path) && c.readable("%s.addresses", path):
		c.problem(c.at("%s", path), "%s: how many pods was expected: give count, or addresses", name)
	case n.Count > 1 && len(p.Addresses) > 0:
		c.problem(c.at("%s.addresses", path), "%s: %s cannot be on %d nodes: give a count, or one entry each", name, p.Addresses[0], n.Count)
	case w.HostNetwork && (len(p.Addresses) > 0 || p.Branch):
		c.problem(c.at("%s", path), "%s: pods of %s use the node's address: a count was expected", name, w.Name)
	}
	for i, a := range p.Addresses {
		if at := fmt.Sprintf("%s.addresses.%d", path, i); c.usable("%s", at) && a.Bits() != 32 {
			c.problem(c.at("%s", at), "%s: an address such as 10.0.1.24 was expected, got %s", name, a)
		}
	}
	odd.note(!w.RunsOn(g), oddSelector, n.Count)
}

func (s *snapshot) cooling(path, name string, g *NodeGroup, n *ExistingNode, h *holdings) {
	c := s.c
	for k := range n.Cooling {
		x := &n.Cooling[k]
		sub := fmt.Sprintf("%s.cooling.%d", path, k)
		switch {
		case (x.Count > 0) == (len(x.Addresses) > 0) && c.readable("%s.count", sub) && c.readable("%s.addresses", sub):
			c.problem(c.at("%s", sub), "%s.cooling: how many was expected: give count, or addresses", name)
		case n.Count > 1 && len(x.Addresses) > 0:
			c.problem(c.at("%s.addresses", sub), "%s.cooling: %s cannot be on %d nodes: give a count, or one entry each", name, x.Addresses[0], n.Count)
		case Duration(daemonOf(g).Cooldown) < x.Since && c.readable("%s.since", sub):
			c.warning(c.at("%s.since", sub), "%s.cooling: %s is longer than the cooldown, %s: these addresses are free", name, x.Since, Duration(daemonOf(g).Cooldown))
		}
		for i, a := range x.Addresses {
			if at := fmt.Sprintf("%s.addresses.%d", sub, i); c.usable("%s", at) && !h.has(a) {
				c.problem(c.at("%s", at), "%s.cooling: %s is on no interface of the node that ipamd manages", name, a)
			} else if c.usable("%s", at) && !h.free(a) {
				c.problem(c.at("%s", at), "%s.cooling: %s is given twice, or is on a pod", name, a)
			}
		}
		h.cool(x)
	}
	if h.cooling+h.onPods > h.total {
		c.problem(c.at("%s.cooling", path), "%s: %s on pods and %d that cool down are more than the %d that the node's interfaces have for pods", name,
			words.Plural(h.onPods, "address"), h.cooling, h.total)
	}
}

// holdings are what ipamd holds on a node at time 0.
type holdings struct {
	single, prefix, total int // addresses on its interfaces for pods, by kind
	prefixes              int
	onPods, cooling       int
	branches              int
	strangers             int // pods with an address that no interface has
	named                 map[netip.Addr]bool
	blocks                []Prefix
	busy                  map[netip.Addr]bool
}

func (n *ExistingNode) holdings() holdings {
	h := holdings{named: map[netip.Addr]bool{}, busy: map[netip.Addr]bool{}}
	for k := range n.Interfaces {
		e := &n.Interfaces[k]
		switch {
		case e.Kind == "branch":
			h.branches += e.Count
		case e.Carries():
			h.single += e.Count * (e.AddressCount + len(e.Addresses))
			h.prefixes += e.Count * (e.PrefixCount + len(e.Prefixes))
			for _, a := range e.Addresses {
				h.named[a.Addr()] = true
			}
			h.blocks = append(h.blocks, e.Prefixes...)
		}
	}
	h.prefix = 16 * h.prefixes
	h.total = h.single + h.prefix
	return h
}

// mayGrow says whether ipamd can ask for more: an interface has room, or there
// may be another one.
func (n *ExistingNode) mayGrow(daemon *ipamd.Config) bool {
	attached, most := 0, daemon.MaxIPsPerENI
	if daemon.PrefixDelegation {
		most = daemon.MaxPrefixes
	}
	for k := range n.Interfaces {
		e := &n.Interfaces[k]
		if e.Card != 0 || e.Kind == "branch" {
			continue
		}
		attached += e.Count
		if e.Carries() && e.slots()-1 < most && (k > 0 || !daemon.CustomNetworking) {
			return true
		}
	}
	return attached < daemon.MaxENI
}

// has says whether an address is one that ipamd holds, by name.
func (h *holdings) has(a Prefix) bool {
	return h.named[a.Addr()] || slices.ContainsFunc(h.blocks, func(b Prefix) bool { return b.contains(a) })
}

// free says whether nobody has named an address yet, and names it.
func (h *holdings) free(a Prefix) bool {
	busy := h.busy[a.Addr()]
	h.busy[a.Addr()] = true
	return !busy
}

// take gives pods their addresses.
func (h *holdings) take(p *ExistingPods) {
	for _, a := range p.Addresses {
		if h.has(a) && h.free(a) {
			h.onPods++
		} else {
			h.strangers++
		}
	}
	room := &h.branches
	if !p.Branch {
		left := h.total - h.onPods
		room = &left
		h.onPods += min(p.Count, left)
	}
	h.strangers += p.Count - min(p.Count, *room)
	if p.Branch {
		h.branches -= min(p.Count, h.branches)
	}
}

func (h *holdings) cool(x *ExistingCooling) { h.cooling += x.total() }

// stats are the holdings as the daemon compares them with its targets: of its
// mode's kind, with pods on as few prefixes as they can be.
func (h *holdings) stats(daemon *ipamd.Config) ipamd.Stats {
	s := ipamd.Stats{Total: h.single, Prefixes: h.prefixes}
	if daemon.PrefixDelegation {
		s.Total = h.prefix
	}
	s.Assigned = min(h.onPods, s.Total)
	s.FreePrefixes = max(0, h.prefixes-(s.Assigned+15)/16)
	return s
}

// other is how many addresses are of the kind that the daemon's mode does not use.
func (h *holdings) other(daemon *ipamd.Config) int {
	if daemon.PrefixDelegation {
		return h.single
	}
	return h.prefix
}

func daemonTargets(d *ipamd.Config, g *NodeGroup) ipamd.Targets {
	return ipamd.Targets{WarmENI: d.WarmENITarget, WarmIP: d.WarmIPTarget, MinimumIP: d.MinimumIPTarget, WarmPrefix: d.WarmPrefixTarget,
		PrefixDelegation: d.PrefixDelegation, MaxIPsPerENI: perInterface(d), MaxPods: g.PodLimit()}
}

// oddity is what a snapshot may say although no course of events under the
// group's settings comes to it.
type oddity int

const (
	oddStrangers oddity = iota
	oddPods
	oddRequests
	oddSelector
	oddMode
	oddOver
	oddLow
	oddKinds
)

// oddities counts nodes by what is odd about them.
type oddities map[oddity]int

func (o oddities) note(is bool, what oddity, nodes int) {
	if is {
		o[what] += nodes
	}
}

// limitOf is a group's max pods in a sentence, if all its nodes have it.
func limitOf(g *NodeGroup) string {
	if slices.ContainsFunc(g.Nodes, func(n ExistingNode) bool { return n.Differs() }) {
		return ""
	}
	return fmt.Sprintf(", %d,", g.PodLimit())
}

// report warns of what is odd about a group's nodes, once of each kind.
func (o oddities) report(c *checker, path, name string, g *NodeGroup) {
	texts := [oddKinds]string{
		oddStrangers: "run pods whose address is on no interface of theirs: those hold nothing of ipamd's",
		oddPods:      "run more pods than max pods" + limitOf(g) + " allows",
		oddRequests:  "run pods that ask for more CPU or memory than a node has",
		oddSelector:  "run pods that labels, affinity or taints keep away from the group",
		oddMode:      "hold addresses of the kind that ENABLE_PREFIX_DELEGATION does not ask for: pods keep them, and what is free of them is given back at time 0",
		oddOver:      "hold more free addresses than the settings ask for: ipamd gives them back from time 0 on",
		oddLow:       "hold fewer free addresses than the settings ask for: ipamd asks for more from time 0 on",
	}
	for what := oddity(0); what < oddKinds; what++ {
		if n := o[what]; n > 0 {
			c.warning(c.keyAt(path+".nodes"), "%s.nodes: %s of %s %s", name, words.Count(n), words.Plural(g.Existing(), "node"), texts[what])
		}
	}
}
