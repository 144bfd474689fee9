package clusterimport

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

// page is a YAML text that grows.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// comment writes text for people, a line for each line of it.
func (p *page) comment(indent, text string) {
	const most = 140
	for len(text) > most {
		at := strings.LastIndexByte(text[:most], ' ')
		if at <= 0 {
			break
		}
		p.line("%s# %s", indent, text[:at])
		text = text[at+1:]
	}
	p.line("%s# %s", indent, words.Printable(text))
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// plain is a text as a scalar of YAML.
func plain(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return strconv.Quote(s)
	}
	if plainText.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// named maps are written in one line, in the order of their keys.
func oneLine(m map[string]string) string {
	var parts []string
	for _, k := range sorted(m) {
		parts = append(parts, plain(k)+": "+strconv.Quote(m[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func list[T any](items []T, text func(T) string) string {
	parts := make([]string, len(items))
	for i, x := range items {
		parts[i] = text(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func addresses(l []netip.Addr) string  { return list(l, netip.Addr.String) }
func prefixes(l []netip.Prefix) string { return list(l, netip.Prefix.String) }
func oneOrBlock(p netip.Prefix) string {
	if p.Bits() == 32 {
		return p.Addr().String()
	}
	return p.String()
}

// detail is how much of where addresses lie a scenario says. The numbers are the
// same in each.
type detail int

const (
	allNamed  detail = iota // each address
	podsCount               // pods have any of their nodes' addresses
	allCount                // interfaces have any of their subnets', and pods likewise
	detailEnds
)

// fitting is the scenario with as much detail as a scenario may have.
func (w *world) fitting(opts Options) (string, error) {
	before := len(w.assumed)
	for w.detail = opts.least; w.detail < detailEnds; w.detail++ {
		w.assumed = w.assumed[:before]
		switch w.detail {
		case podsCount:
			w.assume("which address of its node a pod has is left to chance: a scenario has at most %s values", words.Count(scenarios.MostValues))
		case allCount:
			w.assume("where in the subnets the addresses of the nodes lie is left to chance, and so how many /28 blocks are free: a scenario has at most %s values", words.Count(scenarios.MostValues))
		}
		text := w.write(opts)
		values := strings.Count(text, "\n") // no fewer than there are
		for _, sign := range []string{", ", "[", "{"} {
			values += strings.Count(text, sign)
		}
		if len(text) <= scenarios.MostBytes && values <= scenarios.MostValues {
			return text, nil
		}
	}
	return "", Faults{sprintf("%s with their pods are more than a scenario holds, which is %s values: give the files of a part of the cluster", words.Plural(len(w.machines), "node"), words.Count(scenarios.MostValues))}
}

// write writes the scenario.
func (w *world) write(opts Options) string {
	p := new(page)
	p.line("# A cluster as its files have it, written by ipamsim import.")
	for _, a := range w.assumed {
		p.comment("", "Assumed: "+a+".")
	}
	for _, n := range w.notes {
		p.comment("", "Note: "+n+".")
	}
	for _, n := range counted(w.not) {
		p.comment("", "Not modelled: "+n)
	}
	p.line("apiVersion: ipamsim/v1")
	p.line("kind: Scenario")
	p.line("metadata:")
	p.line("  name: %s", nameOf(opts.name()))
	p.line("  description: %s", strconv.Quote(w.about()))
	p.line("  source: Imported from what kubectl and the AWS CLI print.")
	p.line("warmUp: 1m # in which the daemons start; nothing changes before time 0")
	p.line("duration: %s", short(w.span()))
	w.writeVPC(p)
	w.writeTypes(p)
	w.writeGroups(p)
	w.writeAutoscaler(p)
	w.writeWorkloads(p)
	w.writeVariants(p)
	return p.String()
}

// about says what the cluster is.
func (w *world) about() string {
	pods := 0
	for _, l := range w.loads {
		pods += l.running
	}
	return sprintf("%s with %s on them, in %s.", words.Plural(len(w.machines), "node"), words.Plural(pods, "pod"), words.Plural(len(w.places), "subnet"))
}

func (w *world) writeVPC(p *page) {
	p.line("vpc:")
	p.line("  cidrs: %s%s", prefixes(w.blocks), w.blocksWhy)
	if w.quotas != "" {
		p.line("  quotas: %s # assumed: raised, since more are there than the defaults allow", w.quotas)
	}
	p.line("  subnets:")
	for _, s := range w.places {
		p.line("    - name: %s%s", s.name, remark(s.called))
		p.line("      cidr: %s", s.block)
		p.line("      az: %s", plain(s.az))
		if len(s.tags) > 0 {
			p.line("      tags: %s", oneLine(s.tags))
		}
		if len(s.others) > 0 || s.unknown > 0 {
			p.line("      used:")
		}
		for _, h := range sorted(s.others) {
			l := slices.Clone(s.others[h])
			slices.SortFunc(l, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
			p.line("        - {holder: %s, addresses: %s}", h, list(l, oneOrBlock))
		}
		if s.unknown > 0 {
			p.line("        - {holder: unknown, count: %d} # %d usable, %d available, %d known: nothing in the files says who has the rest, or where", s.unknown, s.usable, s.available, s.known)
		}
		if len(s.reservations) > 0 {
			p.line("      reservations:")
		}
		for _, r := range s.reservations {
			p.line("        - {cidr: %s, type: %s}", *r.Cidr, r.ReservationType)
		}
	}
}

// remark is a comment behind a value, or nothing.
func remark(s string) string {
	if s == "" {
		return ""
	}
	return " # " + words.Printable(s)
}

func (w *world) writeGroups(p *page) {
	p.line("nodeGroups:")
	for _, g := range w.groups {
		p.line("  - name: %s%s", g.name, remark(poolRemark(g)))
		w.writeSettings(p, g)
		p.line("    nodes:")
		for _, m := range g.machines {
			w.writeNode(p, m)
		}
	}
}

func poolRemark(g *group) string {
	if g.label == "" {
		return "no label names a group"
	}
	return g.label + ": " + g.pool
}

func (w *world) writeSettings(p *page, g *group) {
	p.line("    instanceType: %s", plain(g.instanceType))
	if g.spot {
		p.line("    capacityType: spot")
	}
	if g.most > 0 {
		p.line("    max: %d", g.most)
	}
	p.line("    subnets: %s", list(g.subnets, plain))
	if g.maxPods > 0 {
		p.line("    maxPods: %d", g.maxPods)
	}
	if g.room.milliCPU > 0 && g.room.bytes > 0 {
		p.line("    resources: {cpu: %dm, memory: %dKi} # the least that a node of the group has allocatable", g.room.milliCPU, g.room.bytes>>10)
	}
	if g.family != "" {
		p.line("    amiFamily: %s", g.family)
	}
	if g.kubernetes != "" {
		p.line("    kubernetesVersion: %q", g.kubernetes)
	}
	p.line("    cniVersion: %s%s", w.release, w.releaseWhy)
	p.line("    cni:%s", w.cniWhy)
	for _, k := range sorted(w.cni) {
		p.line("      %s: %q%s", k, w.cni[k], w.cniRemark(k))
	}
	if len(g.configs) > 0 {
		p.line("    eniConfig: %s", oneLine(g.configs))
	}
	if len(g.labels) > 0 {
		p.line("    labels: %s", oneLine(g.labels))
	}
	if len(g.taints) > 0 {
		p.line("    taints: %s", list(g.taints, taint.flow))
	}
}

func (w *world) writeNode(p *page, m *machine) {
	p.line("      - name: %s", plain(m.called()))
	p.line("        subnet: %s", m.place.name)
	if m.node.Spec.Unschedulable {
		p.line("        cordoned: true")
	}
	p.line("        interfaces:")
	natural := map[int]int{}
	for _, i := range m.interfaces {
		w.writeInterface(p, m, i, natural)
	}
	for _, i := range m.branches {
		at := ""
		if b := w.byID[*i.SubnetId]; b != m.place {
			at = ", subnet: " + b.name
		}
		if w.detail < allCount {
			at += ", address: " + i.address.String()
		}
		p.line("          - {kind: branch%s}", at)
	}
	if len(m.pods) > 0 {
		p.line("        pods:")
	}
	for _, o := range m.pods {
		if len(o.named) > 0 && w.detail > allNamed {
			p.line("          - {workload: %s, count: %d}", o.load.name, len(o.named))
		} else if len(o.named) > 0 {
			slices.SortFunc(o.named, netip.Addr.Compare)
			p.line("          - {workload: %s, addresses: %s}", o.load.name, addresses(o.named))
		}
		if o.count > 0 {
			p.line("          - {workload: %s, count: %d}", o.load.name, o.count)
		}
		if o.branch > 0 {
			p.line("          - {workload: %s, count: %d, branch: true}", o.load.name, o.branch)
		}
	}
	w.writeCooling(p, m)
}

// writeInterface writes an interface. natural is the next device of each card: a
// device is written where there is a gap.
func (w *world) writeInterface(p *page, m *machine, i *networkInterface, natural map[int]int) {
	var parts []string
	device, card := i.device()
	switch {
	case i.trunk():
		parts = append(parts, "kind: trunk")
	case i.efaOnly():
		parts = append(parts, "kind: efa-only")
	case i.efa() && i != m.interfaces[0] && (card != 0 || w.managed(m, i)):
		parts = append(parts, "kind: efa")
	case !w.managed(m, i):
		parts = append(parts, "kind: other")
	}
	if s := w.byID[*i.SubnetId]; s != m.place {
		parts = append(parts, "subnet: "+s.name)
	}
	if device != natural[card] {
		parts = append(parts, fmt.Sprintf("device: %d", device))
	}
	natural[card] = device + 1
	if card != 0 {
		parts = append(parts, fmt.Sprintf("card: %d", card))
	}
	if i.efaOnly() {
		p.line("          - {%s}", strings.Join(parts, ", "))
		return
	}
	if w.detail == allCount {
		p.line("          - {%s}", strings.Join(append(parts, fmt.Sprintf("addressCount: %d", len(i.secondary)), fmt.Sprintf("prefixCount: %d", len(i.prefixes))), ", "))
		return
	}
	parts = append(parts, "address: "+i.address.String())
	if len(i.secondary) > 0 {
		l := slices.Clone(i.secondary)
		slices.SortFunc(l, netip.Addr.Compare)
		parts = append(parts, "addresses: "+addresses(l))
	}
	if len(i.prefixes) > 0 {
		l := slices.Clone(i.prefixes)
		slices.SortFunc(l, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		parts = append(parts, "prefixes: "+prefixes(l))
	}
	p.line("          - {%s}", strings.Join(parts, ", "))
}

// managed says whether ipamd manages an interface: its first one, and others on
// the same card that no tag takes from it.
func (w *world) managed(m *machine, i *networkInterface) bool {
	_, card := i.device()
	switch {
	case i == m.interfaces[0]:
		return true
	case card != w.limitsOf(m).DefaultCard || i.tag("node.k8s.amazonaws.com/no_manage") == "true":
		return false
	}
	untagged := i.tag(tagInstance) == ""
	unmanaged := w.env()["MANAGE_UNTAGGED_ENI"]
	return !untagged || unmanaged == "" || truth(unmanaged)
}

// writeCooling writes the addresses that pods have left a moment before.
func (w *world) writeCooling(p *page, m *machine) {
	if w.detail > allNamed {
		return // an address that a pod may have
	}
	busy := map[netip.Addr]bool{}
	for _, o := range m.pods {
		for _, a := range o.named {
			busy[a] = true
		}
	}
	var found []cooled
	for _, i := range m.interfaces {
		for _, c := range w.cooling[*i.NetworkInterfaceId] {
			on := slices.Contains(i.secondary, c.address) || slices.ContainsFunc(i.prefixes, func(p netip.Prefix) bool { return p.Contains(c.address) })
			if on && !busy[c.address] && w.managed(m, i) && !i.trunk() {
				found = append(found, c)
				busy[c.address] = true
			}
		}
	}
	if len(found) == 0 {
		return
	}
	slices.SortFunc(found, func(a, b cooled) int { return a.address.Compare(b.address) })
	p.line("        cooling:")
	for _, c := range found {
		p.line("          - {addresses: [%s], since: %s}", c.address, short(c.since))
	}
}

// short is a duration as the language has it.
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)
}
