package scenarios

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// A type that the scenario describes has its limits everywhere; mistakes are named.
func TestTypesThatAScenarioDescribes(t *testing.T) {
	own := func(types string) string {
		return with("m5.large", "own.large") + "ec2: {instanceTypes: " + types + "}\n"
	}
	f, err := Load("own.yaml", []byte(own("[{name: own.large, interfaces: 2, addressesPerInterface: 7, vcpu: 4, memory: 16Gi}, {name: m5.large, interfaces: 5, addressesPerInterface: 20}]")))
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := v[0].Scenario
	g := &s.NodeGroups[0]
	if n := g.PodLimit(); n != 2*(7-1)+2 {
		t.Errorf("%d max pods", n)
	}
	if d := g.daemon(); d.MaxENI != 2 || d.MaxIPsPerENI != 6 {
		t.Errorf("the daemon reckons with %d interfaces and %d addresses", d.MaxENI, d.MaxIPsPerENI)
	}
	if cpu := g.Allocatable().CPU; cpu < 3_500 || cpu > 4_000 {
		t.Errorf("%v CPU", cpu)
	}
	if l, ok := g.Limits("m5.large"); !ok || l.ENIs != 5 || l.IPv4PerENI != 20 {
		t.Errorf("m5.large is %+v", l)
	}
	for types, want := range map[string]string{
		"[{name: own.larg, interfaces: 2, addressesPerInterface: 7, vcpu: 4, memory: 16Gi}]":                                                              `unknown instance type "own.large"`,
		"[{name: own.large, addressesPerInterface: 7}]":                                                                                                   "ec2.instanceTypes[0]: how many interfaces it may have was expected: interfaces, or networkCards",
		"[{name: own.large, interfaces: 2, networkCards: [2], addressesPerInterface: 7}]":                                                                 "ec2.instanceTypes[0]: interfaces and networkCards exclude each other",
		"[{name: own.large, networkCards: [129], addressesPerInterface: 7}]":                                                                              "ec2.instanceTypes[0]: 129 interfaces of a network card are out of range: from 1 to 128",
		"[{name: own.large, interfaces: 2, addressesPerInterface: 7}]":                                                                                    "the CPU and memory of own.large are not known: give resources",
		"[{name: own.large, interfaces: 2, addressesPerInterface: 7, vcpu: 4, memory: 16Gi}, {name: own.large, interfaces: 3, addressesPerInterface: 7}]": `ec2.instanceTypes[1]: the instance type "own.large" is described twice`,
	} {
		if _, err := Load("own.yaml", []byte(own(types))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v\n%s was expected", types, err, want)
		}
	}
}

// Bounds that code has, too, are those of the tags.
func TestBoundsOfDescribedTypesAreThoseOfTheLanguage(t *testing.T) {
	for key, most := range map[string]int{"interfaces": mostInterfaces, "addressesPerInterface": mostAddresses, "networkCards": mostCards} {
		if f, ok := fieldNamed(reflect.TypeFor[InstanceType](), key); !ok || f.max != fmt.Sprint(most) {
			t.Errorf("%s: %s in the language, %d in code", key, f.max, most)
		}
	}
	if f, _ := fieldNamed(reflect.TypeFor[InstanceType](), "name"); f.pattern.String() != typePattern {
		t.Errorf("names: %s in the language, %s in code", f.pattern, typePattern)
	}
}
