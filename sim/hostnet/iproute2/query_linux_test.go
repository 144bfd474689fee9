package iproute2

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

// questions are what one asks `ip` on a node with a pod on each of two
// interfaces.
func questions() []string {
	zero, one := hostnet.VethName("eni", "web-0"), hostnet.VethName("eni", "web-1")
	list := []string{
		"-4 route show table all", "-4 r ls", "route show 10.0.1.31", "route list 10.0.1.0/24", "ro s root 10.0.1.0/24", "route show match 10.0.1.31",
		"route show to exact 10.0.1.31/32", "route show default", "route show table 2", "route show table 255", "route show table main scope link", "route show table 2 dev eth1",
		"route show dev " + zero, "route show scope global", "route show dev eth0 scope link",
		"rule", "ru l", "rule show", "rule list from 10.0.1.32", "rule list to 10.0.1.32", "rule show 10.0.1.31", "rule list from 10.0.1.31", "rule list from 10.0.1.0/24",
		"rule list pref 512", "rule list priority 1536 from 10.0.1.32", "rule list table 2", "rule list lookup main", "rule list from all",
		"neigh", "n show",
		"route get 10.0.1.31", "route get 10.0.1.32", "route get 10.0.1.77", "route get 198.51.100.7", "route get 10.0.1.10", "route get 10.0.1.255", "route get 127.0.0.1",
		"route get 169.254.169.254", "route get 198.51.100.7 from 10.0.1.11", "route get 198.51.100.7 from 10.0.1.10", "route get 10.0.1.11 from 10.0.1.10", "route get 198.51.100.7 mark 0x80",
	}
	for _, dst := range []string{"10.0.1.77", "198.51.100.7", "10.0.1.31", "10.0.1.32", "10.0.1.11", "10.0.1.255"} {
		list = append(list, fmt.Sprintf("route get %s from 10.0.1.31 iif %s", dst, zero), fmt.Sprintf("route get %s from 10.0.1.32 iif %s", dst, one),
			fmt.Sprintf("route get %s from 10.0.1.32 iif %s mark 0x80", dst, one), fmt.Sprintf("route get %s from 10.0.1.88 iif eth0", dst), fmt.Sprintf("route get %s from 10.0.1.88 iif eth1", dst))
	}
	return list
}

func TestTheRealIPAnswersTheSameQuestions(t *testing.T) {
	needRealNetwork(t)
	for name, flushed := range map[string]bool{"healthy": false, "without its rules": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newRealNode(hostnet.Config{}.Environment(nil))
			m.SetupHost()
			m.SetupENI(1)
			m.AddPod("web-0", netip.MustParseAddr("10.0.1.31"), 0)
			m.AddPod("web-1", netip.MustParseAddr("10.0.1.32"), 1)
			if flushed {
				m.FlushRules()
			}
			var asked []string
			for _, q := range questions() {
				asked = append(asked, q, "-json "+q)
			}
			for _, q := range asked {
				m.runf("echo '=== '; ip %s 2>&1 || true", q)
			}
			sections := strings.Split(m.output(t), "=== \n")[1:]
			v := m.NodeView(m.attachments())
			for i, q := range asked {
				got, err := IP(v, strings.Fields(q))
				want := sections[i]
				if err != nil {
					got = err.Error() + "\n"
				}
				if want == "RTNETLINK answers: Invalid argument\n" && err == errReversePath {
					continue // a newer kernel
				}
				if got, want := sameSpaces(got), sameSpaces(want); got != want {
					t.Errorf("ip %s\nreal:\n%s\nours:\n%s", q, want, got)
				}
			}
		})
	}
}
