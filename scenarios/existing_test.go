package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// snapshotOf is a scenario with one group whose nodes are given in flow style.
func snapshotOf(nodes string) string {
	return fmt.Sprintf(`apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: snapshot}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: az1, used: [{holder: nat, addresses: [10.0.0.9]}]}
    - {name: b, cidr: 10.0.1.0/24, az: az2}
nodeGroups:
  - name: workers
    instanceType: m5.large
    subnets: [a]
    nodes: %s
workloads:
  - {name: web}
  - {name: agent, kind: DaemonSet}
  - {name: host, kind: DaemonSet, hostNetwork: true}
`, nodes)
}

func TestWhatASnapshotCannotBeIsSaid(t *testing.T) {
	for _, test := range []struct{ nodes, want string }{
		{"[{name: n, count: 2}]", "2 nodes cannot all be called n"},
		{"[{name: n}, {name: n}]", `the name "n" is given twice`},
		{"[{subnet: b}]", `the group's nodes are not in the subnet "b", but in a`},
		{"[{subnet: aa}]", `unknown subnet "aa"`},
		{"[{interfaces: [{kind: trunk}]}]", "the first interface of a node was expected here"},
		{"[{interfaces: [{}, {subnet: b}]}]", "an interface cannot be attached across zones"},
		{"[{interfaces: [{addressCount: 10}]}]", "an interface of m5.large has at most 10 addresses and prefixes, its own included: got 11"},
		{"[{interfaces: [{}, {count: 3}]}]", "4 interfaces on network card 0, and m5.large has room for 3"},
		{"[{interfaces: [{}, {device: 1, count: 2}]}]", "two interfaces cannot be device 1"},
		{"[{interfaces: [{}, {kind: branch, count: 2}]}]", "branch interfaces need a trunk"},
		{"[{interfaces: [{address: 10.0.1.7}]}]", "10.0.1.7 is outside the subnet a, 10.0.0.0/24"},
		{"[{interfaces: [{address: 10.0.0.3}]}]", "AWS reserves 10.0.0.3"},
		{"[{interfaces: [{address: 10.0.0.7, addresses: [10.0.0.7]}]}]", "10.0.0.7 is on another interface already, in line 14"},
		{"[{interfaces: [{prefixes: [10.0.0.16/29]}]}]", "a /28 block such as 10.0.1.16/28 was expected, got 10.0.0.16/29"},
		{"[{count: 2, interfaces: [{address: 10.0.0.7}]}]", "10.0.0.7 cannot be on 2 interfaces"},
		{"[{interfaces: [{address: 10.0.0.9}]}]", "vpc.subnets.a.used: 10.0.0.9 is on an interface of a node, in line 14"},
		{"[{count: 13, interfaces: [{addressCount: 9}, {addressCount: 9}]}]", "nodes hold 260 addresses at time 0 and others 1"},
		{"[{count: 15, interfaces: [{prefixCount: 1}]}]", "nodes hold 15 prefixes there at time 0, and 10.0.0.0/24 has 14 free /28 blocks"},
		{"[{pods: [{workload: wep, count: 1}]}]", `unknown workload "wep"; did you mean "web"?`},
		{"[{pods: [{workload: web}]}]", "how many pods was expected: give count, or addresses"},
		{"[{pods: [{workload: agent, count: 2}]}]", "agent is a DaemonSet, which has one pod on a node"},
		{"[{pods: [{workload: host, addresses: [10.0.0.8]}]}]", "pods of host use the node's address"},
		{"[{count: 2, pods: [{workload: web, addresses: [10.0.0.8]}]}]", "10.0.0.8 cannot be on 2 nodes"},
		{"[{cooling: [{count: 1}]}]", "are more than the 0 that the node's interfaces have for pods"},
		{"[{interfaces: [{addressCount: 2}], cooling: [{addresses: [10.0.0.8]}]}]", "10.0.0.8 is on no interface of the node that ipamd manages"},
		{"[{interfaces: [{addresses: [10.0.0.8]}], pods: [{workload: web, addresses: [10.0.0.8]}], cooling: [{addresses: [10.0.0.8]}]}]", "10.0.0.8 is given twice, or is on a pod"},
		{"[{instanceType: m5.larg}]", `unknown instance type "m5.larg"; did you mean "m5.large"`},
		{"[{instanceType: t3.nano, interfaces: [{}, {}, {}]}]", "3 interfaces on network card 0, and t3.nano has room for 2"},
		{"[{instanceType: t3.nano, maxPods: 110}]", "with 110 max pods nothing is left"},
		{"[{maxPods: 0}]", "nodes[0].maxPods: 0 is out of range: the least is 1"},
		{"[{maxPods: 3}]", "are 4 pods, and a node may have 3"},
		{"[{resources: {cpu: 10m}}]", "aws-node, kube-proxy and the DaemonSets ask for"},
		{"[{interfaces: [{kind: pod}]}]", `did you mean "pods"?`},
	} {
		_, err := Load("s.yaml", []byte(snapshotOf(test.nodes)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.nodes, err, test.want)
		}
	}
}

// What no course of events comes to is believed, and said once for each kind.
func TestWhatASnapshotShouldNotBeIsSaid(t *testing.T) {
	for _, test := range []struct{ nodes, want string }{
		{"[{interfaces: [{addressCount: 9}], pods: [{workload: web, addresses: [10.0.0.200]}]}, {interfaces: [{addressCount: 9}]}]", "1 of 2 nodes run pods whose address is on no interface of theirs"},
		{"[{interfaces: [{addressCount: 1}], pods: [{workload: web, count: 40}]}]", "1 of 1 node run more pods than max pods, 29, allows"},
		{"[{maxPods: 10, interfaces: [{addressCount: 9}], pods: [{workload: web, count: 9}]}]", "1 of 1 node run more pods than max pods allows"},
		{"[{interfaces: [{prefixCount: 1}]}]", "1 of 1 node hold addresses of the kind that ENABLE_PREFIX_DELEGATION does not ask for"},
		{"[{interfaces: [{}]}]", "hold fewer free addresses than the settings ask for"},
		{"[{interfaces: [{addressCount: 9}], cooling: [{count: 1, since: 31s}]}]", "31s is longer than the cooldown, 30s: these addresses are free"},
	} {
		f, err := Load("s.yaml", []byte(snapshotOf(test.nodes)))
		if err != nil {
			t.Errorf("%s: %v", test.nodes, err)
			continue
		}
		if text := Problems(f.Warnings).Error(); strings.Count(text, test.want) != 1 {
			t.Errorf("%s: %s, want %q once", test.nodes, text, test.want)
		}
	}
}

// A group with nothing but nodes is what those nodes are, and so is a Deployment
// of which nothing is said.
func TestASnapshotSaysHowManyThereAre(t *testing.T) {
	f, err := Load("s.yaml", []byte(snapshotOf("[{count: 3, interfaces: [{addressCount: 9}], pods: [{workload: web, count: 4}]}, {interfaces: [{addressCount: 9}], pods: [{workload: web, count: 1}]}]")))
	if err != nil {
		t.Fatal(err)
	}
	if g, w := f.Scenario.NodeGroups[0], f.Scenario.Workloads[0]; g.Count != 4 || w.Initial != 13 {
		t.Errorf("%d nodes and %d pods", g.Count, w.Initial)
	}
}
