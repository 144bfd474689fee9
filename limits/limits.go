// Package limits is what each EC2 instance type can hold: interfaces,
// addresses, and the pods that follow from them by each rule in use.
package limits

import (
	"errors"
	"path"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/nodeadm"
)

// Row is one instance type. A value that is not known, or does not exist for
// the type, is nil.
type Row struct {
	Type             string `json:"type"`
	VCPU             *int   `json:"vcpu"`
	MemoryMiB        *int   `json:"memory_mib"`
	ENIs             int    `json:"enis"`              // over all network cards
	NetworkCards     int    `json:"network_cards"`     // 1 where none are listed
	DefaultCardENIs  int    `json:"default_card_enis"` // those that carry pods
	AddressesPerENI  int    `json:"addresses_per_eni"` // the primary one among them
	Hypervisor       string `json:"hypervisor"`        // nitro, xen, none on bare metal, or unknown
	PrefixDelegation bool   `json:"prefix_delegation"` // whether the VPC CNI uses prefixes on it
	Trunk            *bool  `json:"trunk"`             // nil where it is not known
	BranchENIs       *int   `json:"branch_enis"`       // of the trunk
	MaxPods          int    `json:"max_pods"`          // with secondary addresses
	MaxPodsPrefix    *int   `json:"max_pods_prefix"`   // with prefixes
	MaxPodsCustom    int    `json:"max_pods_custom_networking"`
	MaxPodsBoth      *int   `json:"max_pods_prefix_custom_networking"`
	Recommended      *int   `json:"recommended_max_pods"` // by AWS's tools, with prefixes where they work
	RecommendedPlain *int   `json:"recommended_max_pods_secondary"`
	NodeAgent        int    `json:"max_pods_node_agent"` // what nodeadm sets when it is told nothing
}

// Types are instance types with their limits.
type Types map[string]known

// known is what is known of a type.
type known struct {
	ec2model.InstanceLimits
	trunkUnknown bool // EC2's own description says nothing of trunks
}

// Published are the types that AWS's VPC resource controller lists.
func Published() Types {
	types := Types{}
	for _, name := range ec2model.InstanceTypes() {
		l, _ := ec2model.Limits(name)
		types[name] = known{InstanceLimits: l}
	}
	return types
}

// names of the types, by family and then from small to large.
func (t Types) names() []string {
	var names []string
	for name := range t {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		familyA, _, _ := strings.Cut(a, ".")
		familyB, _, _ := strings.Cut(b, ".")
		if familyA != familyB {
			return strings.Compare(familyA, familyB)
		}
		if d := t[a].VCPU - t[b].VCPU; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

// Matching are the rows of the types that the patterns name, of all types if
// there are none. A pattern is a type, a family (m5), or has the wildcards of
// a shell (m?.large, *.metal). It is an error if one names nothing.
func (t Types) Matching(patterns []string) ([]Row, error) {
	names := t.names()
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, name := range names {
			match, err := matches(pattern, name)
			if err != nil {
				return nil, err
			}
			if match {
				found, wanted[name] = true, true
			}
		}
		if !found {
			return nil, errors.New(unknown(pattern, names))
		}
	}
	rows := []Row{}
	for _, name := range names {
		if len(patterns) == 0 || wanted[name] {
			rows = append(rows, rowOf(name, t[name]))
		}
	}
	return rows, nil
}

func matches(pattern, name string) (bool, error) {
	family, _, _ := strings.Cut(name, ".")
	if pattern == name || pattern == family {
		return true, nil
	}
	match, err := path.Match(pattern, name)
	if err != nil {
		return false, errors.New(quoted(pattern) + " is no pattern: a type, a family or a pattern as of a shell was expected (m5.large, m5, m?.large)")
	}
	return match, nil
}

// unknown says that a pattern names nothing.
func unknown(pattern string, names []string) string {
	if strings.ContainsAny(pattern, "*?[") {
		return "no instance type matches " + quoted(pattern)
	}
	message := "no instance type is called " + quoted(pattern)
	if meant := words.DidYouMean(pattern, names); meant != "" {
		return message + meant
	}
	return message + "; the nearest are " + words.And(words.Nearest(pattern, names, 3))
}

func quoted(s string) string { return `"` + s + `"` }

func rowOf(name string, k known) Row {
	l := k.InstanceLimits
	r := Row{
		Type: name, ENIs: l.ENIs, NetworkCards: max(1, len(l.NetworkCards)), DefaultCardENIs: l.DefaultCardENIs(), AddressesPerENI: l.IPv4PerENI,
		Hypervisor: hypervisor(l), PrefixDelegation: l.Nitro(),
		MaxPods: nodeadm.MaxPods(l, nodeadm.Mode{}), MaxPodsCustom: nodeadm.MaxPods(l, nodeadm.Mode{CustomNetworking: true}),
		NodeAgent: nodeadm.MaxPods(l, nodeadm.Mode{}),
	}
	if l.VCPU != 0 {
		r.VCPU = &l.VCPU
	}
	if l.MemoryMiB != 0 {
		r.MemoryMiB = &l.MemoryMiB
	}
	if !k.trunkUnknown {
		r.Trunk, r.BranchENIs = &l.Trunk, &l.BranchENIs
	}
	most := r.MaxPods
	if r.PrefixDelegation {
		most = nodeadm.MaxPods(l, nodeadm.Mode{Prefixes: true})
		both := nodeadm.MaxPods(l, nodeadm.Mode{Prefixes: true, CustomNetworking: true})
		r.MaxPodsPrefix, r.MaxPodsBoth = new(most), &both
	}
	r.Recommended, r.RecommendedPlain = recommended(most, l.VCPU), recommended(r.MaxPods, l.VCPU)
	return r
}

// recommended is nil where the number of vCPU is not known.
func recommended(maxPods, vcpu int) *int {
	pods, ok := nodeadm.Recommended(maxPods, vcpu)
	if !ok {
		return nil
	}
	return &pods
}

func hypervisor(l ec2model.InstanceLimits) string {
	switch {
	case l.BareMetal:
		return "none"
	case l.Hypervisor == "":
		return "unknown"
	}
	return l.Hypervisor
}

// Limits of a type, and whether it is known.
func (t Types) Limits(name string) (ec2model.InstanceLimits, bool) {
	l, ok := t[name]
	return l.InstanceLimits, ok
}
