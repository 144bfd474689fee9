package hostnet_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

var attached = []hostnet.Attachment{{Device: 0, MAC: "02:aa:00:00:00:00"}, {Device: 1, MAC: "02:aa:00:00:00:01"}, {Device: 2, MAC: "02:aa:00:00:00:02"}}

// The files are what iptables 1.8.9 and nftables 1.0.6 printed after
// SetupHostNetwork of the VPC CNI v1.23.1 itself had run in a network
// namespace of a kernel 6.18, in a VPC of 10.0.0.0/16 and 100.64.0.0/10. It
// writes the exceptions of nftables in a random order.
func TestTheTranslationIsWhatThePluginWrites(t *testing.T) {
	for file, environment := range map[string]map[string]string{
		"default": {},
		"exclusions": {"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": "192.0.2.0/25,192.0.2.200/32,192.0.2.0/25", "AWS_VPC_K8S_CNI_RANDOMIZESNAT": "hashrandom",
			"AWS_VPC_K8S_CNI_VETHPREFIX": "pod", "AWS_VPC_K8S_CNI_CONNMARK": "0xC0"},
		"everything-excluded": {"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": "0.0.0.0/0", "AWS_VPC_K8S_CNI_RANDOMIZESNAT": "none",
			"AWS_VPC_CNI_NODE_PORT_SUPPORT": "false", "AWS_VPC_K8S_CNI_CONNMARK": "0xffffffff"},
		"external":                    {"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true"},
		"external-without-node-ports": {"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true", "AWS_VPC_CNI_NODE_PORT_SUPPORT": "false"},
	} {
		n := booted(hostnet.Config{VPCCIDRs: []netip.Prefix{prefix("10.0.0.0/16"), prefix("100.64.0.0/10")}}.Environment(environment))
		if got := translation(n); strings.Contains(strings.Join(got, "\n"), "SNAT") {
			t.Errorf("%s: before ipamd has started: %v", file, got)
		}
		n.SetupHost()
		recorded, err := os.ReadFile(filepath.Join("testdata", "translation-"+file+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		got, want := translation(n), inOneOrder(strings.Split(strings.TrimSuffix(string(recorded), "\n"), "\n"))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", file, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// translation are the lines of iptables and nftables, each list below the
// command that prints it.
func translation(n *hostnet.Network) []string {
	t := n.NodeView(attached).Translation
	return inOneOrder(slices.Concat(
		[]string{"# iptables-save -t nat | grep AWS"}, t.NAT,
		[]string{"# iptables-save -t mangle | grep AWS"}, t.Mangle,
		[]string{"# nft list table ip aws-cni"}, t.Connmark,
	))
}

// inOneOrder sorts the exceptions of nftables, which follow one another.
func inOneOrder(lines []string) []string {
	exception := func(l string) bool { return strings.Contains(l, "ip daddr") }
	if from := slices.IndexFunc(lines, exception); from >= 0 {
		to := from
		for exception(lines[to]) {
			to++
		}
		slices.Sort(lines[from:to])
	}
	return lines
}

func TestNoVethIsNoView(t *testing.T) {
	if _, ok := node(t, config()).PodView("default/c"); ok {
		t.Error("a view of a pod that is not there")
	}
}

func BenchmarkRoute(b *testing.B) {
	n := fullNode()
	b.ReportAllocs()
	for b.Loop() {
		n.Route(netip.AddrFrom4([4]byte{10, 0, 2, 200}), inVPC, nil)
	}
}

// fullNode has 250 pods on three interfaces.
func fullNode() *hostnet.Network {
	n := booted(config())
	n.SetupHost()
	for i := range 250 {
		_ = n.AddPod(fmt.Sprint("pod-", i), netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}), i%3)
	}
	return n
}
