package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// cluster is a small scenario: subnets, groups of nodes with pods on each.
type cluster struct {
	subnets string // 10.0.0.0/22 a, 10.0.4.0/22 b; zones of their own
	used    int    // addresses that others hold in each of them
	groups  []group
	extra   string // more of the scenario, at its top level
}

// group are nodes of one type, and pods for it.
type group struct {
	instance    string
	nodes, pods int
	cni         string // environment of aws-node
	more        string // keys of the node group
	each        bool   // the pods are a DaemonSet's, one a node
}

func (c cluster) String() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: published}\nwarmUp: 10m\nduration: 10m\ncontrolPlane: {tier: unlimited}")
	p("vpc:\n  cidrs: [10.0.0.0/16]\n  subnets:")
	for i, s := range strings.Split(c.subnets, ", ") {
		cidr, zone, _ := strings.Cut(s, " ")
		p("    - {name: s%d, cidr: %s, az: %s, used: [{count: %d}]}", i, cidr, zone, c.used)
	}
	p("nodeGroups:")
	for i, g := range c.groups {
		p("  - {name: g%d, instanceType: %s, count: %d, labels: {group: g%d}, cni: {%s}%s}", i, g.instance, g.nodes, i, g.cni, g.more)
	}
	p("workloads:")
	for i, g := range c.groups {
		switch {
		case g.each:
			p("  - {name: p%d, kind: DaemonSet, nodeSelector: {group: g%d}}", i, i)
		default:
			p("  - {name: p%d, nodeSelector: {group: g%d}, initial: %d}", i, i, g.pods)
		}
	}
	p("%s", c.extra)
	return b.String()
}

// world is a fleet at its end.
type world struct {
	*fleet.Fleet
	result.Outcome
}

func run(t testing.TB, c cluster) *world {
	t.Helper()
	w, err := fleet.New(scenariotest.Expand(t, c.String(), scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	return &world{w, w.Outcome().Outcome}
}

// sum adds a number of the subnets up.
func (w *world) sum(of func(*result.Subnet) int) (n int) {
	for i := range w.Subnets {
		n += of(&w.Subnets[i])
	}
	return n
}

// held are the addresses that the nodes hold, their interfaces' own among them.
func (w *world) held() int {
	return w.sum(func(s *result.Subnet) int { return s.Usable - s.FreeAtEnd - s.Held.Others })
}

// pool are those of them for pods.
func (w *world) pool() int { return w.held() - w.primaries() }

func (w *world) primaries() int { return w.sum(func(s *result.Subnet) int { return s.Held.Primaries }) }

func (w *world) usable() int { return w.sum(func(s *result.Subnet) int { return s.Usable }) }

func (w *world) free() int { return w.sum(func(s *result.Subnet) int { return s.FreeAtEnd }) }

// idle are those without a pod.
func (w *world) idle() int { return w.sum(func(s *result.Subnet) int { return s.Held.Warm }) }

// blocks are free now.
func (w *world) blocks() (n int) {
	for _, s := range w.Account.Subnets() {
		n += s.FreeBlocks
	}
	return n
}

// each is a number of every subnet, in their order.
func (w *world) each(of func(*result.Subnet) int) string {
	var list []string
	for i := range w.Subnets {
		list = append(list, words.Count(of(&w.Subnets[i])))
	}
	return strings.Join(list, "/")
}

func freeAtEnd(s *result.Subnet) int { return s.FreeAtEnd }

func allocated(s *result.Subnet) int { return s.Usable - s.FreeAtEnd }
