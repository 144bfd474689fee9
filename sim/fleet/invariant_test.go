package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// The properties that hold whatever happens: random workloads on random
// nodes with random settings, while the API fails, others take addresses,
// nodes are killed and rolled, daemons crash in the middle of their calls,
// metadata is stale and strangers change interfaces.

// randomFleet is a scenario. In a strict one metadata never shows anything
// that is over, and nobody else takes addresses away: only there every running
// pod must keep what it was given. What the real daemon does otherwise has
// tests of its own, named after the hazard.
func randomFleet(t *rapid.T) (text string, strict bool) {
	b := draftOf(t, "random", "warmUp: 1m\nduration: 3h")
	p := b.line
	bits := rapid.IntRange(22, 26).Draw(t, "subnet size")
	p("vpc:\n  cidrs: [10.0.0.0/16]\n  subnets:")
	p("    - {name: a, cidr: 10.0.0.0/%d, az: a, used: [{count: %d}]}", bits, rapid.IntRange(0, 20).Draw(t, "used"))
	p("    - {name: b, cidr: 10.0.64.0/%d, az: b}", bits)
	cni := rapid.SampledFrom([]string{
		"WARM_ENI_TARGET: 1", "WARM_ENI_TARGET: 0", "WARM_IP_TARGET: 3", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8",
		"ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 5",
	}).Draw(t, "cni")
	instance := rapid.SampledFrom([]string{"t3.small", "m5.large", "c5.xlarge"}).Draw(t, "type")
	p("nodeGroups:")
	p("  - {name: janitor, instanceType: m5.large, count: 1, subnets: [b], labels: {role: janitor}}")
	p("  - {name: nodes, instanceType: %s, count: %d, cni: {%s}, labels: {role: work}, steps: [{at: 20m, count: %d}, {at: 50m, count: 0}]}",
		instance, rapid.IntRange(1, 4).Draw(t, "nodes"), cni, rapid.IntRange(0, 6).Draw(t, "later"))
	p("workloads:")
	p("  - {name: web, initial: %d, nodeSelector: {role: work}, replicas: [{at: 5m, count: %d}, {at: 15m, count: %d}, {at: 40m, count: 0}]}",
		rapid.IntRange(0, 30).Draw(t, "initial"), rapid.IntRange(0, 60).Draw(t, "up"), rapid.IntRange(0, 20).Draw(t, "down"))
	p("  - {name: jobs, kind: Job, nodeSelector: {role: work}, arrivals: {rate: %g, to: 40m}, lifetime: {min: 5s, max: %ds}}",
		rapid.Float64Range(0.01, 0.5).Draw(t, "rate"), rapid.IntRange(10, 200).Draw(t, "lifetime"))
	if strict = rapid.Bool().Draw(t, "metadata without lag"); strict {
		p("ec2: {metadata: {interface: {constant: 0s}, addresses: {constant: 0s}}}")
	}
	p("faults:")
	p("  - {kind: api-errors, code: %s, share: %g, at: 0s, for: 45m}",
		rapid.SampledFrom([]string{"RequestLimitExceeded", "InternalError", "UnauthorizedOperation"}).Draw(t, "code"), rapid.Float64Range(0, 0.4).Draw(t, "share"))
	p("  - {kind: subnet-occupy, subnet: a, at: 10m, count: %d}", rapid.IntRange(0, 60).Draw(t, "taken"))
	p("  - {kind: subnet-release, subnet: a, at: 30m}")
	for i := range rapid.IntRange(0, 4).Draw(t, "faults") {
		line, harmless := randomFault(t, fmt.Sprint("fault", i))
		strict = strict && harmless
		p("  - {%s}", line)
	}
	return b.String(), strict
}

// randomFault is a fault of nodes; a harmless one takes nothing away that
// ipamd was told that it has.
func randomFault(t *rapid.T, name string) (line string, harmless bool) {
	kind := rapid.SampledFrom([]string{
		"kill-nodes", "restart-ipamd", "cordon", "roll-aws-node", "stale-metadata", "attach-eni", "detach-eni", "unassign-addresses",
		"metadata-down", "slow-metadata", "flush-rules", "zone-down", "api-slow", "throttle-storm",
	}).Draw(t, name)
	line = fmt.Sprintf("kind: %s, at: %ds", kind, rapid.IntRange(0, 2400).Draw(t, name+" at"))
	switch kind {
	case "zone-down":
		return line + ", for: 5m, subnet: " + rapid.SampledFrom([]string{"a", "b"}).Draw(t, name+" in"), true
	case "api-slow":
		return line + fmt.Sprintf(", for: 2m, every: 5m, times: 3, factor: %d, add: 1s", rapid.IntRange(1, 50).Draw(t, name+" factor")), true
	case "throttle-storm":
		return line + ", for: 5m, rate: 50, action: " + rapid.SampledFrom([]string{"CreateNetworkInterface", "AssignPrivateIpAddresses", "DescribeNetworkInterfaces"}).Draw(t, name+" action"), true
	}
	if rapid.Bool().Draw(t, name+" on workers") {
		line += ", group: nodes"
	}
	if kind == "roll-aws-node" {
		return line + fmt.Sprintf(", maxUnavailable: %s, cni: {%s}", rapid.SampledFrom([]string{"1", "3", "1%", "34%", "100%"}).Draw(t, name+" unavailable"),
			rapid.SampledFrom([]string{"", "WARM_IP_TARGET: 2", "ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: false"}).Draw(t, name+" cni")), true
	}
	line += fmt.Sprintf(", share: %g", rapid.Float64Range(0, 1).Draw(t, name+" share"))
	switch kind {
	case "cordon", "metadata-down":
		line += ", for: 5m, every: 10m, times: 2"
	case "flush-rules":
		line += rapid.SampledFrom([]string{"", ", every: 7m, times: 3", ", when: attached"}).Draw(t, name+" again")
	case "kill-nodes", "restart-ipamd":
		if rapid.Bool().Draw(t, name+" waits") {
			line += ", for: 20m, every: 5m, when: " + rapid.SampledFrom([]string{
				"initialising", "assigning", "unassigning", "creating", "created", "attaching", "attached", "modifying", "detaching", "detached", "deleting",
			}).Draw(t, name+" when")
		}
	case "slow-metadata":
		return line + fmt.Sprintf(", for: 10m, factor: %d, add: %ds", rapid.IntRange(1, 10).Draw(t, name+" factor"), rapid.IntRange(0, 150).Draw(t, name+" add")), false
	case "stale-metadata":
		return line + fmt.Sprintf(", for: %ds, interfaces: %d", rapid.IntRange(1, 600).Draw(t, name+" for"), rapid.IntRange(0, 2).Draw(t, name+" hides")), false
	case "attach-eni":
		line += fmt.Sprintf(", addresses: %d", rapid.IntRange(0, 3).Draw(t, name+" brings"))
	case "unassign-addresses":
		return line + fmt.Sprintf(", addresses: %d", rapid.IntRange(0, 6).Draw(t, name+" takes")), false
	case "detach-eni":
		return line, false
	}
	return line, true
}

func TestInvariantsHoldUnderAnyFaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, strict := randomFleet(t)
		w := worldOf(t, text)
		if err := w.Account.Audit(); err != nil {
			t.Fatal(err)
		}
		err := inPieces(w, w.End, func(at time.Duration) error {
			if err := w.Account.CheckChanges(); err != nil {
				return err
			}
			if err := w.ledgerAgrees(); err != nil {
				return err
			}
			if err := w.censusAgrees(); err != nil {
				return err
			}
			if !strict {
				return nil
			}
			if err := w.oneOwner(); err != nil {
				return err
			}
			return w.podsKeepTheirAddresses()
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := w.Account.CheckBooks(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := w.booksAgree(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := w.nothingLeaked(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := countsAddUp(w.Outcome().Outcome); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// oneOwner: no two pods of the fleet have one address.
func (w *tested) oneOwner() error {
	owner := map[netip.Addr]string{}
	for _, m := range w.Machines {
		if m.Daemon == nil {
			continue
		}
		for _, a := range m.Daemon.Allocations() {
			if other, taken := owner[a.Address]; taken {
				return fmt.Errorf("%v belongs to %s and to %s on %s", a.Address, other, a.Pod, m.Node.Name)
			}
			owner[a.Address] = a.Pod
		}
	}
	return nil
}

// locked says whether one of a node's interfaces is full of single addresses
// that a failed call at the switch to prefixes has left, so that its daemon
// never reconciles; see
// TestHazardAFailedUnassignAtTheSwitchToPrefixesLocksTheNode.
func locked(m *machine.Machine, book map[string]int) bool {
	instance, _ := m.Site.Account.Instance(m.Node.Instance.ID)
	for _, n := range instance.NetworkInterfaces {
		eni, _ := m.Site.Account.Interface(*n.NetworkInterfaceId)
		singles, prefixes := len(eni.PrivateIpAddresses)-1, len(eni.Ipv4Prefixes)
		if m.Daemon.PrefixDelegation && 1+singles+prefixes == m.Kind.Limits.IPv4PerENI &&
			singles > 0 && book[*eni.NetworkInterfaceId] == 16*prefixes {
			return true
		}
	}
	return false
}

// podsKeepTheirAddresses: what a running pod was given is recorded in its
// node's checkpoint and belongs to the node.
func (w *tested) podsKeepTheirAddresses() error {
	for _, m := range w.Machines {
		recorded := map[string]netip.Addr{}
		for _, a := range m.Files.Read() {
			recorded[a.Pod] = a.Address
		}
		for _, p := range m.Node.Pods() {
			if p.State() != cluster.Running {
				continue
			}
			address := p.Address()
			if recorded[p.Name()] != address {
				return fmt.Errorf("%s on %s has %v, its node's checkpoint says %v", p.Name(), m.Node.Name, address, recorded[p.Name()])
			}
			owner, _ := w.Account.Owner(address)
			if e, ok := w.Account.Interface(owner); !ok || e.Attachment == nil || *e.Attachment.InstanceId != m.Node.Instance.ID {
				return fmt.Errorf("%s on %s has %v, which EC2 has given to %q", p.Name(), m.Node.Name, address, owner)
			}
		}
	}
	return nil
}

// booksAgree: after the faults and a reconcile, each daemon lists exactly
// what EC2 has on its instance's managed interfaces.
func (w *tested) booksAgree() error {
	for _, m := range w.Machines {
		if !m.Agent.Serving() {
			return fmt.Errorf("%s: ipamd does not serve at the end", m.Node.Name)
		}
		byENI := map[string]int{}
		for e := range m.Daemon.ENIs {
			byENI[e.ID] = e.Total
		}
		if locked(m, byENI) {
			continue
		}
		instance, _ := w.Account.Instance(m.Node.Instance.ID)
		if len(instance.NetworkInterfaces) != len(byENI) {
			return fmt.Errorf("%s: %d interfaces in EC2, %d in ipamd's book", m.Node.Name, len(instance.NetworkInterfaces), len(byENI))
		}
		for _, n := range instance.NetworkInterfaces {
			eni, _ := w.Account.Interface(*n.NetworkInterfaceId)
			has := len(eni.PrivateIpAddresses) - 1 + 16*len(eni.Ipv4Prefixes)
			if byENI[*n.NetworkInterfaceId] != has {
				return fmt.Errorf("%s, %s: %d addresses in EC2, %d in ipamd's book", m.Node.Name, *n.NetworkInterfaceId, has, byENI[*n.NetworkInterfaceId])
			}
		}
	}
	return nil
}

// nothingLeaked: two hours after the last worker has gone, the interfaces
// that are left are the janitor's, whose hourly job has deleted the others;
// and when it goes too, nothing is held. Strangers' interfaces are their own
// business, and so are those for which nobody has set DeleteOnTermination: the
// daemon does not for what it adopts.
func (w *tested) nothingLeaked() error {
	var others []string
	for _, id := range w.Account.InterfaceIDs() {
		eni, _ := w.Account.Interface(id)
		ours := eni.Description != nil && strings.HasPrefix(*eni.Description, "aws-K8S-")
		switch {
		case eni.Attachment == nil && ours:
			return fmt.Errorf("%s has leaked (%s)", id, eni.Status)
		case eni.Attachment == nil || !*eni.Attachment.DeleteOnTermination:
			others = append(others, id)
		}
	}
	for _, id := range others {
		if eni, _ := w.Account.Interface(id); eni.Attachment == nil {
			if err := w.Account.RemoveInterface(id); err != nil {
				return err
			}
		}
	}
	// What is left is of instances that run: the books say that no address is
	// held but by an interface.
	running := w.Account.InstanceIDs()
	for _, id := range w.Account.InterfaceIDs() {
		if eni, _ := w.Account.Interface(id); eni.Attachment == nil || !slices.Contains(running, *eni.Attachment.InstanceId) {
			return fmt.Errorf("%s is of no instance that runs", id)
		}
	}
	if u := w.Account.Usage(); u.Instances != len(running) {
		return fmt.Errorf("left over: %+v", u)
	}
	return w.Account.CheckBooks()
}

// ownWords are what a node's ipamd has to say of itself.
func ownWords(m *machine.Machine) string {
	text := ipamd.CheckpointFile(m.Files.Read(), machine.ContainerID, m.Site.Epoch.Add)
	if m.Agent == nil || !m.Agent.Serving() {
		return text
	}
	book, err := json.Marshal(m.Daemon.Introspect())
	if err != nil {
		panic(err) // plain data
	}
	var metrics strings.Builder
	if err := ipamd.WriteMetrics(&metrics, m.Daemon.Metrics()); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return text + string(book) + metrics.String()
}

// Neither what happens nor what the daemons tell of themselves at any moment.
func TestParkingChangesNothingUnderAnyFaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, _ := randomFleet(t)
		f, err := scenarios.Load("random.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		variants, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		look := rapid.IntRange(0, 19).Draw(t, "looks at one of twenty")
		tells := func(park bool) (told []string) {
			w, err := newTested(variants[0], fleet.Options{TickIdle: !park})
			if err != nil {
				t.Fatal(err)
			}
			piece := 0
			if err := inPieces(w, w.End, func(at time.Duration) error {
				if piece++; piece%20 == look {
					for _, m := range w.Machines {
						told = append(told, fmt.Sprintf("%v %s: %s", at, m.Node.Name, ownWords(m)))
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return append(told, w.Outcome().Fingerprint)
		}
		parked, ticking := tells(true), tells(false)
		for i := range max(len(parked), len(ticking)) {
			if i >= min(len(parked), len(ticking)) || parked[i] != ticking[i] {
				t.Fatalf("parked\n%s\nticking\n%s\n%s", parked[min(i, len(parked)-1)], ticking[min(i, len(ticking)-1)], text)
			}
		}
	})
}
