package hostnet_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim/hostnet"
)

var update = flag.Bool("update", false, "write the files of views anew, once TestTheRealIPShowsTheSame has passed")

var attached = []hostnet.Attachment{{Device: 0, MAC: "02:aa:00:00:00:00"}, {Device: 1, MAC: "02:aa:00:00:00:01"}, {Device: 2, MAC: "02:aa:00:00:00:02"}}

// The files are for where the real tools are not; see
// TestTheRealIPShowsTheSame.
func TestViewsAreAsRecorded(t *testing.T) {
	n := node(t, config())
	pod, _ := n.PodView("default/b")
	for file, v := range map[string]hostnet.View{"node.txt": n.NodeView(attached), "pod.txt": pod} {
		var got strings.Builder
		for _, c := range v.Commands() {
			fmt.Fprintf(&got, "# %s\n%s", c.Name, c.Text)
			if c.JSON != "" {
				fmt.Fprintf(&got, "# %s\n%s", strings.Replace(c.Name, "ip ", "ip -json ", 1), c.JSON)
			}
		}
		path := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%s", file, got.String())
		}
	}
}

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
		n := hostnet.New(hostnet.Config{PrimaryIP: primary, PrimarySubnet: subnet, VPCCIDRs: []netip.Prefix{prefix("10.0.0.0/16"), prefix("100.64.0.0/10")}}.Environment(environment))
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

// translation are the lines of iptables and nftables.
func translation(n *hostnet.Network) []string {
	var out strings.Builder
	for _, c := range n.NodeView(attached).Commands() {
		if strings.HasPrefix(c.Name, "iptables") || strings.HasPrefix(c.Name, "nft") {
			fmt.Fprintf(&out, "# %s\n%s", c.Name, c.Text)
		}
	}
	return inOneOrder(strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"))
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

// Programs that read `ip -json` find what they look for.
func TestProgramsCanReadTheJSON(t *testing.T) {
	v := node(t, config()).NodeView(attached)
	var links []struct {
		Index     int      `json:"ifindex"`
		Name      string   `json:"ifname"`
		State     string   `json:"operstate"`
		MTU       int      `json:"mtu"`
		Flags     []string `json:"flags"`
		Address   string   `json:"address"`
		Addresses []struct {
			Family, Local, Scope string
			PrefixLen            int
		} `json:"addr_info"`
	}
	read(t, v, "ip link", &links)
	if l := links[1]; len(links) != 6 || l.Index != 2 || l.Name != "eth0" || l.State != "UP" || l.MTU != 9001 || l.Address != "02:aa:00:00:00:00" || !slices.Contains(l.Flags, "LOWER_UP") {
		t.Errorf("links %+v", links)
	}
	if l := links[5]; l.Name != "eth2" || l.State != "DOWN" || slices.Contains(l.Flags, "UP") {
		t.Errorf("an interface that nobody has set up: %+v", l)
	}
	read(t, v, "ip -4 addr", &links)
	if a := links[2].Addresses; len(links) != 3 || len(a) != 1 || a[0].Family != "inet" || a[0].Local != "10.0.1.20" || a[0].PrefixLen != 24 || a[0].Scope != "global" {
		t.Errorf("addresses %+v", links)
	}
	var routes []struct{ Dst, Gateway, Dev, Scope, Prefsrc string }
	read(t, v, "ip route show table 2", &routes)
	if len(routes) != 2 || routes[0].Dst != "default" || routes[0].Gateway != "10.0.1.1" || routes[0].Dev != "eth1" || routes[1].Scope != "link" {
		t.Errorf("routes %+v", routes)
	}
	var rules []struct {
		Priority                        int
		Src, Dst, Fwmark, Fwmask, Table string
	}
	read(t, v, "ip rule", &rules)
	if r := rules[3]; len(rules) != 8 || r.Priority != 1024 || r.Src != "all" || r.Fwmark != "0x80" || r.Fwmask != "0x80" || r.Table != "main" || rules[1].Dst != "10.0.1.11" || rules[4].Table != "2" {
		t.Errorf("rules %+v", rules)
	}
	pod, _ := node(t, config()).PodView("default/a")
	var neighbours []struct {
		Dst, Dev, Lladdr string
		State            []string
	}
	read(t, pod, "ip neigh", &neighbours)
	if e := neighbours[0]; len(neighbours) != 1 || e.Dst != "169.254.1.1" || e.Dev != "eth0" || e.Lladdr != v.Links[3].MAC || !slices.Equal(e.State, []string{"PERMANENT"}) {
		t.Errorf("neighbours %+v", neighbours)
	}
}

func read(t *testing.T, v hostnet.View, command string, to any) {
	t.Helper()
	for _, c := range v.Commands() {
		if c.Name == command {
			if err := json.Unmarshal([]byte(c.JSON), to); err != nil {
				t.Fatalf("%s: %v", command, err)
			}
			return
		}
	}
	t.Fatalf("no command %s", command)
}

func TestNoVethIsNoView(t *testing.T) {
	if _, ok := node(t, config()).PodView("default/c"); ok {
		t.Error("a view of a pod that is not there")
	}
}

// Looking changes nothing.
func TestViewsLeaveNoTrace(t *testing.T) {
	n := node(t, config())
	before := n.NodeView(attached).Commands()
	n.PodView("default/a")
	if !slices.Equal(n.NodeView(attached).Commands(), before) {
		t.Error("the second view differs")
	}
}

func BenchmarkNodeView(b *testing.B) {
	n := fullNode()
	b.ReportAllocs()
	for b.Loop() {
		n.NodeView(attached).Commands()
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
	n := hostnet.New(config())
	n.SetupHost()
	for i := range 250 {
		_ = n.AddPod(fmt.Sprint("pod-", i), netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}), i%3)
	}
	return n
}
