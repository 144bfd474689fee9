package clusterexport_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/ec2model"
	"ipamsim/internal/properties"
	"ipamsim/scenarios"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/cluster"
	"ipamsim/sim/clusterexport"
	"ipamsim/sim/inspect"
	"ipamsim/sim/machine"
)

func init() { properties.Checks(60) }

// until runs the first variant of a scenario up to a moment.
func until(t failing, text string, at time.Duration) *inspect.Snapshot {
	t.Helper()
	f, err := scenarios.Load("world.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	v, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	m, err := inspect.Until(context.Background(), v[0], inspect.When{Replication: 1, At: at}, inspect.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

// failing is a test of one case.
type failing interface {
	Helper()
	Fatalf(string, ...any)
}

// imported is the scenario that is made of the files of a moment.
func imported(t failing, m *inspect.Snapshot) string {
	t.Helper()
	var sources []clusterimport.Source
	for _, f := range clusterexport.Of(m).Files {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		sources = append(sources, clusterimport.Source{Name: f.Name, Reader: &b})
	}
	r, err := clusterimport.Import(sources, clusterimport.Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(r.Scenario)
}

// held is what there is at a moment, in words: the same in a world and in one
// that begins with it, whatever their subnets and workloads are called.
func held(m *inspect.Snapshot) []string {
	var list []string
	account, booting := m.Fleet.Account, map[string]int{}
	nodes := map[string]bool{}
	for _, each := range m.Fleet.Machines {
		nodes[each.Node.Instance.ID] = true
		list = append(list, node(m, each))
	}
	for _, id := range account.InterfaceIDs() {
		i, _ := account.Interface(id)
		switch {
		case i.Attachment != nil && !nodes[*i.Attachment.InstanceId]: // its node has not registered: nobody's for kubectl
			booting[*i.SubnetId+" other"] += len(i.PrivateIpAddresses) + 16*len(i.Ipv4Prefixes)
		case i.Attachment == nil && i.InterfaceType != "branch":
			booting[*i.SubnetId+" leaked"] += len(i.PrivateIpAddresses) + 16*len(i.Ipv4Prefixes)
		}
	}
	for i, s := range account.Subnets() {
		others := map[string]int{}
		account.Occupants(i, func(_ int, by ec2model.Occupant) {
			if by.Name != "" {
				others[by.Name]++
			}
		})
		for _, holder := range []string{"other", "leaked"} {
			if n := booting[s.ID+" "+holder]; n > 0 {
				others[holder] += n
			}
		}
		blocks := s.FreeBlocks
		if others["unknown"] > 0 {
			blocks = 0 // no file says where they are
		}
		list = append(list, fmt.Sprintf("%v free %d, %d blocks, %v", s.CIDR, s.Free, blocks, others))
	}
	slices.Sort(list)
	return list
}

// node is what one holds.
func node(m *inspect.Snapshot, each *machine.Machine) string {
	var b strings.Builder
	n := each.Node
	fmt.Fprintf(&b, "%s %s %d %v", n.Name, n.Type(), n.MaxPods(), n.Unschedulable())
	var interfaces []string // their order, that of their creation, is in no file
	for d := range m.Fleet.Account.Devices(n.Instance.ID) {
		i, _ := m.Fleet.Account.Interface(d.Interface)
		var addresses, prefixes []string
		for _, a := range i.PrivateIpAddresses {
			if !*a.Primary {
				addresses = append(addresses, *a.PrivateIpAddress)
			}
		}
		for _, p := range i.Ipv4Prefixes {
			prefixes = append(prefixes, *p.Ipv4Prefix)
		}
		slices.Sort(addresses)
		slices.Sort(prefixes)
		interfaces = append(interfaces, fmt.Sprintf("\n  card %d device %d %s %v %v %v", d.Card, d.Index, i.InterfaceType, d.PrimaryIP, addresses, prefixes))
	}
	slices.Sort(interfaces)
	b.WriteString(strings.Join(interfaces, ""))
	branches := m.Fleet.Account.Branches(n.Instance.ID)
	slices.SortFunc(branches, netip.Addr.Compare)
	pods := map[string][]string{}
	for _, p := range n.Pods() {
		name := strings.TrimPrefix(p.Workload.Name, "default-")
		switch {
		case p.Workload.HostNetwork:
			pods[name] = append(pods[name], "host")
		case slices.Contains(branches, p.Address()):
			pods[name] = append(pods[name], "branch")
		case p.Address().IsValid() && p.State() != cluster.Ended:
			pods[name] = append(pods[name], p.Address().String())
		}
	}
	for _, w := range slices.Sorted(maps.Keys(pods)) {
		slices.Sort(pods[w])
		fmt.Fprintf(&b, "\n  %s %v", w, pods[w])
	}
	fmt.Fprintf(&b, "\n  branches %v", branches)
	return b.String()
}

// holders of others that a random world has.
var holders = []string{"control-plane", "load-balancer", "nat", "lambda", "vpc-endpoint", "database", "file-system", "fargate", "windows", "branch", "other-cluster", "leaked", "other", "unknown"}

// randomWorld is a scenario: two groups in two subnets with many other holders, pods that
// come and go, and a node of a snapshot with a trunk, with adapters, or without.
func randomWorld(t *rapid.T) (text string, at time.Duration) {
	var b strings.Builder
	draw := func(low, high int, what string) int { return rapid.IntRange(low, high).Draw(t, what) }
	cni := rapid.SampledFrom([]string{"WARM_ENI_TARGET: 1", "WARM_IP_TARGET: 3", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "ENABLE_PREFIX_DELEGATION: true"}).Draw(t, "cni")
	fmt.Fprintf(&b, "apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: world}\nseed: %d\nwarmUp: 5m\nduration: 20m\nvpc:\n  cidrs: [10.0.0.0/16]\n  subnets:\n", draw(1, 1<<30, "seed"))
	for i, zone := range []string{"a", "b"} {
		fmt.Fprintf(&b, "    - {name: %s, cidr: 10.0.%d.0/22, az: %s, used: [", zone, 4*i, zone)
		for k := range draw(0, 4, "holders") {
			fmt.Fprintf(&b, "{holder: %s, count: %d}, ", rapid.SampledFrom(holders).Draw(t, fmt.Sprint("holder", k)), draw(1, 20, "held"))
		}
		b.WriteString("]}\n")
	}
	kind := rapid.SampledFrom([]string{"m5.large", "m5.xlarge", "t3.medium", "own-9.large"}).Draw(t, "type")
	if kind == "own-9.large" {
		fmt.Fprintf(&b, "ec2: {instanceTypes: [{name: own-9.large, %s, addressesPerInterface: %d, vcpu: 6, memory: 10Gi}]}\n",
			rapid.SampledFrom([]string{"interfaces: 5", "networkCards: [3, 2]"}).Draw(t, "cards"), draw(5, 60, "addresses"))
	}
	fmt.Fprintf(&b, "nodeGroups:\n  - {name: one, instanceType: %s, count: %d, max: 12, cni: {%s}}\n", kind, draw(1, 4, "nodes"), cni)
	taint, tolerates := "", ""
	if draw(0, 1, "taint") == 1 {
		taint = ", labels: {tier: own, rank: \"7\"}, taints: [{key: example.com/own, value: db, effect: NoExecute}, {key: other}]"
		tolerates = rapid.SampledFrom([]string{"", ", tolerations: [{operator: Exists}]", ", nodeAffinity: [{matchExpressions: [{key: rank, operator: Gt, values: [\"5\"]}, {key: tier, operator: In, values: [own, other]}]}], tolerations: [{key: example.com/own, value: db}, {key: other, operator: Exists, effect: NoSchedule}]"}).Draw(t, "tolerates")
	}
	fmt.Fprintf(&b, "  - {name: two, instanceType: m5.large, count: %d, cni: {%s}%s}\n", draw(0, 3, "more nodes"), cni, taint)
	if draw(0, 3, "adapters") == 0 {
		fmt.Fprintf(&b, `  - name: three
    instanceType: p4d.24xlarge
    cni: {%s}
    nodes:
      - subnet: b
        interfaces: [{addressCount: 6}, {kind: efa-only}, {kind: efa, addressCount: 3}, {kind: other}, {kind: efa-only, count: 2, card: 1}, {kind: efa, card: 2, device: 1}]
        pods: [{workload: db, count: 8}]
`, cni)
	} else if draw(0, 1, "trunk") == 1 {
		fmt.Fprintf(&b, `  - name: three
    instanceType: c5.xlarge
    cni: {%s}
    nodes:
      - subnet: a
        interfaces: [{addressCount: 6}, {kind: trunk}, {kind: branch, count: 2}]
        pods: [{workload: db, count: 2, branch: true}, {workload: db, count: 3}]
`, cni)
	}
	if draw(0, 1, "autoscaler") == 1 {
		fmt.Fprintf(&b, "autoscaler: {kind: %s, groups: [one]}\n", rapid.SampledFrom([]string{"karpenter", "cluster-autoscaler"}).Draw(t, "kind"))
	}
	fmt.Fprintf(&b, `workloads:
  - {name: web, initial: %d, replicas: [{at: 2m, count: %d}, {at: 10m, count: %d}], resources: {cpu: 100m, memory: 64Mi}}
  - {name: db, replicas: [{at: 19m, count: 5}]}
  - {name: own, replicas: [{at: 1m, count: 8}]%s}
  - {name: work, kind: Job, arrivals: {rate: 0.1}, lifetime: {mean: 2m}}
  - {name: agent, kind: DaemonSet}
  - {name: host, kind: DaemonSet, hostNetwork: true}
`, draw(0, 20, "initial"), draw(0, 60, "then"), draw(0, 60, "at last"), tolerates)
	return b.String(), time.Duration(draw(0, 1200, "at")) * time.Second
}

// What is exported of any world at any moment and imported again is a world that
// holds the same at its time 0: each node the same addresses and prefixes on the
// same interfaces and the same pods, each subnet as many addresses of each holder.
func TestWhatIsExportedComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, at := randomWorld(t)
		before := until(t, text, at)
		scenario := imported(t, before)
		after := until(t, scenario, 0)
		want, got := held(before), held(after)
		for i := range want {
			if i >= len(got) || want[i] != got[i] {
				t.Fatalf("at %v\n%s\nexported: %s\nimported: %s\n%s", at, text, want[i], got[min(i, len(got)-1)], scenario)
			}
		}
		if len(want) != len(got) {
			t.Fatalf("%d exported, %d imported\n%s", len(want), len(got), scenario)
		}
	})
}

// A cluster as large ones are: prefixes beside addresses of before, trunks with
// branches, leaked interfaces, two node groups, and another cluster in the same
// subnets.
const largeWorld = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: large}
warmUp: 5m
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/18, az: a, used: [{holder: other-cluster, count: 900}, {holder: leaked, count: 60}, {holder: load-balancer, count: 40}]}
    - {name: b, cidr: 10.0.64.0/18, az: b, used: [{holder: other-cluster, count: 700}, {holder: leaked, count: 11}, {holder: lambda, count: 150}, {holder: unknown, count: 77}]}
nodeGroups:
  - name: general
    instanceType: m5.large
    maxPods: 110
    cni: {ENABLE_PREFIX_DELEGATION: true}
    nodes:
      - {count: 120, subnet: a, interfaces: [{prefixCount: 2}], pods: [{workload: web, count: 20}, {workload: agent, count: 1}]}
      - {count: 120, subnet: b, interfaces: [{addressCount: 9}, {prefixCount: 1}], pods: [{workload: web, count: 14}, {workload: agent, count: 1}]}
      - {count: 60, subnet: b, interfaces: [{count: 2, prefixCount: 1}], pods: [{workload: web, count: 25}, {workload: agent, count: 1}], cooling: [{count: 2, since: 9s}]}
  - name: secure
    instanceType: c5.xlarge
    maxPods: 110
    cni: {ENABLE_PREFIX_DELEGATION: true}
    nodes:
      - {count: 150, subnet: a, interfaces: [{prefixCount: 1}, {kind: trunk}, {kind: branch, count: 4}], pods: [{workload: pay, count: 4, branch: true}, {workload: pay, count: 2}, {workload: agent, count: 1}]}
      - {count: 50, subnet: b, cordoned: true, interfaces: [{prefixCount: 3}, {kind: trunk}], pods: [{workload: pay, count: 30}, {workload: agent, count: 1}]}
workloads:
  - {name: web}
  - {name: pay}
  - {name: agent, kind: DaemonSet}
`

func TestALargeClusterComesBack(t *testing.T) {
	t.Parallel()
	before := until(t, largeWorld, 0)
	if n := len(before.Fleet.Machines); n != 500 {
		t.Fatalf("%d nodes", n)
	}
	want, got := held(before), held(until(t, imported(t, before), 0))
	if !slices.Equal(want, got) {
		for i := range want {
			if i >= len(got) || want[i] != got[i] {
				t.Fatalf("exported: %s\nimported: %s", want[i], got[min(i, len(got)-1)])
			}
		}
	}
}

// Cooldowns come back, too, as far as ipamd's end point tells them: it has no
// time of its own, and the latest that it names stands for that.
func TestCooldownsComeBack(t *testing.T) {
	t.Parallel()
	count := func(m *inspect.Snapshot) (n int) {
		for _, each := range m.Fleet.Machines {
			n += len(each.Daemon.Cooling())
		}
		return n
	}
	before := until(t, largeWorld, 0)
	if n, after := count(before), count(until(t, imported(t, before), 0)); n != 120 || after != n {
		t.Fatalf("%d addresses rest, and %d afterwards; 120 were expected", n, after)
	}
}

// The files say what the commands of real clusters say, in their form.
func TestFilesHaveTheFormOfTheirCommands(t *testing.T) {
	t.Parallel()
	for _, f := range clusterexport.Of(until(t, largeWorld, 0)).Files {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		begin := "{\n    \""
		if !strings.HasPrefix(text, begin) || !strings.HasSuffix(text, "\n}\n") || strings.Contains(text, ": null") || strings.Contains(text, "invalid IP") {
			t.Errorf("%s: %s …", f.Name, text[:min(len(text), 300)])
		}
		if strings.HasPrefix(f.Command, "kubectl get ") && !strings.Contains(text, `"apiVersion": "v1"`) && !strings.Contains(text, `"apiVersion": "apps/v1"`) {
			t.Errorf("%s is no answer of kubectl: %s", f.Name, text[:200])
		}
	}
}

// A Deployment is exported with the replicas that it should have, as the API server has
// them, though its controller has not made them all.
func TestReplicasThatAreNotMadeAreExported(t *testing.T) {
	t.Parallel()
	before := until(t, replicasWorld, 15*time.Second)
	if made := len(before.Fleet.Cluster.Pods()); made == 0 || made >= 500 {
		t.Fatalf("%d pods are made", made)
	}
	if scenario := imported(t, before); !strings.Contains(scenario, "500") {
		t.Errorf("500 replicas are asked for:\n%s", scenario)
	}
}

const replicasWorld = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: replicas}
warmUp: 1m
duration: 10m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.4xlarge, count: 4}]
workloads: [{name: web, replicas: [{at: 10s, count: 500}], resources: {cpu: 10m, memory: 16Mi}}]
`
