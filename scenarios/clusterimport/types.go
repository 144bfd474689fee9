package clusterimport

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

// carries are the limits of a machine's type, if it can be carried. What is wrong
// with types is said once; see unknownTypes.
func (w *world) carries(m *machine) (l ec2model.InstanceLimits, carried bool) {
	l, known := w.types.Limits(m.instanceType)
	if !known {
		if _, said := w.strange[m.instanceType]; !said {
			w.strange[m.instanceType] = m.called()
		}
		return l, false
	}
	if slices.Contains(w.described, m.instanceType) || published(m.instanceType, l) {
		return l, true
	}
	if !scenarios.CanDescribe(l) {
		if _, said := w.strange[m.instanceType]; !said {
			w.strange[m.instanceType] = ""
			w.problem("%s is described to have %d interfaces with %d addresses on %s, of which %d is the first: it cannot be carried", words.Printable(m.instanceType), l.ENIs, l.IPv4PerENI, words.Plural(max(1, len(l.NetworkCards)), "network card"), l.DefaultCard)
		}
		return l, false
	}
	w.described = append(w.described, m.instanceType)
	return l, true
}

// published says whether a type is among the published ones with the same limits.
func published(name string, l ec2model.InstanceLimits) bool {
	p, known := ec2model.Limits(name)
	return known && p.ENIs == l.ENIs && p.IPv4PerENI == l.IPv4PerENI && p.DefaultCard == l.DefaultCard && slices.Equal(cards(p), cards(l)) && p.Nitro() == l.Nitro()
}

// cards are the interfaces of each network card; where none are listed there is one.
func cards(l ec2model.InstanceLimits) []int {
	if len(l.NetworkCards) == 0 {
		return []int{l.ENIs}
	}
	return l.NetworkCards
}

// unknownTypes asks for the types of which nothing is known.
func (w *world) unknownTypes() {
	var names, nodes []string
	for _, name := range sorted(w.strange) {
		if node := w.strange[name]; node != "" {
			names, nodes = append(names, words.Printable(name)), append(nodes, node+" is a "+words.Printable(name))
		}
	}
	switch len(names) {
	case 0:
		return
	case 1:
		w.problem("the node %s, which is not in the table of instance types: give what `%s` prints", nodes[0], describeTypes(names))
	default:
		w.problem("%d instance types are not in the table: the node %s; give what `%s` prints", len(names), some(nodes), describeTypes(names))
	}
}

// describeTypes is the command that describes instance types.
func describeTypes(names []string) string {
	return "aws ec2 describe-instance-types --instance-types " + strings.Join(names, " ") + " --output json"
}

// writeTypes writes the types that are not published, or not as they were
// described.
func (w *world) writeTypes(p *page) {
	if len(w.described) == 0 {
		return
	}
	p.line("ec2:")
	p.line("  instanceTypes: # as aws ec2 describe-instance-types describes them, and no published table does")
	slices.Sort(w.described)
	for _, name := range w.described {
		l, _ := w.types.Limits(name)
		parts := []string{"name: " + plain(name)}
		if len(l.NetworkCards) > 0 {
			parts = append(parts, "networkCards: "+list(l.NetworkCards, func(n int) string { return fmt.Sprint(n) }))
		} else {
			parts = append(parts, fmt.Sprintf("interfaces: %d", l.ENIs))
		}
		parts = append(parts, fmt.Sprintf("addressesPerInterface: %d", l.IPv4PerENI))
		switch {
		case l.BareMetal:
			parts = append(parts, "hypervisor: none")
		case !l.Nitro():
			parts = append(parts, "hypervisor: xen")
		}
		if l.VCPU > 0 {
			parts = append(parts, fmt.Sprintf("vcpu: %d", l.VCPU))
		}
		if l.MemoryMiB > 0 {
			parts = append(parts, fmt.Sprintf("memory: %dMi", l.MemoryMiB))
		}
		if n := w.branchesOf(name, l); n > 0 {
			parts = append(parts, fmt.Sprintf("branchInterfaces: %d", n))
		}
		p.line("    - {%s}", strings.Join(parts, ", "))
	}
}

// branchesOf is how many branches the trunk of a type has at most, as the published
// table says it, or at least as many as any of its nodes has: no description does.
func (w *world) branchesOf(name string, l ec2model.InstanceLimits) int {
	most := l.BranchENIs
	for _, m := range w.machines {
		if m.instanceType == name {
			most = max(most, len(m.branches))
		}
	}
	return most
}
