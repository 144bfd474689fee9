package clusterimport

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ami"
	"ipamsim/sim/nodeadm"
)

// groupLabels name the group of a node, the first that has a value.
var groupLabels = []string{"karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "eks.amazonaws.com/nodegroup", "alpha.eksctl.io/nodegroup-name", "kops.k8s.io/instancegroup"}

// group is a node group of the scenario: nodes of one pool with equal settings.
type group struct {
	settingsOf
	name     string
	label    string // that names the pool, or nothing
	machines []*machine
	subnets  []string
	labels   map[string]string
	room     request           // the least that a node of it has
	configs  map[string]string // of custom networking: zone to subnet
	taints   []taint           // all of its nodes have them
	most     int               // nodes that its pool may have; 0 is unknown
}

// settingsOf are what the nodes of a group have in common.
type settingsOf struct {
	pool, instanceType, family, kubernetes, config string
	maxPods                                        int
	spot                                           bool
	selected                                       string // values of labels that pods select by
	tainted                                        string // the taints that stay
}

// divide puts the nodes into groups.
func (w *world) divide(label string) {
	keys := map[string]bool{} // of labels that pods select by
	for _, l := range w.loads {
		for _, k := range l.at.keys() {
			keys[k] = true
		}
	}
	chosen := sorted(keys)
	byKey := map[string]*group{}
	disagree := map[string]bool{}
	for _, m := range w.machines {
		s, from, labels := w.settingsOf(m, label, chosen, disagree)
		key := fmt.Sprint(s)
		g := byKey[key]
		if g == nil {
			g = &group{settingsOf: s, label: from, labels: labels, taints: lastingTaints(m.node), configs: map[string]string{}}
			byKey[key] = g
			w.groups = append(w.groups, g)
		}
		g.machines = append(g.machines, m)
		m.group = g
	}
	for _, pair := range sorted(disagree) {
		w.say("labels that name a node's group disagree: %s; the first counts", pair)
	}
	w.nameGroups()
	for _, g := range w.groups {
		w.fill(g)
	}
	w.cover()
	for _, g := range w.groups {
		w.widen(g)
	}
}

// widen makes room on a group's nodes for the DaemonSets that run there, where
// what they ask for at most is more than the smallest node has.
func (w *world) widen(g *group) {
	if g.room == (request{}) {
		return
	}
	all := request{milliCPU: nodeadm.SystemMilliCPU}
	for _, l := range w.loads {
		if l.kind == "DaemonSet" && (l.label == "" || g.labels[l.label] != "") {
			all = request{all.milliCPU + l.request.milliCPU, all.bytes + l.request.bytes}
		}
	}
	if wide := g.room.or(all); wide != g.room {
		w.assume("nodes of %s have %dm of CPU and %d MiB, as much as the DaemonSets that run there ask for: the least that is allocatable on one is less", g.name, wide.milliCPU, wide.bytes>>20)
		g.room = request{wide.milliCPU, wide.bytes + 1<<10}
	}
}

// settingsOf reads what a node has in common with others.
func (w *world) settingsOf(m *machine, label string, chosen []string, disagree map[string]bool) (s settingsOf, from string, labels map[string]string) {
	n := m.node
	own := n.Metadata.Labels
	names := groupLabels
	if label != "" {
		names = append(names[:len(names):len(names)], label)
	}
	for _, k := range names {
		switch v := own[k]; {
		case v == "":
		case s.pool == "":
			s.pool, from = v, k
		case v != s.pool:
			disagree[words.Printable(from+"="+s.pool+" and "+k+"="+v)] = true
		}
	}
	s.instanceType = m.instanceType
	if pods, err := n.Status.Allocatable["pods"].thousandths(); err == nil {
		s.maxPods = int(min(pods/1000, 2000))
	}
	for _, v := range []string{own["karpenter.sh/capacity-type"], strings.ToLower(own["eks.amazonaws.com/capacityType"])} {
		s.spot = s.spot || v == "spot"
	}
	s.family, s.kubernetes = imageOf(n)
	s.config = w.configOf(n)
	for _, t := range n.Spec.Taints {
		w.soft += one(t.Effect == prefer)
	}
	s.tainted = list(lastingTaints(n), taint.text)
	labels = map[string]string{}
	for _, k := range chosen {
		if v, ok := own[k]; ok {
			labels[k] = v
			s.selected += k + "=" + v + "\n"
		}
	}
	return s, from, labels
}

// imageOf is the family of a node's image and the version of its kubelet, as far
// as the language has them.
func imageOf(n *node) (family, kubernetes string) {
	image := n.Status.NodeInfo.OsImage
	switch {
	case strings.HasPrefix(image, "Bottlerocket"):
		family = "Bottlerocket"
	case strings.HasPrefix(image, "Amazon Linux 2023"):
		family = "AL2023"
	case strings.HasPrefix(image, "Amazon Linux 2"):
		family = "AL2"
	}
	parts := strings.SplitN(strings.TrimPrefix(n.Status.NodeInfo.KubeletVersion, "v"), ".", 3)
	if len(parts) < 2 {
		return family, ""
	}
	kubernetes = parts[0] + "." + strings.TrimRight(parts[1], "+")
	minor, ok := ami.Minor(kubernetes)
	f, known := ami.Named(cmp.Or(family, "AL2023"))
	if last, _ := ami.Minor(f.Kubernetes); !ok || known && f.Last && minor > last {
		return family, ""
	}
	return family, kubernetes
}

// nameGroups gives groups the names of their pools, and what tells them apart
// where a pool has several.
func (w *world) nameGroups() {
	slices.SortFunc(w.groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.pool, b.pool), cmp.Compare(a.instanceType, b.instanceType), cmp.Compare(a.maxPods, b.maxPods), cmp.Compare(fmt.Sprint(a.settingsOf), fmt.Sprint(b.settingsOf)))
	})
	pools := map[string][]*group{}
	for _, g := range w.groups {
		pools[g.pool] = append(pools[g.pool], g)
	}
	taken := map[string]bool{}
	for _, pool := range sorted(pools) {
		list := pools[pool]
		differ := func(of func(*group) string) bool {
			return slices.ContainsFunc(list, func(g *group) bool { return of(g) != of(list[0]) })
		}
		parts := []func(*group) string{
			func(g *group) string { return g.instanceType }, func(g *group) string { return g.family }, func(g *group) string { return g.kubernetes },
			func(g *group) string { return map[bool]string{true: "spot", false: "on-demand"}[g.spot] },
			func(g *group) string { return fmt.Sprintf("%d-pods", g.maxPods) },
		}
		for _, g := range list {
			name := cmp.Or(g.pool, "nodes")
			for _, part := range parts {
				if differ(part) {
					name += "-" + part(g)
				}
			}
			g.name = unique(taken, nameOf(name))
		}
		if pool != "" && len(list) > 1 {
			w.say("the nodes of %s differ in type, max pods, image, capacity, labels or taints: they are %d groups", words.Printable(pool), len(list))
		}
	}
}

// fill finds the subnets of a group, and what its nodes offer.
func (w *world) fill(g *group) {
	subnets := map[string]bool{}
	for k, m := range g.machines {
		subnets[m.place.name] = true
		cpu, err := m.node.Status.Allocatable["cpu"].thousandths()
		memory, err2 := m.node.Status.Allocatable["memory"].thousandths()
		if err != nil || err2 != nil {
			w.problem("the node %s: its allocatable cpu or memory is no quantity", words.Printable(m.name))
			return
		}
		room := request{cpu, memory / 1000}
		if k == 0 {
			g.room = room
		}
		g.room = request{min(g.room.milliCPU, room.milliCPU), min(g.room.bytes, room.bytes)}
		if w.custom() {
			w.configure(g, m)
		}
	}
	for _, p := range w.places {
		if w.mayGrow(g, p) && !subnets[p.name] {
			subnets[p.name] = true
			if c := w.eniConfigs.get(p.az); c != nil && w.custom() && g.configs[p.az] == "" && w.byID[c.Spec.Subnet] != nil {
				g.configs[p.az] = w.byID[c.Spec.Subnet].name
			}
		}
	}
	g.subnets = sorted(subnets)
	w.bound(g)
}

// cover gives a label to the groups of a DaemonSet that does not run on all.
func (w *world) cover() {
	for _, l := range w.loads {
		if l.kind != "DaemonSet" {
			continue
		}
		on, partly := 0, 0
		runs := func(g *group) bool {
			n := 0
			for _, m := range g.machines {
				if l.nodes[m] {
					n++
				}
			}
			if n > 0 && n < len(g.machines) {
				partly++
			}
			return 2*n > len(g.machines)
		}
		var groups []*group
		for _, g := range w.groups {
			if runs(g) {
				on++
				groups = append(groups, g)
			}
		}
		if on < len(w.groups) {
			l.label = "ipamsim.import/" + l.name
			for _, g := range groups {
				g.labels[l.label] = "true"
			}
			l.at.selector, l.at.terms = map[string]string{l.label: "true"}, nil
		}
		if partly > 0 {
			w.say("%s runs on a part of the nodes of %s: it counts as one of those of which it has most, and comes to their others from time 0 on", l.name, words.Plural(partly, "group"))
		}
	}
}
