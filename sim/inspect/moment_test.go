package inspect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/findings"
	"ipamsim/sim/fleet"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// stopped is a lab that stands still at a moment.
func stopped(t *testing.T, s scenariotest.Setting, at time.Duration) *fleet.Fleet {
	t.Helper()
	v := scenariotest.Expand(t, s.String(), scenarios.Options{})[0]
	m, err := inspect.Until(t.Context(), v, inspect.When{Replication: 1, At: at}, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Fleet
}

// inService are the pods of all nodes whose ADD has succeeded and whose
// containers have not ended, by node and address.
func inService(f *fleet.Fleet) (list []hostnet.Pod) {
	for _, m := range f.Machines {
		m.Network.PodsInService(netip.Addr{}, func(p hostnet.Pod) { list = append(list, p) })
	}
	return list
}

// wounded is a fleet that an alert should notice: at a moment its pods are
// hurt, and a finding has a check for the nodes.
type wounded struct {
	mode    result.Mode // of the finding
	setting scenariotest.Setting
	at      time.Duration
	hurt    func(*machine.Machine) []string // what the check names on a node
}

// named are the addresses of a machine's defects of a kind.
func named(kind result.DefectKind) func(*machine.Machine) []string {
	return func(m *machine.Machine) (list []string) {
		for _, a := range m.Defects {
			if a.Kind == kind {
				list = append(list, a.Address.String())
			}
		}
		return list
	}
}

var wounds = map[string]wounded{
	"flush": {"silent-drop", scenariotest.Setting{Nodes: 2, Pods: 40, Faults: []string{"{kind: flush-rules, node: nodes-0, at: 1m}"}}, 2 * time.Minute, named(result.WrongInterface)},
	"table": {"silent-drop", scenariotest.Setting{Nodes: 2, Pods: 40, Faults: []string{"{kind: flush-table, device: 1, node: nodes-0, at: 1m}"}}, 2 * time.Minute, named(result.WrongInterface)},
	"refresh": {"silent-drop", scenariotest.Setting{Nodes: 2, Pods: 40, Faults: []string{"{kind: netlink-errors, step: refresh-rule, share: 0.5, at: 1m, for: 1m}", "{kind: restart-ipamd, at: 61s}"}},
		3 * time.Minute, named(result.WrongInterface)},
	"subnets": {"silent-drop", scenariotest.Setting{Nodes: 1, Pods: 5, Replicas: "{at: 62s, count: 12}, {at: 10m, count: 27}", Faults: []string{
		"{kind: attach-eni, at: 65s, addresses: 9}", "{kind: api-errors, action: DescribeSubnets, code: UnauthorizedOperation, at: 1m, for: 4m}"}}, 15 * time.Minute, named(result.WrongInterface)},
	"flush, and new pods": {"no-way-out", scenariotest.Setting{Nodes: 2, Pods: 40, Replicas: "{at: 2m, count: 0}, {at: 5m, count: 40}", Faults: []string{"{kind: flush-rules, node: nodes-0, at: 1m}"}}, 8 * time.Minute,
		func(m *machine.Machine) []string {
			if len(named(result.NoWayOut)(m)) > 0 {
				return []string{"no rule for marked packets"}
			}
			return nil
		}},
	"two missed DELs": {"leaked-addresses", scenariotest.Setting{Nodes: 1, Pods: 20, Replicas: "{at: 66s, count: 4}", EC2: "latency: {ModifyNetworkInterfaceAttribute: {constant: 9s}}",
		Faults: []string{"{kind: restart-ipamd, at: 1m}"}}, 30 * time.Minute, named(result.LeakedAddress)},
	"refused DEL": {"stale-rules", scenariotest.Setting{Nodes: 2, Pods: 40, Replicas: "{at: 70s, count: 10}", Faults: []string{"{kind: netlink-errors, step: del-from-rule, at: 1m, for: 3m}"}},
		6 * time.Minute, named(result.StaleRule)},
	"detached": {"lost-addresses", scenariotest.Setting{Nodes: 2, Pods: 40, Faults: []string{"{kind: detach-eni, node: nodes-0, at: 1m}"}}, 6 * time.Minute, named(result.LostAddress)},
	"given twice": {"shared-addresses", scenariotest.Setting{Nodes: 1, Pods: 20, Replicas: "{at: 10m, count: 27}", Faults: []string{
		"{kind: stale-metadata, at: 1m, for: 3m, interfaces: 1}", "{kind: restart-ipamd, at: 1m}"}}, 15 * time.Minute,
		func(m *machine.Machine) []string {
			if n := len(named(result.Unrouted)(m)); n > 0 {
				return []string{fmt.Sprintf("%d veths, %d routes to them", m.Network.Pods(), m.Network.Pods()-n)}
			}
			return nil
		}},
}

// The check of each alert finds exactly what is wrong on a node, and nothing
// on one where all is well.
func TestChecksOfAlertsFindWhatIsWrong(t *testing.T) {
	for _, tool := range []string{"bash", "jq", "awk", "comm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the checks need %s: %v", tool, err)
		}
	}
	bin := toolbox(t)
	healthy := shown(t, stopped(t, scenariotest.Setting{Nodes: 1, Pods: 20}, 0).Machines[0])
	for _, name := range slices.Sorted(maps.Keys(wounds)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wounds[name]
			l := stopped(t, w.setting, w.at)
			o := l.Outcome().Outcome
			list := findings.Find(&o, findings.FactsOf(l.Scenario))
			i := slices.IndexFunc(list, func(f result.Finding) bool { return f.Mode == w.mode })
			if i < 0 {
				t.Fatalf("found %+v: %+v", list, o.Network)
			}
			check, all := list[i].Alert.Shell, 0
			for _, m := range l.Machines {
				want := w.hurt(m)
				all += len(want)
				if got := essence(prints(t, bin, shown(t, m), check)); !slices.Equal(got, essence(want)) {
					t.Errorf("%s prints on %s\n%v, want\n%v", check, m.Node.Name, got, essence(want))
				}
			}
			if all == 0 {
				t.Error("nothing is wrong anywhere")
			}
			if got := prints(t, bin, healthy, check); len(got) != 0 {
				t.Errorf("%s prints where all is well\n%v", check, got)
			}
		})
	}
}

var address = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`)

// essence is the address of each line, or the line when it names none.
func essence(lines []string) []string {
	list := []string{}
	for _, l := range lines {
		if a := address.FindString(l); a != "" {
			l = a
		}
		list = append(list, l)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// The tools of a node, as far as checks use them, over what the view shows.
var tools = map[string]string{
	"curl": `[ "$*" = "-s http://localhost:61679/v1/enis" ] || exec unexpected curl "$@"; cat "$VIEW/enis"`,
	"ls":   `[ "$*" = "/sys/class/net" ] || exec unexpected ls "$@"; awk -F'[:@ ]+' '/^[0-9]/ {print $2}' "$VIEW/ip link"`,
	"ip": `case "$*" in
"rule list") cat "$VIEW/ip rule";;
"rule list from "*) grep -F "from $4 " "$VIEW/ip rule";;
"route show scope link") grep "scope link" "$VIEW/ip route";;
"route show table "*) [ -s "$VIEW/$0 $*" ] || { echo "Error: ipv4: FIB table does not exist." >&2; exit 2; }; cat "$VIEW/$0 $*";;
"route show "*) grep -F "$3 " "$VIEW/ip route" | awk -v a="$3" '$1 == a';;
*) exec unexpected ip "$@";;
esac`,
	"iptables-save": `[ "$*" = "-t nat" ] || exec unexpected iptables-save "$@"; cat "$VIEW/nat"`,
	"unexpected":    `echo "no view has: $*" >&2; exit 9`,
}

// toolbox is a folder with the tools.
func toolbox(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	for name, script := range tools {
		script = strings.ReplaceAll(script, "$0 $*", name+" $*")
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// shown is a folder with what the tools print on a machine.
func shown(t *testing.T, m *machine.Machine) string {
	t.Helper()
	view := t.TempDir()
	for _, c := range append(inspect.Commands(inspect.Namespace(m)), inspect.Documents(m)...) {
		name := c.Name
		switch {
		case strings.HasPrefix(name, "curl -s "+inspect.IntrospectURL):
			name = "enis"
		case strings.HasPrefix(name, "iptables-save -t nat"):
			name = "nat"
		case strings.Contains(name, "/"):
			continue
		}
		if err := os.WriteFile(filepath.Join(view, name), []byte(c.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return view
}

// prints runs a check with a view in place of the machine.
func prints(t *testing.T, bin, view, check string) []string {
	t.Helper()
	cmd := exec.Command("bash", "-c", check)
	cmd.Env = append(os.Environ(), "VIEW="+view, "PATH="+bin+":"+os.Getenv("PATH"))
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	_ = cmd.Run() // a check's exit code means nothing
	if problems.Len() > 0 {
		t.Errorf("%s: %s", check, problems.String())
	}
	return strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' })
}

// What ipamd says of itself, its checkpoint and the kernel's rules agree: each
// address on a pod is in all of them once.
func TestIntrospectionCheckpointAndRulesAgree(t *testing.T) {
	for _, cni := range []string{"", "ENABLE_PREFIX_DELEGATION: true", "AWS_VPC_K8S_CNI_EXTERNALSNAT: true"} {
		l := stopped(t, scenariotest.Setting{Nodes: 2, Pods: 46, CNI: cni}, 0)
		for _, m := range l.Machines {
			printed := map[string]string{}
			for _, c := range append(inspect.Commands(inspect.Namespace(m)), inspect.Documents(m)...) {
				printed[c.Name] = c.Text
			}
			var enis ipamd.ENIInfos
			if err := json.Unmarshal([]byte(printed["curl -s "+inspect.IntrospectURL]), &enis); err != nil {
				t.Fatal(err)
			}
			var file struct {
				Allocations []struct {
					IPv4     string
					Metadata struct{ K8SPodName string }
				}
			}
			if err := json.Unmarshal([]byte(printed["cat "+inspect.CheckpointPath]), &file); err != nil {
				t.Fatal(err)
			}
			recorded := map[string]string{}
			for _, a := range file.Allocations {
				recorded[a.IPv4] = a.Metadata.K8SPodName
			}
			assigned := 0
			for _, e := range enis[0].ENIs {
				for _, c := range e.AvailableIPv4Cidrs {
					for a, info := range c.IPAddresses {
						if info.IPAMKey.NetworkName == "" {
							continue
						}
						assigned++
						if recorded[a] != info.IPAMMetadata.K8SPodName || !m.Network.HasVeth(recorded[a]) {
							t.Errorf("%s is of %s, by the checkpoint of %s", a, info.IPAMMetadata.K8SPodName, recorded[a])
						}
						rule := fmt.Sprintf("1536:\tfrom %s lookup %d\n", a, e.RouteTableID)
						if got, want := strings.Count(printed["ip rule"], "from "+a+" "), min(1, e.DeviceNumber); got != want || want == 1 && !strings.Contains(printed["ip rule"], rule) {
							t.Errorf("%s is on %s, device %d, and has %d rules of its own", a, e.ID, e.DeviceNumber, got)
						}
						if got := strings.Count(printed["ip rule"], "512:\tfrom all to "+a+" lookup main\n"); got != 1 {
							t.Errorf("%d rules lead to %s", got, a)
						}
						if route := a + " dev " + m.VethName(recorded[a]) + " scope link"; !strings.Contains(printed["ip route"], route) {
							t.Errorf("no route %q", route)
						}
					}
				}
			}
			if assigned == 0 || assigned != len(recorded) || assigned != enis[0].AssignedIPs || assigned != m.Kubelet.Holding() {
				t.Errorf("%d addresses on pods by the list, %d by its head, %d in the checkpoint, %d by the runtime", assigned, enis[0].AssignedIPs, len(recorded), m.Kubelet.Holding())
			}
		}
	}
}

const looked = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: looked}
warmUp: 1m
duration: 20m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]}
nodeGroups: [{name: nodes, instanceType: m5.large, count: 2}]
workloads: [{name: web, initial: 30, replicas: [{at: 2m, count: 44}, {at: 8m, count: 20}]}]
faults:
  - {kind: restart-ipamd, at: 3m, share: 0.5}
  - {kind: flush-rules, at: 5m, share: 0.5}
  - {kind: netlink-errors, at: 2m, for: 1m, share: 0.1}
`

// To stop a run at a moment, to look at it and to record a node of it changes
// nothing: what is seen is what a plain run comes to.
func TestLookingAtAMomentChangesNothing(t *testing.T) {
	for _, at := range []time.Duration{0, 2*time.Minute + 30*time.Second, 10 * time.Minute, 20 * time.Minute} {
		v := scenariotest.Expand(t, looked, scenarios.Options{})[0]
		fingerprint := func(opts inspect.Options, see func(*inspect.Snapshot)) string {
			m, err := inspect.Until(t.Context(), v, inspect.When{Replication: 1, At: at}, opts)
			if err != nil {
				t.Fatal(err)
			}
			see(m)
			return m.Fleet.Outcome().Fingerprint
		}
		plain := fingerprint(inspect.Options{}, func(*inspect.Snapshot) {})
		recorded := fingerprint(inspect.Options{Record: &recording.Selection{Pods: map[string]bool{}, Nodes: map[string]recording.Span{"nodes-0": {From: 0, To: recording.Time(at)}}, Lines: true}}, func(*inspect.Snapshot) {})
		walked := fingerprint(inspect.Options{}, func(m *inspect.Snapshot) {
			for _, each := range m.Fleet.Machines {
				inspect.Namespace(each)
				inspect.Documents(each)
			}
			for _, p := range inService(m.Fleet) {
				if _, err := m.Path(p.Key, inspect.Target{Address: hostnet.Outside}); err != nil {
					t.Error(err)
				}
			}
		})
		if recorded != plain || walked != plain {
			t.Errorf("at %v: %s by itself, %s when recorded, %s when walked through", at, plain, recorded, walked)
		}
	}
	r, err := sim.Run(t.Context(), scenariotest.Expand(t, looked, scenarios.Options{}), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole := r.Variants[0].Replications[0].Fingerprint
	m, err := inspect.Until(t.Context(), scenariotest.Expand(t, looked, scenarios.Options{})[0], inspect.When{Replication: 1, At: 20 * time.Minute}, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Fleet.Outcome().Fingerprint; got != whole {
		t.Errorf("%s at the last moment, %s for the whole run", got, whole)
	}
}

// The view of a pod shows its own address and the way out of it, and of the
// node's rules those that are about it.
func TestTheViewOfAPodIsAboutThatPod(t *testing.T) {
	l := stopped(t, scenariotest.Setting{Nodes: 1, Pods: 20}, 0)
	seen := map[bool]bool{}
	for _, p := range inService(l) {
		if seen[p.Device == 0] {
			continue
		}
		seen[p.Device == 0] = true
		v, err := inspect.Pod(t.Context(), scenariotest.Expand(t, scenariotest.Setting{Nodes: 1, Pods: 20}.String(), scenarios.Options{})[0], inspect.When{Replication: 1}, p.Key, 10, inspect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		printed := map[string]string{}
		for _, terminal := range v.Terminals {
			for _, c := range terminal.Commands {
				printed[terminal.Place+": "+c.Name] = c.Text
			}
		}
		inside, veth := "pod "+p.Key+": ", hostnet.VethName("eni", p.Key)
		if got := printed[inside+"ip route"]; got != "default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n" {
			t.Errorf("%s: its routes are %q", p.Key, got)
		}
		if !strings.Contains(printed[inside+"ip -4 addr"], "inet "+p.Address.String()+"/32 ") {
			t.Errorf("%s: its address is not %v: %s", p.Key, p.Address, printed[inside+"ip -4 addr"])
		}
		onNode := func(question string) string { return printed[fmt.Sprintf("node nodes-0: %s %v", question, p.Address)] }
		from := ""
		if p.Device > 0 {
			from = fmt.Sprintf("1536:\tfrom %v lookup %d\n", p.Address, p.Device+1)
		}
		if got, want := onNode("ip rule list to"), fmt.Sprintf("512:\tfrom all to %v lookup main\n", p.Address); got != want {
			t.Errorf("%s: rules to it %q, want %q", p.Key, got, want)
		}
		if got := onNode("ip rule list from"); got != from {
			t.Errorf("%s: rules from it %q, want %q", p.Key, got, from)
		}
		if got, want := onNode("ip route show"), fmt.Sprintf("%v dev %s scope link \n", p.Address, veth); got != want {
			t.Errorf("%s: its route %q, want %q", p.Key, got, want)
		}
		table := printed[fmt.Sprintf("node nodes-0: ip route show table %d", p.Device+1)]
		if (p.Device > 0) != strings.HasPrefix(table, fmt.Sprintf("default via 10.0.0.1 dev eth%d", p.Device)) {
			t.Errorf("%s on interface %d: its table is %q", p.Key, p.Device, table)
		}
		if len(v.Defects) != 0 {
			t.Errorf("%s: %+v", p.Key, v.Defects)
		}
	}
	if len(seen) != 2 {
		t.Errorf("no pod on both kinds of interfaces: %v", seen)
	}
}
