package iproute2

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

var nodeSubnet = netip.MustParsePrefix("10.0.1.0/24") // of all interfaces

func booted(c hostnet.Config) *hostnet.Network {
	return hostnet.New(&c, netip.MustParseAddr("10.0.1.10"), nodeSubnet)
}

// Where a pod's packets go by `ip route get` is where Route has them go, as
// far as no mark is set on the way.
func TestRouteGetAgreesWithTheWay(t *testing.T) {
	n := booted(hostnet.Config{}.Environment(map[string]string{"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true"}))
	n.SetupHost()
	_ = n.SetupENI(1, netip.MustParseAddr("10.0.1.11"), nodeSubnet)
	_ = n.AddPod("web-0", netip.MustParseAddr("10.0.1.31"), 0)
	_ = n.AddPod("web-1", netip.MustParseAddr("10.0.1.32"), 1)
	for _, flush := range []bool{false, true} {
		if flush {
			n.FlushRules()
		}
		for pod, src := range []string{"10.0.1.31", "10.0.1.32"} {
			for _, dst := range []string{"10.0.1.77", "198.51.100.7", "10.0.1.31", "10.0.1.32", "10.0.1.10"} {
				from, to := netip.MustParseAddr(src), netip.MustParseAddr(dst)
				if from == to {
					continue
				}
				veth := hostnet.VethName("eni", fmt.Sprint("web-", pod))
				got, err := IP(n.NodeView(nil), strings.Fields(fmt.Sprintf("route get %s from %s iif %s", dst, src, veth)))
				path := n.Route(from, to, nil)
				want := map[hostnet.Verdict]string{hostnet.ToPod: "dev " + hostnet.VethName("eni", path.Pod), hostnet.ToHost: "dev lo", hostnet.ByInterface: "dev " + hostnet.LinkName(path.Device)}[path.Verdict]
				if err != nil || !strings.Contains(got, want+" ") {
					t.Errorf("from %s to %s, flushed %v: %v, ip route get says %q (%v)", src, dst, flush, path, got, err)
				}
			}
		}
	}
}

func TestWhatIPDoesNotKnowHereIsSaid(t *testing.T) {
	v := booted(hostnet.Config{}.Environment(nil)).NodeView(nil)
	for command, want := range map[string]string{
		"":                               "ip  is not known here",
		"-6 route":                       "ip -6 is not known here",
		"tunnel":                         "ip tunnel is not known here",
		"addr":                           "ask for ip -4 addr",
		"link show eth7":                 `Device "eth7" does not exist.`,
		"rule list from":                 "a value was expected behind from",
		"rule list from nowhere":         `rather than "nowhere"`,
		"rule list pref many":            `a priority was expected rather than "many"`,
		"route show table":               "a value was expected behind table",
		"route get":                      "an address was expected",
		"route get ::1":                  `rather than "::1"`,
		"route get 1.1.1.1 mark x":       `a mark was expected rather than "x"`,
		"route get 1.1.1.1 iif eth9":     `Cannot find device "eth9"`,
		"route get 1.1.1.1 iif eth0":     "with the source behind from",
		"route get 1.1.1.1 from 2.2.2.2": "Network is unreachable",
	} {
		if out, err := IP(v, strings.Fields(command)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ip %s: %q, %v; want %q", command, out, err, want)
		}
	}
}
