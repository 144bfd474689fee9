package validation

import (
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/ipamd"
)

const (
	tagRole    = "kubernetes.io/role/cni"
	tagCluster = "cni.networking.k8s.aws/cluster/"
	tagNode    = "node.k8s.amazonaws.com/instance_id"
	tagNoTouch = "node.k8s.amazonaws.com/no_manage"
)

func TestACordonedNodeGivesBackAddressesAndNeitherGrowsNorFreesInterfaces(t *testing.T) {
	env := map[string]string{"WARM_IP_TARGET": "2"}
	r := build(t, onNode("t3.small", env), part{})
	r.run(10 * time.Second)
	if got := r.add("a", "b"); got != 2 {
		t.Fatal("no addresses")
	}
	r.run(20 * time.Second) // a second interface
	r.cordoned = true
	r.daemon.Changed()
	r.del("a", "b")
	cordon := r.kernel.Now()
	r.run(3 * time.Minute)
	if got := r.calls(cordon, "AttachNetworkInterface", "DetachNetworkInterface", "AssignPrivateIpAddresses", "CreateNetworkInterface"); len(got) > 0 {
		t.Errorf("the cordoned node made %+v", got)
	}
	if got := r.calls(cordon, "UnassignPrivateIpAddresses"); len(got) == 0 {
		t.Error("the cordoned node gave no address back")
	}
	r.add("c")
	r.run(30 * time.Second)
	if got := r.calls(cordon, "AssignPrivateIpAddresses", "CreateNetworkInterface"); len(got) > 0 {
		t.Errorf("the cordoned node grew: %+v", got)
	}
	r.cordoned = false
	r.daemon.Changed()
	r.run(time.Minute)
	if s := r.daemon.Stats(); s.Available() != 2 {
		t.Errorf("%d addresses in reserve after the cordon, want 2", s.Available())
	}
}

func TestACordonedNodeIsManagedIfTheSwitchSaysSo(t *testing.T) {
	env := map[string]string{"WARM_IP_TARGET": "2", "AWS_MANAGE_ENIS_NON_SCHEDULABLE": "true"}
	// descending picks empty the second interface first.
	r := build(t, onNode("t3.small", env), part{picks: descending})
	r.cordoned = true
	r.run(10 * time.Second)
	if got := r.add("a", "b"); got != 2 {
		t.Fatal("no addresses")
	}
	r.run(20 * time.Second)
	if total, _ := r.held(1); total != 1 {
		t.Errorf("the second interface has %d addresses, want 1", total)
	}
	r.del("a", "b")
	r.run(3 * time.Minute)
	if total, _ := r.held(1); total != -1 {
		t.Error("the second interface was not freed")
	}
}

func TestDiscoveryChoosesSubnetsByTagsThenByFreeAddresses(t *testing.T) {
	tag := func(kv ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	tests := []struct {
		name          string
		primary       map[string]string
		other         map[string]string
		cluster       string // CLUSTER_NAME
		want          string // what of CreateNetworkInterface, "" for none
		withoutSwitch string // the same with ENABLE_SUBNET_DISCOVERY=false
	}{
		{"an untagged other subnet is not used", nil, nil, "c", "ips,subnet=0", "ips,subnet=0"},
		{"a tagged one is, since it has more free", nil, tag(tagRole, "1"), "c", "ips,subnet=1", "ips,subnet=0"},
		{"the value does not matter", nil, tag(tagRole, "yes"), "c", "ips,subnet=1", "ips,subnet=0"},
		{"but 0 excludes", nil, tag(tagRole, "0"), "c", "ips,subnet=0", "ips,subnet=0"},
		{"and an empty value is none", nil, tag(tagRole, ""), "c", "ips,subnet=0", "ips,subnet=0"},
		{"a subnet of our cluster", nil, tag(tagRole, "1", tagCluster+"c", "shared"), "c", "ips,subnet=1", "ips,subnet=0"},
		{"a subnet of another cluster", nil, tag(tagRole, "1", tagCluster+"d", "shared"), "c", "ips,subnet=0", "ips,subnet=0"},
		{"a subnet of several clusters", nil, tag(tagRole, "1", tagCluster+"d", "shared", tagCluster+"c", "shared"), "c", "ips,subnet=1", "ips,subnet=0"},
		{"without a cluster name all subnets are ours", nil, tag(tagRole, "1", tagCluster+"d", "shared"), "", "ips,subnet=1", "ips,subnet=0"},
		{"a cluster's tag without the role is none", nil, tag(tagCluster+"c", "shared"), "c", "ips,subnet=0", "ips,subnet=0"},
		{"the primary subnet excluded", tag(tagRole, "0"), tag(tagRole, "1"), "c", "ips,subnet=1", ""},
		{"the primary subnet of another cluster", tag(tagRole, "1", tagCluster+"d", "shared"), tag(tagRole, "1"), "c", "ips,subnet=1", ""},
		{"no subnet at all", tag(tagRole, "0"), nil, "c", "", ""},
	}
	for _, test := range tests {
		for _, on := range []bool{true, false} {
			want := test.want
			env := map[string]string{"CLUSTER_NAME": test.cluster}
			if !on {
				env["ENABLE_SUBNET_DISCOVERY"], want = "false", test.withoutSwitch
			}
			t.Run(test.name, func(t *testing.T) {
				s := onNode("m5.large", env)
				s.Subnets = []Subnet{{CIDR: "10.0.0.0/24", Tags: test.primary}, {CIDR: "10.0.16.0/20", Tags: test.other}}
				r := build(t, s, part{})
				r.run(2 * time.Second)
				r.add("pod")
				r.run(10 * time.Second)
				got := ""
				if made := r.calls(0, "CreateNetworkInterface"); len(made) > 0 {
					got = made[0].What
				}
				if got != want {
					t.Errorf("discovery %v: made %q, want %q", on, got, want)
				}
			})
		}
	}
}

func TestPodsNeverUseAnInterfaceInAnExcludedSubnet(t *testing.T) {
	s := onNode("m5.large", nil)
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22", Tags: map[string]string{tagRole: "0"}}, {CIDR: "10.0.4.0/22", Tags: map[string]string{tagRole: "1"}}}
	s.InitialPrimary = &InitialENI{SecondaryIPs: 4}
	r := build(t, s, part{})
	r.run(time.Minute)
	r.expect("the primary interface is emptied at start-up", 0, 0, 0)
	// It takes a slot all the same: two interfaces are left.
	for range 4 {
		r.add(podsNamed("pod", 30)...)
		r.run(10 * time.Second)
	}
	if got := r.add(podsNamed("pod", 30)...); got != 18 {
		t.Errorf("%d pods have an address, want 18", got)
	}
	r.expect("the primary interface", 0, 0, 0)
}

// An excluded interface keeps what its pods have. A CIDR that empties leaves
// the book after 5 s without a call to EC2, and a reconcile brings it back.
func TestAnExcludedInterfaceLosesItsCIDRsOnlyInTheBook(t *testing.T) {
	s := onNode("m5.large", map[string]string{"WARM_ENI_TARGET": "0"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "10.0.4.0/22", Tags: map[string]string{tagRole: "1"}}}
	r := build(t, s, part{})
	r.run(5 * time.Second)
	r.add("pod")
	if _, pods := r.held(0); pods != 1 {
		t.Fatal("the pod is not on the primary interface")
	}
	subnet := r.subnets[0]
	if err := r.account.SetTags(subnet, tags(map[string]string{tagRole: "0"})); err != nil {
		t.Fatal(err)
	}
	r.restart(nil)
	r.run(4 * time.Second)
	r.expect("after the restart", 0, 1, 1)
	if got := r.calls(5*time.Second, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].Got != 8 {
		t.Errorf("the restart gave back %+v, want the other 8 addresses at once", got)
	}
	r.run(time.Minute)
	del := r.kernel.Now()
	r.del("pod")
	r.run(4900 * time.Millisecond)
	r.expect("just before", 0, 1, 0)
	r.run(200 * time.Millisecond)
	r.expect("after 5 s", 0, 0, 0)
	r.run(2 * time.Minute)
	r.expect("after a reconcile", 0, 1, 0)
	if got := r.calls(del, "UnassignPrivateIpAddresses"); len(got) > 0 {
		t.Errorf("EC2 was asked: %+v", got)
	}
}

// The running count of prefixes does not notice that one leaves the book this
// way, but that it comes back: it ends too high.
func TestTrapAPrefixOfAnExcludedInterfaceIsCountedTwice(t *testing.T) {
	s := onNode("m5.large", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "10.0.4.0/22", Tags: map[string]string{tagRole: "1"}}}
	r := build(t, s, part{})
	r.run(5 * time.Second)
	r.add("pod")
	if err := r.account.SetTags(r.subnets[0], tags(map[string]string{tagRole: "0"})); err != nil {
		t.Fatal(err)
	}
	// With the pool at rest: a decrease would take the prefix first.
	r.restart(map[string]string{"DISABLE_NETWORK_RESOURCE_PROVISIONING": "true"})
	r.run(30 * time.Second)
	r.expect("the excluded interface", 0, 16, 1)
	before := r.daemon.Stats().Prefixes
	r.del("pod")
	r.run(6 * time.Second)
	r.expect("dropped", 0, 0, 0)
	if got := r.daemon.Stats().Prefixes; got != before {
		t.Errorf("%d prefixes counted after it was dropped, %d before", got, before)
	}
	for i := 0; i < 24; i++ {
		r.run(5 * time.Second)
		if total, _ := r.held(0); total == 16 {
			break
		}
	}
	r.expect("back", 0, 16, 0)
	if got := r.daemon.Stats().Prefixes; got != before+1 {
		t.Errorf("%d prefixes counted after it came back, want %d", got, before+1)
	}
}

// Prefix delegation switched off, and the subnet excluded at the same time: a
// DEL both gives the prefix back and drops it from the book.
func TestADelOnAnExcludedInterfaceGivesAPrefixOfTheOtherModeBack(t *testing.T) {
	s := onNode("m5.large", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "10.0.4.0/22", Tags: map[string]string{tagRole: "1"}}}
	r := build(t, s, part{})
	r.run(5 * time.Second)
	r.add("pod")
	r.run(5 * time.Second)
	if err := r.account.SetTags(r.subnets[0], tags(map[string]string{tagRole: "0"})); err != nil {
		t.Fatal(err)
	}
	r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": "false"})
	r.run(10 * time.Second)
	r.expect("after the restart", 0, 16, 1)
	del := r.kernel.Now()
	r.del("pod")
	r.run(10 * time.Second)
	if got := r.calls(del, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "prefixes" || got[0].ENI != 0 {
		t.Errorf("the DEL made %+v", got)
	}
	r.expect("after the DEL", 0, 0, 0)
}

func TestUnmanagedInterfacesTakeASlotAndNothingElse(t *testing.T) {
	mine := map[string]string{tagNode: recordedInstance}
	tests := []struct {
		name     string
		tags     map[string]string
		untagged string // MANAGE_UNTAGGED_ENI
		managed  bool
	}{
		{"untagged", nil, "", true},
		{"untagged, switched off", nil, "false", false},
		{"ours, switched off", mine, "false", true},
		{"another node's, switched off", map[string]string{tagNode: "i-0aaaaaaaaaaaaaaaa"}, "false", false},
		{"another node's", map[string]string{tagNode: "i-0aaaaaaaaaaaaaaaa"}, "", true},
		{"no_manage", map[string]string{tagNoTouch: "true"}, "", false},
		{"no_manage on one of ours", map[string]string{tagNoTouch: "true", tagNode: recordedInstance}, "", false},
		{"no_manage with another value", map[string]string{tagNoTouch: "True"}, "", true},
		{"no_manage with another value, switched off", map[string]string{tagNoTouch: "false"}, "false", true},
	}
	for _, test := range tests {
		for _, when := range []string{"at start-up", "by a reconcile"} {
			t.Run(test.name+", found "+when, func(t *testing.T) {
				env := map[string]string{"WARM_ENI_TARGET": "3"}
				if test.untagged != "" {
					env["MANAGE_UNTAGGED_ENI"] = test.untagged
				}
				s := onNode("m5.large", env)
				if when == "at start-up" {
					s.InitialENIs = []InitialENI{{SecondaryIPs: 2, Tags: test.tags}}
				} else {
					s.Env["MAX_ENI"] = "1"
				}
				r := build(t, s, part{})
				if when == "by a reconcile" {
					r.run(30 * time.Second)
					e := InitialENI{SecondaryIPs: 2, Tags: test.tags}
					id, err := r.account.AttachNew(r.instance, r.subnets[0], 0, 0, nil)
					if err == nil {
						err = r.fill(id, e)
					}
					if err != nil {
						t.Fatal(err)
					}
					r.recorder.created(id)
				}
				r.run(3 * time.Minute)
				total, _ := r.held(1)
				if (total >= 0) != test.managed {
					t.Errorf("the interface has %d addresses in the book, managed: %v", total, test.managed)
				}
				touched := 0
				for _, c := range r.calls(0, changing...) {
					if c.ENI == 1 {
						touched++
					}
				}
				if (touched > 0) != test.managed {
					t.Errorf("%d calls changed the interface, managed: %v", touched, test.managed)
				}
				want := 3 // m5.large
				if when == "by a reconcile" {
					want = 2
				}
				// What is left alone is not forgotten: nothing is tried in vain.
				for _, c := range r.calls(0) {
					if c.Err != "" {
						t.Errorf("%+v", c)
					}
				}
				if got := len(r.account.Metadata(r.instance)); got != want {
					t.Errorf("%d interfaces are attached, want %d", got, want)
				}
			})
		}
	}
}

// The slot of an interface that is left alone is free again once a reconcile
// has missed it, also when the pool had nothing else to do in between.
func TestAnUnmanagedInterfaceThatGoesGivesItsSlotBack(t *testing.T) {
	s := onNode("m5.large", map[string]string{"WARM_ENI_TARGET": "3"})
	foreign := InitialENI{SecondaryIPs: 1, Tags: map[string]string{tagNoTouch: "true"}}
	s.InitialENIs = []InitialENI{foreign, foreign}
	for _, park := range []bool{true, false} {
		r := build(t, s, part{settings: func(s *ipamd.Settings) { s.ParkIdle = park }})
		r.run(100 * time.Second)
		id, _ := r.recorder.interfaceOf(1)
		if err := r.account.RemoveInterface(id); err != nil {
			t.Fatal(err)
		}
		r.run(10 * time.Second)
		r.expect("before the reconcile", 3, -1, -1)
		r.run(time.Minute)
		r.expect("after the reconcile", 3, 9, 0)
	}
}

func TestWithoutProvisioningNothingChangesInEC2(t *testing.T) {
	for _, test := range []struct {
		name, key string
		discovery string
		calls     map[string]int // at start-up
	}{
		{"DISABLE_NETWORK_RESOURCE_PROVISIONING", "DISABLE_NETWORK_RESOURCE_PROVISIONING", "true", map[string]int{"DescribeNetworkInterfaces": 1, "DescribeSubnets": 2}},
		// The look at the subnet of each interface is forgotten by the switch.
		{"ENABLE_IMDS_ONLY_MODE", "ENABLE_IMDS_ONLY_MODE", "true", map[string]int{"DescribeSubnets": 2}},
		{"ENABLE_IMDS_ONLY_MODE without discovery", "ENABLE_IMDS_ONLY_MODE", "false", map[string]int{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := onNode("m5.large", map[string]string{test.key: "true", "ENABLE_SUBNET_DISCOVERY": test.discovery, "WARM_IP_TARGET": "1"})
			s.InitialPrimary = &InitialENI{SecondaryIPs: 3}
			s.InitialENIs = []InitialENI{{SecondaryIPs: 2}}
			r := build(t, s, part{})
			r.run(10 * time.Second)
			counts := map[string]int{}
			for _, c := range r.calls(0) {
				counts[c.Op]++
			}
			if len(counts) != len(test.calls) {
				t.Errorf("calls at start-up: %v", counts)
			}
			for op, n := range test.calls {
				if counts[op] != n {
					t.Errorf("%s: %d calls at start-up, want %d", op, counts[op], n)
				}
			}
			if got := r.add(podsNamed("pod", 7)...); got != 5 {
				t.Errorf("%d pods got one of the 5 addresses", got)
			}
			r.run(5 * time.Minute)
			if got := r.calls(0, changing...); len(got) > 0 {
				t.Errorf("EC2 was changed: %+v", got)
			}
			if r.daemon.LeakedCleanup {
				t.Error("the clean-up of leaked interfaces is on")
			}
			// What others attach is found all the same.
			if _, err := r.account.AssignAddresses(r.recorder.ids[1], 2); err != nil {
				t.Fatal(err)
			}
			r.run(2 * time.Minute)
			r.expect("after addresses came", 1, 4, 2)
		})
	}
}

// Switching prefix delegation on: what no pod uses goes at the start, a DEL
// frees nothing, and the next start or a decrease frees the rest.
func TestSwitchingPrefixDelegationOn(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"WARM_ENI_TARGET": "0", "WARM_PREFIX_TARGET": "1"}), part{})
	r.run(5 * time.Second)
	r.add("a", "b", "c")
	kept := r.address["a"]
	r.run(5 * time.Second)
	r.expect("before", 0, 9, 3)
	on := r.kernel.Now()
	r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": "true"})
	r.run(5 * time.Second)
	if got := r.calls(on, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "ips" || got[0].Got != 6 {
		t.Errorf("the start gave back %+v, want 6 addresses", got)
	}
	r.expect("both kinds on one interface", 0, 3+16, 3)
	if s := r.daemon.Stats(); s.Total != 16 || s.Assigned != 0 {
		t.Errorf("only prefixes count now: %+v", s)
	}
	if r.add("a"); r.address["a"] != kept {
		t.Errorf("the pod's address changed from %s to %s", kept, r.address["a"])
	}
	del := r.kernel.Now()
	r.del("a", "b")
	r.run(10 * time.Minute)
	if got := r.calls(del, "UnassignPrivateIpAddresses"); len(got) > 0 {
		t.Errorf("the DEL of pods on single addresses made %+v", got)
	}
	r.expect("the single addresses stay", 0, 3+16, 1)
	again := r.kernel.Now()
	r.restart(nil)
	r.run(5 * time.Second)
	if got := r.calls(again, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "ips" || got[0].Got != 2 {
		t.Errorf("the next start gave back %+v, want 2 addresses", got)
	}
}

// A decrease takes CIDRs without pods whatever their kind, so that it may
// give a stray address back in place of a prefix.
func TestADecreaseTakesStrayAddressesForPrefixes(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"WARM_ENI_TARGET": "0", "WARM_PREFIX_TARGET": "1"}), part{picks: ascending})
	r.run(5 * time.Second)
	r.add("a")
	r.run(5 * time.Second)
	r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": "true"})
	r.run(5 * time.Second)
	r.del("a")
	r.add(podsNamed("p", 1)...)
	r.run(10 * time.Second) // a second prefix
	r.del("p-000")
	from := r.kernel.Now()
	r.run(10 * time.Second)
	// The address is below the prefixes, so ascending picks meet it first.
	if got := r.calls(from, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "ips" || got[0].Got != 1 {
		t.Errorf("the decrease gave back %+v", got)
	}
	r.run(31 * time.Second)
	if got := r.calls(from+10*time.Second, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "prefixes" {
		t.Errorf("the next decrease gave back %+v", got)
	}
}

// Switching prefix delegation off: unused prefixes go at the start, and each
// of the others with the DEL of its last pod.
func TestSwitchingPrefixDelegationOff(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1", "WARM_ENI_TARGET": "1"}), part{})
	r.run(5 * time.Second)
	r.add("a", "b")
	r.run(5 * time.Second)
	r.expect("before", 0, 32, 2)
	off := r.kernel.Now()
	r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": "false"})
	r.run(2 * time.Second)
	if got := r.calls(off, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "prefixes" || got[0].Got != 1 {
		t.Errorf("the start gave back %+v, want one prefix", got)
	}
	// The prefix takes one of the nine slots.
	if total, pods := r.held(0); total != 16+8 || pods != 2 {
		t.Errorf("the interface has %d addresses and %d pods, want 24 and 2", total, pods)
	}
	del := r.kernel.Now()
	r.del("a")
	r.run(30 * time.Second)
	if got := r.calls(del, "UnassignPrivateIpAddresses"); len(got) > 0 {
		t.Errorf("the prefix still has a pod: %+v", got)
	}
	r.del("b")
	r.run(time.Second)
	if got := r.calls(del, "UnassignPrivateIpAddresses"); len(got) != 1 || got[0].What != "prefixes" || got[0].Got != 1 {
		t.Errorf("the last DEL gave back %+v, want one prefix", got)
	}
	// Nothing is short: while the prefix took a slot, a second interface came.
	r.run(15 * time.Second)
	r.expect("after it", 0, 8, 0)
	r.expect("the second interface", 1, 9, 0)
}

// Neither quota is among the errors that make ipamd pause: each pass tries
// again.
func TestAQuotaIsMetInEveryPass(t *testing.T) {
	for _, test := range []struct {
		name, code string
		quota      func(*ec2model.Config)
		failing    []string // calls of one pass
	}{
		{"network interfaces", ec2model.CodeNetworkInterfaceLimitExceeded, func(c *ec2model.Config) { c.Quotas.NetworkInterfaces = 1 },
			[]string{"CreateNetworkInterface"}},
		{"network address usage, attach", ec2model.CodeNetworkAddressUsageExceeded, func(c *ec2model.Config) { c.Quotas.NAU = 12 },
			[]string{"AttachNetworkInterface"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, onNode("m5.large", nil), part{account: test.quota})
			r.run(2 * time.Second)
			r.add("pod")
			r.run(time.Minute)
			failed := r.calls(0, test.failing...)
			if len(failed) < 10 {
				t.Fatalf("%d tries in a minute: %+v", len(failed), failed)
			}
			for _, c := range failed {
				if c.Err != test.code {
					t.Fatalf("%+v", c)
				}
			}
			// What could not be attached is deleted again.
			if made, gone := len(r.calls(0, "CreateNetworkInterface")), len(r.calls(0, "DeleteNetworkInterface")); test.failing[0] == "AttachNetworkInterface" && made-gone > 1 {
				t.Errorf("%d interfaces made, %d deleted", made, gone)
			}
			if n := r.account.Usage().NetworkInterfaces; n > 2 {
				t.Errorf("%d interfaces are left", n)
			}
		})
	}
}

// An assign that meets the quota of network address usage ends the start:
// only a lack of addresses is forgiven.
func TestNetworkAddressUsageEndsTheStart(t *testing.T) {
	r := build(t, onNode("m5.large", nil), part{account: func(c *ec2model.Config) { c.Quotas.NAU = 1 }})
	r.run(10 * time.Second)
	if len(r.deaths) != 1 {
		t.Errorf("the start ended with %v", r.deaths)
	}
	if got := r.calls(0, "AssignPrivateIpAddresses"); len(got) != 2 || got[0].Asked != 9 || got[1].Asked != 1 || got[1].Err != ec2model.CodeNetworkAddressUsageExceeded {
		t.Errorf("%+v", got)
	}
}

func TestCustomNetworkingKeepsPodsOffThePrimaryInterface(t *testing.T) {
	s := onNode("m5.large", map[string]string{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "100.64.0.0/20"}}
	s.MaxPods = 20
	r := build(t, s, part{})
	r.host.ENIConfigSubnetID = r.subnets[1]
	r.restart(nil)
	r.run(time.Minute)
	made := r.calls(0, "CreateNetworkInterface")
	if len(made) == 0 || made[0].What != "ips,subnet=1" {
		t.Fatalf("made %+v", made)
	}
	// The subnet is given, so that it is not looked for; the set-up of an
	// interface looks at its tags all the same. Groups are not applied.
	if got := r.calls(0, "ModifyNetworkInterfaceAttribute"); len(got) != 1 || got[0].What != "delete_on_termination" {
		t.Errorf("%+v", got)
	}
	for range 4 {
		r.add(podsNamed("pod", 18)...)
		r.run(10 * time.Second)
	}
	if got := r.add(podsNamed("pod", 20)...); got != 18 {
		t.Errorf("%d pods have an address, want 18: max pods 20 less the two on the host's network", got)
	}
	r.expect("primary", 0, 0, 0)
	if free := r.account.Subnets()[0].Free; free != 1024-5-1 {
		t.Errorf("the node's subnet has %d free addresses", free)
	}
}

func TestCustomNetworkingWithoutAnENIConfigNeverStarts(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"}), part{})
	r.run(10 * time.Second)
	if len(r.deaths) != 1 || r.ready {
		t.Errorf("the start ended with %v", r.deaths)
	}
	if got := r.calls(0, "CreateNetworkInterface", "AssignPrivateIpAddresses"); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// Under custom networking the daemon does not read the primary interface's
// prefixes: those from before the switch stay where they are.
func TestCustomNetworkingForgetsThePrefixesOfThePrimaryInterface(t *testing.T) {
	s := onNode("m5.large", map[string]string{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"})
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "100.64.0.0/20"}}
	s.InitialPrimary = &InitialENI{Prefixes: 2}
	r := build(t, s, part{})
	r.host.ENIConfigSubnetID = r.subnets[1]
	r.restart(nil)
	r.run(5 * time.Minute)
	r.expect("the primary interface", 0, 0, 0)
	r.expect("the pods' interface", 1, 16, 0)
	for _, c := range r.calls(0, "DescribeNetworkInterfaces", "UnassignPrivateIpAddresses") {
		if c.ENI == 0 && c.StartMS > 1000 {
			t.Errorf("the primary interface was looked at: %+v", c)
		}
	}
}

func TestCustomNetworkingWithoutTheSwitchIsNone(t *testing.T) {
	s := onNode("m5.large", nil)
	s.Subnets = []Subnet{{CIDR: "10.0.0.0/22"}, {CIDR: "100.64.0.0/20"}}
	r := build(t, s, part{})
	r.host.ENIConfigSubnetID = "subnet-unused"
	r.restart(nil)
	r.run(10 * time.Second)
	r.expect("the primary interface", 0, 9, 0)
}
