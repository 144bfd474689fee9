package fleet_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// served is a pod in service.
type served struct {
	hostnet.Pod
	at *machine.Machine
}

// inService are the pods of all nodes whose ADD has succeeded and whose
// containers have not ended, by node and address.
func (w *tested) inService() (list []served) {
	for _, m := range w.Machines {
		list = append(list, podsInService(m)...)
	}
	return list
}

func podsInService(m *machine.Machine) (list []served) {
	m.Network.PodsInService(netip.Addr{}, func(p hostnet.Pod) { list = append(list, served{p, m}) })
	return list
}

// way follows one connection of a pod.
func (w *tested) way(from string, to inspect.Target) (*inspect.PacketPath, error) {
	return (&inspect.Snapshot{Fleet: w.Fleet}).Path(from, to)
}

// whole is an error unless a connection works.
func (w *tested) whole(from served, to inspect.Target) error {
	way, err := w.way(from.Key, to)
	if err != nil {
		return err
	}
	if !way.Answered || !way.Delivered {
		return fmt.Errorf("from %s (%v, interface %d of %s) to %+v: %s", from.Key, from.Address, from.Device, from.at.Node.Name, way.To, way.Verdict)
	}
	return nil
}

// tried counts connections, so that a property does not hold for want of any.
type tried struct{ sameNode, otherNode, fromSecondary, toSecondary int }

func (n *tried) count(from, to served) {
	add := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	add(&n.sameNode, from.at == to.at && from.Key != to.Key)
	add(&n.otherNode, from.at != to.at)
	add(&n.fromSecondary, from.Device != 0)
	add(&n.toSecondary, to.Device != 0)
}

// traffic tries some connections between pods in service at random, and from
// each chosen one to the outside and to a node.
func (w *tested) traffic(random *rand.Rand, most int, n *tried) error {
	pods := w.inService()
	if len(pods) == 0 {
		return nil
	}
	for range most {
		from, to := pods[random.IntN(len(pods))], pods[random.IntN(len(pods))]
		node := w.Machines[random.IntN(len(w.Machines))]
		n.count(from, to)
		for _, target := range []inspect.Target{{Name: to.Key}, {Address: hostnet.Outside}, {Name: node.Node.Name}} {
			if err := w.whole(from, target); err != nil {
				return err
			}
		}
	}
	return nil
}

// noPacketIsLost holds when nobody touches the network.
func (w *tested) noPacketIsLost() error {
	for _, a := range w.defects {
		if a.Kind.Dropping() || a.Kind == result.StaleRule {
			return fmt.Errorf("%v after time 0, by %s: %+v", a.Began-w.WarmUp, a.Cause, a.Shown(w.WarmUp))
		}
	}
	return nil
}

// quietFleet is a scenario in which nobody touches the rules and the tables
// but ipamd and the plugin, nobody else changes the nodes' interfaces, and the
// look at an interface's subnet does not fail. Daemons crash all the same,
// nodes die, load comes and goes, and other calls of the API fail.
func quietFleet(t *rapid.T) string {
	b := draftOf(t, "quiet", "warmUp: 1m\nduration: 40m")
	p := b.line
	bits := rapid.IntRange(22, 26).Draw(t, "subnet size")
	p("vpc:\n  cidrs: [10.0.0.0/16, 100.64.0.0/16]\n  subnets:")
	p("    - {name: a, cidr: 10.0.0.0/%d, az: a}\n    - {name: b, cidr: 10.0.64.0/%d, az: b}", bits, bits)
	p("    - {name: pods-a, cidr: 100.64.0.0/22, az: a}\n    - {name: pods-b, cidr: 100.64.64.0/22, az: b}")
	cni := rapid.SampledFrom([]string{
		"", "WARM_ENI_TARGET: 0", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "ENABLE_PREFIX_DELEGATION: true",
		"AWS_VPC_K8S_CNI_EXTERNALSNAT: true", "ENABLE_SUBNET_DISCOVERY: false", "AWS_VPC_CNI_NODE_PORT_SUPPORT: false",
		"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, AWS_VPC_K8S_CNI_EXTERNALSNAT: true",
	}).Draw(t, "cni")
	config := ""
	if strings.Contains(cni, "CUSTOM") {
		config = ", eniConfig: {a: pods-a, b: pods-b}"
	}
	p("nodeGroups: [{name: nodes, instanceType: %s, count: %d, cni: {%s}, subnets: [a, b]%s}]",
		rapid.SampledFrom([]string{"t3.small", "m5.large", "c5.xlarge"}).Draw(t, "type"), rapid.IntRange(2, 4).Draw(t, "nodes"), cni, config)
	p("workloads:")
	p("  - {name: web, initial: %d, replicas: [{at: 5m, count: %d}, {at: 15m, count: %d}, {at: 25m, count: %d}]}",
		rapid.IntRange(0, 30).Draw(t, "initial"), rapid.IntRange(0, 60).Draw(t, "up"), rapid.IntRange(0, 20).Draw(t, "down"), rapid.IntRange(0, 60).Draw(t, "again"))
	p("  - {name: jobs, kind: Job, arrivals: {rate: %g, to: 38m}, lifetime: {min: 5s, max: %ds}}",
		rapid.Float64Range(0.01, 0.3).Draw(t, "rate"), rapid.IntRange(10, 200).Draw(t, "lifetime"))
	p("ec2: {metadata: {interface: {constant: 0s}, addresses: {constant: 0s}}}") // what a crash meets that comes within the lag is a hazard of its own: foreign_test.go
	n := rapid.IntRange(0, 5).Draw(t, "faults")
	if n > 0 {
		p("faults:")
	}
	slow := false
	for i := range n {
		fault := quietFault(t, fmt.Sprint("fault", i))
		// Two slow APIs at once outlast the SDK: EC2 then takes an address away
		// after ipamd has given the call up and the address out.
		again := strings.HasPrefix(fault, "kind: api-slow")
		if !(again && slow) {
			p("  - {%s}", fault)
		}
		slow = slow || again
	}
	return b.String()
}

// quietFault is a fault after which every packet arrives all the same.
func quietFault(t *rapid.T, name string) string {
	kind := rapid.SampledFrom([]string{
		"restart-ipamd", "restart-ipamd", "kill-nodes", "cordon", "roll-aws-node", "api-errors", "api-slow", "throttle-storm", "subnet-occupy", "metadata-down", "zone-down",
	}).Draw(t, name)
	line := fmt.Sprintf("kind: %s, at: %ds", kind, rapid.IntRange(0, 2200).Draw(t, name+" at"))
	share := fmt.Sprintf(", share: %g", rapid.Float64Range(0, 1).Draw(t, name+" share"))
	switch kind {
	case "restart-ipamd", "kill-nodes":
		if rapid.Bool().Draw(t, name+" waits") {
			line += ", for: 20m, every: 2m, when: " + rapid.SampledFrom([]string{
				"initialising", "assigning", "unassigning", "creating", "created", "attaching", "attached", "modifying", "detaching", "detached", "deleting", "adding",
			}).Draw(t, name+" when")
		}
		return line + share
	case "cordon":
		return line + share + ", for: 5m"
	case "metadata-down":
		return line + share + ", for: 2m"
	case "roll-aws-node":
		return line + ", cni: {" + rapid.SampledFrom([]string{"", "WARM_IP_TARGET: 2", "ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: false",
			"AWS_VPC_K8S_CNI_EXTERNALSNAT: true", "AWS_VPC_K8S_CNI_EXTERNALSNAT: false", "AWS_VPC_CNI_NODE_PORT_SUPPORT: false"}).Draw(t, name+" cni") + "}"
	case "api-errors":
		return line + share + ", for: 10m, code: " + rapid.SampledFrom([]string{"RequestLimitExceeded", "InternalError", "UnauthorizedOperation"}).Draw(t, name+" code") +
			", action: " + rapid.SampledFrom([]string{"AssignPrivateIpAddresses", "UnassignPrivateIpAddresses", "CreateNetworkInterface", "AttachNetworkInterface",
			"ModifyNetworkInterfaceAttribute", "DetachNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "CreateTags"}).Draw(t, name+" action")
	case "api-slow":
		return line + fmt.Sprintf(", for: 2m, every: 5m, times: 3, factor: %d, add: 1s", rapid.IntRange(1, 50).Draw(t, name+" factor"))
	case "throttle-storm":
		return line + ", for: 5m, rate: 50, action: AttachNetworkInterface"
	case "subnet-occupy":
		return line + fmt.Sprintf(", subnet: a, count: %d", rapid.IntRange(0, 60).Draw(t, name+" taken"))
	case "zone-down":
		return line + ", for: 5m, subnet: " + rapid.SampledFrom([]string{"a", "b"}).Draw(t, name+" in")
	}
	panic(kind)
}

// Whatever comes and goes, and whenever a daemon or a node dies: as long as
// nobody touches the network, a pod's packets arrive, and so do the
// answers.
func TestEveryPacketArrivesWhileNobodyTouchesTheNetwork(t *testing.T) {
	t.Parallel()
	var n tried
	rapid.Check(t, func(t *rapid.T) {
		text := quietFleet(t)
		w := worldOf(t, text)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "moments"), 0))
		err := w.stroll(random, 60, func() error {
			if err := w.noPacketIsLost(); err != nil {
				return err
			}
			return w.traffic(random, 12, &n)
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
	if min(n.sameNode, n.otherNode, n.fromSecondary, n.toSecondary) < 100 {
		t.Errorf("hardly a connection was tried: %+v", n)
	}
}

// losing says of a pod whether path finds that its packets, or those for it, do
// not arrive: to and from a node besides its own, and to the outside. A node that
// treats another's address as that of a pod of its own takes the packets of
// others, too; what is counted then is the pod that has lost the address, or the
// rules that were left behind, once, and not all those who suffer.
func (w *tested) losing(p served) (bool, error) {
	for _, m := range w.Machines {
		if m == p.at || m.Node.State() != cluster.Ready || claims(m, p.Address) || claims(p.at, m.Primary.PrimaryIP) {
			continue
		}
		for _, target := range []inspect.Target{{Name: m.Node.Name}, {Address: hostnet.Outside}} {
			way, err := w.way(p.Key, target)
			if err != nil {
				return false, err
			}
			if !way.Delivered || !way.Answered {
				return true, nil
			}
		}
		return false, nil
	}
	return false, errAlone
}

// claims says whether a node has a pod at an address, or rules of one that is
// gone.
func claims(m *machine.Machine, address netip.Addr) (does bool) {
	m.Network.PodsInService(address, func(hostnet.Pod) { does = true })
	return does || m.Network.Orphaned(address)
}

// packetFault takes packets from pods, again and again.
func packetFault(t *rapid.T, name string) string {
	kind := rapid.SampledFrom([]string{"unassign-addresses", "flush-rules", "flush-table", "detach-eni", "netlink-errors"}).Draw(t, name)
	share := rapid.Float64Range(0.2, 1).Draw(t, name+" share")
	if kind == "netlink-errors" {
		return fmt.Sprintf("kind: %s, share: %g, at: 30s, for: 20m", kind, share/4)
	}
	return fmt.Sprintf("kind: %s, share: %g, at: %ds, every: %ds, group: nodes", kind, share, rapid.IntRange(0, 600).Draw(t, name+" at"), rapid.IntRange(60, 900).Draw(t, name+" every"))
}

var errAlone = errors.New("there is no other node")

// countsWhatPathFinds holds the pods that are counted as losing packets against
// those of which path says so, and counts the pods of both kinds.
func (w *tested) countsWhatPathFinds(lost, whole *int) error {
	counted := map[string]result.DefectKind{}
	for _, m := range w.Machines {
		for _, d := range m.Defects {
			if d.Kind.Dropping() {
				counted[d.Pod] = d.Kind
			}
		}
	}
	for _, p := range w.inService() {
		losing, err := w.losing(p)
		if errors.Is(err, errAlone) {
			continue
		}
		if err != nil {
			return err
		}
		if kind, is := counted[p.Key]; is != losing {
			return fmt.Errorf("%s (%v, interface %d of %s): path says lost %v, counted %v %s", p.Key, p.Address, p.Device, p.at.Node.Name, losing, is, kind)
		}
		if losing {
			*lost++
		} else {
			*whole++
		}
	}
	return nil
}

// Whatever happens, at any moment those pods are counted as losing packets of
// which path says so.
func TestPodsThatLosePacketsAreThoseOfWhichPathSaysSo(t *testing.T) {
	t.Parallel()
	var lost, whole int
	rapid.Check(t, func(t *rapid.T) {
		text, _ := randomFleet(t)
		text = strings.Replace(text, "duration: 3h", "duration: 50m", 1) // the nodes are gone by then
		for i := range rapid.IntRange(1, 3).Draw(t, "packet faults") {
			text += "  - {" + packetFault(t, fmt.Sprint("packet fault", i)) + "}\n"
		}
		w := worldOf(t, text)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "moments"), 0))
		err := w.stroll(random, 30, func() error { return w.countsWhatPathFinds(&lost, &whole) })
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
	if lost < 20 || whole < 100 {
		t.Errorf("hardly anything was compared: %d pods that lose packets, %d that do not", lost, whole)
	}
}

// A pod of the first interface whose address a rule of another pod leads out by a
// second one has no way out of the VPC without the rule for marked packets.
func TestTheRuleOfAnotherPodAtItsAddressTakesThePodsWayOut(t *testing.T) {
	t.Parallel()
	w := incident(t, "two-pods-at-an-address.yaml")
	var lost, whole int
	err := w.stroll(rand.New(rand.NewPCG(0xd, 0)), 300, func() error { return w.countsWhatPathFinds(&lost, &whole) })
	if err != nil {
		t.Fatal(err)
	}
	if lost == 0 || whole == 0 {
		t.Errorf("nothing was compared: %d pods that lose packets, %d that do not", lost, whole)
	}
}

// worldOf is the world of a scenario that a property has made.
func worldOf(t *rapid.T, text string) *tested {
	f, err := scenarios.Load("random.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	w, err := newTested(variants[0], fleet.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return w
}

// stroll runs a world to its end and stops at so many random moments on the
// way.
func (w *tested) stroll(random *rand.Rand, stops int, look func() error) error {
	defer w.Kernel.Close()
	w.Start()
	moments := make([]time.Duration, stops)
	for i := range moments {
		moments[i] = time.Duration(random.Int64N(int64(w.End)))
	}
	slices.Sort(moments)
	for _, at := range append(moments, w.End) {
		if err := w.Kernel.Run(at); err != nil {
			return err
		}
		if err := w.Cluster.Err(); err != nil {
			return err
		}
		if err := look(); err != nil {
			return fmt.Errorf("at %v: %w", at-w.WarmUp, err)
		}
	}
	return nil
}

// flushed is a lab of three nodes with pods on all of their interfaces, two of
// which lose something after a minute.
func flushed(t *testing.T, kind, cni, replicas string, more ...string) *lab {
	t.Helper()
	return inLab(t, setting{Nodes: 3, Pods: 60, CNI: cni, Replicas: replicas, Faults: append([]string{
		"{kind: " + kind + ", node: nodes-0, at: 1m}", "{kind: " + kind + ", node: nodes-1, at: 1m}"}, more...)})
}

// hit says whether a pod is one that a flush makes lose packets.
func (s served) hit() bool { return s.Device != 0 && s.at.Node.Name != "nodes-2" }

// hitOf counts them.
func hitOf(pods []served) (n int) {
	for _, p := range pods {
		if p.hit() {
			n++
		}
	}
	return n
}

// expect compares a connection of a pod with what should become of it.
func (l *lab) expect(from served, to inspect.Target, delivered, answered bool) {
	l.t.Helper()
	way, err := l.way(from.Key, to)
	if err != nil {
		l.t.Fatal(err)
	}
	if way.Delivered != delivered || way.Answered != (delivered && answered) {
		l.t.Errorf("from %s (interface %d of %s) to %+v: %s", from.Key, from.Device, from.at.Node.Name, way.To, way.Verdict)
	}
}

// matrix tries every connection of every pod. The VPC takes nothing from a
// pod that was hit and has to leave its node with the pod's own address.
func (l *lab) matrix(dropping func(served) bool, externalSNAT bool) {
	l.t.Helper()
	pods := l.inService()
	if len(pods) != 60 {
		l.t.Fatalf("%d pods in service", len(pods))
	}
	for _, from := range pods {
		drops := dropping(from)
		for _, to := range pods {
			near := from.at == to.at
			l.expect(from, inspect.Target{Name: to.Key}, near || !drops, near || !dropping(to))
		}
		for _, m := range l.Machines {
			l.expect(from, inspect.Target{Name: m.Node.Name}, from.at == m || !drops, true)
		}
		l.expect(from, inspect.Target{Address: hostnet.Outside}, !externalSNAT || !drops, true)
	}
}

func (l *lab) network() result.Network { return l.Outcome().Network }

// A pod on a secondary interface has one rule of its own, one on the primary
// interface has none.
func TestOnlyPodsOfSecondaryInterfacesHaveARuleFromThem(t *testing.T) {
	for _, cni := range []string{"", "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 1", "AWS_VPC_K8S_CNI_EXTERNALSNAT: true"} {
		l := inLab(t, setting{Nodes: 2, Pods: 46, CNI: cni})
		rules := 0
		for _, p := range l.inService() {
			list := rulesFrom(p.at, p.Address)
			if rules += len(list); len(list) != min(p.Device, 1) {
				t.Errorf("cni {%s}: %s on interface %d has the rules %v", cni, p.Key, p.Device, list)
			}
			if owner, ok := l.Account.PlaceOf(p.Address); !ok || owner.Device != p.Device || owner.Instance != p.at.Node.Instance.ID {
				t.Errorf("cni {%s}: %s has %v of interface %d, in EC2 it is at %+v", cni, p.Key, p.Address, p.Device, owner)
			}
		}
		if prefixes := strings.Contains(cni, "PREFIX"); prefixes == (rules > 0) {
			t.Errorf("cni {%s}: %d rules", cni, rules)
		}
	}
}

// After a flush exactly the pods on secondary interfaces lose packets, and
// only where the VPC sees them; the defects name exactly these pods.
func TestAFlushTakesExactlyWhatPodsOfSecondaryInterfacesSendIntoTheVPC(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"flush-rules", "flush-table"} {
		for _, cni := range []string{"", "AWS_VPC_K8S_CNI_EXTERNALSNAT: true"} {
			t.Run(kind+"/"+cni, func(t *testing.T) {
				l := flushed(t, kind, cni, "")
				l.to(time.Minute - 1)
				l.matrix(func(served) bool { return false }, cni != "")
				l.to(2 * time.Minute)
				l.matrix(served.hit, cni != "")
				pods := l.inService()
				hit := hitOf(pods)
				if hit < 20 || hit > 36 {
					t.Fatalf("%d of %d pods are hit", hit, len(pods))
				}
				n := l.network()
				dropped := n.Of(result.WrongInterface)
				if n.DroppingPeak != hit || n.DroppingEnd != hit || n.Affected != hit || len(dropped) != 1 || dropped[0].Count != hit || dropped[0].Nodes != 2 {
					t.Errorf("%d pods lose packets; %+v", hit, n)
				}
				// A flush leaves the others without their rule too, and harms
				// none of them.
				others := n.Of(result.MissingRule)
				without := 0
				for _, p := range pods {
					if len(p.at.Defects) > 0 && !p.hit() {
						without++
					}
				}
				if kind == "flush-rules" && (len(others) != 1 || others[0].Count != without) || kind == "flush-table" && len(others) > 0 || len(n.Episodes) != 1+len(others) {
					t.Errorf("%d pods are without their rule; %+v", without, n)
				}
				for _, m := range l.Machines {
					for _, a := range m.Defects {
						if a.Kind != result.MissingRule && !slices.ContainsFunc(pods, func(p served) bool { return p.Key == a.Pod && p.Address == a.Address && p.at == m && p.hit() }) {
							t.Errorf("%s is not hit: %+v", a.Pod, a.Shown(l.WarmUp))
						}
					}
				}
			})
		}
	}
}

// A start of ipamd brings an interface's table back, and no rule of a pod.
func TestARestartMendsTablesAndNotRules(t *testing.T) {
	t.Parallel()
	for kind, mends := range map[string]bool{"flush-rules": false, "flush-table": true} {
		t.Run(kind, func(t *testing.T) {
			l := flushed(t, kind, "", "", "{kind: restart-ipamd, at: 2m}")
			l.to(4 * time.Minute)
			l.matrix(func(s served) bool { return s.hit() && !mends }, false)
			n, hit := l.network(), hitOf(l.inService())
			if n.DroppingPeak != hit || (n.DroppingEnd == 0) != mends {
				t.Errorf("%d pods were hit: %+v", hit, n)
			}
		})
	}
}

// Pods that are made after a flush have rules of their own. What they send out
// of the VPC has lost its rule with the flush, and gets it back with the next
// start of ipamd only: it leaves by the pod's interface with the node's
// address.
func TestPodsThatAreMadeAfterAFlushReachTheOutsideOnceIpamdHasRestarted(t *testing.T) {
	t.Parallel()
	l := flushed(t, "flush-rules", "", "{at: 2m, count: 0}, {at: 5m, count: 60}", "{kind: restart-ipamd, at: 10m}")
	l.to(8 * time.Minute)
	pods := l.inService()
	hit := hitOf(pods)
	if hit == 0 {
		t.Fatal("no pod is where those that were hit had been")
	}
	for _, from := range pods {
		for _, to := range pods {
			l.expect(from, inspect.Target{Name: to.Key}, true, true)
		}
		l.expect(from, inspect.Target{Address: hostnet.Outside}, !from.hit(), true)
	}
	n := l.network()
	if got := n.Of(result.NoWayOut); n.DroppingEnd != hit || len(got) != 1 || got[0].Lasting != hit || got[0].Cause.Kind != result.MarkRuleLost {
		t.Errorf("%d pods have no way out: %+v", hit, n)
	}
	l.to(13 * time.Minute)
	l.matrix(func(served) bool { return false }, false)
	if n := l.network(); n.DroppingEnd != 0 || n.StaleRulesEnd != 0 || len(n.Broken) != 0 || n.Recovery == nil || *n.Recovery > 30 {
		t.Errorf("%+v", n)
	}
}

// The end of a cordon finds that some of its nodes have died.
func TestANodeThatDiesWhileItIsCordonedIsWrittenOff(t *testing.T) {
	l := inLab(t, setting{Nodes: 2, Pods: 20, Faults: []string{"{kind: cordon, at: 1m, for: 5m}", "{kind: kill-nodes, node: nodes-0, at: 2m}"}})
	l.to(15 * time.Minute)
	if err := l.noPacketIsLost(); err != nil {
		t.Error(err)
	}
}

// A flush takes the rule to a pod (512), too. Pods of the node that are made
// later on a secondary interface have one from them (1536), which then comes
// first: what they send to the older pod leaves the node, comes back, and leaves
// it again, and what that one sends to them the node drops, since the way back
// does not lead to its veth. That is so on the primary interface as well, and as
// long as the older pod lives.
func TestHazardAPodWithoutARuleToItIsCutOffFromNewerPodsOfItsNode(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 9, Replicas: "{at: 2m, count: 20}", Faults: []string{"{kind: flush-rules, at: 1m}", "{kind: restart-ipamd, at: 3m}"}})
	l.to(6 * time.Minute)
	pairs := 0
	for _, old := range l.inService() {
		if len(rulesTo(old.at, old.Address)) > 0 || old.Device != 0 {
			continue
		}
		for _, newer := range l.inService() {
			if len(rulesTo(newer.at, newer.Address)) == 0 {
				continue
			}
			pairs++
			l.expect(old, inspect.Target{Name: newer.Key}, newer.Device == 0, true)
			l.expect(newer, inspect.Target{Name: old.Key}, newer.Device == 0, true)
		}
	}
	if pairs == 0 {
		t.Error("no pod that is older and none that is newer")
	}
}
