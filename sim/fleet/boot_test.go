package fleet_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

// joining is the scenario of a group that grows slowly, so that nothing but the
// nodes themselves decides how long they take.
func joining(group string) string {
	return `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: joining}
warmUp: 5m
duration: 20m
controlPlane: {tier: unlimited}
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]}
nodeGroups: [{name: nodes, instanceType: m5.large, steps: [{at: 10s, count: 60, over: 15m}]` + group + `}]
workloads: [{name: web, replicas: [{at: 0s, count: 0}]}]
`
}

// joined runs it and returns the nodes, all of them Ready.
func joined(t *testing.T, text string) (nodes []*cluster.Node, f *tested) {
	t.Helper()
	f, err := newTested(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Run(context.Background(), f.End, fleet.NewTally(1, nil)); err != nil {
		t.Fatal(err)
	}
	for _, m := range f.Machines {
		if m.Node.State() == cluster.Ready {
			nodes = append(nodes, m.Node)
		}
	}
	if len(nodes) != 60 {
		t.Fatalf("%d of 60 nodes are Ready", len(nodes))
	}
	return nodes, f
}

// times are what the nodes took, in order.
func times(nodes []*cluster.Node, from func(n *cluster.Node) time.Duration) (took []time.Duration) {
	for _, n := range nodes {
		took = append(took, n.Ready-from(n))
	}
	slices.Sort(took)
	return took
}

func launched(n *cluster.Node) time.Duration   { return n.Launched }
func registered(n *cluster.Node) time.Duration { return n.Registered }

// The sources are those of the families' constants: 27.7 s of AL2 in December
// 2022 (amazon-eks-ami issue 1099), 65 s of AL2023 before and 45 s after caching
// images and more (kube.fm, February 2026). Nothing says how long Bottlerocket
// takes but that it is faster than AL2023.
func TestNodesAreReadyAfterAsLongAsTheirFamilysAre(t *testing.T) {
	median := map[string]time.Duration{}
	for group, span := range map[string][2]time.Duration{
		", amiFamily: AL2":    {26 * time.Second, 30 * time.Second},
		", amiFamily: AL2023": {50 * time.Second, 65 * time.Second},
		", amiFamily: AL2023, launch: {systemImages: cached}": {43 * time.Second, 50 * time.Second},
		", amiFamily: Bottlerocket":                           {33 * time.Second, 47 * time.Second},
	} {
		nodes, _ := joined(t, joining(group))
		took := times(nodes, launched)
		median[group] = took[30]
		if took[30] < span[0] || took[30] > span[1] {
			t.Errorf("%s: the median until Ready is %v, want %v to %v", group, took[30], span[0], span[1])
		}
	}
	if median[", amiFamily: Bottlerocket"] >= median[", amiFamily: AL2023"] {
		t.Errorf("%v", median)
	}
}

// AL2023 is the default.
func TestWithoutAFamilyNodesAreThoseOfAL2023(t *testing.T) {
	plain, _ := joined(t, joining(""))
	named, _ := joined(t, joining(`, amiFamily: AL2023, kubernetesVersion: "1.35", launch: {systemImages: pulled}, podStartCPU: 200ms`))
	if !slices.Equal(times(plain, launched), times(named, launched)) {
		t.Error("the defaults are others")
	}
}

// Images that are not on the disk cost what their pulls take, one after the other.
func TestPulledImagesDelayANodeByTheirPulls(t *testing.T) {
	pulled, _ := joined(t, joining(", launch: {systemImages: pulled, systemImagePull: {constant: 7s}, kubeProxy: {constant: 1s}}"))
	cached, _ := joined(t, joining(", launch: {systemImages: cached, kubeProxy: {constant: 1s}}"))
	with, without := times(pulled, registered), times(cached, registered)
	for i := range with {
		// the looks for ipamd and for the node's readiness are on grids of their own
		if more := with[i] - without[i]; more < 13*time.Second || more > 15*time.Second {
			t.Fatalf("with pulls a node is Ready %v after its registration, without after %v", with[i], without[i])
		}
	}
}

// An ipamd that asks for the API server before kube-proxy has written its rules
// loses 5 s with each request, and none with CLUSTER_ENDPOINT.
func TestWithoutKubeProxyIPAMDLosesFiveSeconds(t *testing.T) {
	ready := func(proxy, cni string) []time.Duration {
		nodes, _ := joined(t, joining(fmt.Sprintf(", amiFamily: AL2, launch: {kubeProxy: {constant: %s}}, cni: {%s}", proxy, cni)))
		return times(nodes, registered)
	}
	const endpoint = `CLUSTER_ENDPOINT: "https://example.eks.amazonaws.com"`
	there := ready("0s", "")
	for _, c := range []struct {
		proxy, cni string
		later      time.Duration
	}{
		{"0s", endpoint, 0},
		{"5s", endpoint, 0},
		{"60s", endpoint, 0},
		{"5s", "", 5 * time.Second},                        // the first request comes 2.2 to 3.5 s after the registration
		{"10s", "", 10 * time.Second},                      // the second is lost, too
		{"60s", "", 30 * time.Second},                      // it starts without the API server
		{"40s", "ANNOTATE_POD_IP: true", 40 * time.Second}, // and cannot
	} {
		took := ready(c.proxy, c.cni)
		for i := range took {
			if later := took[i] - there[i]; later < c.later-time.Second || later > c.later+time.Second {
				t.Errorf("kube-proxy after %s, %s: Ready %v later, want %v", c.proxy, c.cni, later, c.later)
				break
			}
		}
	}
}

// The old releases ask once, and end when nobody answers.
func TestOldReleasesEndWithoutAnAPIServer(t *testing.T) {
	for _, version := range []string{"v1.9.0", "v1.6.0"} {
		_, early := joined(t, joining(", amiFamily: AL2, cniVersion: "+version+", launch: {kubeProxy: {constant: 1s}}"))
		nodes, late := joined(t, joining(", amiFamily: AL2, cniVersion: "+version+", launch: {kubeProxy: {constant: 10s}}, cni: {CLUSTER_ENDPOINT: unknown}"))
		if took := times(nodes, registered); early.restarts != 0 || late.restarts != 60 || took[0] < 32*time.Second {
			t.Errorf("%s: %d restarts with kube-proxy in time, %d without, Ready after %v", version, early.restarts, late.restarts, took[0])
		}
	}
}

// Nodes that were there before the run have their images and their kube-proxy.
func TestInitialNodesHavePulledTheirImages(t *testing.T) {
	l := inText(t, strings.Replace(joining(""), "steps: [{at: 10s, count: 60, over: 15m}]", "count: 20", 1))
	if len(l.Machines) != 20 {
		t.Fatalf("%d nodes", len(l.Machines))
	}
	for _, m := range l.Machines {
		if took := m.Node.Ready - m.Node.Registered; took > 8*time.Second || m.Agent.Pulls() != 0 {
			t.Errorf("%s was Ready %v after its registration", m.Node.Name, took)
		}
	}
}

// burst is how long the last of 16 pods takes that come to one node at once.
func burst(t *testing.T, group string) time.Duration {
	l := inText(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: burst}
warmUp: 5m
duration: 10m
controlPlane: {tier: unlimited}
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]}
nodeGroups: [{name: nodes, count: 1, cni: {MINIMUM_IP_TARGET: 20, WARM_IP_TARGET: 2}`+group+`}]
workloads: [{name: web, replicas: [{at: 1m, count: 16}], resources: {cpu: 1m, memory: 1Mi}}]
`)
	last := time.Duration(0)
	running := 0
	l.Listener.PodRunning = func(p *cluster.Pod) { last, running = max(last, p.Running-p.Bound), running+1 }
	l.to(5 * time.Minute)
	if running != 16 {
		t.Fatalf("%s: %d of 16 pods run", group, running)
	}
	return last
}

func TestABurstIsSlowerOnASmallNode(t *testing.T) {
	const soon = `, kubernetesVersion: "1.36"`
	small, big := burst(t, ", instanceType: m5.large"+soon), burst(t, ", instanceType: m5.12xlarge"+soon)
	free := burst(t, ", instanceType: m5.large, podStartCPU: 0s"+soon)
	// 16 x 0.4 s on two cores, less what the last one's own work would have taken
	if more := small - free; more < 2*time.Second || more > 3200*time.Millisecond {
		t.Errorf("on two cores the last pod takes %v, without a bound %v", small, free)
	}
	if big > free+100*time.Millisecond {
		t.Errorf("on 48 cores the last pod takes %v, without a bound %v", big, free)
	}
	if seen := burst(t, ", instanceType: m5.12xlarge"); seen <= big || seen > big+time.Second {
		t.Errorf("kubelet 1.35 sees the last pod after %v, 1.36 after %v", seen, big)
	}
}
