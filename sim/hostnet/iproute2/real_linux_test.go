package iproute2

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"ipamsim/sim/hostnet"
)

// realNode writes, beside a Network, the same steps as commands of the real
// `ip`, to be run on the real kernel in namespaces of their own. The commands
// follow the plugin's and ipamd's code, not this package's: where the two
// come to differ, the tests say so.
//
// An ENI is one end of a veth whose other end, in the namespace "wire",
// stands for the VPC.
type realNode struct {
	*hostnet.Network
	script strings.Builder
	refuse hostnet.Step // none where noStep
	pods   []string     // that have got a veth
	set    bool         // SetupHost has run
}

const noStep = hostnet.Step(255)

func newRealNode(c hostnet.Config) *realNode {
	m := &realNode{Network: booted(c), refuse: noStep}
	m.Fate = func(s hostnet.Step, _ netip.Addr) error {
		if s == m.refuse {
			return &hostnet.RefusedError{Step: s}
		}
		return nil
	}
	m.run("set -e", "mount --make-rprivate /", "mount -t tmpfs none /run",
		"echo 1 >/proc/sys/net/ipv4/ip_forward", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 >$f; done",
		"ip netns add wire", "ip netns set wire 99", "ip link set lo up")
	m.attach(0)
	m.run("ip link set eth0 mtu 9001", "ip link set eth0 up", "ip addr add 10.0.1.10/24 brd + dev eth0",
		"ip route add default via 10.0.1.1 dev eth0", "ip route add 169.254.169.254 dev eth0 scope link")
	return m
}

func (m *realNode) run(commands ...string) {
	for _, c := range commands {
		m.script.WriteString(c + "\n")
	}
}

func (m *realNode) runf(format string, args ...any) { m.run(fmt.Sprintf(format, args...)) }

// tolerate runs what may fail, as the real code does.
func (m *realNode) tolerate(format string, args ...any) {
	m.runf(format+" 2>/dev/null || true", args...)
}

// all repeats what deletes one thing until there is none.
func (m *realNode) all(format string, args ...any) {
	m.runf("while "+format+" 2>/dev/null; do :; done", args...)
}

func eniMAC(device int) string { return fmt.Sprintf("02:00:00:00:00:%02x", device) }

// attach is EC2's part of an interface.
func (m *realNode) attach(device int) {
	link := hostnet.LinkName(device)
	m.runf("ip link show %s >/dev/null 2>&1 || { ip link add %s address %s type veth peer name %s netns wire; ip -n wire link set %s up; }",
		link, link, eniMAC(device), link, link)
}

func (m *realNode) SetupHost() {
	m.Network.SetupHost()
	m.set = true
	c := m.Config()
	m.tolerate("ip rule del fwmark %#x/%#x priority 1024 table main", c.Mark, c.Mark)
	if !c.NoNodePort || !c.ExternalSNAT {
		m.runf("ip rule add fwmark %#x/%#x priority 1024 table main", c.Mark, c.Mark)
	}
	m.all("ip rule del priority 1535")
	var adds []string
	for _, p := range c.ExternalServices {
		adds = append(adds, fmt.Sprintf("ip rule add to %v priority 1535 table main", p))
	}
	if len(adds) > 0 {
		m.tolerate("{ %s; }", strings.Join(adds, " && ")) // the first failure ends it
	}
}

// SetupENI follows setupENINetwork.
func (m *realNode) SetupENI(device int) {
	address := netip.AddrFrom4([4]byte{10, 0, 1, byte(10 + device)})
	_ = m.Network.SetupENI(device, address, nodeSubnet)
	if device == 0 {
		return
	}
	m.attach(device)
	link, table, gateway := hostnet.LinkName(device), device+1, "10.0.1.1"
	if m.refuse == hostnet.StepENILink {
		return
	}
	m.runf("ip link set %s mtu %d", link, m.Config().MTU)
	m.runf("ip link set %s up", link)
	m.runf("ip -4 addr flush dev %s scope global", link)
	if m.refuse == hostnet.StepENIAddress {
		return
	}
	m.runf("ip addr add %v/%d brd + dev %s", address, nodeSubnet.Bits(), link)
	if m.refuse == hostnet.StepENIRoute {
		return
	}
	m.tolerate("ip route del %s dev %s scope link table %d", gateway, link, table)
	m.runf("ip route replace %s dev %s scope link table %d", gateway, link, table)
	m.tolerate("ip route del default via %s dev %s table %d", gateway, link, table)
	m.runf("ip route replace default via %s dev %s table %d", gateway, link, table)
	m.tolerate("ip route del %v scope link src %v table main", nodeSubnet, address)
	if m.refuse == hostnet.StepENIRule {
		return
	}
	m.tolerate("ip rule add from %v priority 32765 table %d", address, table)
}

// RemoveENI follows DeleteRulesBySrc, after the detachment.
func (m *realNode) RemoveENI(device int) {
	address := netip.AddrFrom4([4]byte{10, 0, 1, byte(10 + device)})
	m.Network.RemoveENI(address)
	if device != 0 {
		m.tolerate("ip link del %s", hostnet.LinkName(device))
	}
	m.all("ip rule del from %v", address)
}

func (m *realNode) Detached(device int) {
	m.Network.Detached(device)
	if device != 0 {
		m.tolerate("ip link del %s", hostnet.LinkName(device))
	}
}

func (m *realNode) FlushTable(device int) {
	m.Network.FlushTable(device)
	for d := 1; d < 4; d++ {
		if device == 0 || device == d {
			m.tolerate("ip route flush table %d", d+1)
		}
	}
}

func (m *realNode) FlushRules() {
	m.Network.FlushRules()
	for _, priority := range []int{512, 1024, 1535, 1536, 32765} {
		m.all("ip rule del priority %d", priority)
	}
}

// AddPod follows SetupPodNetwork.
func (m *realNode) AddPod(key string, address netip.Addr, device int) {
	_ = m.Network.AddPod(key, address, device)
	host := hostnet.VethName(m.Config().VethPrefix, key)
	m.tolerate("ip link del %s", host)
	if m.refuse == hostnet.StepVeth {
		return
	}
	m.pods = append(m.pods, key)
	ns, podMAC, hostMAC := m.veth(key)
	m.runf("ip netns add %s", ns)
	m.runf("ip -n %s link set lo up", ns)
	m.runf("ip -n %s link add eth0 address %s mtu %d txqueuelen 0 type veth peer name %s address %s mtu %d txqueuelen 0 netns $$",
		ns, podMAC, m.Config().PodMTU, host, hostMAC, m.Config().PodMTU)
	m.runf("ip link set %s up", host)
	m.runf("ip -n %s link set eth0 up", ns)
	for _, s := range []struct {
		step     hostnet.Step
		commands []string
	}{
		{hostnet.StepPodRoute, []string{"ip -n " + ns + " route replace 169.254.1.1 dev eth0 scope link", "ip -n " + ns + " route add default via 169.254.1.1 dev eth0"}},
		{hostnet.StepPodAddress, []string{fmt.Sprintf("ip -n %s addr add %v/32 dev eth0", ns, address)}},
		{hostnet.StepPodNeighbour, []string{fmt.Sprintf("ip -n %s neigh add 169.254.1.1 lladdr %s nud permanent dev eth0", ns, hostMAC)}},
		{hostnet.StepHostRoute, []string{fmt.Sprintf("ip route replace %v dev %s scope link", address, host)}},
		{hostnet.StepToRule, []string{fmt.Sprintf("ip rule add to %v priority 512 table main 2>/dev/null || true", address)}},
		{hostnet.StepFromRule, []string{fmt.Sprintf("ip rule add from %v priority 1536 table %d 2>/dev/null || true", address, device+1)}},
	} {
		if s.step == m.refuse || s.step == hostnet.StepFromRule && device == 0 {
			return
		}
		m.run(s.commands...)
	}
}

// veth is what the model calls a pod's namespace, and the MAC addresses of
// both ends.
func (m *realNode) veth(key string) (namespace, pod, host string) {
	inside, _ := m.PodView(key)
	for _, l := range m.NodeView(nil).Links {
		if l.Name == hostnet.VethName(m.Config().VethPrefix, key) {
			return l.Peer.Namespace, inside.Links[1].MAC, l.MAC
		}
	}
	panic("no veth of " + key)
}

// RemovePod follows teardownIPBasedContainerRouteRules.
func (m *realNode) RemovePod(address netip.Addr, device int) {
	_ = m.Network.RemovePod(address, device)
	if m.refuse == hostnet.StepDelToRule {
		return
	}
	m.tolerate("ip rule del to %v priority 512 table main", address)
	if device != 0 {
		if m.refuse == hostnet.StepDelFromRule {
			return
		}
		m.all("ip rule del from %v priority 1536 table %d", address, device+1)
	}
	m.tolerate("ip route del %v scope link table main", address)
}

func (m *realNode) DropVeth(key string) {
	m.Network.DropVeth(key)
	m.tolerate("ip link del %s", hostnet.VethName(m.Config().VethPrefix, key))
}

// RefreshPodRule follows UpdateRuleListBySrc.
func (m *realNode) RefreshPodRule(address netip.Addr) {
	m.Network.RefreshPodRule(address)
	m.runf(`table=$(ip rule | sed -n 's/^[0-9]*:\tfrom %v lookup //p' | tail -1)`, address)
	m.all("ip rule del from %v", address)
	if m.refuse != hostnet.StepRefreshRule {
		m.runf(`[ -z "$table" ] || ip rule add from %v priority 1536 table $table`, address)
	}
}

func (m *realNode) RemovePodRules(address netip.Addr) {
	m.Network.RemovePodRules(address)
	m.all("ip rule del from %v priority 1536", address)
	m.all("ip rule del to %v priority 512", address)
}

// attachments are the interfaces that the model knows, and others.
func (m *realNode) attachments(others ...int) []hostnet.Attachment {
	var list []hostnet.Attachment
	for _, d := range append(m.Devices(), others...) {
		list = append(list, hostnet.Attachment{Device: d, MAC: eniMAC(d)})
	}
	return list
}

// output runs the script and returns what it has written. The test is skipped
// where this machine has no `ip` or does not let us have network namespaces.
func (m *realNode) output(t *testing.T) string {
	t.Helper()
	out, err := inNamespaces(m.script.String())
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

// needRealNetwork skips a test where it cannot be run.
func needRealNetwork(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("no ip command: install iproute2")
	}
	out, err := inNamespaces("set -e; mount --make-rprivate /; mount -t tmpfs none /run; ip netns add probe; ip link add probe0 type veth peer name probe1 netns probe; echo 1 >/proc/sys/net/ipv4/ip_forward")
	if err != nil {
		t.Skipf("no network namespaces with veths here (root, or user namespaces, are needed): %v %s", err, out)
	}
}

func inNamespaces(script string) (string, error) {
	cmd := exec.Command("sh", "-s")
	cmd.Stdin = strings.NewReader(script)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
