package fleet_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
	"ipamsim/sim/measure"
	"ipamsim/sim/result"
)

// Two phases: for a quarter of an hour everything goes wrong that the language
// knows, and then nothing does. The fleet recovers, or it says what stays
// broken; and whatever stays broken has a cause, which is a fault that was
// there.

// recoveryBy is when a fleet that recovers has done so: a crash loop waits for
// up to 5 min, a subnet that was full for 2.
const recoveryBy = 20 * time.Minute

// stormyFleet is a scenario with room for all of its pods.
func stormyFleet(t *rapid.T) string {
	b := draftOf(t, "stormy", "warmUp: 2m\nduration: 45m")
	p := b.line
	bits := rapid.IntRange(22, 25).Draw(t, "subnet size")
	p("vpc:\n  cidrs: [10.0.0.0/16]\n  subnets:")
	p("    - {name: a, cidr: 10.0.0.0/%d, az: a}\n    - {name: b, cidr: 10.0.64.0/%d, az: b}", bits, bits)
	cni := rapid.SampledFrom([]string{
		"", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 1",
		"AWS_VPC_K8S_CNI_EXTERNALSNAT: true", "ENABLE_SUBNET_DISCOVERY: false",
	}).Draw(t, "cni")
	p("nodeGroups: [{name: nodes, instanceType: m5.large, count: %d, cni: {%s}, subnets: [a, b]}]", rapid.IntRange(2, 4).Draw(t, "nodes"), cni)
	p("workloads:")
	p("  - {name: web, initial: %d, replicas: [{at: 3m, count: %d}, {at: 9m, count: %d}, {at: 14m, count: %d}]}",
		rapid.IntRange(10, 30).Draw(t, "initial"), rapid.IntRange(0, 36).Draw(t, "up"), rapid.IntRange(0, 20).Draw(t, "down"), rapid.IntRange(10, 36).Draw(t, "again"))
	p("  - {name: jobs, kind: Job, arrivals: {rate: %g, to: 18m}, lifetime: {min: 5s, max: 60s}}", rapid.Float64Range(0.01, 0.1).Draw(t, "rate"))
	if rapid.Bool().Draw(t, "metadata without lag") {
		p("ec2: {metadata: {interface: {constant: 0s}, addresses: {constant: 0s}}}")
	}
	p("faults:\n  - {kind: subnet-release, subnet: a, at: 15m}")
	for i := range rapid.IntRange(1, 6).Draw(t, "faults") {
		p("  - {%s}", stormyFault(t, fmt.Sprint("fault", i)))
	}
	return b.String()
}

// stormyFault is over before the calm begins.
func stormyFault(t *rapid.T, name string) string {
	kind := rapid.SampledFrom([]string{
		"api-errors", "api-slow", "throttle-storm", "subnet-occupy", "zone-down", "cordon", "kill-nodes", "restart-ipamd", "restart-ipamd", "roll-aws-node",
		"metadata-down", "slow-metadata", "stale-metadata", "attach-eni", "detach-eni", "unassign-addresses", "flush-rules", "flush-table", "netlink-errors", "netlink-errors", "kill-plugin", "kill-plugin",
	}).Draw(t, name)
	line := fmt.Sprintf("kind: %s, at: %ds", kind, rapid.IntRange(0, 600).Draw(t, name+" at"))
	share := fmt.Sprintf(", share: %.3g", rapid.Float64Range(0.1, 1).Draw(t, name+" share"))
	span := fmt.Sprintf(", for: %ds", rapid.IntRange(10, 290).Draw(t, name+" for"))
	when := func(moments ...string) string {
		if !rapid.Bool().Draw(t, name+" waits") {
			return ""
		}
		return ", for: 4m, when: " + rapid.SampledFrom(moments).Draw(t, name+" when")
	}
	moments := []string{"initialising", "assigning", "unassigning", "creating", "created", "attaching", "attached", "modifying", "detaching", "detached", "deleting", "adding"}
	steps := []string{"veth", "pod-route", "pod-address", "pod-neighbour", "host-route", "to-rule", "from-rule", "del-to-rule", "del-from-rule"}
	switch kind {
	case "api-errors":
		action := rapid.SampledFrom([]string{"", ", action: DescribeSubnets", ", action: AssignPrivateIpAddresses", ", action: UnassignPrivateIpAddresses", ", action: AttachNetworkInterface", ", action: DetachNetworkInterface"}).Draw(t, name+" action")
		return line + share + span + action + ", code: " + rapid.SampledFrom([]string{"RequestLimitExceeded", "InternalError", "UnauthorizedOperation"}).Draw(t, name+" code")
	case "api-slow":
		return line + span + fmt.Sprintf(", factor: %d, add: 1s", rapid.IntRange(1, 50).Draw(t, name+" factor"))
	case "throttle-storm":
		return line + span + ", rate: 50, action: " + rapid.SampledFrom([]string{"CreateNetworkInterface", "AssignPrivateIpAddresses", "DescribeSubnets"}).Draw(t, name+" action")
	case "subnet-occupy":
		return line + fmt.Sprintf(", subnet: a, count: %d", rapid.IntRange(0, 200).Draw(t, name+" taken"))
	case "zone-down":
		return line + span + ", zone: " + rapid.SampledFrom([]string{"a", "b"}).Draw(t, name+" in")
	case "roll-aws-node":
		return line + ", cni: {" + rapid.SampledFrom([]string{"", "WARM_IP_TARGET: 2", "ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: false",
			"AWS_VPC_K8S_CNI_EXTERNALSNAT: true"}).Draw(t, name+" cni") + "}"
	case "netlink-errors":
		steps = append(steps, "eni-link", "eni-address", "eni-route", "eni-rule", "refresh-rule")
		if rapid.Bool().Draw(t, name+" every step") {
			return line + share + span
		}
		return line + share + span + ", step: " + rapid.SampledFrom(steps).Draw(t, name+" step")
	case "kill-plugin":
		return line + share + span + ", step: " + rapid.SampledFrom(steps).Draw(t, name+" step")
	case "cordon", "metadata-down":
		return line + share + span
	case "slow-metadata":
		return line + share + fmt.Sprintf(", for: %ds, add: %ds", rapid.IntRange(10, 120).Draw(t, name+" for"), rapid.IntRange(1, 150).Draw(t, name+" add"))
	case "stale-metadata":
		return line + share + span + fmt.Sprintf(", interfaces: %d", rapid.IntRange(0, 2).Draw(t, name+" hides"))
	case "attach-eni", "unassign-addresses":
		return line + share + fmt.Sprintf(", addresses: %d", rapid.IntRange(0, 6).Draw(t, name+" many"))
	case "kill-nodes", "restart-ipamd":
		return line + share + when(moments...)
	case "flush-rules", "flush-table":
		return line + share + when("attached", "initialising", "adding")
	}
	return line + share
}

// blames says whether the causes of what goes wrong with a network, in words,
// name something that a scenario has done.
type blames struct {
	w    *tested
	hits []int
}

// fault says whether one of some kinds has hit something.
func (b blames) fault(kinds ...scenarios.FaultKind) bool {
	for i := range b.w.Scenario.Faults {
		if b.hits[i] > 0 && slices.Contains(kinds, b.w.Scenario.Faults[i].Kind) {
			return true
		}
	}
	return false
}

// step says whether a fault of a kind has failed a step.
func (b blames) step(kind scenarios.FaultKind, step string) bool {
	for i := range b.w.Scenario.Faults {
		if f := &b.w.Scenario.Faults[i]; b.hits[i] > 0 && f.Kind == kind && (f.Step == "" || f.Step == step) {
			return true
		}
	}
	return false
}

// subnetsFailed says whether a look at a subnet can have failed.
func (b blames) subnetsFailed() bool {
	return slices.ContainsFunc([]string{"DescribeSubnets", ""}, func(action string) bool {
		for i := range b.w.Scenario.Faults {
			f := &b.w.Scenario.Faults[i]
			if b.hits[i] > 0 && f.Action == action && slices.Contains([]scenarios.FaultKind{"api-errors", "throttle-storm", "api-slow"}, f.Kind) {
				return true
			}
		}
		return false
	})
}

// mistaken says whether ipamd can have forgotten pods: because it has read
// metadata that was not true, the hazard of foreign_test.go, or because its
// start could not look at a subnet or set an interface up.
func (b blames) mistaken() bool {
	lag := b.w.Scenario.EC2.Metadata.Interface == nil
	return b.fault("stale-metadata", "slow-metadata") || b.restarts() && (lag || b.subnetsFailed() || b.fault("netlink-errors"))
}

// restarts says whether a process of ipamd can have ended. What keeps its
// start from serving in time does it too.
func (b blames) restarts() bool {
	return b.fault("restart-ipamd", "roll-aws-node", "metadata-down", "api-errors", "api-slow", "throttle-storm", "netlink-errors", "zone-down", "subnet-occupy", "stale-metadata", "slow-metadata", "detach-eni")
}

// explains says whether the cause of a defect is one that was there.
func (b blames) explains(d *machine.Defect) bool {
	switch d.Cause.Kind {
	case result.RulesFlushed, result.MarkRuleLost:
		return b.fault("flush-rules")
	case result.TableFlushed:
		return b.fault("flush-table")
	case result.InterfaceDetached:
		return b.fault("detach-eni")
	case result.InterfaceChanged:
		return b.fault("attach-eni", "detach-eni", "unassign-addresses")
	case result.AddressNotAssigned, result.PodForgotten, result.AddressGivenTwice:
		return b.fault("detach-eni", "unassign-addresses") || b.mistaken()
	case result.AddressReturned:
		if b.fault("api-slow") { // it may have given the call up
			return true
		}
	case result.InterfaceNeverSetUp:
		return b.subnetsFailed()
	case result.DELMissed:
		return b.restarts()
	case result.StepRefused, result.RefreshRefused:
		return b.step("netlink-errors", stepOf(d.Cause))
	case result.StepKilled:
		return b.step("kill-plugin", stepOf(d.Cause))
	}
	// By rules that were left behind, or by set-ups that failed.
	return b.mistaken() || b.fault("detach-eni", "unassign-addresses", "netlink-errors", "kill-plugin")
}

// stepOf is the step that a cause is about.
func stepOf(c result.NetworkCause) string {
	step, _, _ := strings.Cut(strings.TrimPrefix(c.Text, "the step "), ", ")
	return step
}

func TestAfterTheLastFaultTheFleetRecoversOrSaysWhatIsBroken(t *testing.T) {
	t.Parallel()
	var recovered, broken int
	rapid.Check(t, func(t *rapid.T) {
		text := stormyFleet(t)
		w := worldOf(t, text)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "moments"), 0))
		if err := w.stroll(random, 20, w.consistent); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		n := w.Outcome().Network
		if err := w.calm(&n); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if n.Recovery != nil {
			recovered++
		} else {
			broken++
		}
	})
	if recovered == 0 || broken == 0 {
		t.Errorf("%d fleets recovered, %d did not", recovered, broken)
	}
}

// consistent is what holds at every moment.
func (w *tested) consistent() error {
	if err := w.Account.CheckBooks(); err != nil {
		return err
	}
	for _, m := range w.Machines {
		pods := map[string]*kubelet.Pod{}
		for _, p := range m.Node.Pods() {
			pods[p.Name()] = &p.Pod
			if p.State() == cluster.Running && !p.HostNetwork && !m.Network.HasVeth(p.Name()) {
				return fmt.Errorf("%s runs on %s and has no veth", p.Name(), m.Node.Name)
			}
		}
		var unknown []string
		for _, s := range podsInService(m) {
			if p := pods[s.Key]; p == nil || p.Address() != s.Address {
				unknown = append(unknown, s.Key)
			}
		}
		if len(unknown) > 0 {
			return fmt.Errorf("%v have a network on %s, which has no such pods", unknown, m.Node.Name)
		}
	}
	return nil
}

// calm is what holds when it has been calm for half an hour.
func (w *tested) calm(n *result.Network) error {
	if (n.Recovery != nil) != (len(n.Broken) == 0) {
		return fmt.Errorf("recovery %v, broken %v", n.Recovery, n.Broken)
	}
	if n.Recovery != nil && *n.Recovery > recoveryBy.Seconds() {
		return fmt.Errorf("it took %v s to recover", *n.Recovery)
	}
	b := blames{w, w.Faults.Hits()}
	for _, a := range w.defects {
		if !b.explains(a) {
			return fmt.Errorf("no fault explains %+v", a.Shown(w.WarmUp))
		}
	}
	for _, look := range []func(blames) error{w.booksExplained, w.podsRunOrAreExplained, w.daemonsServe, w.trafficExplained} {
		if err := look(b); err != nil {
			return err
		}
	}
	return nil
}

// hasDefect says whether a machine has a defect now.
func hasDefect(m *machine.Machine, which func(*machine.Defect) bool) bool {
	return slices.ContainsFunc(m.Defects, which)
}

// booksExplained: what ipamd has on pods is what the runtime has, but for
// leaked addresses, and for pods that a daemon has forgotten.
func (w *tested) booksExplained(b blames) error {
	for _, m := range w.Machines {
		if !m.Serving() {
			continue
		}
		leaked := m.LeakedAddresses()
		for _, a := range leaked {
			if slices.Contains(m.Suspects, a) && !hasDefect(m, func(d *machine.Defect) bool { return d.Kind == result.LeakedAddress && d.Address == a }) {
				return fmt.Errorf("%s: %v has leaked and nobody says so", m.Node.Name, a)
			}
		}
		forgotten := m.Kubelet.Holding() + len(leaked) - len(m.Daemon.Allocations())
		if forgotten < 0 || forgotten > 0 && !b.mistaken() && !b.fault("detach-eni", "unassign-addresses", "netlink-errors", "api-errors") {
			return fmt.Errorf("%s: %d addresses on pods by the runtime, %d by ipamd, %d leaked", m.Node.Name, m.Kubelet.Holding(), len(m.Daemon.Allocations()), len(leaked))
		}
	}
	return nil
}

// podsRunOrAreExplained: a pod that does not run is new, or its node's pool is
// used up by addresses that have leaked, or is locked, or its subnet has
// addresses left and no block of them; or such pods fill the nodes.
func (w *tested) podsRunOrAreExplained(b blames) error {
	homeless, stuck := "", false
	for _, p := range w.Cluster.Pods() {
		if p.Running != des.Never || p.Deleted != des.Never || w.Kernel.Now()-p.Created <= measure.LateAfter {
			continue
		}
		if p.Node == nil {
			homeless = p.Name()
			continue
		}
		stuck = true
		m := p.Node.Machine.(*machine.Machine)
		book := map[string]int{}
		for _, e := range enis(m) {
			book[e.ID] = e.Total
		}
		leaks := hasDefect(m, func(d *machine.Defect) bool { return d.Kind == result.LeakedAddress })
		if !leaks && !locked(m, book) && m.Shortage() != ipamd.NoBlock {
			return fmt.Errorf("%s does not run on %s: %s", p.Name(), m.Node.Name, m.Shortage())
		}
	}
	if homeless != "" && !stuck {
		return fmt.Errorf("%s finds no node", homeless)
	}
	return nil
}

func (w *tested) daemonsServe(blames) error {
	for _, m := range w.Machines {
		if m.Node.Ready != des.Never && !m.Serving() {
			return fmt.Errorf("ipamd does not serve on %s", m.Node.Name)
		}
	}
	return nil
}

// trafficExplained: a connection fails exactly when a defect of one of its
// ends says so, or a stale rule on one of their nodes.
func (w *tested) trafficExplained(blames) error {
	pods := w.inService()
	for i, from := range pods {
		for j, to := range pods {
			if (i+j)%3 != 0 && len(pods) > 20 {
				continue
			}
			if err := w.whole(from, inspect.Target{Name: to.Key}); err != nil && !from.ails() && !to.ails() && !from.misdirected(to) && !to.misdirected(from) && !from.strange(to) && !from.robbed(to) && !to.robbed(from) {
				return fmt.Errorf("no defect explains that %w", err)
			}
		}
		if err := w.whole(from, inspect.Target{Address: hostnet.Outside}); err != nil && !from.ails() {
			return fmt.Errorf("no defect explains that %w", err)
		}
		if from.ails() {
			if err := w.harmed(from, pods); err != nil {
				return err
			}
		}
	}
	return nil
}

// ails says whether the model knows that the pod loses packets.
func (s served) ails() bool {
	return hasDefect(s.at, func(d *machine.Defect) bool { return d.Kind.Dropping() && d.Pod == s.Key })
}

// misdirected says whether a stale rule of the pod's node is about another pod's
// address.
func (s served) misdirected(other served) bool {
	return hasDefect(s.at, func(d *machine.Defect) bool { return d.Kind == result.StaleRule && d.Address == other.Address })
}

// robbed says whether a pod with the same address, which has lost it, runs on
// the node of another: there it gets what is sent to this one.
func (s served) robbed(other served) bool {
	return hasDefect(other.at, func(d *machine.Defect) bool {
		return d.Kind == result.LostAddress && d.Address == s.Address && d.Pod != s.Key
	})
}

// strange says whether two pods are on one node and one of them has lost the
// rule to it; see
// TestHazardAPodWithoutARuleToItIsCutOffFromNewerPodsOfItsNode.
func (s served) strange(other served) bool {
	return s.at == other.at && (len(rulesTo(s.at, s.Address)) == 0 || len(rulesTo(s.at, other.Address)) == 0)
}

// rulesTo are a node's rules 512 to an address.
func rulesTo(m *machine.Machine, address netip.Addr) (list []string) {
	for _, r := range m.Network.Rules() {
		if strings.HasPrefix(r, fmt.Sprintf("512:\tfrom all to %v ", address)) {
			list = append(list, r)
		}
	}
	return list
}

// harmed: a pod that ails does lose something.
func (w *tested) harmed(from served, pods []served) error {
	targets := []inspect.Target{{Address: hostnet.Outside}, {Address: from.at.Primary.SubnetCIDR.Masked().Addr().Next()}}
	for _, to := range pods {
		targets = append(targets, inspect.Target{Name: to.Key})
	}
	for _, to := range targets {
		if w.whole(from, to) != nil {
			return nil
		}
	}
	others := slices.ContainsFunc(pods, func(p served) bool { return p.at != from.at })
	if !others {
		return nil // nobody to notice it
	}
	return fmt.Errorf("%s is said to lose packets, and loses none: %+v", from.Key, hostnet.Pod(from.Pod))
}

// A start that cannot look at the subnet of the primary interface gives up
// after six tries, before the liveness probe ends it, and goes on without the
// interface's addresses. The records of its pods then have no address, and are
// dropped; a reconcile enters the addresses as free ones, and they are handed
// out while the first pods run.
func TestHazardAStartThatCannotLookAtItsSubnetForgetsThePods(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 5, CNI: "WARM_ENI_TARGET: 0", Replicas: "{at: 10m, count: 9}", Faults: []string{
		"{kind: restart-ipamd, at: 1m}", "{kind: api-errors, code: UnauthorizedOperation, action: DescribeSubnets, at: 1m, for: 5m}"}})
	m := l.Machines[0]
	l.to(59 * time.Second)
	if got := m.Daemon.Stats().Assigned; got != 5 {
		t.Fatalf("%d addresses are assigned", got)
	}
	l.servingAfter(m, time.Minute)
	if got := m.Daemon.Stats(); l.restarts != 1 || got.Assigned != 0 || len(m.Files.Read()) != 0 || len(l.pods()) != 5 {
		t.Errorf("after %d restarts %d addresses are assigned, %d recorded, and %d pods run", l.restarts, got.Assigned, len(m.Files.Read()), len(l.pods()))
	}
	l.to(15 * time.Minute)
	o := l.Outcome().Outcome
	lost := o.Network.Of(result.Unrouted)
	if len(l.shared()) == 0 || len(lost) != 1 || lost[0].Count != len(l.shared()) || lost[0].Cause.Kind != result.AddressGivenTwice {
		t.Errorf("%v are on two pods; %+v", l.shared(), lost)
	}
}
