package wire

import (
	"bufio"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/validation/live"
	"ipamsim/validation/live/real/host"
)

// inside tells the test that it is in namespaces of its own, and where the
// programs are.
const inside = "IPAMSIM_WIRE_PROGRAMS"

// pods are how many there are at the most.
const pods = 30

// missing says what this machine lacks.
func missing() string {
	for _, program := range []string{"ip", "iptables-save", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not on the PATH"
		}
	}
	return live.Missing()
}

// The real daemon as a process, served by ipamsim's account: it fills its pool,
// wires 30 pods, grows, lives through a restart, lets the pods go, shrinks, and
// changes over to prefixes. What it and the plugin leave in the kernel meanwhile is
// what ipamsim inspect shows of a simulated node.
func TestTheRealBinaryLivesInTheServedAccount(t *testing.T) {
	programs := os.Getenv(inside)
	if programs == "" {
		if lacks := missing(); lacks != "" {
			t.Skip(lacks)
		}
		apart(t)
		return
	}
	if err := host.Seclude(); err != nil {
		t.Fatal(err)
	}
	if err := host.Loopback(); err != nil {
		t.Fatal(err)
	}
	n := boot(t, programs)
	n.daemon()
	n.grows()
	n.isAsInspected()
	n.restarts()
	n.shrinks()
	n.takesPrefixes()
}

// apart builds the programs and runs this test again in namespaces of its own.
func apart(t *testing.T) {
	programs := t.TempDir()
	const upstream = "github.com/aws/amazon-vpc-cni-k8s/cmd/"
	for _, pkg := range []string{upstream + "aws-k8s-agent", upstream + "routed-eni-cni-plugin", "ipamsim/cmd/ipamsim"} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(programs, filepath.Base(pkg)), pkg)
		if pkg == "ipamsim/cmd/ipamsim" {
			cmd.Args[len(cmd.Args)-1], cmd.Dir = "./cmd/ipamsim", "../../../.."
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", pkg, err, out)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	live.Apart(cmd)
	cmd.Env = append(os.Environ(), inside+"="+programs)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		t.Log(lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func pod(i int) string { return fmt.Sprintf("pod-%02d", i) }

// grows: the pods have addresses, and as many as an interface holds are warm.
func (n *node) grows() {
	n.holds("the daemon is content with its one interface", time.Second, 1)
	for i := range pods {
		eventually(n.t, pod(i)+" has its network", time.Minute, func() error { return n.cni("ADD", pod(i)) })
	}
	n.holds("the pool has grown to four interfaces", time.Minute, 4)
	// An interface is in the daemon's book before its network is set up.
	eventually(n.t, "the kernel knows them all", time.Minute, func() error {
		rules := n.command("ip", "rule")
		for _, table := range []string{"2", "3", "4"} {
			out, _ := exec.Command("ip", "route", "show", "table", table).CombinedOutput()
			if !strings.Contains(string(out), "default via") || !strings.Contains(rules, "lookup "+table) {
				return fmt.Errorf("table %s has %q", table, out)
			}
		}
		return nil
	})
	n.serves(pods)
}

func (n *node) holds(what string, patience time.Duration, interfaces int) {
	n.t.Helper()
	eventually(n.t, what, patience, func() error {
		if got := n.interfaces(); got != interfaces {
			return fmt.Errorf("there are %d", got)
		}
		return nil
	})
}

// serves wants so many pods in the daemon's book, each with the address that is in
// its namespace.
func (n *node) serves(pods int) map[string]string {
	n.t.Helper()
	var held map[string]string
	eventually(n.t, fmt.Sprintf("the book has %d pods", pods), 10*time.Second, func() (err error) {
		held, _, err = n.holdings()
		if err == nil && len(held) != pods {
			err = fmt.Errorf("it has %d", len(held))
		}
		return err
	})
	for name, address := range held {
		if text := n.command("ip", "-n", name, "-4", "-o", "addr", "show", "eth0"); !strings.Contains(text, " "+address+"/32 ") {
			n.t.Errorf("%s has %s in the book, and in its namespace: %s", name, address, text)
		}
	}
	return held
}

// restarts: the next process takes the pods over from the checkpoint, and leaves
// the kernel as it was, but for the order of rules of one priority, and of routes of
// one destination: it writes the rules of the pods again as it walks a map, and gives
// interfaces their addresses again in such an order. IPv6 is left out, whose link-local
// addresses the kernel gives by itself a second or two after a link has come up.
func (n *node) restarts() {
	before, rules, routes := n.serves(pods), n.sorted("rule"), n.sorted("-4", "route", "show", "table", "all")
	n.daemon()
	if after := n.serves(pods); !maps.Equal(before, after) {
		n.t.Errorf("after a restart pods have %v, before %v", after, before)
	}
	if now := n.sorted("rule"); now != rules {
		n.t.Errorf("a restart changes the rules from\n%s\nto\n%s", rules, now)
	}
	if now := n.sorted("-4", "route", "show", "table", "all"); now != routes {
		n.t.Errorf("a restart changes the routes from\n%s\nto\n%s", routes, now)
	}
}

// sorted are the lines that ip prints in the namespace, sorted.
func (n *node) sorted(what ...string) string {
	lines := strings.SplitAfter(n.command("ip", what...), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// shrinks: without pods, what one interface holds is enough.
func (n *node) shrinks() {
	for i := range pods {
		if err := n.cni("DEL", pod(i)); err != nil {
			n.t.Fatal(err)
		}
	}
	n.serves(0)
	if rules := n.command("ip", "rule"); strings.Contains(rules, "512:") || strings.Contains(rules, "1536:") {
		n.t.Errorf("rules of pods are left:\n%s", rules)
	}
	n.holds("the pool has shrunk to one interface", 5*time.Minute, 1)
	eventually(n.t, "tables of interfaces that have gone are empty", 20*time.Second, func() error {
		for _, table := range []string{"2", "3", "4"} {
			out, _ := exec.Command("ip", "route", "show", "table", table).CombinedOutput()
			if link := "eth" + string(table[0]-1); strings.Contains(string(out), "dev ") == (exec.Command("ip", "link", "show", link).Run() != nil) {
				return fmt.Errorf("table %s has %q", table, out)
			}
		}
		return nil
	})
}

// takesPrefixes: the same machine with prefix delegation from now on.
func (n *node) takesPrefixes() {
	n.daemon("ENABLE_PREFIX_DELEGATION=true")
	var blocks []netip.Prefix
	eventually(n.t, "a prefix is there", time.Minute, func() error {
		_, cidrs, err := n.holdings()
		if err != nil {
			return err
		}
		blocks = blocks[:0]
		for _, c := range cidrs {
			if p := netip.MustParsePrefix(c); p.Bits() == 28 {
				blocks = append(blocks, p)
			}
		}
		if len(blocks) == 0 {
			return fmt.Errorf("there are %v", cidrs)
		}
		return nil
	})
	if err := n.cni("ADD", pod(0)); err != nil {
		n.t.Fatal(err)
	}
	address := netip.MustParseAddr(n.serves(1)[pod(0)])
	if !slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(address) }) {
		n.t.Errorf("%v is in none of %v", address, blocks)
	}
}
