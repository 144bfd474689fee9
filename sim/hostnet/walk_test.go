package hostnet

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// lookup makes no list, so that it is cheap; Routes is what users are shown.
// Whatever has happened to a node, the two say the same of each destination,
// and noting the hops changes nothing.
func TestPacketsFollowTheRoutesThatAreShown(t *testing.T) {
	at := func(net, host int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(net), byte(host)}) }
	subnet := netip.PrefixFrom(at(1, 0), 24)
	rapid.Check(t, func(t *rapid.T) {
		config := Config{VPCCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}}.Environment(nil)
		n := New(&config, at(1, 10), subnet)
		refuse := Step(255)
		n.Fate = func(s Step, _ netip.Addr) error {
			if s == refuse {
				return ErrKilled
			}
			return nil
		}
		device := rapid.IntRange(0, 3)
		pod := rapid.IntRange(30, 34)
		name := func(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name") }
		t.Repeat(map[string]func(*rapid.T){
			"refuse": func(t *rapid.T) { refuse = Step(rapid.IntRange(0, int(StepRefreshRule)+1).Draw(t, "step")) },
			"host":   func(*rapid.T) { n.SetupHost() },
			"eni": func(t *rapid.T) {
				d := device.Draw(t, "device")
				_ = n.SetupENI(d, at(1, 10+d), subnet)
			},
			"gone":  func(t *rapid.T) { n.Detached(device.Draw(t, "device")) },
			"free":  func(t *rapid.T) { n.RemoveENI(at(1, 10+device.Draw(t, "device"))) },
			"table": func(t *rapid.T) { n.FlushTable(device.Draw(t, "device")) },
			"flush": func(*rapid.T) { n.FlushRules() },
			"add": func(t *rapid.T) {
				_ = n.AddPod(name(t), at(1, pod.Draw(t, "address")), device.Draw(t, "device"))
			},
			"del":     func(t *rapid.T) { _ = n.RemovePod(at(1, pod.Draw(t, "address")), device.Draw(t, "device")) },
			"netns":   func(t *rapid.T) { n.DropVeth(name(t)) },
			"refresh": func(t *rapid.T) { n.RefreshPodRule(at(1, pod.Draw(t, "address"))) },
			"prune":   func(t *rapid.T) { n.RemovePodRules(at(1, pod.Draw(t, "address"))) },
			"": func(t *rapid.T) {
				destinations := []netip.Addr{at(9, 9), at(1, 1), at(1, 10), at(1, 11), at(1, 12), at(1, 30), at(1, 31), at(1, 32), netip.AddrFrom4([4]byte{192, 0, 2, 1})}
				for _, dst := range destinations {
					for table := 1; table <= TableLocal; table++ {
						agree(t, n, table, dst)
					}
					for _, src := range destinations {
						noted := 0
						silent, told := n.Route(src, dst, nil), n.Route(src, dst, func(Hop) { noted++ })
						if silent != told || noted == 0 && told.Reason == "" {
							t.Fatalf("from %v to %v: %+v silently, %+v in %d hops", src, dst, silent, told, noted)
						}
					}
				}
				for i := range n.veths {
					soundPodsGoTheirWay(t, n, i)
				}
				if !slices.IsSortedFunc(n.rules(), func(a, b rule) int { return int(a.priority) - int(b.priority) }) {
					t.Fatalf("rules out of order: %v", n.Rules())
				}
			},
		})
	})
}

// Whoever asks only whether a pod is sound need not follow its packets.
func soundPodsGoTheirWay(t *rapid.T, n *Network, i int) {
	if !n.sound(i) {
		return
	}
	v, pod := &n.veths[i], netip.AddrFrom4(n.veths[i].address)
	for _, dst := range []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 9, 9}), netip.AddrFrom4([4]byte{192, 0, 2, 1})} {
		path := n.Route(pod, dst, nil)
		device := int(v.device)
		if n.translates(dst) {
			device = 0
		}
		if path.Verdict != ByInterface || path.Device != device || path.SNAT != n.translates(dst) {
			t.Fatalf("%s of device %d is sound, and to %v it goes %+v", v.key, v.device, dst, path)
		}
		if back := n.Route(dst, pod, nil); back.Pod != v.key {
			t.Fatalf("%s is sound, and what comes for it goes %+v", v.key, back)
		}
	}
}

func agree(t *rapid.T, n *Network, table int, dst netip.Addr) {
	got, ok := n.lookup(table, dst)
	shown, has := FindRoute(n.Routes(table), dst)
	want := Path{Verdict: ByInterface, Device: shown.Device}
	switch {
	case shown.Type == Local:
		want = Path{Verdict: ToHost}
	case shown.Pod != "":
		want = Path{Verdict: ToPod, Device: shown.Device, Pod: shown.Pod}
	}
	if ok != has || ok && got != want {
		t.Fatalf("table %d, to %v: lookup says %+v %v, the routes %v %v", table, dst, got, ok, shown, has)
	}
}
