package ec2model

import (
	_ "embed"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/amazon-vpc-resource-controller-k8s/pkg/aws/vpc"

	"ipamsim/internal/portable"
)

// InstanceLimits are the published limits of an instance type, from
// https://github.com/aws/amazon-vpc-resource-controller-k8s/tree/master/pkg/aws/vpc
// (types that it does not list: data/types.csv), with its CPU and memory from
// AWS's naming rules. What it points to is shared: do not change it.
type InstanceLimits struct {
	ENIs         int   // over all network cards
	IPv4PerENI   int   // addresses and prefixes per interface, the primary address among them
	NetworkCards []int // most interfaces per card
	DefaultCard  int   // index of the card with the primary interface
	Hypervisor   string
	BareMetal    bool
	Trunk        bool // can carry a trunk interface, of security groups for pods
	BranchENIs   int  // most branch interfaces on the trunk
	VCPU         int  // 0 when unknown
	MemoryMiB    int  // 0 when unknown
}

// Limits looks an instance type up.
func Limits(instanceType string) (InstanceLimits, bool) {
	limits, ok := tables()[instanceType]
	return limits, ok
}

// tables are the limits of all types, put together once.
var tables = sync.OnceValue(func() map[string]InstanceLimits {
	all := make(map[string]InstanceLimits, len(vpc.Limits))
	for name, l := range vpc.Limits { // any order: each turn fills its own entry
		limits := InstanceLimits{
			ENIs: l.Interface, IPv4PerENI: l.IPv4PerInterface, DefaultCard: l.DefaultNetworkCardIndex,
			Hypervisor: l.Hypervisor, BareMetal: l.IsBareMetal, Trunk: l.IsTrunkingCompatible, BranchENIs: l.BranchInterface,
		}
		for _, card := range l.NetworkCards {
			limits.NetworkCards = append(limits.NetworkCards, int(card.MaximumNetworkInterfaces))
		}
		all[name] = limits
	}
	for _, r := range readCSV(typesCSV) {
		limits := InstanceLimits{IPv4PerENI: mustInt(r[1]), Hypervisor: r[3], BareMetal: r[4] == "true"}
		for _, card := range strings.Fields(r[2]) {
			limits.NetworkCards = append(limits.NetworkCards, mustInt(card))
			limits.ENIs += mustInt(card)
		}
		all[r[0]] = limits
	}
	for name, limits := range all { // any order: each turn changes its own entry
		limits.VCPU, limits.MemoryMiB = size(name)
		all[name] = limits
	}
	return all
})

// Nitro says whether the type is built on Nitro, as the VPC CNI asks before it
// uses prefix delegation. Bare metal has no hypervisor and counts.
func (l InstanceLimits) Nitro() bool { return l.Hypervisor == "nitro" || l.BareMetal }

// DefaultCardENIs is how many interfaces the default network card carries.
func (l InstanceLimits) DefaultCardENIs() int {
	if l.DefaultCard < len(l.NetworkCards) {
		return l.NetworkCards[l.DefaultCard]
	}
	return l.ENIs
}

// InstanceTypes are the names of all known types, sorted.
func InstanceTypes() []string { return slices.Sorted(maps.Keys(tables())) }

// Catalogue are instance types that somebody describes himself: they come before
// the published ones. Nil is none.
type Catalogue map[string]InstanceLimits

// Limits looks an instance type up, in the catalogue and then among the published
// ones.
func (c Catalogue) Limits(instanceType string) (InstanceLimits, bool) {
	if limits, ok := c[instanceType]; ok {
		return limits, true
	}
	return Limits(instanceType)
}

// Names are those of all types, published ones too, sorted.
func (c Catalogue) Names() []string {
	names := InstanceTypes()
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mostSlots is the largest number of addresses on one interface of any type.
func (c Catalogue) mostSlots() int {
	most := mostPublished()
	for _, l := range c { // order does not matter to a maximum
		most = max(most, l.IPv4PerENI)
	}
	return most
}

// mostPublished is mostSlots of the published types.
var mostPublished = sync.OnceValue(func() int {
	most := 0
	for _, l := range tables() { // order does not matter to a maximum
		most = max(most, l.IPv4PerENI)
	}
	return most
})

//go:embed data/types.csv
var typesCSV string

//go:embed data/families.csv
var familiesCSV string

//go:embed data/sizes.csv
var sizesCSV string

// family is what the types of a family share.
type family struct {
	gibPerVCPU float64
	metalVCPU  int // of the size that is called metal alone; 0 when unknown
}

// sizing is vCPU and memory of one type.
type sizing struct{ vcpu, memoryMiB int }

// sizes are the two tables of data/, read once.
var sizes = sync.OnceValues(func() (map[string]family, map[string]sizing) {
	families := make(map[string]family)
	for _, r := range readCSV(familiesCSV) {
		families[r[0]] = family{gibPerVCPU: mustFloat(r[1]), metalVCPU: portable.Int(mustFloat(r[2]))}
	}
	exceptions := make(map[string]sizing)
	for _, r := range readCSV(sizesCSV) {
		exceptions[r[0]] = sizing{vcpu: portable.Int(mustFloat(r[1])), memoryMiB: portable.Int(mustFloat(r[2]) * 1024)}
	}
	return families, exceptions
})

// size is a type's vCPU and memory by the naming rules of EC2: large is 2
// vCPU, xlarge 4, Nxlarge 4 N, medium 1, and memory is a fixed multiple of it
// within a family (https://docs.aws.amazon.com/ec2/latest/instancetypes/).
// Types that break the rules are listed one by one. Zero is unknown.
func size(instanceType string) (vcpu, memoryMiB int) {
	families, exceptions := sizes()
	if s, ok := exceptions[instanceType]; ok {
		return s.vcpu, s.memoryMiB
	}
	name, label, _ := strings.Cut(instanceType, ".")
	f, known := families[name]
	switch {
	case label == "metal":
		vcpu = f.metalVCPU
	default:
		vcpu = vcpuOf(strings.TrimPrefix(label, "metal-"))
	}
	if !known {
		return vcpu, 0
	}
	return vcpu, portable.Int(float64(vcpu) * f.gibPerVCPU * 1024)
}

// vcpuOf reads a size: medium, large, xlarge, 12xlarge, or 12xl after metal.
func vcpuOf(label string) int {
	switch label {
	case "medium":
		return 1
	case "large":
		return 2
	case "xlarge":
		return 4
	}
	count, ok := strings.CutSuffix(label, "xlarge")
	if !ok {
		count, ok = strings.CutSuffix(label, "xl")
	}
	n, err := strconv.Atoi(count)
	if !ok || err != nil {
		return 0
	}
	return 4 * n
}

// readCSV is the rows of an embedded table, without its head and comments.
func readCSV(text string) [][]string {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil {
		panic("ec2model: an embedded table is broken: " + err.Error())
	}
	return records[1:]
}

func mustInt(text string) int { return portable.Int(mustFloat(text)) }

func mustFloat(text string) float64 {
	if text == "" {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("ec2model: an embedded table is broken: " + err.Error())
	}
	return value
}
