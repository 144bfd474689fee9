package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// warned are the warnings about a fleet of one group.
func warned(t *testing.T, subnets, group, workloads string) string {
	t.Helper()
	f, err := Load("f.yaml", fmt.Appendf(nil, `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: f}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16, 100.64.0.0/16]
  subnets: [%s]
nodeGroups:
  - {name: workers, %s}
workloads: [%s]
`, subnets, group, workloads))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, w := range variants[0].Warnings {
		list = append(list, w.Message)
	}
	return strings.Join(list, "\n")
}

func TestAFleetThatCannotHoldItsPodsIsWarnedOf(t *testing.T) {
	const one, large, small = "{name: a, cidr: 10.0.0.0/24, az: a}", "{name: a, cidr: 10.0.0.0/18, az: a}", "resources: {cpu: 10m, memory: 16Mi}"
	for _, test := range []struct{ name, subnets, group, workloads, want string }{
		{"too few addresses", one, "instanceType: m5.xlarge, count: 200", "{name: web, initial: 5000, " + small + "}",
			"at time 0 5,000 pods and 200 nodes need at least 5,358 addresses, and the subnet a of workers has 251: no setting gives every pod one"},
		{"just enough", one, "instanceType: m5.xlarge, count: 10", "{name: web, initial: 234, " + small + "}", ""}, // with 17 interfaces
		{"one too many", one, "instanceType: m5.xlarge, count: 10", "{name: web, initial: 235, " + small + "}", "need at least 252 addresses"},
		{"pods on the host's network", one, "instanceType: m5.xlarge, count: 200", "{name: web, initial: 5000, hostNetwork: true, " + small + "}", ""},
		{"max pods", large, "instanceType: m5.large, count: 1", "{name: web, replicas: [{at: 1m, count: 200}], " + small + "}",
			"at 1m web ask for 200 pods, and 1 node of workers have room for 27 at most: max pods (29) is what binds, and 173 wait"},
		{"CPU", large, "instanceType: m5.large, count: 1", "{name: web, initial: 20, resources: {cpu: 500m, memory: 16Mi}}", "CPU is what binds, and 17 wait"},
		{"nodes that come later", large, "instanceType: m5.large, count: 1, steps: [{at: 2m, count: 9}]", "{name: web, replicas: [{at: 3m, count: 200}], " + small + "}", ""},
		{"custom networking", large + ", {name: pods, cidr: 100.64.0.0/20, az: a}",
			`instanceType: t2.medium, count: 1, subnets: [a], eniConfig: {a: pods}, cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true"}`, "{name: web, initial: 15, " + small + "}",
			"max pods 17, which follows from the instance type, lets 15 pods onto a node whose interfaces carry 10 addresses for pods: at most 12 was expected"},
		{"custom networking with few pods", large + ", {name: pods, cidr: 100.64.0.0/20, az: a}",
			`instanceType: t2.medium, count: 1, subnets: [a], eniConfig: {a: pods}, cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true"}`, "{name: web, initial: 10, " + small + "}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := warned(t, test.subnets, test.group, test.workloads); !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A mistake in one place is no reason to reckon with nonsense in another.
func TestNoCapacityIsReckonedWhereTheFleetCannotBeRead(t *testing.T) {
	_, err := Load("f.yaml", []byte(strings.Replace(document, "m5.large", "m5.huge", 1)))
	if err == nil || strings.Contains(err.Error(), "need at least") {
		t.Error(err)
	}
}
