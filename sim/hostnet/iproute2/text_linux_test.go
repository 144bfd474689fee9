package iproute2

import (
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ipamsim/sim/hostnet"
)

// What a View prints is, to the byte, what the real `ip` prints of the same
// state on the real kernel. Only an ENI cannot be had here; see asENI.
func TestTheRealIPShowsTheSame(t *testing.T) {
	needRealNetwork(t)
	a, b := netip.MustParseAddr("10.0.1.31"), netip.MustParseAddr("10.0.1.32")
	for name, state := range map[string]func(*realNode){
		"booted": func(*realNode) {},
		"healthy": func(m *realNode) {
			m.SetupHost()
			m.SetupENI(1)
			m.AddPod("web-0", a, 0)
			m.AddPod("shop/web-1", b, 1)
		},
		"flushed": func(m *realNode) {
			m.SetupHost()
			m.SetupENI(1)
			m.AddPod("web-0", a, 0)
			m.AddPod("shop/web-1", b, 1)
			m.FlushRules()
		},
		"an interface without its table, and two more in the order in which they came": func(m *realNode) {
			m.SetupHost()
			m.SetupENI(2)
			m.AddPod("web-0", a, 2)
			m.SetupENI(3)
			m.SetupENI(1)
			m.FlushTable(1)
		},
		"interfaces that stopped half-way": func(m *realNode) {
			m.SetupHost()
			m.refuse = hostnet.StepENIAddress
			m.SetupENI(1)
			m.refuse = hostnet.StepENIRoute
			m.SetupENI(2)
			m.refuse = hostnet.StepENIRule
			m.SetupENI(3)
		},
		"one address twice": func(m *realNode) {
			m.SetupHost()
			m.AddPod("web-0", a, 0)
			m.AddPod("web-1", a, 0)
		},
		"a pod without its route":     halfWired(hostnet.StepPodRoute),
		"a pod without its address":   halfWired(hostnet.StepPodAddress),
		"a pod without its neighbour": halfWired(hostnet.StepPodNeighbour),
		"a pod that nothing leads to": halfWired(hostnet.StepHostRoute),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := hostnet.Config{}.Environment(map[string]string{"AWS_EXTERNAL_SERVICE_CIDRS": "198.51.100.0/24,203.0.113.7/32", "AWS_VPC_K8S_CNI_CONNMARK": "0xC0"})
			m := newRealNode(c)
			state(m)
			m.attach(4) // and nobody has set it up
			compare(t, m)
		})
	}
}

func halfWired(refused hostnet.Step) func(*realNode) {
	return func(m *realNode) {
		m.SetupHost()
		m.refuse = refused
		m.AddPod("web-0", netip.MustParseAddr("10.0.1.31"), 0)
	}
}

// compare has the real tools print what our views print.
func compare(t *testing.T, m *realNode) {
	type expectation struct{ name, want string }
	var wants []expectation
	expect := func(command, want string) {
		m.run("echo '=== '", command+" 2>/dev/null || true")
		wants = append(wants, expectation{command, want})
	}
	// The kernel gives a link its state a little after it has come up.
	m.run(`for i in $(seq 50); do ip link | grep -v LOOPBACK | grep -q 'UP.*state UNKNOWN' || break; sleep 0.05; done`)
	view := func(prefix string, v hostnet.View) {
		for _, c := range Commands(v) {
			if args, isIP := strings.CutPrefix(c.Name, "ip "); isIP {
				expect(prefix+" "+args, c.Text)
				expect(prefix+" -json "+args, c.JSON)
			}
		}
	}
	view("ip", m.NodeView(m.attachments(4)))
	for _, key := range m.pods {
		pod, _ := m.PodView(key)
		ns, _, _ := m.veth(key)
		m.runf(`for i in $(seq 50); do ip -n %s link show eth0 | grep -q 'state UNKNOWN' || break; sleep 0.05; done`, ns)
		view("ip -n "+ns, pod)
	}
	sections := strings.Split(m.output(t), "=== \n")[1:]
	if len(sections) != len(wants) {
		t.Fatalf("%d outputs of %d commands", len(sections), len(wants))
	}
	for i, want := range wants {
		if got := asOurs(sections[i]); got != sameSpaces(want.want) {
			t.Errorf("%s\nreal:\n%s\nours:\n%s", want.name, got, sameSpaces(want.want))
		}
	}
}

// asENI undoes what makes an ENI of a real node a veth here: it has a peer in
// the namespace "wire", and one queue.
var asENI = []struct {
	is *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?m)^(\d+: eth\d+)@if\d+(: .*) qdisc noqueue (.*)`), "$1$2 qdisc mq $3"},
	{regexp.MustCompile(`(?m)^(\d+: eth\d+)@if\d+(: .*) qdisc noop (.*)`), "$1$2 qdisc noop $3"},
	{regexp.MustCompile(` link-netns wire`), ""},
	{regexp.MustCompile(`"link_index":\d+,("ifname":"eth\d+",[^{}]*?)"qdisc":"noqueue",([^{}]*?)"link_netnsid":99`), `$1"qdisc":"mq",$2`},
	{regexp.MustCompile(`"link_index":\d+,("ifname":"eth\d+",[^{}]*?)"link_netnsid":99`), `$1`},
	{regexp.MustCompile(`,([,}])`), "$1"},
}

// asOurs is the real output with ENIs as such.
func asOurs(out string) string {
	if out == "[" { // the table has never been written to
		return "[]\n"
	}
	if !strings.Contains(out, "wire") && !strings.Contains(out, `"link_netnsid":99`) {
		return sameSpaces(out)
	}
	for _, r := range asENI {
		out = r.is.ReplaceAllString(out, r.to)
	}
	return sameSpaces(out)
}

// Where `ip` is another version than ours is, spaces at the ends of lines may
// differ.
func sameSpaces(out string) string {
	if sameVersion() {
		return out
	}
	return endSpaces.ReplaceAllString(out, "")
}

var endSpaces = regexp.MustCompile(`(?m) +$`)

var sameVersion = sync.OnceValue(func() bool {
	out, _ := exec.Command("ip", "-V").Output()
	return strings.Contains(string(out), "iproute2-6.1.")
})
