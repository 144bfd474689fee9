package scenarios

import (
	"errors"
	"strings"
	"testing"
)

// custom is the document with subnets for pods and a group's keys.
func custom(group string) []byte {
	return []byte(with(
		"[10.0.0.0/16]", "[10.0.0.0/16, 100.64.0.0/16]",
		"az: a}\n", "az: a}\n    - {name: b, cidr: 10.0.1.0/24, az: b}\n    - {name: pods-a, cidr: 100.64.0.0/18, az: a}\n    - {name: pods-b, cidr: 100.64.64.0/18, az: b}\n",
		"count: 3\n", "count: 3\n"+group))
}

const switchOn = "    cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true}\n"

func TestCustomNetworkingTakesASubnetOfEachZone(t *testing.T) {
	for _, test := range []struct {
		name, group        string
		problems, warnings []string
	}{
		{"right", switchOn + "    subnets: [a, b]\n    eniConfig: {a: pods-a, b: pods-b}\n", nil, nil},
		{"no such subnet", switchOn + "    subnets: [a]\n    eniConfig: {a: pod-a}\n",
			[]string{`f.yaml:18:20: unknown subnet "pod-a"; did you mean "pods-a"?`}, nil},
		{"the subnet of another zone", switchOn + "    subnets: [a]\n    eniConfig: {a: pods-b}\n",
			[]string{`f.yaml:18:20: nodeGroups.workers.eniConfig: the subnet "pods-b" is in Availability Zone b, not in a`}, nil},
		{"a zone without nodes", switchOn + "    subnets: [a]\n    eniConfig: {a: pods-a, b: pods-b}\n", nil,
			[]string{`f.yaml:18:28: nodeGroups.workers.eniConfig: no subnet of the group's nodes is in Availability Zone b`}},
		{"without the switch", "    subnets: [a]\n    eniConfig: {a: pods-a}\n", nil,
			[]string{`f.yaml:17:5: nodeGroups.workers.eniConfig: AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is not true in cni: eniConfig has no effect`}},
		{"the switch alone", switchOn, nil,
			[]string{`f.yaml:16:11: nodeGroups.workers.eniConfig: AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is true and there is no subnet for Availability Zone a and b: nodes there never get Ready`}},
		{"one zone without", switchOn + "    subnets: [a, b]\n    eniConfig: {b: pods-b}\n", nil,
			[]string{`f.yaml:16:11: nodeGroups.workers.eniConfig: AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is true and there is no subnet for Availability Zone a: nodes`}},
		{"nodes among the pods", switchOn + "    eniConfig: {a: pods-a, b: pods-b}\n", nil,
			[]string{`f.yaml:13:5: nodeGroups.workers: nodes are spread over all subnets, those for pods too: give the group's subnets`}},
		{"an unknown policy", "    policies: {lowestDevice: true}\n",
			[]string{`f.yaml:16:16: unknown key "lowestDevice" in nodeGroups.workers.policies; did you mean "lowestDeviceFirst"?`}, nil},
		{"a policy that is no switch", "    policies: {lowestDeviceFirst: 1}\n",
			[]string{`f.yaml:16:35: nodeGroups.workers.policies.lowestDeviceFirst: true or false was expected`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Load("f.yaml", custom(test.group))
			var problems Problems
			if len(test.problems) > 0 {
				if !errors.As(err, &problems) {
					t.Fatalf("got %v", err)
				}
				compareProblems(t, problems, test.problems)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compareProblems(t, f.Warnings, test.warnings)
		})
	}
}

func compareProblems(t *testing.T, got []Problem, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d, want %d: %v", len(got), len(want), got)
	}
	for i := range got {
		if i < len(want) && !strings.HasPrefix(got[i].String(), want[i]) {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func TestPoliciesAreOffUnlessGiven(t *testing.T) {
	s := expand(t, string(custom("    policies: {longestFreeFirst: true}\n")), Options{})[0].Scenario
	if got := s.NodeGroups[0].Policies; got != (Policies{LongestFreeFirst: true}) {
		t.Errorf("got %+v", got)
	}
}
