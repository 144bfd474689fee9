package jobs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/result"
)

// What is kept of runs that have ended is data of results and of the scenario:
// nothing that is alive, and nothing that may hide something, so that the
// memory of a sweep is that of the runs that are under way.
func TestNothingOfARunThatHasEndedIsAlive(t *testing.T) {
	allowed := []string{"ipamsim/sim/jobs", "ipamsim/sim/result", "ipamsim/sim/recording", "ipamsim/sim/ipamd", "ipamsim/scenarios", "ipamsim/scenarios/awsnode", "ipamsim/sim/controlplane"}
	seen := map[reflect.Type]bool{}
	var look func(at string, of reflect.Type)
	look = func(at string, of reflect.Type) {
		if seen[of] {
			return
		}
		seen[of] = true
		switch of.Kind() {
		case reflect.Func, reflect.Chan, reflect.UnsafePointer:
			t.Errorf("%s is a %s", at, of)
		case reflect.Map:
			look(at+"[key]", of.Key())
			look(at+"[]", of.Elem())
		case reflect.Pointer, reflect.Slice, reflect.Array:
			look(at+"[]", of.Elem())
		case reflect.Struct:
			if !strings.HasPrefix(of.PkgPath(), "ipamsim") {
				return
			}
			limits := of == reflect.TypeFor[ec2model.InstanceLimits]() // of the scenario's own types: data
			if !slices.Contains(allowed, of.PkgPath()) && !limits {
				t.Errorf("%s is a %s", at, of)
			}
			for i := range of.NumField() {
				look(at+"."+of.Field(i).Name, of.Field(i).Type)
			}
		}
	}
	look("job", reflect.TypeFor[Job]())
	look("concluded", reflect.TypeFor[Concluded]())
}

// Eight times the pods in a hundred replications of a variant are no more memory
// when these have ended, besides the bins of histograms, of which there is a
// bound.
func TestWhatIsKeptOfAVariantDoesNotGrowWithItsPods(t *testing.T) {
	const replications = 100
	kept := func(pods int) int {
		v := scenariotest.Expand(t, fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: kept}
replications: %d
warmUp: 2m
duration: 90s
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.4xlarge, count: 4, maxPods: 230}]
controlPlane: {tier: unlimited}
workloads: [{name: web, replicas: [{at: 10s, count: %d}], resources: {cpu: 1m, memory: 1Mi}}]
`, replications, pods), scenarios.Options{})
		list := Plan(v)
		done, err := Execute(t.Context(), list, Options{}, Pool)
		if err != nil {
			t.Fatal(err)
		}
		ended := done[0].Replications
		if len(ended) != replications || ended[0].Pods.Started != pods {
			t.Fatalf("%d runs, %d pods", len(ended), ended[0].Pods.Started)
		}
		for i := range ended {
			ended[i].Distributions = result.Distributions{}
		}
		done[0].Distributions, list[0].variant = result.Distributions{}, nil
		return size(reflect.ValueOf(&done[0]), map[uintptr]bool{}) + size(reflect.ValueOf(&list[0]), map[uintptr]bool{})
	}
	few, many := kept(60), kept(480)
	t.Logf("60 pods leave %d bytes, 480 leave %d", few, many)
	if many > few+few/10 {
		t.Errorf("60 pods leave %d bytes, 480 leave %d", few, many)
	}
}

// size is the memory of a value and of all that it leads to.
func size(v reflect.Value, seen map[uintptr]bool) int {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		return int(v.Type().Elem().Size()) + size(v.Elem(), seen)
	case reflect.Slice:
		n := v.Cap() * int(v.Type().Elem().Size())
		for i := range v.Len() {
			n += size(v.Index(i), seen)
		}
		return n
	case reflect.Array:
		n := 0
		for i := range v.Len() {
			n += size(v.Index(i), seen)
		}
		return n
	case reflect.String:
		return v.Len()
	case reflect.Map:
		n := 0
		for each := v.MapRange(); each.Next(); {
			n += int(v.Type().Key().Size()+v.Type().Elem().Size()) + size(each.Key(), seen) + size(each.Value(), seen)
		}
		return n
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += size(v.Field(i), seen)
		}
		return n
	}
	return 0
}
