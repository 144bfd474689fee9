package fleet_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/machine"
)

// in counts the nodes by subnet.
func (l *lab) in() map[string]int {
	list := map[string]int{}
	for _, n := range l.Cluster.Select(nil, 1, -1, "") {
		list[n.Instance.Subnet]++
	}
	return list
}

const twoZones = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: zones}
warmUp: 5m
duration: 2h
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/20, az: one}, {name: b, cidr: 10.0.16.0/20, az: two}]
nodeGroups: [{name: nodes, instanceType: m5.large, count: 4, max: 20}]
workloads: [{name: web, initial: 80}]
`

// The nodes of a zone die together; an Auto Scaling group and a fleet find the
// other zone, and the first again once it is back.
func TestAZoneThatIsDownSendsLaunchesToTheOther(t *testing.T) {
	for name, text := range map[string]string{
		"a group":                twoZones + "faults: [{kind: zone-down, zone: one, at: 1m, for: 20m}]\n",
		"a group, by its subnet": twoZones + "faults: [{kind: zone-down, subnet: a, at: 1m, for: 20m}]\n",
		"Karpenter":              twoZones + "autoscaler: {kind: karpenter, scaleDown: false}\nfaults: [{kind: zone-down, zone: one, at: 1m, for: 20m}]\n",
		"the Cluster Autoscaler": twoZones + "autoscaler: {kind: cluster-autoscaler, scaleDown: false}\nfaults: [{kind: zone-down, zone: one, at: 1m, for: 20m}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			l := inText(t, text)
			if before := l.in(); before["a"] != 2 || before["b"] != 2 {
				t.Fatalf("before: %v", before)
			}
			l.to(time.Minute + time.Second)
			if got := l.in(); got["a"] != 0 || got["b"] != 2 {
				t.Errorf("at once: %v", got)
			}
			l.to(15 * time.Minute)
			if got := l.in(); got["a"] != 0 || got["b"] < 3 {
				t.Errorf("while it is down: %v", got)
			}
			if got := len(l.pods()); got != 80 {
				t.Errorf("%d of 80 pods run", got)
			}
			l.to(30 * time.Minute)
			if _, err := l.Account.Launch("m5.large", l.subnetNamed("a")); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if end, ok := l.Faults.LastEnd(); !ok || end != l.WarmUp+21*time.Minute {
				t.Errorf("it ends at %v, %v", end-l.WarmUp, ok)
			}
		})
	}
}

func (l *lab) subnetNamed(name string) string {
	id, _ := l.Account.SubnetID(name)
	return id
}

// Interfaces in a pod subnet of a zone that is down cannot be had, and the
// nodes in another subnet of that zone live on.
func TestAClosedPodSubnetStopsGrowthOnLivingNodes(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 3, Replicas: "{at: 2m, count: 20}", Faults: []string{"{kind: api-errors, code: X, share: 0}"}})
	if err := l.Account.CloseSubnet(l.subnetNamed("a")); err != nil {
		t.Fatal(err)
	}
	var codes []string
	l.Account.Observe(func(a ec2model.Attempt) {
		if a.Err != nil && !slices.Contains(codes, a.Err.Code) {
			codes = append(codes, a.Err.Code)
		}
	})
	l.to(10 * time.Minute)
	if got := len(l.pods()); got >= 20 || !slices.Equal(codes, []string{"Unavailable"}) {
		t.Errorf("%d pods run, EC2 answered %v", got, codes)
	}
	if err := l.Account.OpenSubnet(l.subnetNamed("a")); err != nil {
		t.Fatal(err)
	}
	l.to(20 * time.Minute)
	if got := len(l.pods()); got != 20 {
		t.Errorf("%d of 20 pods run afterwards", got)
	}
}

// grown runs a fleet that needs addresses, and answers how long its pods took
// in all and how many requests of its own were throttled.
func grown(t *testing.T, faults ...string) (start time.Duration, throttled int) {
	l := inLab(t, setting{Nodes: 5, Pods: 5, CNI: "WARM_IP_TARGET: 1", Replicas: "{at: 1m, count: 60}", Faults: faults})
	l.Account.Observe(func(a ec2model.Attempt) {
		if a.Throttled && !a.Background {
			throttled++
		}
	})
	l.to(30 * time.Minute)
	pods := l.pods()
	if len(pods) != 60 {
		t.Fatalf("%d of 60 pods run", len(pods))
	}
	for _, p := range pods {
		start += p.Running - p.Bound
	}
	return start, throttled
}

func TestASlowAPIAndAStormMakePodsWait(t *testing.T) {
	healthy, none := grown(t)
	slow, _ := grown(t, "{kind: api-slow, action: AssignPrivateIpAddresses, factor: 10, add: 2s, at: 30s, for: 10m}")
	early, _ := grown(t, "{kind: api-slow, factor: 10, add: 2s, at: 0s, for: 59s}")
	stormy, throttled := grown(t, "{kind: throttle-storm, action: AssignPrivateIpAddresses, rate: 100, at: 30s, for: 5m}")
	if slow < healthy+time.Minute || early != healthy {
		t.Errorf("60 pods take %v in all, with a slow API %v, after a slow time %v", healthy, slow, early)
	}
	if none != 0 || throttled < 20 || stormy < healthy+time.Minute {
		t.Errorf("%d requests throttled in quiet, %d in a storm; the pods take %v and %v", none, throttled, healthy, stormy)
	}
}

// While metadata is silent each ADD has its address assigned and fails, and
// the DEL that follows frees it; a process that starts does not get to serve.
// Afterwards all is well.
func TestSilentMetadataFailsAddsAndStarts(t *testing.T) {
	l := inLab(t, setting{Nodes: 2, Pods: 4, Replicas: "{at: 90s, count: 12}", Faults: []string{
		"{kind: metadata-down, node: nodes-0, at: 1m, for: 4m}", "{kind: restart-ipamd, node: nodes-0, at: 3m}"}})
	m, other := l.Machines[0], l.Machines[1]
	if m.Node.Name != "nodes-0" {
		m, other = other, m
	}
	l.to(2*time.Minute + 30*time.Second)
	here := len(m.Node.Pods())
	if l.runningOn(m) != 2 || l.runningOn(other) != len(other.Node.Pods()) || here <= 2 {
		t.Errorf("%d of %d pods run where metadata is silent, %d of %d elsewhere", l.runningOn(m), here, l.runningOn(other), len(other.Node.Pods()))
	}
	if got := l.Measured.Outcome().Pods.FailedAddCauses["metadata_down"]; got < here-2 {
		t.Errorf("causes of failed ADDs: %v", l.Measured.Outcome().Pods.FailedAddCauses)
	}
	if s := m.Daemon.Stats(); s.Assigned > here || s.Cooling == 0 {
		t.Errorf("the pool: %+v", s)
	}
	for at := 3*time.Minute + time.Second; at < 5*time.Minute; at += time.Second {
		if l.to(at); m.Serving() {
			t.Fatalf("at %v a process that started without metadata serves", at)
		}
	}
	l.toServing(m)
	l.to(20 * time.Minute)
	if got := len(l.pods()); got != 12 {
		t.Errorf("%d of 12 pods run in the end", got)
	}
	if got := l.Faults.Hits(); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("hits %v", got)
	}
}

func (l *lab) runningOn(m *machine.Machine) (n int) {
	for _, p := range m.Node.Pods() {
		if p.State() == cluster.Running {
			n++
		}
	}
	return n
}

// A reconcile that reads nothing compares nothing: an interface that is gone
// stays in the book until metadata answers again.
func TestSilentMetadataPutsReconcilesOff(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 20, Faults: []string{
		"{kind: metadata-down, at: 1m, for: 10m}", "{kind: detach-eni, at: 2m}"}})
	m := l.Machines[0]
	unknown := func() (n int) { // interfaces in the book that EC2 does not know
		for e := range m.Daemon.ENIs {
			if _, ok := l.Account.Interface(e.ID); !ok {
				n++
			}
		}
		return n
	}
	for at := 2*time.Minute + time.Second; at < 11*time.Minute; at += 10 * time.Second {
		if l.to(at); unknown() != 1 {
			t.Fatalf("at %v the interface is out of the book", at)
		}
	}
	l.to(11*time.Minute + 20*time.Second)
	if unknown() != 0 {
		t.Error("the interface is still in the book when metadata answers again")
	}
}

// A change shows later on the nodes that are hit, while the fault lasts, and on
// no other: there what changes still shows within the usual lag.
func TestSlowMetadataShowsChangesLaterWhereAndWhileItLasts(t *testing.T) {
	l := inLab(t, setting{Nodes: 2, Pods: 4, Replicas: "{at: 90s, count: 40}", Faults: []string{
		"{kind: slow-metadata, node: nodes-0, at: 1m, for: 2m, add: 40s}", "{kind: attach-eni, at: 4m}"}})
	settles := func(m *machine.Machine, from time.Duration) time.Duration {
		at := from
		for l.to(at); !l.Account.MetadataSettled(m.Node.Instance.ID); l.to(at) {
			at += 100 * time.Millisecond
		}
		return at - from
	}
	shown := func(m *machine.Machine) int { return len(l.Account.Metadata(m.Node.Instance.ID)) }
	slow, other := l.Machines[0], l.Machines[1]
	if slow.Node.Name != "nodes-0" {
		slow, other = other, slow
	}
	l.to(90 * time.Second)
	before := shown(slow)
	l.to(90*time.Second + 35*time.Second)
	if shown(slow) != before || shown(other) == before {
		t.Errorf("35 s after a node needs interfaces metadata shows %d there, %d elsewhere; it was %d", shown(slow), shown(other), before)
	}
	l.to(4*time.Minute - time.Second)
	if shown(slow) == before {
		t.Error("interfaces never show")
	}
	if took := settles(slow, 4*time.Minute+time.Second); took > 31*time.Second {
		t.Errorf("after the fault a change shows after %v", took)
	}
	if hits := l.Faults.Hits(); hits[0] != 1 {
		t.Errorf("%d nodes were hit", hits[0])
	}
}

// The tail has the usual median, and its longest lags: some are longer than any
// usual one.
func TestTheTailOfMetadataIsLongAndItsMedianUsual(t *testing.T) {
	lags := func(l ec2model.Latency) (list []time.Duration) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 20_000 {
			list = append(list, l.Sample(r))
		}
		slices.Sort(list)
		return list
	}
	usual, tail := lags(ec2model.DefaultProfile().InterfaceLag), lags(ec2model.TailInterfaceLag())
	if d := usual[10_000] - tail[10_000]; d.Abs() > 100*time.Millisecond {
		t.Errorf("medians of %v and %v", usual[10_000], tail[10_000])
	}
	if p99 := tail[19_800]; p99 < 14*time.Second || p99 > 19*time.Second || tail[19_999] <= 30*time.Second || tail[19_999] > 150*time.Second {
		t.Errorf("p99 of %v, longest %v", p99, tail[19_999])
	}
	for profile, most := range map[string]time.Duration{"usual": 30 * time.Second, "tail": 150 * time.Second} {
		l := inLab(t, setting{Nodes: 1, EC2: "metadata: {profile: " + profile + "}"})
		longest := time.Duration(0)
		l.Account.SetMetadataSlowdown(func(_ string, lag time.Duration) time.Duration {
			longest = max(longest, lag)
			return lag
		})
		instance := l.Machines[0].Node.Instance.ID
		subnet, _ := l.Account.SubnetID("a")
		for range 3000 {
			id, err := l.Account.AttachNew(instance, subnet, 0, 0, nil)
			if err == nil {
				err = l.Account.RemoveInterface(id)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if longest > most || (longest > 30*time.Second) != (profile == "tail") {
			t.Errorf("%s: the longest lag of 6000 is %v", profile, longest)
		}
	}
}

// Whoever throttles, a bucket or a fault, and in whichever words: the table and the
// picture count the same.
func TestThrottlesOfEveryKindAreInTheTableAndInTheSeries(t *testing.T) {
	for name, s := range map[string]setting{
		"bucket":      {EC2: "throttle: {DescribeSubnets: {burst: 1, refillPerSecond: 0.1}}"},
		"fault":       {Faults: []string{"{kind: api-errors, at: 1m, for: 3m, code: RequestLimitExceeded, action: DescribeSubnets, share: 0.5}"}},
		"other words": {Faults: []string{"{kind: api-errors, at: 1m, for: 3m, code: Throttling, action: DescribeSubnets, share: 0.5}"}},
		"not at all":  {Faults: []string{"{kind: api-errors, at: 1m, for: 3m, code: InternalError, action: DescribeSubnets, share: 0.5}"}},
	} {
		s.Nodes, s.Pods, s.Replicas = 4, 10, "{at: 65s, count: 100}"
		l := inLab(t, s)
		l.to(10 * time.Minute)
		o := l.Measured.Outcome()
		table := o.API[ec2model.DescribeSubnets.String()].Throttled
		drawn := 0
		for _, a := range l.Measured.Series().API {
			for _, n := range a.Throttled {
				drawn += n
			}
		}
		if table != drawn || (table > 0) == (name == "not at all") {
			t.Errorf("%s: %d throttled in the table, %d in the series", name, table, drawn)
		}
	}
}

func TestWhatMetadataDoesNotAnswerIsSaid(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Faults: []string{"{kind: metadata-down, at: 1m}"}})
	l.to(2 * time.Minute)
	_, err := l.Machines[0].Metadata.VPCCIDRs()
	const want = "failed to retrieve network/interfaces/macs/vpc-ipv4-cidr-blocks from instance metadata no answer from the service"
	if !errors.Is(err, awssdk.ErrSilent) || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// systemd-networkd flushes a node's rules each time that its ipamd attaches an
// interface: the pods on the interfaces before lose theirs, the later ones
// have them.
func TestRulesAreFlushedAtEachAttach(t *testing.T) {
	l := inLab(t, setting{Nodes: 1, Pods: 3, Replicas: "{at: 2m, count: 8}, {at: 6m, count: 17}, {at: 10m, count: 20}", Faults: []string{"{kind: flush-rules, when: attached, at: 1m}"}})
	l.to(14 * time.Minute)
	n, _ := l.calls(ec2model.AttachNetworkInterface)
	if got := l.Faults.Hits()[0]; n == 0 || got != n {
		t.Errorf("%d interfaces were attached, %d flushes", n, got)
	}
	m, lost := l.Machines[0], 0
	for _, p := range l.onSecondaries() {
		if len(rulesFrom(m, p.Address())) == 0 {
			lost++
		}
	}
	if all := len(l.onSecondaries()); all == 0 || lost == all && n < 2 {
		t.Errorf("%d of %d pods on secondary interfaces have no rule", lost, all)
	}
}

func TestFaultsHitTheNodesOfASubnetOrOneByName(t *testing.T) {
	l := inText(t, twoZones+"faults: [{kind: restart-ipamd, subnet: b, at: 1m}, {kind: kill-nodes, node: nodes-2, at: 2m}, {kind: kill-nodes, node: nodes-77, at: 2m}]\n")
	ended := map[*machine.Machine]bool{}
	exited := l.Hooks.Exited
	l.Hooks.Exited = func(m *machine.Machine, err error) {
		ended[m] = true
		exited(m, err)
	}
	l.to(90 * time.Second)
	for _, m := range l.Machines {
		if down := ended[m]; down != (m.Node.Instance.Subnet == "b") {
			t.Errorf("%s in %s: restarted %v", m.Node.Name, m.Node.Instance.Subnet, down)
		}
	}
	l.to(2*time.Minute + time.Second)
	for _, n := range l.Cluster.Select(nil, 1, -1, "") {
		if n.Name == "nodes-2" {
			t.Error("nodes-2 lives")
		}
	}
	if got := l.Faults.Hits(); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("hits %v", got)
	}
}

// Every kind that a scenario may name is carried out.
func TestEveryKindOfFaultIsCarriedOut(t *testing.T) {
	needs := map[scenarios.FaultKind]string{
		"api-errors": ", code: X", "api-slow": ", factor: 2", "throttle-storm": ", action: CreateTags, rate: 1",
		"subnet-occupy": ", subnet: a", "subnet-release": ", subnet: a", "zone-down": ", zone: a", "kill-plugin": ", step: veth",
		"roll-daemonset": ", workload: agents", "roll-deployment": ", workload: web", "slow-metadata": ", add: 20s",
	}
	mayMiss := []scenarios.FaultKind{scenarios.FaultSubnetRelease} // nobody else has addresses
	for _, kind := range scenarios.FaultKinds() {
		text := setting{Nodes: 2, Pods: 4, Group: ", capacityType: spot", Replicas: "{at: 70s, count: 40}", Faults: []string{fmt.Sprintf("{kind: %s, at: 1m%s}", kind, needs[kind])}}.String()
		l := inText(t, strings.Replace(text, "workloads: [", "workloads: [{name: agents, kind: DaemonSet}, ", 1))
		l.to(3 * time.Minute)
		if l.Faults.Hits()[0] == 0 && !slices.Contains(mayMiss, kind) {
			t.Errorf("%s hits nothing", kind)
		}
	}
}
