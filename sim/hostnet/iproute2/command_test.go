package iproute2_test

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
	"ipamsim/sim/hostnet/iproute2"
)

var update = flag.Bool("update", false, "write the files of views anew, once TestTheRealIPShowsTheSame has passed")

var attached = []hostnet.Attachment{{Device: 0, MAC: "02:aa:00:00:00:00"}, {Device: 1, MAC: "02:aa:00:00:00:01"}, {Device: 2, MAC: "02:aa:00:00:00:02"}}

// node has a primary interface and one more, with a pod on each.
func node(t *testing.T) *hostnet.Network {
	t.Helper()
	subnet := netip.MustParsePrefix("10.0.1.0/24")
	config := hostnet.Config{VPCCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}}.Environment(nil)
	n := hostnet.New(&config, netip.MustParseAddr("10.0.1.10"), subnet)
	n.SetupHost()
	for _, err := range []error{
		n.SetupENI(1, netip.MustParseAddr("10.0.1.20"), subnet),
		n.AddPod("default/a", netip.MustParseAddr("10.0.1.11"), 0),
		n.AddPod("default/b", netip.MustParseAddr("10.0.1.21"), 1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// The files are for where the real tools are not; see
// TestTheRealIPShowsTheSame.
func TestViewsAreAsRecorded(t *testing.T) {
	n := node(t)
	pod, _ := n.PodView("default/b")
	for file, v := range map[string]hostnet.View{"node.txt": n.NodeView(attached), "pod.txt": pod} {
		var got strings.Builder
		for _, c := range iproute2.Commands(v) {
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

// Programs that read `ip -json` find what they look for.
func TestProgramsCanReadTheJSON(t *testing.T) {
	v := node(t).NodeView(attached)
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
	pod, _ := node(t).PodView("default/a")
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
	for _, c := range iproute2.Commands(v) {
		if c.Name == command {
			if err := json.Unmarshal([]byte(c.JSON), to); err != nil {
				t.Fatalf("%s: %v", command, err)
			}
			return
		}
	}
	t.Fatalf("no command %s", command)
}

// Looking changes nothing.
func TestViewsLeaveNoTrace(t *testing.T) {
	n := node(t)
	before := iproute2.Commands(n.NodeView(attached))
	n.PodView("default/a")
	if !slices.Equal(iproute2.Commands(n.NodeView(attached)), before) {
		t.Error("the second view differs")
	}
}

func BenchmarkNodeView(b *testing.B) {
	config := hostnet.Config{}.Environment(nil)
	n := hostnet.New(&config, netip.MustParseAddr("10.0.1.10"), netip.MustParsePrefix("10.0.1.0/24"))
	n.SetupHost()
	for i := range 250 {
		_ = n.AddPod(fmt.Sprint("pod-", i), netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}), i%3)
	}
	b.ReportAllocs()
	for b.Loop() {
		iproute2.Commands(n.NodeView(attached))
	}
}
