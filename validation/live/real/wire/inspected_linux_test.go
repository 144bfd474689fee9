package wire

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// views are the commands whose output is compared, each with what is left aside
// of it.
var views = []struct {
	command string
	aside   *regexp.Regexp
	why     string
}{
	{command: "ip rule"},
	{"ip route", regexp.MustCompile(`^default |^10\.0\.0\.0/24 |^169\.254\.`), "the operating system's"},
	{command: "ip route show table 2"},
	{command: "ip route show table 3"},
	{command: "ip route show table 4"},
	{"iptables-save -t nat", regexp.MustCompile(`^[#:*C]`), "headings and policies"},
	{"iptables-save -t mangle", regexp.MustCompile(`^[#:*C]`), "headings and policies"},
	{command: "nft list table ip aws-cni"},
}

// isAsInspected holds the kernel of this namespace beside that of a simulated node
// with as many pods: the same lines, but for whose address and whose link is in
// them.
func (n *node) isAsInspected() {
	for _, v := range views {
		args := strings.Fields(v.command)
		real, realErr := exec.Command(args[0], args[1:]...).CombinedOutput()
		shown := v.command
		if args[0] == "iptables-save" {
			shown += " | grep AWS"
		}
		cmd := exec.Command(filepath.Join(n.programs, "ipamsim"), "inspect", "testdata/wire.yaml", "node", "workers-0", "--quiet", "--exec", shown)
		simulated, err := cmd.CombinedOutput()
		if err != nil || realErr != nil {
			n.t.Errorf("%s: %v %s; %v %s", v.command, realErr, real, err, simulated)
			continue
		}
		got, want := kinds(string(simulated), v.aside), kinds(string(real), v.aside)
		if !slices.Equal(got, want) {
			n.t.Errorf("%s: in the kernel\n  %s\nand as inspected\n  %s", v.command, strings.Join(want, "\n  "), strings.Join(got, "\n  "))
			continue
		}
		n.t.Logf("%s: %d kinds of lines in the kernel, the same as inspected", v.command, len(want))
	}
}

// What differs from node to node.
var particular = []struct {
	of *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`\beni[0-9a-f]{11}\b`), "VETH"},
	{regexp.MustCompile(`\b10\.0\.0\.1\b`), "GATEWAY"},
	{regexp.MustCompile(`\b10\.0\.0\.\d+\b`), "ADDRESS"},
	{regexp.MustCompile(`\[\d+:\d+\]|packets \d+ bytes \d+`), "COUNTER"},
	{regexp.MustCompile(`lookup [234]\b`), "lookup TABLE"}, // which of a node's interfaces pods are on is left to chance
	{regexp.MustCompile(`\s+`), " "},
}

// kinds are the different lines of an output with what is particular taken out, in
// order.
func kinds(text string, aside *regexp.Regexp) []string {
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || aside != nil && aside.MatchString(line) {
			continue
		}
		for _, p := range particular {
			line = p.of.ReplaceAllString(line, p.as)
		}
		list = append(list, strings.TrimSpace(line))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
