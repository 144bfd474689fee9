package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ipamsim/internal/words"
)

// row is one published example.
type row struct {
	source, inputs, published string
	ours                      string // what the simulation comes to
	why                       string // they differ; empty where they do not
	ask                       func(t testing.TB) string
}

const (
	small  = "10.0.0.0/22 a, 10.0.4.0/22 b"
	large  = "10.0.0.0/18 a, 10.0.64.0/18 b"
	oneIPs = "WARM_IP_TARGET: 1"
)

// series asks one thing about several clusters.
func series[T any](t testing.TB, of []T, ask func(T) int) string {
	t.Helper()
	var list []string
	for _, x := range of {
		list = append(list, words.Count(ask(x)))
	}
	return strings.Join(list, "/")
}

var subnetCalc = func(cni string) cluster {
	return cluster{subnets: "10.0.0.0/23 a", groups: []group{{instance: "m5.12xlarge", nodes: 2, pods: 200, cni: cni}, {instance: "c5.2xlarge", nodes: 1, pods: 30, cni: cni}}}
}

var rows = []row{
	{"AWS, subnet-calc", "a /23; 2 m5.12xlarge with 100 pods each, a c5.2xlarge with 30; WARM_ENI_TARGET 1", "351 of 510", "360 of 507: 230 on pods, 116 warm, 14 interfaces",
		"of 512 AWS keeps five; a node holds whole interfaces, 150 addresses on each m5.12xlarge and 60 on the c5.2xlarge", func(t testing.TB) string {
			w := run(t, subnetCalc(""))
			return fmt.Sprintf("%d of %d: %d on pods, %d warm, %d interfaces", w.held(), w.usable(), w.pool()-w.idle(), w.idle(), w.primaries())
		}},
	{"AWS, subnet-calc", "the same with WARM_IP_TARGET 1", "276", "244", "230 on pods, 3 warm and 11 of the interfaces are all that the nodes hold", func(t testing.TB) string {
		return fmt.Sprint(run(t, subnetCalc(oneIPs)).held())
	}},
	{"AWS, [best practices](https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html)", "3 c5.large, 2 CoreDNS pods", "50", "50", "", func(t testing.TB) string {
		return fmt.Sprint(run(t, cluster{subnets: small, groups: []group{{instance: "c5.large", nodes: 3, pods: 2}}}).held())
	}},
	{"VPC CNI, [PR 65](https://github.com/aws/amazon-vpc-cni-k8s/pull/65), measured", "80 nodes of 4 interfaces with 15 addresses, 4,000 pods", "320 interfaces, 4,480 addresses", "320 interfaces, 4,480 addresses, 4,800 with the interfaces' own", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: large, groups: []group{{instance: "m5.xlarge", nodes: 80, pods: 4000}}})
		return fmt.Sprintf("%d interfaces, %s addresses, %s with the interfaces' own", w.primaries(), words.Count(w.pool()), words.Count(w.held()))
	}},
	{"ScyllaDB, [scylla-cluster-tests PR 3622](https://github.com/scylladb/scylla-cluster-tests/pull/3622)", "4 i3.4xlarge with a pod", "240", "240", "", func(t testing.TB) string {
		return fmt.Sprint(run(t, cluster{subnets: small, groups: []group{{instance: "i3.4xlarge", nodes: 4, each: true}}}).held())
	}},
	{"Karpenter, [PR 3419](https://github.com/aws/karpenter-provider-aws/pull/3419), measured", "10 nodes with a pod each, two /24 in one zone", "151 free in each", "151/151 free", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: "10.0.0.0/24 a, 10.0.1.0/24 a", groups: []group{{instance: "m5.large", nodes: 10, each: true}}})
		return w.each(freeAtEnd) + " free"
	}},
	{"\"Eating my IPs\", measured", "2 t3.2xlarge with pods", "62", "60", "the published number has two interfaces of the control plane", func(t testing.TB) string {
		return fmt.Sprint(run(t, cluster{subnets: small, groups: []group{{instance: "t3.2xlarge", nodes: 2, each: true}}}).held())
	}},
	{"AEWS lab of 2026, measured", "3 t3.medium, 2 CoreDNS pods", "pools of 10, 5 and 10", "pools of 10, 10 and 5; 12, 12 and 6 addresses", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: small, groups: []group{{instance: "t3.medium", nodes: 3, pods: 2}}})
		var pools, held []int
		for _, m := range w.Machines {
			n := 0
			for range w.Account.Devices(m.Node.Instance.ID) {
				n++
			}
			pools, held = append(pools, m.Daemon.Stats().Total), append(held, m.Daemon.Stats().Total+n)
		}
		down := func(a, b int) int { return b - a }
		slices.SortFunc(pools, down)
		slices.SortFunc(held, down)
		return fmt.Sprintf("pools of %d, %d and %d; %d, %d and %d addresses", pools[0], pools[1], pools[2], held[0], held[1], held[2])
	}},
	{"VPC CNI, [README](https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md)", "m4.4xlarge with 29 and 30 pods", "58/87", "58/87", "", func(t testing.TB) string {
		return series(t, []int{29, 30}, func(pods int) int {
			return run(t, cluster{subnets: small, groups: []group{{instance: "m4.4xlarge", nodes: 1, pods: pods}}}).pool()
		})
	}},
	{"younsl", "WARM_IP_TARGET 1, MINIMUM_IP_TARGET 8; 0, 3, 7, 8, 15 and 30 pods", "8/8/8/9/16/31", "8/8/8/9/16/31; 9/9/9/10/17/33 with the interfaces' own", "", func(t testing.TB) string {
		var held []string
		pool := series(t, []int{0, 3, 7, 8, 15, 30}, func(pods int) int {
			w := run(t, cluster{subnets: small, groups: []group{{instance: "m5.4xlarge", nodes: 1, pods: pods, cni: "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 8"}}})
			held = append(held, fmt.Sprint(w.held()))
			return w.pool()
		})
		return pool + "; " + strings.Join(held, "/") + " with the interfaces' own"
	}},
	{"pet2cattle", "idle m5.large, xlarge, 4xlarge and 16xlarge", "20/30/60/100", "10/15/30/50; 20/30/60/100 with a pod", "an idle node has its first interface alone: the second comes with the first pod", func(t testing.TB) string {
		of := []string{"m5.large", "m5.xlarge", "m5.4xlarge", "m5.16xlarge"}
		ask := func(pods int) string {
			return series(t, of, func(instance string) int {
				return run(t, cluster{subnets: small, groups: []group{{instance: instance, nodes: 1, pods: pods}}}).held()
			})
		}
		return ask(0) + "; " + ask(1) + " with a pod"
	}},
	{"EKS playbook, September 2026", "2,000 pods on 20 16xlarge, 61 8xlarge and 125 4xlarge; WARM_IP_TARGET 2", "2,040/2,122/2,250", "2,100/2,244/2,375", "the interfaces' own addresses are left out", func(t testing.TB) string {
		return series(t, []group{{instance: "m5.16xlarge", nodes: 20}, {instance: "m5.8xlarge", nodes: 61}, {instance: "m5.4xlarge", nodes: 125}}, func(g group) int {
			g.pods, g.cni = 2000, "WARM_IP_TARGET: 2"
			return run(t, cluster{subnets: large, groups: []group{g}}).held()
		})
	}},
	{"the same, fallback", "500 4xlarge with 16 pods each, MINIMUM_IP_TARGET 100; here a tenth of them", "42,000 idle", "4,200 idle, 5,200 held", "idle is right; 2,000 addresses are the interfaces' own, and 8,000 on pods", func(t testing.TB) string {
		w := run(t, cluster{subnets: large, groups: []group{{instance: "m5.4xlarge", nodes: 50, pods: 800, cni: "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 100"}}})
		return fmt.Sprintf("%s idle, %s held", words.Count(w.idle()), words.Count(w.held()))
	}},
	{"ahmadraza.in", "m6g.large with prefixes and max pods 110: one node idle and full; 100 of them with 110 pods each in three /20", "49 idle, 128 full; all fits", "17 idle, 113 full; 10,392 of 11,000 run, 0 free /28 with 1,517 addresses free", "an idle node has one prefix; blocks decide in the subnets: the nodes' own addresses lie in blocks that no prefix can be, so that 66 nodes find a seventh one and 34 do not, in other worlds up to 71 do; and of max pods two are aws-node's and kube-proxy's, without which the same nodes would run 132 more", func(t testing.TB) string {
		prefixes := func(nodes, pods int, in string) *world {
			return run(t, cluster{subnets: in, groups: []group{{instance: "m6g.large", nodes: nodes, pods: pods, cni: "ENABLE_PREFIX_DELEGATION: true", more: ", maxPods: 110, resources: {cpu: \"64\", memory: 64Gi}"}}})
		}
		w := prefixes(100, 11000, "10.0.0.0/20 a, 10.0.16.0/20 b, 10.0.32.0/20 c")
		return fmt.Sprintf("%d idle, %d full; %s of 11,000 run, %d free /28 with %s addresses free", prefixes(1, 0, small).held(), prefixes(1, 108, small).held(),
			words.Count(w.Pods.Running), w.blocks(), words.Count(w.free()))
	}},
	{"aws-deep-dives", "t3.medium with prefixes, a /24: 110 pods on one, on two; blocks of the subnet", "131; 15 blocks", "114; 14 blocks; of 220 pods 176 run", "seven prefixes on two interfaces; the first and the last block hold addresses of AWS; and two nodes do not find 14 prefixes beside their own addresses", func(t testing.TB) string {
		on := func(nodes int) *world {
			return run(t, cluster{subnets: "10.0.0.0/24 a", groups: []group{{instance: "t3.medium", nodes: nodes, pods: 110 * nodes, cni: "ENABLE_PREFIX_DELEGATION: true", more: ", maxPods: 110"}}})
		}
		empty := run(t, cluster{subnets: "10.0.0.0/24 a", groups: []group{{instance: "t3.medium"}}})
		return fmt.Sprintf("%d; %d blocks; of 220 pods %d run", on(1).held(), empty.blocks(), on(2).Pods.Running)
	}},
	{"kloudvin", "100 nodes (m5.xlarge) with 30 pods each on a /22", "exhausted", "73 nodes join, 946 of 3,000 pods run", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: "10.0.0.0/22 a", groups: []group{{instance: "m5.xlarge", nodes: 100, pods: 3000}}})
		return fmt.Sprintf("%d nodes join, %s of 3,000 pods run", w.Cluster.Counts().Nodes, words.Count(w.Pods.Running))
	}},
	{"PyTorch, [ci-infra 544](https://github.com/pytorch/ci-infra/issues/544)", "a GPU node with 11 pods, WARM_PREFIX_TARGET 1; 94 of them in a /20, as 1,500 in a /16", "11 to 17 a node", "33 a node; 0 free blocks with 1,069 addresses free", "16 for the pods, 16 warm and the node's own; and the blocks end before the addresses do", func(t testing.TB) string {
		in := func(nodes int, subnet string) *world {
			return run(t, cluster{subnets: subnet, groups: []group{{instance: "g5.12xlarge", nodes: nodes, pods: 11 * nodes, cni: "ENABLE_PREFIX_DELEGATION: true, WARM_PREFIX_TARGET: 1"}}})
		}
		w := in(94, "10.0.0.0/20 a")
		return fmt.Sprintf("%d a node; %d free blocks with %s addresses free", in(1, small).held(), w.blocks(), words.Count(w.free()))
	}},
	{"N. Shah, type assumed", "72 m5.4xlarge with 900 pods, two /21", "full", "2,040/2,040 of 2,043 held", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: "10.0.0.0/21 a, 10.0.8.0/21 b", groups: []group{{instance: "m5.4xlarge", nodes: 72, pods: 900}}})
		return fmt.Sprintf("%s of %s held", w.each(allocated), words.Count(w.Subnets[0].Usable))
	}},
	{"NVIDIA, terraform PR 17", "100 nodes of 3 interfaces with 10 addresses, 44 pods each, three /19", "4,500 fit", "2,700 of 4,400 run, 7,167/7,197/7,197 free", "the type binds: a node has 27 addresses for pods", func(t testing.TB) string {
		w := run(t, cluster{subnets: "10.0.0.0/19 a, 10.0.32.0/19 b, 10.0.64.0/19 c", groups: []group{{instance: "m5.large", nodes: 100, pods: 4400}}})
		return fmt.Sprintf("%s of 4,400 run, %s free", words.Count(w.Pods.Running), w.each(freeAtEnd))
	}},
	{"AWS, [containers-roadmap 1693](https://github.com/aws/containers-roadmap/issues/1693)", "three /28, 16 nodes, an interface of the control plane in each; pods elsewhere", "upgrade refused", "4/5/5 free, and an update takes five", "", func(t testing.TB) string {
		w := run(t, cluster{subnets: "10.0.0.0/28 a, 10.0.0.16/28 b, 10.0.0.32/28 c, 10.0.16.0/22 a, 10.0.20.0/22 b, 10.0.24.0/22 c", used: 1, groups: []group{{instance: "m5.large", nodes: 16, each: true,
			cni: "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true", more: ", maxPods: 20, subnets: [s0, s1, s2], eniConfig: {a: s3, b: s4, c: s5}"}}})
		return strings.Join(strings.Split(w.each(freeAtEnd), "/")[:3], "/") + " free, and an update takes five"
	}},
	{"PerfKit, [PR 6557](https://github.com/GoogleCloudPlatform/PerfKitBenchmarker/pull/6557)", "5,000 nodes with a pod each, WARM_ENI_TARGET 0, WARM_IP_TARGET 1, MINIMUM_IP_TARGET 1; and the default; here a hundredth of them", "works; the default exhausts", "150 held; 1,000 with the default", "", func(t testing.TB) string {
		on := func(cni string) int {
			return run(t, cluster{subnets: large, groups: []group{{instance: "m5.large", nodes: 50, each: true, cni: cni}}}).held()
		}
		return fmt.Sprintf("%d held; %s with the default", on("WARM_ENI_TARGET: 0, WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1"), words.Count(on("")))
	}},
	{"the essay, section 1; Azure's formula for a network that is no overlay, as Pulumi has it", "200 nodes (m5.xlarge) with 30 pods each", "6,000 addresses on pods; (nodes + 1) x (1 + max pods)", "12,000 held, 6,000 on pods; an overlay would hold 200; the formula says 11,859", "warm pools and interfaces come on top; an overlay takes one a node", func(t testing.TB) string {
		w := run(t, cluster{subnets: large, groups: []group{{instance: "m5.xlarge", nodes: 200, pods: 6000}}})
		return fmt.Sprintf("%s held, %s on pods; an overlay would hold %d; the formula says %s", words.Count(w.held()), words.Count(w.pool()-w.idle()), len(w.Machines), words.Count(201*(1+58)))
	}},
}

// What is published of a fleet is what a simulated one comes to, or it is said why
// not.
func TestPublishedExamples(t *testing.T) {
	for _, r := range rows {
		t.Run(r.source+" "+r.inputs, func(t *testing.T) {
			if got := r.ask(t); got != r.ours {
				t.Errorf("%s: %s\ngot  %s\nwant %s", r.source, r.inputs, got, r.ours)
			}
		})
	}
}
