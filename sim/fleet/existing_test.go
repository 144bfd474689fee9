package fleet_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/machine"
)

// held is what a node holds, by name.
type held struct {
	subnet     string
	cordoned   bool
	interfaces []heldInterface
	pods       map[string][]netip.Addr // by workload
	cooling    []netip.Addr
}

// heldInterface is one of its interfaces, in the order of their creation.
type heldInterface struct {
	kind, subnet string
	device       int
	address      netip.Addr
	addresses    []netip.Addr
	prefixes     []netip.Prefix
}

// String is all that is held, for comparisons.
func (h *held) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s cordoned:%v", h.subnet, h.cordoned)
	for _, i := range h.interfaces {
		fmt.Fprintf(&b, "\n  %s %s %d %v %v %v", i.kind, i.subnet, i.device, i.address, i.addresses, i.prefixes)
	}
	for _, w := range slices.Sorted(maps.Keys(h.pods)) {
		fmt.Fprintf(&b, "\n  %s %v", w, h.pods[w])
	}
	fmt.Fprintf(&b, "\n  cooling %v", h.cooling)
	return b.String()
}

// holds reads a node's holdings from the account's and the daemon's books.
func holds(w *tested, m *machine.Machine) *held {
	h := &held{subnet: m.Node.Instance.Subnet, cordoned: m.Node.Unschedulable(), pods: map[string][]netip.Addr{}}
	managed := map[string]bool{}
	for e := range m.Daemon.ENIs {
		managed[e.ID] = true
	}
	for d := range w.Account.Devices(m.Node.Instance.ID) { // not metadata, which lags
		eni, _ := w.Account.Interface(d.Interface)
		i := heldInterface{kind: "other", subnet: w.subnetName(*eni.SubnetId), device: d.Index, address: d.PrimaryIP}
		if managed[d.Interface] {
			i.kind = "pods"
		}
		for _, a := range eni.PrivateIpAddresses[1:] {
			i.addresses = append(i.addresses, netip.MustParseAddr(*a.PrivateIpAddress))
		}
		for _, p := range eni.Ipv4Prefixes {
			i.prefixes = append(i.prefixes, netip.MustParsePrefix(*p.Ipv4Prefix))
		}
		slices.SortFunc(i.addresses, netip.Addr.Compare)
		slices.SortFunc(i.prefixes, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		h.interfaces = append(h.interfaces, i)
	}
	for _, p := range m.Node.Pods() {
		if p.State() == cluster.Running {
			h.pods[p.Workload.Name] = append(h.pods[p.Workload.Name], p.Address())
		}
	}
	for _, list := range h.pods {
		slices.SortFunc(list, netip.Addr.Compare)
	}
	h.cooling = coolingOn(m)
	return h
}

// coolingOn are the addresses in cooldown, as the daemon's introspection has them.
func coolingOn(m *machine.Machine) (list []netip.Addr) {
	for _, a := range m.Daemon.Cooling() {
		list = append(list, a.Address)
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

func (w *tested) subnetName(id string) string {
	for _, s := range w.Account.Subnets() {
		if s.ID == id {
			return s.Name
		}
	}
	return id
}

// failing is a test of one case.
type failing interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// atZero runs a scenario to its time 0.
func atZero(t failing, text string) *tested {
	t.Helper()
	w := load(t, text)
	if err := w.Run(background(), w.WarmUp, nil); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := w.Account.CheckBooks(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return w
}

// load makes a scenario's world.
func load(t failing, text string) *tested {
	t.Helper()
	f, err := scenarios.Load("snapshot.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	v, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newTested(v[0], fleet.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return w
}

// randomEntry is a node, or some, of a random snapshot. named hands out
// addresses of the upper half of a subnet, whose lower half EC2 chooses from as
// well as from the upper.
func randomEntry(t *rapid.T, k int, b *strings.Builder, named *int) {
	draw := func(low, high int, what string) int {
		return rapid.IntRange(low, high).Draw(t, fmt.Sprint(what, k))
	}
	kind := rapid.SampledFrom([]string{"", "m5.large", "c5.2xlarge"}).Draw(t, fmt.Sprint("type", k))
	limits, _ := ec2model.Limits(cmp.Or(kind, "c5.xlarge"))
	count := draw(1, 3, "count")
	byName := count == 1 && rapid.Bool().Draw(t, fmt.Sprint("by name", k))
	name := func(size int) string {
		*named = (*named + size - 1) / size * size
		a := fmt.Sprintf("10.0.%d.%d", 4+*named/256, *named%256)
		*named += size
		return a
	}
	fmt.Fprintf(b, "      - count: %d\n        subnet: a\n        cordoned: %v\n", count, rapid.Bool().Draw(t, fmt.Sprint("cordoned", k)))
	if kind != "" {
		fmt.Fprintf(b, "        instanceType: %s\n        resources: {cpu: 32, memory: 64Gi}\n", kind)
	}
	if rapid.Bool().Draw(t, fmt.Sprint("own max pods", k)) {
		fmt.Fprintf(b, "        maxPods: %d\n", draw(60, 110, "max pods"))
	}
	b.WriteString("        interfaces:\n")
	pool, first := 0, []string{}
	enis := draw(1, limits.ENIs, "interfaces")
	trunk := enis > 1 && rapid.Bool().Draw(t, fmt.Sprint("trunk", k))
	branches := 0
	for e := range enis {
		singles, prefixes := draw(0, min(8, limits.IPv4PerENI-4), fmt.Sprint("singles ", e, " of ")), draw(0, 3, fmt.Sprint("prefixes ", e, " of "))
		kind := "pods"
		if e == 1 && trunk {
			kind = "trunk"
		} else {
			pool += singles + 16*prefixes
		}
		fmt.Fprintf(b, "          - {kind: %s", kind)
		if byName {
			fmt.Fprintf(b, ", address: %s", name(1))
			var list, blocks []string
			for range singles {
				list = append(list, name(1))
			}
			for range prefixes {
				blocks = append(blocks, name(16)+"/28")
			}
			if kind == "pods" {
				first = append(first, list...)
			}
			fmt.Fprintf(b, ", addresses: [%s], prefixes: [%s]}\n", strings.Join(list, ", "), strings.Join(blocks, ", "))
		} else {
			fmt.Fprintf(b, ", addressCount: %d, prefixCount: %d}\n", singles, prefixes)
		}
	}
	if trunk {
		branches = draw(0, 5, "branches")
		if branches > 0 {
			fmt.Fprintf(b, "          - {kind: branch, count: %d}\n", branches)
		}
	}
	b.WriteString("        pods:\n          - {workload: agent, count: 1}\n")
	if len(first) > 1 {
		fmt.Fprintf(b, "          - {workload: db, addresses: [%s, 192.0.2.%d]}\n", first[0], 1+k)
		pool--
	}
	if n := min(pool-1, draw(0, 20, "web")); n > 0 {
		fmt.Fprintf(b, "          - {workload: web, count: %d}\n", n)
		pool -= n
	}
	if branches > 0 {
		fmt.Fprintf(b, "          - {workload: db, count: %d, branch: true}\n", branches)
	}
	if n := min(pool-1, draw(0, 4, "cooling")); n > 0 {
		fmt.Fprintf(b, "        cooling: [{count: %d, since: %ds}]\n", n, draw(0, 30, "since"))
	}
}

// randomSnapshot is a scenario that begins with some.
func randomSnapshot(t *rapid.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: snapshot}
seed: %d
warmUp: 2m
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/21, az: a, used: [{count: %d, holder: nat}, {count: 3, holder: control-plane}]}
nodeGroups:
  - name: nodes
    instanceType: c5.xlarge
    resources: {cpu: 32, memory: 64Gi}
    cni: {%s}
    nodes:
`, rapid.Uint64Range(1, 1<<40).Draw(t, "seed"), rapid.IntRange(0, 300).Draw(t, "used"),
		rapid.SampledFrom([]string{"WARM_ENI_TARGET: 1", "WARM_IP_TARGET: 2", "ENABLE_PREFIX_DELEGATION: true"}).Draw(t, "cni"))
	named := 0
	for k := range rapid.IntRange(1, 5).Draw(t, "entries") {
		randomEntry(t, k, &b, &named)
	}
	b.WriteString(`workloads:
  - {name: web, replicas: [{at: 1m, count: 20}]}
  - {name: db}
  - {name: agent, kind: DaemonSet}
`)
	return b.String()
}

// Whatever a snapshot says, the account, the daemons and the cluster hold just
// that at time 0.
func TestASnapshotHoldsWhatItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := randomSnapshot(t)
		w := atZero(t, text)
		entries := w.Scenario.NodeGroups[0].Nodes
		var subnet struct{ primaries, secondary int }
		nodes := map[int]int{}
		for _, m := range w.Machines {
			e, h := &entries[m.Node.Existing.Place], holds(w, m)
			nodes[m.Node.Existing.Place]++
			if err := isAs(e, h); err != nil {
				t.Fatalf("%s: %v\n%v\n%s", m.Node.Name, err, h, text)
			}
			limits, _ := ec2model.Limits(cmp.Or(e.InstanceType, "c5.xlarge"))
			if like := w.Scenario.NodeGroups[0].As(e); m.Kind.Limits.ENIs != limits.ENIs || m.Node.Type() != like.InstanceType || m.Node.MaxPods() != like.PodLimit() || e.MaxPods != nil && m.Node.MaxPods() != *e.MaxPods {
				t.Fatalf("%s is a %s with %d max pods\n%s", m.Node.Name, m.Node.Type(), m.Node.MaxPods(), text)
			}
		}
		for k := range entries {
			e := &entries[k]
			if nodes[k] != e.Count {
				t.Fatalf("%d nodes of entry %d\n%s", nodes[k], k, text)
			}
			for i := range e.Interfaces {
				subnet.primaries += e.Count * e.Interfaces[i].Count
				subnet.secondary += e.Count * e.Interfaces[i].Count * secondary(&e.Interfaces[i])
			}
		}
		s := w.Account.Subnets()[0]
		if s.Primaries != subnet.primaries || s.Secondary != subnet.secondary {
			t.Fatalf("the subnet is %+v, the snapshot says %+v\n%s", s, subnet, text)
		}
		if len(w.defects) > 0 || w.restarts > 0 {
			t.Fatalf("%d defects, %d restarts\n%s", len(w.defects), w.restarts, text)
		}
	})
}

// secondary is how many addresses an interface has besides its own.
func secondary(e *scenarios.ExistingInterface) int {
	return e.AddressCount + len(e.Addresses) + 16*(e.PrefixCount+len(e.Prefixes))
}

// isAs compares a node with its entry.
func isAs(e *scenarios.ExistingNode, h *held) error {
	k, onPods, branches := 0, 0, 0
	for i := range e.Interfaces {
		x := &e.Interfaces[i]
		if x.Kind == "branch" {
			branches += x.Count
			continue
		}
		for range x.Count {
			got := h.interfaces[k]
			k++
			if (got.kind == "pods") != (x.Kind == "pods") || len(got.addresses) != x.AddressCount+len(x.Addresses) || len(got.prefixes) != x.PrefixCount+len(x.Prefixes) {
				return fmt.Errorf("interface %d is %+v, not %+v", k, got, x)
			}
			if x.Address != nil && x.Address.Addr() != got.address {
				return fmt.Errorf("interface %d has the address %v, not %v", k, got.address, x.Address)
			}
			for _, a := range x.Addresses {
				if !slices.Contains(got.addresses, a.Addr()) {
					return fmt.Errorf("interface %d has not %v", k, a)
				}
			}
			for _, p := range x.Prefixes {
				if !slices.Contains(got.prefixes, p.Prefix) {
					return fmt.Errorf("interface %d has not %v", k, p)
				}
			}
		}
	}
	if k != len(h.interfaces) {
		return fmt.Errorf("%d interfaces, not %d", len(h.interfaces), k)
	}
	pods := map[string]int{}
	for i := range e.Pods {
		pods[e.Pods[i].Workload] += e.Pods[i].Total()
		for _, a := range e.Pods[i].Addresses {
			if !slices.Contains(h.pods[e.Pods[i].Workload], a.Addr()) {
				return fmt.Errorf("no pod has %v", a)
			}
		}
	}
	for w, n := range pods {
		if len(h.pods[w]) != n {
			return fmt.Errorf("%d pods of %s, not %d", len(h.pods[w]), w, n)
		}
		onPods += n
	}
	cooling := 0
	for i := range e.Cooling {
		cooling += e.Cooling[i].Count + len(e.Cooling[i].Addresses)
	}
	if len(h.cooling) != cooling || h.cordoned != e.Cordoned {
		return fmt.Errorf("%d cool down, not %d; or it is cordoned", len(h.cooling), cooling)
	}
	return nil
}

// written is a node as an entry of a snapshot.
func (h *held) written(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "      - {name: %s, subnet: %s, cordoned: %v, interfaces: [", name, h.subnet, h.cordoned)
	for _, i := range h.interfaces {
		fmt.Fprintf(&b, "{kind: %s, subnet: %s, device: %d, address: %v, addresses: [%s], prefixes: [%s]}, ", i.kind, i.subnet, i.device, i.address, listed(i.addresses), listed(i.prefixes))
	}
	b.WriteString("], pods: [")
	for _, w := range slices.Sorted(maps.Keys(h.pods)) {
		fmt.Fprintf(&b, "{workload: %s, addresses: [%s]}, ", w, listed(h.pods[w]))
	}
	b.WriteString("]")
	if len(h.cooling) > 0 {
		fmt.Fprintf(&b, ", cooling: [{since: 5s, addresses: [%s]}]", listed(h.cooling))
	}
	b.WriteString("}\n")
	return b.String()
}

func listed[T fmt.Stringer](list []T) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = x.String()
	}
	return strings.Join(words, ", ")
}

// A snapshot that is taken of a world, from its account and its daemons, makes a
// world that holds the same at time 0: each address has the same holder.
func TestASnapshotOfAWorldIsThatWorld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cni := rapid.SampledFrom([]string{"WARM_ENI_TARGET: 1", "WARM_IP_TARGET: 3", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "ENABLE_PREFIX_DELEGATION: true"}).Draw(t, "cni")
		head := fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: world}
seed: %d
warmUp: 2m
duration: 30m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
`, rapid.Uint64Range(1, 1<<40).Draw(t, "seed"))
		const subnets = "    - {name: a, cidr: 10.0.0.0/24, az: a%s}\n    - {name: b, cidr: 10.0.8.0/23, az: b%s}\n"
		groups := fmt.Sprintf("nodeGroups:\n  - name: nodes\n    instanceType: m5.large\n    cni: {%s}\n", cni)
		world := head + fmt.Sprintf(subnets, ", used: [{count: 60}]", "") + groups + fmt.Sprintf(`    count: %d
workloads:
  - {name: web, initial: %d, replicas: [{at: 1m, count: %d}, {at: 4m, count: %d}]}
  - {name: jobs, kind: Job, arrivals: {rate: 0.3}, lifetime: {min: 20s, max: 100s}}
`, rapid.IntRange(1, 6).Draw(t, "nodes"), rapid.IntRange(0, 40).Draw(t, "initial"), rapid.IntRange(0, 60).Draw(t, "up"), rapid.IntRange(0, 30).Draw(t, "down"))
		at := time.Duration(rapid.IntRange(1, 600).Draw(t, "at")) * time.Second
		first := load(t, world)
		if err := first.Run(background(), first.WarmUp+at, nil); err != nil {
			t.Fatal(err)
		}
		snapshot, want := groups+"    nodes:\n", map[string]string{}
		taken := map[netip.Addr]bool{}
		for _, m := range first.Machines {
			if m.Daemon == nil || m.Node.State() != cluster.Ready {
				continue
			}
			h := holds(first, m)
			snapshot += h.written(m.Node.Name)
			want[m.Node.Name] = h.String()
			for _, i := range h.interfaces {
				taken[i.address] = true
				for _, a := range i.addresses {
					taken[a] = true
				}
				for _, p := range i.prefixes {
					for a := p.Addr(); p.Contains(a); a = a.Next() {
						taken[a] = true
					}
				}
			}
		}
		if len(want) == 0 {
			t.Skip("no node")
		}
		var others []any
		for _, s := range first.Account.Subnets() {
			var rest []string
			for a := s.CIDR.Addr(); s.CIDR.Contains(a); a = a.Next() {
				if owner, _ := first.Account.Owner(a); owner != ec2model.OwnedByNobody && owner != ec2model.OwnedByAWS && !taken[a] {
					rest = append(rest, a.String())
				}
			}
			text := ""
			if len(rest) > 0 {
				text = ", used: [{holder: unknown, addresses: [" + strings.Join(rest, ", ") + "]}]"
			}
			others = append(others, text)
		}
		again := head + fmt.Sprintf(subnets, others...) + snapshot + "workloads:\n  - {name: web}\n  - {name: jobs, kind: Job, arrivals: {rate: 0.3}, lifetime: {min: 20s, max: 100s}}\n"
		second := atZero(t, again)
		for _, m := range second.Machines {
			if got := holds(second, m).String(); got != want[m.Node.Name] {
				t.Fatalf("%s holds\n%s\nnot\n%s\n%s", m.Node.Name, got, want[m.Node.Name], again)
			}
		}
		if len(second.Machines) != len(want) {
			t.Fatalf("%d nodes, not %d", len(second.Machines), len(want))
		}
		for i, s := range first.Account.Subnets() {
			if again := second.Account.Subnets()[i]; s.Free != again.Free || s.FreeBlocks != again.FreeBlocks {
				t.Fatalf("%s has %d free addresses and %d blocks, not %d and %d", s.Name, again.Free, again.FreeBlocks, s.Free, s.FreeBlocks)
			}
		}
	})
}

func background() context.Context { return context.Background() }
