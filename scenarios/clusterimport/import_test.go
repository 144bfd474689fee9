package clusterimport_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/inspect"
)

// sources of files, in the order of their names.
func sources(files map[string]string) (list []clusterimport.Source) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list = append(list, clusterimport.Source{Name: name, Reader: strings.NewReader(files[name])})
	}
	return list
}

type failing interface {
	Helper()
	Fatalf(string, ...any)
}

// imported imports files and simulates the scenario up to its time 0.
func imported(t failing, files map[string]string, opts clusterimport.Options) *clusterimport.Result {
	t.Helper()
	r, err := clusterimport.Import(sources(files), opts)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := r.Simulate(context.Background(), inspect.Options{}); err != nil {
		t.Fatalf("%v\n%.4000s", err, r.Scenario)
	}
	return r
}

// agrees says where the simulation does not hold what was imported, and where an
// import is not of what was made.
func agrees(r *clusterimport.Result, m *made) error {
	for _, n := range r.Report.Nodes {
		if n.Simulated == nil || n.Imported != *n.Simulated || n.Imported != m.holds[n.Name] {
			return fmt.Errorf("%s: made with %d, imported %d, simulated %v", n.Name, m.holds[n.Name], n.Imported, n.Simulated)
		}
	}
	if len(r.Report.Nodes) != len(m.holds) {
		return fmt.Errorf("%d nodes, not %d", len(r.Report.Nodes), len(m.holds))
	}
	for i, s := range r.Report.Subnets {
		made := m.subnets[slices.IndexFunc(m.subnets, func(x *madeSubnet) bool { return x.id == s.ID })]
		if s.Unknown != made.hidden || s.Known != len(made.taken) || *s.Simulated != s.Usable-s.Available {
			return fmt.Errorf("subnet %d: %d unknown, not %d; %d known, not %d; %d simulated, not %d", i, s.Unknown, made.hidden, s.Known, len(made.taken), *s.Simulated, s.Usable-s.Available)
		}
	}
	return nil
}

// some is a cluster with a bit of everything.
func some() *made {
	m := newMade("10.0.0.0/23", "10.0.2.0/24", "100.64.0.0/24")
	tags := object{"TagSet": tagList("node.k8s.amazonaws.com/instance_id", "x", "cluster.k8s.amazonaws.com/name", "made"), "Description": "aws-K8S-i-x"}
	a := m.node("ip-10-0-0-1.us-west-2.compute.internal", "m5.large", m.subnets[0], 29, object{"eks.amazonaws.com/nodegroup": "workers"})
	a.attach(a.subnet, 9, 0, nil)
	a.attach(a.subnet, 9, 0, tags)
	b := m.node("ip-10-0-2-1.us-west-2.compute.internal", "m5.large", m.subnets[1], 29, object{"eks.amazonaws.com/nodegroup": "workers"})
	b.attach(b.subnet, 0, 2, nil)
	trunk := b.attach(b.subnet, 0, 0, object{"InterfaceType": "trunk", "Description": "aws-k8s-trunk-eni"})
	branch := func(trunk object) {
		x, _, _ := m.iface(b.subnet, 0, 0, object{"InterfaceType": "branch", "Description": "aws-k8s-branch-eni", "TagSet": tagList("vpcresources.k8s.aws/trunk-eni-id", trunk["NetworkInterfaceId"].(string))})
		p := b.pod("shop", "ReplicaSet", "pay-7b9c8d5f64", nil)
		p["metadata"].(object)["annotations"] = object{"vpc.amazonaws.com/pod-eni": `[{"privateIp":"x"}]`}
		p["status"].(object)["podIP"] = x["PrivateIpAddress"]
	}
	branch(trunk)
	for range 5 {
		a.pod("shop", "ReplicaSet", "web-7b9c8d5f64", nil)
	}
	for _, n := range []*madeNode{a, b} {
		n.pod("kube-system", "DaemonSet", "aws-node", object{"hostNetwork": true})
		n.pod("kube-system", "DaemonSet", "logs", nil)
		n.pod("kube-system", "DaemonSet", "node-exporter", object{"hostNetwork": true})
	}
	for _, x := range []object{
		{"Description": "Amazon EKS made", "InterfaceType": "interface", "RequesterManaged": true},
		{"Description": "ELB app/shop/50dc6c495c0c9188"},
		{"Description": "Interface for NAT Gateway nat-0a1", "InterfaceType": "nat_gateway"},
		{"Description": "AWS Lambda VPC ENI-x", "InterfaceType": "lambda"},
		{"Description": "aws-K8S-i-0123", "Status": "available", "TagSet": tagList("node.k8s.amazonaws.com/instance_id", "i-0123")},
		{"Description": "aws-K8S-i-0456", "TagSet": tagList("cluster.k8s.amazonaws.com/name", "theirs")},
		{"Description": "RDSNetworkInterface"},
		{"Description": "EFS mount target for fs-1"},
		{"Description": "VPC Endpoint Interface vpce-1"},
		{"Description": "by hand"},
	} {
		m.iface(m.subnets[0], 0, 0, x)
	}
	m.subnets[0].hidden, m.subnets[1].hidden = 7, 3
	return m
}

func TestAClusterIsImportedAsItIs(t *testing.T) {
	t.Parallel()
	m := some()
	r := imported(t, m.files(), clusterimport.Options{})
	if err := agrees(r, m); err != nil {
		t.Fatalf("%v\n%.4000s", err, r.Scenario)
	}
	want := map[string]int{"nodes": 20, "control-plane": 1, "load-balancer": 1, "nat": 1, "lambda": 1, "leaked": 1, "other-cluster": 1, "database": 1, "file-system": 1, "vpc-endpoint": 1, "other": 1}
	if got := r.Report.Subnets[0].Holders; !maps.Equal(got, want) {
		t.Errorf("holders are %v, not %v", got, want)
	}
	for _, secret := range []string{"hunter2", "PASSWORD", "77"} {
		if strings.Contains(string(r.Scenario), secret) {
			t.Errorf("the scenario has %s", secret)
		}
	}
}

// Whatever a cluster holds, the simulation holds it at time 0.
func TestWhatIsImportedIsHeldAtTime0(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		count := rapid.IntRange(0, 2).Draw(t, "detail")
		r := imported(t, m.files(), clusterimport.LessDetail(clusterimport.Options{}, count > 0, count > 1))
		if err := agrees(r, m); err != nil {
			t.Fatalf("%v\n%.4000s", err, r.Scenario)
		}
	})
}

// random is a random cluster.
func random(t *rapid.T) *made {
	draw := func(low, high int, what string) int { return rapid.IntRange(low, high).Draw(t, what) }
	m := newMade("10.0.0.0/21", "10.0.8.0/22", "10.0.12.0/22")
	env := rapid.SampledFrom([]object{{"WARM_ENI_TARGET": "1"}, {"WARM_IP_TARGET": "3", "MINIMUM_IP_TARGET": "5"}, {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}}).Draw(t, "env")
	m.settings(rapid.SampledFrom([]string{"v1.23.1", "v1.19.2-eksbuild.1", "v1.9.3"}).Draw(t, "version"), env)
	for k := range draw(1, 6, "nodes") {
		s := m.subnets[draw(0, 2, "subnet")]
		kind := rapid.SampledFrom([]string{"m5.large", "c5.xlarge"}).Draw(t, "type")
		n := m.node(fmt.Sprintf("ip-10-0-9-%d.ec2.internal", k), kind, s, map[string]int{"m5.large": 29, "c5.xlarge": 58}[kind], rapid.SampledFrom([]object{nil, {"karpenter.sh/nodepool": "general"}, {"eks.amazonaws.com/nodegroup": "workers"}}).Draw(t, "labels"))
		for e := range draw(1, 3, "interfaces") {
			more := object{}
			trunk := e == 2 && rapid.Bool().Draw(t, "trunk")
			if trunk {
				more = object{"InterfaceType": "trunk"}
			}
			x := n.attach(s, draw(0, 7, "singles"), draw(0, 2, "prefixes"), more)
			for range draw(0, 3, "branches") {
				if trunk {
					m.iface(s, 0, 0, object{"InterfaceType": "branch", "TagSet": tagList("vpcresources.k8s.aws/trunk-eni-id", x["NetworkInterfaceId"].(string))})
				}
			}
		}
		if rapid.Bool().Draw(t, "cordoned") {
			n.object["spec"].(object)["unschedulable"] = true
		}
		for range min(len(n.free), draw(0, 12, "pods")) {
			o := rapid.SampledFrom([][2]string{{"ReplicaSet", "web-6d4cf56db6"}, {"StatefulSet", "db"}, {"Job", "report-28512345"}, {"", ""}}).Draw(t, "owner")
			n.pod("default", o[0], o[1], nil)
		}
	}
	for range draw(0, 8, "others") {
		m.iface(m.subnets[draw(0, 2, "subnet")], draw(0, 3, "singles"), draw(0, 1, "prefixes"), object{"Description": rapid.SampledFrom([]string{"ELB x", "Amazon EKS made", "x"}).Draw(t, "description")})
	}
	for _, s := range m.subnets {
		s.hidden = draw(0, 50, "hidden")
	}
	return m
}

// A cluster that is too large for a scenario that names each address has one that
// counts them.
func TestALargeClusterIsCounted(t *testing.T) {
	t.Parallel()
	m := newMade("10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16")
	for k := range 300 {
		n := m.node(fmt.Sprintf("ip-%d", k), "m5.24xlarge", m.subnets[k%4], 234, nil)
		for range 15 {
			n.attach(n.subnet, 49, 0, nil)
		}
		n.pod("shop", "ReplicaSet", "web-6d4cf56db6", nil)
	}
	r, err := clusterimport.Import(sources(m.files()), clusterimport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- {addressCount: 49, prefixCount: 0}", "- {workload: shop-web, count: 1}", "quotas: {nau: 450000}", "# Assumed: where in the subnets the addresses of the nodes lie is left to chance"} {
		if !strings.Contains(string(r.Scenario), want) {
			t.Errorf("there is no %q in\n%.3000s", want, r.Scenario)
		}
	}
}
