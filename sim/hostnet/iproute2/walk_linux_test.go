package iproute2

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

// Whatever has happened to a node, the real kernel, to which the same has
// happened, has the rules and the routes that we list, and takes each packet
// where Route takes it: by the same link, which the same table names.
func TestTheRealKernelSendsPacketsTheSameWay(t *testing.T) {
	needRealNetwork(t)
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := &history{realNode: newRealNode(hostnet.Config{VPCCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}}.Environment(environments[seed%4])),
				random: rand.New(rand.NewPCG(seed, 1))}
			for range 10 {
				for range 6 {
					h.happen()
				}
				h.look()
			}
			h.judge(t, h.output(t))
		})
	}
}

var environments = [4]map[string]string{
	{},
	{"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true", "AWS_EXTERNAL_SERVICE_CIDRS": "192.0.2.0/24"},
	{"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": "192.0.2.0/24", "AWS_VPC_K8S_CNI_CONNMARK": "0x4000"},
	{"AWS_EXTERNAL_SERVICE_CIDRS": "198.51.100.0/24,10.0.9.0/24,198.51.100.0/24,192.0.2.0/24"},
}

// history is a real node and what is expected of it at each look.
type history struct {
	*realNode
	random *rand.Rand
	looks  []look
}

type look struct {
	lists          []string       // of rules and routes
	asked, dropped int            // packets
	ways           map[string]way // of those that are not dropped
}

// way is where a packet goes.
type way struct{ Dev, Table string }

func (h *history) happen() {
	pod := func() netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 1, byte(30 + h.random.IntN(6))}) }
	name := fmt.Sprintf("web-%d", h.random.IntN(6))
	device := h.random.IntN(4)
	h.refuse = noStep
	refuse := func(first, last hostnet.Step) {
		if h.random.IntN(4) == 0 {
			h.refuse = first + hostnet.Step(h.random.IntN(int(last-first)+1))
		}
	}
	switch h.random.IntN(16) {
	case 0:
		h.SetupHost()
	case 1, 2, 3:
		refuse(hostnet.StepENILink, hostnet.StepENIRule)
		h.SetupENI(device)
	case 4:
		h.RemoveENI(device)
	case 5:
		h.Detached(device)
	case 6:
		h.FlushTable(device)
	case 7:
		h.FlushRules()
	case 8:
		refuse(hostnet.StepDelToRule, hostnet.StepDelFromRule)
		h.RemovePod(pod(), device)
	case 9:
		h.DropVeth(name)
	case 10:
		refuse(hostnet.StepRefreshRule, hostnet.StepRefreshRule)
		h.RefreshPodRule(pod())
	case 11:
		h.RemovePodRules(pod())
	default:
		refuse(hostnet.StepVeth, hostnet.StepFromRule)
		h.AddPod(name, pod(), device)
	}
}

// listed are the commands whose whole output is compared.
var listed = []string{"rule", "route show table main", "route show table 2", "route show table 3", "route show table 4", "route show table local"}

// look asks the real node for its lists, and where packets between all the
// addresses go.
func (h *history) look() {
	l := look{ways: map[string]way{}}
	v := h.NodeView(nil)
	for _, command := range listed {
		h.runf("ip -json %s 2>/dev/null || true; echo", command)
		want := ruleJSON(v.Rules)
		if table, isRoute := strings.CutPrefix(command, "route show table "); isRoute {
			want = routeJSON(v.Routes(table))
		}
		l.lists = append(l.lists, want)
	}
	h.run("ip -json -force -batch - 2>/dev/null <<END || true")
	addresses := []netip.Addr{netip.MustParseAddr("10.0.9.9"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("10.0.1.99")}
	for host := 10; host < 14; host++ {
		addresses = append(addresses, netip.AddrFrom4([4]byte{10, 0, 1, byte(host)}))
	}
	for host := 30; host < 36; host++ {
		addresses = append(addresses, netip.AddrFrom4([4]byte{10, 0, 1, byte(host)}))
	}
	for _, src := range addresses {
		for _, dst := range addresses {
			w, reason := h.way(src, dst)
			if src == dst || reason == hostnet.ReasonPodRoute || reason == hostnet.ReasonPodAddress || reason == hostnet.ReasonNeighbour {
				continue // it does not come to the node's rules at all
			}
			h.runf("route get %v from %v%s", dst, src, h.origin(src, dst))
			l.asked++
			if reason == "" {
				l.ways[dst.String()+" from "+src.String()] = w
			} else {
				l.dropped++
			}
		}
	}
	h.run("END", "echo '==='")
	h.looks = append(h.looks, l)
}

// origin is how a packet comes to be routed: by a pod's veth, with its mark;
// from the node itself; or by an interface.
func (h *history) origin(src, dst netip.Addr) string {
	veth := ""
	h.Route(src, dst, func(hop hostnet.Hop) {
		if hop.FromPod {
			veth = strings.TrimPrefix(hop.See, "ip link show ")
		}
	})
	switch {
	case veth != "" && h.marks(dst):
		return fmt.Sprintf(" iif %s mark %#x", veth, h.Config().Mark)
	case veth != "":
		return " iif " + veth
	case h.own(src):
		return ""
	}
	return " iif eth0"
}

// marks says whether the node marks what a pod sends to an address, to be
// translated.
func (h *history) marks(dst netip.Addr) bool {
	c := h.Config()
	spared := slices.ContainsFunc(slices.Concat(c.VPCCIDRs, c.ExcludeSNATCIDRs), func(p netip.Prefix) bool { return p.Contains(dst) })
	return h.set && !c.ExternalSNAT && !spared && !h.own(dst)
}

// own says whether an address is the node's.
func (h *history) own(a netip.Addr) bool { return own(h.NodeView(nil), a) }

// way is where Route sends a packet, or why it does not.
func (h *history) way(src, dst netip.Addr) (way, string) {
	p := h.Route(src, dst, nil)
	w := way{Table: hostnet.TableName(uint16(p.Table))}
	switch p.Verdict {
	case hostnet.ToPod:
		w.Dev = hostnet.VethName(h.Config().VethPrefix, p.Pod)
	case hostnet.ToHost:
		w.Dev = "lo"
	case hostnet.ByInterface:
		w.Dev = hostnet.LinkName(p.Device)
	}
	return w, p.Reason
}

func (h *history) judge(t *testing.T, out string) {
	sections := strings.Split(out, "===\n")
	if len(sections) != len(h.looks)+1 {
		t.Fatalf("%d outputs of %d looks:\n%s", len(sections)-1, len(h.looks), out)
	}
	asked, dropped := 0, 0
	for at, l := range h.looks {
		decoder := json.NewDecoder(strings.NewReader(strings.ReplaceAll(sections[at], "[\n", "[]\n")))
		for i, want := range l.lists {
			var got json.RawMessage
			if err := decoder.Decode(&got); err != nil {
				t.Fatalf("look %d: ip %s: %v\n%s", at, listed[i], err, sections[at])
			}
			if string(got) != strings.TrimSpace(want) {
				t.Errorf("look %d: ip %s\nreal: %s\nours: %s", at, listed[i], got, want)
			}
		}
		l.judge(t, at, decoder)
		asked, dropped = asked+l.asked, dropped+l.dropped
	}
	if asked < 100*len(h.looks) {
		t.Errorf("only %d packets in %d looks", asked, len(h.looks))
	}
	t.Logf("%d packets, %d of them dropped", asked, dropped)
}

// judge compares the ways of packets. For one that the kernel drops it
// answers nothing.
func (l look) judge(t *testing.T, at int, answers *json.Decoder) {
	for {
		var got []struct{ Dst, From, Dev, Table string }
		if err := answers.Decode(&got); err == io.EOF {
			break
		} else if err != nil || len(got) != 1 {
			t.Fatalf("look %d: %v %v", at, got, err)
		}
		packet, w := got[0].Dst+" from "+got[0].From, way{got[0].Dev, got[0].Table}
		switch {
		case w.Dev == "lo":
			w.Table = "local" // the kernel keeps it together with main until there is a rule of somebody's
		case w.Table == "":
			w.Table = "main"
		}
		if want, ok := l.ways[packet]; !ok || w != want {
			t.Errorf("look %d: to %s: the real kernel says %v, ours %v", at, packet, w, want)
		}
		delete(l.ways, packet)
	}
	for packet, w := range l.ways {
		t.Errorf("look %d: to %s: the real kernel drops it, ours says %v", at, packet, w)
	}
}
