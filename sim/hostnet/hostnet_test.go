package hostnet_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

var _ ipamd.Network = (*hostnet.Network)(nil)

func ip(s string) netip.Addr       { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// The node of the tests: a primary interface and one more, with a pod on
// each, in a VPC of 10.0.0.0/16.
var (
	primary   = ip("10.0.1.10")
	secondary = ip("10.0.1.20")
	subnet    = prefix("10.0.1.0/24")
	podA      = ip("10.0.1.11") // on the primary interface
	podB      = ip("10.0.1.21") // on the secondary one
	inVPC     = ip("10.0.9.9")
	outside   = ip("192.0.2.1")
)

func config() hostnet.Config {
	return hostnet.Config{VPCCIDRs: []netip.Prefix{prefix("10.0.0.0/16")}}.Environment(nil)
}

func booted(c hostnet.Config) *hostnet.Network { return hostnet.New(&c, primary, subnet) }

func node(t *testing.T, c hostnet.Config) *hostnet.Network {
	t.Helper()
	n := booted(c)
	n.SetupHost()
	if err := n.SetupENI(1, secondary, subnet); err != nil {
		t.Fatal(err)
	}
	n.AddPod("default/a", podA, 0)
	n.AddPod("default/b", podB, 1)
	return n
}

func rules(t *testing.T, n *hostnet.Network, want ...string) {
	t.Helper()
	if got := n.Rules(); !slices.Equal(got, want) {
		t.Errorf("rules\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRulesAreListedAsTheKernelAsksThem(t *testing.T) {
	c := config()
	c.ExternalServices = []netip.Prefix{prefix("198.51.100.0/24")}
	n := node(t, c)
	rules(t, n,
		"0:\tfrom all lookup local",
		"512:\tfrom all to 10.0.1.11 lookup main",
		"512:\tfrom all to 10.0.1.21 lookup main",
		"1024:\tfrom all fwmark 0x80/0x80 lookup main",
		"1535:\tfrom all to 198.51.100.0/24 lookup main",
		"1536:\tfrom 10.0.1.21 lookup 2",
		"32765:\tfrom 10.0.1.20 lookup 2",
		"32766:\tfrom all lookup main",
		"32767:\tfrom all lookup default",
	)
}

func TestAPacketsWay(t *testing.T) {
	snat, external := config(), config()
	external.ExternalSNAT = true
	excluded := config()
	excluded.ExcludeSNATCIDRs = []netip.Prefix{prefix("192.0.2.0/24")}
	service := external
	service.ExternalServices = []netip.Prefix{prefix("192.0.2.0/24")}
	keep := func(*hostnet.Network) {}
	for _, c := range []struct {
		name     string
		config   hostnet.Config
		change   func(*hostnet.Network)
		src, dst netip.Addr
		want     hostnet.Path
		spoofed  bool // the VPC drops it: another interface has the source address
	}{
		{"a primary pod inside the VPC", snat, keep, podA, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podA, Priority: 32766, Table: 254}, false},
		{"a secondary pod inside the VPC", snat, keep, podB, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: podB, Priority: 1536, Table: 2}, false},
		{"a primary pod to the outside", snat, keep, podA, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: primary, SNAT: true, Priority: 1024, Table: 254}, false},
		{"a secondary pod to the outside is marked and leaves by the primary interface", snat, keep, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: primary, SNAT: true, Priority: 1024, Table: 254}, false},
		{"with external SNAT it leaves by its own interface as itself", external, keep, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: podB, Priority: 1536, Table: 2}, false},
		{"with external SNAT a primary pod too", external, keep, podA, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podA, Priority: 32766, Table: 254}, false},
		{"an excluded destination counts as inside", excluded, keep, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: podB, Priority: 1536, Table: 2}, false},
		{"an external service forces the primary interface, and without translation that is fatal", service, keep, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podB, Priority: 1535, Table: 254}, true},
		{"pod to pod of the node", snat, keep, podA, podB,
			hostnet.Path{Verdict: hostnet.ToPod, Device: 1, Pod: "default/b", Source: podA, Priority: 512, Table: 254}, false},
		{"pod to the node", snat, keep, podB, primary,
			hostnet.Path{Verdict: hostnet.ToHost, Source: podB, Priority: 0, Table: 255}, false},
		{"a packet that arrives for a pod", snat, keep, outside, podB,
			hostnet.Path{Verdict: hostnet.ToPod, Device: 1, Pod: "default/b", Source: outside, Priority: 512, Table: 254}, false},
		{"the node itself, by its primary interface", snat, keep, primary, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: primary, Priority: 32766, Table: 254}, false},
		{"the node itself, to the outside, needs no translation", snat, keep, primary, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: primary, Priority: 32766, Table: 254}, false},
		{"the node itself, by its secondary interface", snat, keep, secondary, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: secondary, Priority: 32765, Table: 2}, false},

		{"flushed rules send a secondary pod out of the wrong interface", snat, (*hostnet.Network).FlushRules, podB, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podB, Priority: 32766, Table: 254}, true},
		{"flushed rules do not hurt a primary pod", snat, (*hostnet.Network).FlushRules, podA, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podA, Priority: 32766, Table: 254}, false},
		{"nor a translated packet", snat, (*hostnet.Network).FlushRules, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: primary, SNAT: true, Priority: 32766, Table: 254}, false},
		{"nor what arrives: the route is in main", snat, (*hostnet.Network).FlushRules, outside, podB,
			hostnet.Path{Verdict: hostnet.ToPod, Device: 1, Pod: "default/b", Source: outside, Priority: 32766, Table: 254}, false},
		{"ipamd's restart does not repair it", snat, func(n *hostnet.Network) {
			n.FlushRules()
			restart(n)
		}, podB, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podB, Priority: 32766, Table: 254}, true},
		{"without the rule for marks a translated packet leaves by the pod's interface as the node", snat, func(n *hostnet.Network) {
			n.FlushRules()
			n.AddPod("default/b", podB, 1)
		}, podB, outside,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: primary, SNAT: true, Priority: 1536, Table: 2}, true},
		{"an interface that has gone takes its table along", snat, func(n *hostnet.Network) { n.Detached(1) }, podB, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: podB, Priority: 32766, Table: 254}, true},
		{"a pod that has gone", snat, func(n *hostnet.Network) { n.RemovePod(podB, 1) }, inVPC, podB,
			hostnet.Path{Verdict: hostnet.ByInterface, Source: inVPC, Priority: 32766, Table: 254}, true},
		{"after a flush, a pod reaches none that came later on a secondary interface: the answers would leave by that", snat, func(n *hostnet.Network) {
			n.FlushRules()
			n.AddPod("default/c", ip("10.0.1.22"), 1)
		}, podA, ip("10.0.1.22"),
			hostnet.Path{Verdict: hostnet.Dropped, Reason: hostnet.ReasonReversePath, Source: podA}, false},
		{"a stale rule misroutes the address's next pod, on the primary interface", snat, func(n *hostnet.Network) {
			n.DropVeth("default/b")
			n.AddPod("default/c", podB, 0)
		}, podB, inVPC,
			hostnet.Path{Verdict: hostnet.ByInterface, Device: 1, Source: podB, Priority: 1536, Table: 2}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := node(t, c.config)
			c.change(n)
			got := n.Route(c.src, c.dst, nil)
			if got != c.want {
				t.Errorf("from %v to %v: %+v (%v), want %+v", c.src, c.dst, got, got.Verdict, c.want)
			}
			if owner, ok := n.Owner(got.Source); got.Verdict == hostnet.ByInterface && (!ok || owner != got.Device) != c.spoofed {
				t.Errorf("from %v to %v: it leaves by interface %d as %v, of interface %d", c.src, c.dst, got.Device, got.Source, owner)
			}
		})
	}
}

// take is the whole end of a pod: the plugin's teardown, and its namespace's.
func take(n *hostnet.Network, key string, address netip.Addr, device int) {
	_ = n.RemovePod(address, device)
	n.DropVeth(key)
}

// restart is what a starting ipamd does to the host.
func restart(n *hostnet.Network) {
	n.SetupHost()
	_ = n.SetupENI(1, secondary, subnet)
	n.RefreshPodRule(podA)
	n.RefreshPodRule(podB)
}

func TestARestartOfIpamdChangesNothingThatIsRight(t *testing.T) {
	n := node(t, config())
	before := n.Rules()
	for range 3 {
		restart(n)
	}
	rules(t, n, before...)
}

func TestRefreshLeavesOneRulePerAddressToTheTableOfTheLast(t *testing.T) {
	n := node(t, config())
	n.AddPod("default/b", podB, 2) // the address has moved and the old rule stayed
	rules(t, n,
		"0:\tfrom all lookup local",
		"512:\tfrom all to 10.0.1.11 lookup main",
		"512:\tfrom all to 10.0.1.21 lookup main",
		"1024:\tfrom all fwmark 0x80/0x80 lookup main",
		"1536:\tfrom 10.0.1.21 lookup 2",
		"1536:\tfrom 10.0.1.21 lookup 3",
		"32765:\tfrom 10.0.1.20 lookup 2",
		"32766:\tfrom all lookup main",
		"32767:\tfrom all lookup default",
	)
	n.RefreshPodRule(podB)
	if got := strings.Join(n.Rules(), "\n"); strings.Count(got, "from 10.0.1.21") != 1 || !strings.Contains(got, "1536:\tfrom 10.0.1.21 lookup 3") {
		t.Errorf("rules\n%s", got)
	}
}

func TestRemovingWhatWasAddedLeavesTheKernelsOwnRules(t *testing.T) {
	n := node(t, config())
	take(n, "default/a", podA, 0)
	take(n, "default/b", podB, 1)
	n.RemoveENI(secondary)
	rules(t, n, "0:\tfrom all lookup local", "1024:\tfrom all fwmark 0x80/0x80 lookup main", "32766:\tfrom all lookup main", "32767:\tfrom all lookup default")
	if n.Pods() != 0 || n.HasVeth("default/a") || n.HasVeth("default/b") {
		t.Errorf("%d pods are left", n.Pods())
	}
}

func TestAVethLivesUntilItsPodOrItsNamespaceGoes(t *testing.T) {
	n := node(t, config())
	if !n.HasVeth("default/a") || !n.HasVeth("default/b") || n.HasVeth("default/c") {
		t.Error("wrong veths after ADD")
	}
	n.RemovePod(podB, 1)
	if !n.HasVeth("default/b") || n.Route(inVPC, podB, nil).Verdict == hostnet.ToPod {
		t.Error("the teardown takes the veth, or leaves the route")
	}
	n.DropVeth("default/a")
	n.DropVeth("default/b")
	if n.HasVeth("default/a") || n.HasVeth("default/b") {
		t.Error("veths left")
	}
	if got := strings.Join(n.Rules(), "\n"); !strings.Contains(got, "to 10.0.1.11") || strings.Contains(got, "10.0.1.21") {
		t.Errorf("a namespace that goes takes its rules along, or a teardown does not:\n%s", got)
	}
}

func TestANewSandboxOfAPodReplacesItsVeth(t *testing.T) {
	n := node(t, config())
	moved := ip("10.0.1.12")
	n.AddPod("default/a", moved, 0)
	if n.Pods() != 2 || n.Route(inVPC, moved, nil).Verdict != hostnet.ToPod || n.Route(inVPC, podA, nil).Verdict == hostnet.ToPod {
		t.Errorf("%d veths, to the old address %v", n.Pods(), n.Route(inVPC, podA, nil))
	}
}

// The plugin goes by what ipamd answers, not by what is there.
func TestATeardownForThePrimaryInterfaceLeavesRulesFromThePod(t *testing.T) {
	n := node(t, config())
	n.RemovePod(podB, 0)
	if got := strings.Join(n.Rules(), "\n"); !strings.Contains(got, "from 10.0.1.21 lookup 2") || strings.Contains(got, "to 10.0.1.21") {
		t.Errorf("rules\n%s", got)
	}
}

func TestExternalSNATWithoutNodePortsNeedsNoMarks(t *testing.T) {
	c := config()
	c.ExternalSNAT, c.NoNodePort = true, true
	n := node(t, c)
	if got := strings.Join(n.Rules(), "\n"); strings.Contains(got, "fwmark") {
		t.Errorf("rules\n%s", got)
	}
}

func TestImpossibleInterfacesAreErrors(t *testing.T) {
	n := booted(config())
	for _, device := range []int{-1, 100} {
		if n.SetupENI(device, secondary, subnet) == nil {
			t.Errorf("device %d was accepted", device)
		}
	}
	if n.SetupENI(1, ip("2001:db8::1"), subnet) == nil {
		t.Error("an IPv6 address was accepted")
	}
}

// Whatever comes and goes in whatever order: a pod that is wired, with its
// interface up, always leaves by that interface or as the node.
func TestWiredPodsAlwaysReachTheVPC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := booted(config())
		n.SetupHost()
		up := map[int]bool{0: true}
		device := map[int]int{} // of each wired pod
		address := func(pod int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 2, byte(pod)}) }
		primaryOf := func(device int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 3, byte(device)}) }
		key := func(pod int) string { return "default/" + address(pod).String() }
		t.Repeat(map[string]func(*rapid.T){
			"interface up": func(t *rapid.T) {
				d := rapid.IntRange(1, 3).Draw(t, "device")
				if err := n.SetupENI(d, primaryOf(d), subnet); err != nil {
					t.Fatal(err)
				}
				up[d] = true
			},
			"interface down": func(t *rapid.T) {
				d := rapid.IntRange(1, 3).Draw(t, "device")
				for _, used := range device {
					if used == d {
						t.Skip("it has pods")
					}
				}
				n.RemoveENI(primaryOf(d))
				delete(up, d)
			},
			"add": func(t *rapid.T) {
				pod, d := rapid.IntRange(0, 9).Draw(t, "pod"), rapid.IntRange(0, 3).Draw(t, "device")
				if _, wired := device[pod]; wired || !up[d] {
					t.Skip("it is wired, or the interface is down")
				}
				n.AddPod(key(pod), address(pod), d)
				device[pod] = d
			},
			"remove": func(t *rapid.T) {
				pod := rapid.IntRange(0, 9).Draw(t, "pod")
				d, wired := device[pod]
				if !wired {
					t.Skip("it is not wired")
				}
				take(n, key(pod), address(pod), d)
				delete(device, pod)
			},
			"ipamd restarts": func(t *rapid.T) {
				n.SetupHost()
				for pod := range 10 {
					if _, wired := device[pod]; wired {
						n.RefreshPodRule(address(pod))
					}
				}
			},
			"": func(t *rapid.T) {
				if n.Pods() != len(device) {
					t.Fatalf("%d pods are wired, not %d", n.Pods(), len(device))
				}
				for pod, d := range device {
					if got := n.Route(address(pod), inVPC, nil); got.Verdict != hostnet.ByInterface || got.Device != d || got.SNAT {
						t.Fatalf("pod %v of interface %d: %+v", address(pod), d, got)
					}
					if got := n.Route(address(pod), outside, nil); got.Verdict != hostnet.ByInterface || got.Device != 0 || got.Source != primary {
						t.Fatalf("pod %v of interface %d to the outside: %+v", address(pod), d, got)
					}
					if got := n.Route(inVPC, address(pod), nil); got.Verdict != hostnet.ToPod || !n.HasVeth(key(pod)) {
						t.Fatalf("to pod %v: %+v", address(pod), got)
					}
				}
			},
		})
	})
}

func BenchmarkPod(b *testing.B) {
	n := booted(config())
	for i := range 250 {
		n.AddPod(netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}).String(), netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}), i%3)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = n.AddPod("default/b", podB, 1)
		take(n, "default/b", podB, 1)
	}
}
