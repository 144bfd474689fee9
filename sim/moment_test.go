package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// wounded is a fleet that an alert should notice: at a moment its pods are
// hurt, and a finding has a check for the nodes.
type wounded struct {
	mode    result.Mode // of the finding
	setting setting
	at      time.Duration
	hurt    func(*machine) []string // what the check names on a node
}

// named are the addresses of a machine's defects of a kind.
func named(kind result.DefectKind) func(*machine) []string {
	return func(m *machine) (list []string) {
		for _, a := range m.defects {
			if a.Kind == kind {
				list = append(list, a.Address.String())
			}
		}
		return list
	}
}

var wounds = map[string]wounded{
	"flush": {"silent-drop", setting{nodes: 2, pods: 40, faults: []string{"{kind: flush-rules, node: nodes-0, at: 1m}"}}, 2 * time.Minute, named(result.WrongInterface)},
	"table": {"silent-drop", setting{nodes: 2, pods: 40, faults: []string{"{kind: flush-table, device: 1, node: nodes-0, at: 1m}"}}, 2 * time.Minute, named(result.WrongInterface)},
	"refresh": {"silent-drop", setting{nodes: 2, pods: 40, faults: []string{"{kind: netlink-errors, step: refresh-rule, share: 0.5, at: 1m, for: 1m}", "{kind: restart-ipamd, at: 61s}"}},
		3 * time.Minute, named(result.WrongInterface)},
	"subnets": {"silent-drop", setting{nodes: 1, pods: 5, replicas: "{at: 62s, count: 12}, {at: 10m, count: 27}", faults: []string{
		"{kind: attach-eni, at: 65s, addresses: 9}", "{kind: api-errors, action: DescribeSubnets, code: UnauthorizedOperation, at: 1m, for: 4m}"}}, 15 * time.Minute, named(result.WrongInterface)},
	"flush, and new pods": {"no-way-out", setting{nodes: 2, pods: 40, replicas: "{at: 2m, count: 0}, {at: 5m, count: 40}", faults: []string{"{kind: flush-rules, node: nodes-0, at: 1m}"}}, 8 * time.Minute,
		func(m *machine) []string {
			if len(named(result.NoWayOut)(m)) > 0 {
				return []string{"no rule for marked packets"}
			}
			return nil
		}},
	"two missed DELs": {"leaked-addresses", setting{nodes: 1, pods: 20, replicas: "{at: 66s, count: 4}", ec2: "latency: {ModifyNetworkInterfaceAttribute: {constant: 9s}}",
		faults: []string{"{kind: restart-ipamd, at: 1m}"}}, 30 * time.Minute, named(result.LeakedAddress)},
	"refused DEL": {"stale-rules", setting{nodes: 2, pods: 40, replicas: "{at: 70s, count: 10}", faults: []string{"{kind: netlink-errors, step: del-from-rule, at: 1m, for: 3m}"}},
		6 * time.Minute, named(result.StaleRule)},
	"detached": {"lost-addresses", setting{nodes: 2, pods: 40, faults: []string{"{kind: detach-eni, node: nodes-0, at: 1m}"}}, 6 * time.Minute, named(result.LostAddress)},
	"given twice": {"shared-addresses", setting{nodes: 1, pods: 20, replicas: "{at: 10m, count: 27}", faults: []string{
		"{kind: stale-metadata, at: 1m, for: 3m, interfaces: 1}", "{kind: restart-ipamd, at: 1m}"}}, 15 * time.Minute,
		func(m *machine) []string {
			if n := len(named(result.Unrouted)(m)); n > 0 {
				return []string{fmt.Sprintf("%d veths, %d routes to them", m.network.Pods(), m.network.Pods()-n)}
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
	healthy := inLab(t, setting{nodes: 1, pods: 20})
	for _, name := range slices.Sorted(maps.Keys(wounds)) {
		t.Run(name, func(t *testing.T) {
			w := wounds[name]
			l := inLab(t, w.setting)
			l.to(w.at)
			o := l.outcome().Outcome
			list := findings.Find(&o, findings.FactsOf(l.scenario))
			i := slices.IndexFunc(list, func(f result.Finding) bool { return f.Mode == w.mode })
			if i < 0 {
				t.Fatalf("found %+v: %+v", list, o.Network)
			}
			check, all := list[i].Alert.Shell, 0
			for _, m := range l.machines {
				want := w.hurt(m)
				all += len(want)
				if got := essence(m.shellPrints(t, check)); !slices.Equal(got, essence(want)) {
					t.Errorf("%s prints on %s\n%v, want\n%v", check, m.node.Name, got, essence(want))
				}
			}
			if all == 0 {
				t.Error("nothing is wrong anywhere")
			}
			if got := healthy.machines[0].shellPrints(t, check); len(got) != 0 {
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

// shellPrints runs a check with the view of the machine in place of its tools.
func (m *machine) shellPrints(t *testing.T, check string) []string {
	t.Helper()
	bin, view := t.TempDir(), t.TempDir()
	for name, script := range tools {
		script = strings.ReplaceAll(script, "$0 $*", name+" $*")
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range append(commands(node{machine: m}.namespace()), node{machine: m}.documents()...) {
		name := c.Name
		switch {
		case strings.HasPrefix(name, "curl -s "+introspectURL):
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
		l := inLab(t, setting{nodes: 2, pods: 46, cni: cni})
		for _, m := range l.machines {
			printed := map[string]string{}
			for _, c := range append(commands(node{machine: m}.namespace()), node{machine: m}.documents()...) {
				printed[c.Name] = c.Text
			}
			var enis ipamd.ENIInfos
			if err := json.Unmarshal([]byte(printed["curl -s "+introspectURL]), &enis); err != nil {
				t.Fatal(err)
			}
			var file struct {
				Allocations []struct {
					IPv4     string
					Metadata struct{ K8SPodName string }
				}
			}
			if err := json.Unmarshal([]byte(printed["cat "+checkpointAt]), &file); err != nil {
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
						if recorded[a] != info.IPAMMetadata.K8SPodName || !m.network.HasVeth(recorded[a]) {
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
			if assigned == 0 || assigned != len(recorded) || assigned != enis[0].AssignedIPs || assigned != m.kubelet.Holding() {
				t.Errorf("%d addresses on pods by the list, %d by its head, %d in the checkpoint, %d by the runtime", assigned, enis[0].AssignedIPs, len(recorded), m.kubelet.Holding())
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
		v := expand(t, looked, scenarios.Options{})[0]
		fingerprint := func(opts Options, see func(*Moment)) string {
			m, err := Until(t.Context(), v, When{Replication: 1, At: at}, opts)
			if err != nil {
				t.Fatal(err)
			}
			see(m)
			return m.world.outcome().Fingerprint
		}
		plain := fingerprint(Options{}, func(*Moment) {})
		recorded := fingerprint(Options{Record: &Selection{Pods: map[string]bool{}, Nodes: map[string]Span{"nodes-0": {0, at}}, Lines: true}}, func(*Moment) {})
		walked := fingerprint(Options{}, func(m *Moment) {
			for _, each := range m.world.machines {
				node{machine: each}.namespace()
				node{machine: each}.documents()
			}
			for _, p := range m.world.inService() {
				if _, err := m.Path(p.Key, Target{Address: hostnet.Outside}); err != nil {
					t.Error(err)
				}
			}
		})
		if recorded != plain || walked != plain {
			t.Errorf("at %v: %s by itself, %s when recorded, %s when walked through", at, plain, recorded, walked)
		}
	}
	whole := mustRun(t, expand(t, looked, scenarios.Options{}), Options{}).Variants[0].Replications[0].Fingerprint
	m, err := Until(t.Context(), expand(t, looked, scenarios.Options{})[0], When{Replication: 1, At: 20 * time.Minute}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.world.outcome().Fingerprint; got != whole {
		t.Errorf("%s at the last moment, %s for the whole run", got, whole)
	}
}

// The view of a pod shows its own address and the way out of it, and of the
// node's rules those that are about it.
func TestTheViewOfAPodIsAboutThatPod(t *testing.T) {
	l := inLab(t, setting{nodes: 1, pods: 20})
	seen := map[bool]bool{}
	for _, p := range l.inService() {
		if seen[p.Device == 0] {
			continue
		}
		seen[p.Device == 0] = true
		v, err := InspectPod(t.Context(), expand(t, setting{nodes: 1, pods: 20}.String(), scenarios.Options{})[0], When{Replication: 1}, p.Key, 10, Options{})
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
