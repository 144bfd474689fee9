package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/nodeadm"
)

// These checks reckon whether a fleet can hold what is asked of it, before
// anything runs. They warn only where no course of events would do: of Jobs
// and traces, whose pods come and go, they know nothing.

// checkCapacity warns of pods that cannot all run at once. What is wrong
// elsewhere in the file has been reported, and is not reckoned with.
func (c *checker) checkCapacity() {
	for i := range c.s.NodeGroups {
		g := &c.s.NodeGroups[i]
		for _, t := range g.Types() {
			if _, ok := g.Limits(t); !ok || !c.readable("nodeGroups.%d", i) {
				return
			}
		}
		if !c.readable("nodeGroups.%d.maxPods", i) || !c.readable("nodeGroups.%d.resources", i) || !c.readable("nodeGroups.%d.cni", i) {
			return
		}
		for _, name := range g.Subnets {
			if c.subnet(name) == nil {
				return
			}
		}
	}
	for i := range c.s.NodeGroups {
		if g := &c.s.NodeGroups[i]; len(g.Types()) == 1 {
			c.checkMaxPods(i, g)
		}
	}
	done := map[string]bool{}
	for i := range c.s.Workloads {
		w := &c.s.Workloads[i]
		f := c.fleetOf(w)
		if w.Kind != "Deployment" || len(f.groups) == 0 || done[f.key] || c.misfit(w, w.Resources) != "" {
			continue
		}
		done[f.key] = true
		c.checkPlaces(i, &f)
		c.checkAddresses(i, &f)
	}
}

// slots is how many addresses for pods the interfaces of a node of the group
// carry.
func (c *checker) slots(g *NodeGroup) int {
	daemon := daemonOf(g)
	interfaces := daemon.MaxENI
	if daemon.CustomNetworking || c.excluded(g) {
		interfaces--
	}
	return max(0, interfaces) * perInterface(daemon)
}

// daemonOf is what the group's daemons make of their environment.
func daemonOf(g *NodeGroup) *ipamd.Config {
	limits, _ := g.Limits(g.InstanceType)
	return ipamd.ParseEnvironment(g.Environment(), ipamd.Settings{ENILimit: limits.DefaultCardENIs(), IPv4Limit: limits.IPv4PerENI, Nitro: limits.Nitro()})
}

func perInterface(daemon *ipamd.Config) int {
	if daemon.PrefixDelegation {
		return daemon.MaxPrefixes * 16
	}
	return daemon.MaxIPsPerENI
}

// excluded says whether no pod gets an address of the nodes' own subnets.
func (c *checker) excluded(g *NodeGroup) bool {
	if !daemonOf(g).SubnetDiscovery {
		return false
	}
	for _, s := range c.nodeSubnets(g) {
		if s.Tags["kubernetes.io/role/cni"] != "0" {
			return false
		}
	}
	return true
}

// nodeSubnets are those that the group's nodes are in.
func (c *checker) nodeSubnets(g *NodeGroup) (list []*Subnet) {
	names := g.Subnets
	if len(names) == 0 {
		names = c.subnetNames()
	}
	for _, name := range names {
		if s := c.subnet(name); s != nil {
			list = append(list, s)
		}
	}
	return list
}

// mostSlots is how many addresses a node's interfaces carry for pods, with the
// group's environment or with one that aws-node is rolled out with.
func (c *checker) mostSlots(g *NodeGroup) int {
	most := c.slots(g)
	for i := range c.s.Faults {
		f := &c.s.Faults[i]
		if f.Kind != FaultRollAWSNode || len(f.CNI) == 0 || f.Group != "" && f.Group != g.Name {
			continue
		}
		like := *g
		like.CNI = overlaid(g.CNI, f.CNI)
		most = max(most, c.slots(&like))
	}
	return most
}

// checkMaxPods warns of nodes that take more pods than they have addresses
// for, where pods are small and many enough to come to that.
func (c *checker) checkMaxPods(i int, g *NodeGroup) {
	slots, most, own, pods := c.mostSlots(g), 0, 0, 0
	for j := range c.s.Workloads {
		w := &c.s.Workloads[j]
		if w.HostNetwork || !w.RunsOn(g) {
			continue
		}
		if w.Kind == "DaemonSet" {
			own++
			continue
		}
		if n, _ := c.perNode(g, w.Resources); n > 0 {
			most = max(most, n)
		}
		pods += mostPods(w)
	}
	if min(most, pods)+own <= slots || most == 0 {
		return
	}
	at, given := c.at("nodeGroups.%d.instanceType", i), ""
	if g.MaxPods == nil {
		given = ", which follows from the instance type,"
	} else {
		at = c.at("nodeGroups.%d.maxPods", i)
	}
	places := g.PodLimit() - nodeadm.SystemPods
	c.warning(at, "%s: max pods %d%s lets %s onto a node whose interfaces carry %s for pods: at most %d was expected",
		entry("nodeGroups", i, g.Name), g.PodLimit(), given, words.Plural(places, "pod"), words.Plural(slots, "address"), slots+nodeadm.SystemPods)
}

// mostPods is how many pods a workload has at most; of Jobs and traces nobody
// knows.
func mostPods(w *Workload) int {
	if w.Kind != "Deployment" {
		return unbounded
	}
	most := w.Initial
	for _, s := range w.Replicas {
		most = max(most, s.Count)
	}
	return most
}

// perNode is how many pods of a request an empty node of the group takes, and
// what it is that binds.
func (c *checker) perNode(g *NodeGroup, request Resources) (n int, binds string) {
	room, pods := c.room(g)
	n, binds = pods, fmt.Sprintf("max pods (%d)", g.PodLimit())
	if request.CPU > 0 && int(room.CPU/request.CPU) < n {
		n, binds = int(room.CPU/request.CPU), "CPU"
	}
	if request.Memory > 0 && int(room.Memory/request.Memory) < n {
		n, binds = int(room.Memory/request.Memory), "memory"
	}
	return max(0, n), binds
}

// part is the fleet for some workloads: the groups that may take their pods,
// and all workloads whose pods can go nowhere else.
type part struct {
	key       string
	groups    []*NodeGroup
	workloads []*Workload // Deployments
}

func (c *checker) fleetOf(w *Workload) (f part) {
	allowed := map[string]bool{}
	for i := range c.s.NodeGroups {
		if g := &c.s.NodeGroups[i]; w.RunsOn(g) {
			f.groups = append(f.groups, g)
			f.key += g.Name + "\x00"
			allowed[g.Name] = true
		}
	}
	for i := range c.s.Workloads {
		other := &c.s.Workloads[i]
		inside := other.Kind == "Deployment"
		for j := range c.s.NodeGroups {
			g := &c.s.NodeGroups[j]
			inside = inside && (!other.RunsOn(g) || allowed[g.Name])
		}
		if inside {
			f.workloads = append(f.workloads, other)
		}
	}
	return f
}

// moments are when a number that the part depends on changes, and time 0.
func (f *part) moments() []Duration {
	list := []Duration{0}
	add := func(steps []CountStep) {
		for _, s := range steps {
			list = append(list, s.At)
			if s.Over != nil {
				list = append(list, s.At+*s.Over)
			}
		}
	}
	for _, w := range f.workloads {
		add(w.Replicas)
	}
	for _, g := range f.groups {
		add(g.Steps)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// countAt is a number at a moment, after its steps.
func countAt(initial int, steps []CountStep, at Duration) int {
	n := initial
	for _, s := range steps {
		switch {
		case at < s.At:
			return n
		case s.Over != nil && *s.Over > 0 && at < s.At+*s.Over:
			return n + int(int64(s.Count-n)*int64(at-s.At)/int64(*s.Over))
		}
		n = s.Count
	}
	return n
}

// managed says whether the autoscaler adds nodes to the group.
func (c *checker) managed(g *NodeGroup) bool {
	a := c.s.Autoscaler
	return a != nil && (len(a.Groups) == 0 || slices.Contains(a.Groups, g.Name))
}

// unbounded is the number of nodes of a group that has no bound.
const unbounded = 1 << 30

// nodesAt is the least and the most number of nodes of a group at a moment.
func (c *checker) nodesAt(g *NodeGroup, at Duration) (least, most int) {
	least = countAt(g.Count, g.Steps, at)
	switch {
	case !c.managed(g):
		return least, least
	case g.Max == nil:
		return 0, unbounded
	}
	return 0, *g.Max
}

// checkPlaces warns of pods for which there is no room on any node.
func (c *checker) checkPlaces(i int, f *part) {
	type shortage struct {
		at                  Duration
		wanted, room, nodes int
		binds               string
	}
	var worst shortage
	for _, at := range f.moments() {
		if at > c.s.Duration {
			break
		}
		s := shortage{at: at}
		least := Resources{} // asked for by the smallest pod: what no mix can better
		for _, w := range f.workloads {
			n := countAt(w.Initial, w.Replicas, at)
			if n == 0 {
				continue
			}
			if s.wanted == 0 {
				least = w.Resources
			}
			s.wanted += n
			least.CPU, least.Memory = min(least.CPU, w.Resources.CPU), min(least.Memory, w.Resources.Memory)
		}
		fewest := unbounded
		for _, g := range f.groups {
			_, most := c.nodesAt(g, at)
			each, binds := c.perNode(g, least)
			if most >= unbounded && each > 0 {
				s.room = unbounded
				break
			}
			s.nodes += most
			s.room += most * each
			if most > 0 && each < fewest {
				fewest, s.binds = each, binds
			}
		}
		if s.wanted-s.room > worst.wanted-worst.room {
			worst = s
		}
	}
	if worst.wanted <= worst.room {
		return
	}
	c.warning(c.workloadAt(i), "%s%s ask for %s, and %s of %s have room for %s at most: %s is what binds, and %s wait",
		momentText(worst.at), f.names(), words.Plural(worst.wanted, "pod"), words.Plural(worst.nodes, "node"), f.groupNames(), words.Count(worst.room),
		cmp.Or(worst.binds, "the number of nodes"), words.Count(worst.wanted-worst.room))
}

// momentText begins a sentence about a moment.
func momentText(at Duration) string {
	if at == 0 {
		return "at time 0 "
	}
	return fmt.Sprintf("at %s ", at)
}

func (f *part) names() string {
	var names []string
	for _, w := range f.workloads {
		names = append(names, w.Name)
	}
	return few(names)
}

func (f *part) groupNames() string {
	var names []string
	for _, g := range f.groups {
		names = append(names, g.Name)
	}
	return few(names)
}

// few names some of a list.
func few(names []string) string {
	const most = 4
	if len(names) <= most {
		return words.And(names)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func (c *checker) workloadAt(i int) Position {
	for _, key := range []string{"replicas", "initial"} {
		if c.given("workloads.%d.%s", i, key) {
			return c.keyAt(fmt.Sprintf("workloads.%d.%s", i, key))
		}
	}
	return c.at("workloads.%d", i)
}

// checkAddresses warns of a fleet that asks for more addresses than its
// subnets have, however the daemons are set.
func (c *checker) checkAddresses(i int, f *part) {
	inSubnets, forPods := map[string]*Subnet{}, map[string]*Subnet{}
	for _, g := range f.groups {
		for _, s := range c.nodeSubnets(g) {
			inSubnets[s.Name] = s
		}
		for _, s := range c.podSubnets(g) {
			forPods[s.Name] = s
			inSubnets[s.Name] = s
		}
	}
	var worst need
	for _, at := range f.moments() {
		if at > c.s.Duration {
			break
		}
		if n := c.needAt(f, at); n.sum() > worst.sum() {
			worst = n
		}
	}
	all, pods := free(inSubnets), free(forPods)
	switch {
	case worst.sum() > all:
		c.warning(c.workloadAt(i), "%s%s and %s need at least %s addresses, and the %s of %s %s %s: no setting gives every pod one",
			momentText(worst.at), words.Plural(worst.pods, "pod"), words.Plural(worst.nodes, "node"), words.Count(worst.sum()),
			subnetsText(inSubnets), f.groupNames(), have(inSubnets), words.Count(all))
	case worst.pods+worst.interfaces > pods && len(forPods) > 0:
		c.warning(c.workloadAt(i), "%s%s need at least %s addresses with their interfaces', and the %s for pods %s %s: no setting gives every pod one",
			momentText(worst.at), words.Plural(worst.pods, "pod"), words.Count(worst.pods+worst.interfaces), subnetsText(forPods), have(forPods), words.Count(pods))
	}
}

// have agrees with a number of subnets.
func have(set map[string]*Subnet) string {
	if len(set) == 1 {
		return "has"
	}
	return "have"
}

func subnetsText(set map[string]*Subnet) string {
	names := sortedKeys(set)
	if len(names) == 1 {
		return "subnet " + names[0]
	}
	return "subnets " + few(names)
}

// free are the addresses of subnets that others do not hold.
func free(set map[string]*Subnet) (n int) {
	// any order: integers are summed up
	for _, s := range set {
		left := s.Usable()
		for _, u := range s.Used {
			left -= u.Count
			for _, a := range u.Addresses {
				left -= a.Size()
			}
		}
		n += max(0, left)
	}
	return n
}

// need is the least that a part of the fleet asks of its subnets at a moment.
type need struct {
	at                      Duration
	pods, nodes, interfaces int // interfaces beyond the nodes' first ones that only carry pods
}

func (n *need) sum() int { return n.pods + n.nodes + n.interfaces }

// needAt reckons with the fewest nodes and interfaces that could do.
func (c *checker) needAt(f *part, at Duration) need {
	n := need{at: at}
	least, all := Resources{}, 0
	for _, w := range f.workloads {
		count := countAt(w.Initial, w.Replicas, at)
		if all == 0 {
			least = w.Resources
		}
		all += count
		least.CPU, least.Memory = min(least.CPU, w.Resources.CPU), min(least.Memory, w.Resources.Memory)
		if !w.HostNetwork {
			n.pods += count
		}
	}
	each, slots, first, daemons := 0, 1, 0, unbounded
	for _, g := range f.groups {
		fixed, _ := c.nodesAt(g, at)
		n.nodes += fixed
		places, _ := c.perNode(g, least)
		each = max(each, places)
		for _, t := range g.Types() {
			slots = max(slots, perInterface(daemonOf(g.only(t))))
		}
		if daemon := daemonOf(g); !daemon.CustomNetworking && !c.excluded(g) {
			first = 1 // the node's first interface carries pods too
		}
		daemons = min(daemons, c.daemonPods(g))
	}
	if each > 0 {
		n.nodes = max(n.nodes, (all+each-1)/each)
	}
	n.pods += n.nodes * daemons
	n.interfaces = max(0, (n.pods+slots-1)/slots-first*n.nodes)
	return n
}

// daemonPods is how many pods with an address of their own run on each node
// of the group.
func (c *checker) daemonPods(g *NodeGroup) (n int) {
	for i := range c.s.Workloads {
		if w := &c.s.Workloads[i]; w.Kind == "DaemonSet" && !w.HostNetwork && w.RunsOn(g) {
			n++
		}
	}
	return n
}

// podSubnets are those that the addresses of the group's pods can be of.
func (c *checker) podSubnets(g *NodeGroup) (list []*Subnet) {
	daemon := daemonOf(g)
	zones := map[string]bool{}
	for _, s := range c.nodeSubnets(g) {
		zones[s.AZ] = true
		if !daemon.CustomNetworking {
			list = append(list, s)
		}
	}
	switch {
	case daemon.CustomNetworking:
		for _, zone := range sortedKeys(g.ENIConfig) {
			if s := c.subnet(g.ENIConfig[zone]); s != nil && zones[zone] {
				list = append(list, s)
			}
		}
	case daemon.SubnetDiscovery:
		for i := range c.s.VPC.Subnets {
			if s := &c.s.VPC.Subnets[i]; zones[s.AZ] && s.Tags["kubernetes.io/role/cni"] == "1" {
				list = append(list, s)
			}
		}
	}
	return list
}
