package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is accepted and probably not meant, and what is said about it; nothing
// is said about what only looks like it.
func TestWhatComesToNothingIsWarnedOf(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // each begins a warning
	}{
		{"nothing", document, nil},
		{"addresses that AWS reserves", with("az: a}", "az: a, used: [{addresses: [10.0.0.0, 10.0.0.3, 10.0.0.4, 10.0.0.254, 10.0.0.255, 10.0.0.0/30, 10.0.0.0/28]}]}"), []string{
			`f.yaml:8:63: vpc.subnets.a.used: AWS reserves 10.0.0.0,`, `f.yaml:8:73: vpc.subnets.a.used: AWS reserves 10.0.0.3,`,
			`f.yaml:8:105: vpc.subnets.a.used: AWS reserves 10.0.0.255,`, `f.yaml:8:117: vpc.subnets.a.used: AWS reserves 10.0.0.0/30,`}},
		// 1930m of m5.large less 150m for aws-node and kube-proxy.
		{"CPU that just fits", document + "    resources: {cpu: 1780m}\n", []string{
			`f.yaml:15:5: at 10s web ask for 12 pods, and 3 nodes of workers have room for 3 at most: CPU is what binds, and 9 wait`}},
		{"CPU that no node has", document + "    resources: {cpu: 1781m}\n", []string{
			`f.yaml:17:5: workloads.web: each pod asks for 1781m of CPU, and an empty node of workers has 1780m for it: none ever starts`}},
		{"memory that just fits", document + "    resources: {memory: 7518Mi}\n", []string{
			`f.yaml:15:5: at 10s web ask for 12 pods, and 3 nodes of workers have room for 3 at most: memory is what binds, and 9 wait`}},
		{"memory that no node has", document + "    resources: {memory: 7519Mi}\n", []string{`f.yaml:17:5: workloads.web: each pod asks for 7519Mi of memory, and an empty node of workers has 7518Mi for it`}},
		{"CPU that a DaemonSet takes", document + "    resources: {cpu: 1700m}\n  - {name: d, kind: DaemonSet, resources: {cpu: 100m}}\n", []string{
			`f.yaml:17:5: workloads.web: each pod asks for 1700m of CPU, and an empty node of workers has 1680m for it`}},
		{"CPU that another group has", with("count: 3\n", "count: 3\n  - {name: big, instanceType: m5.xlarge, count: 12}\n") + "    resources: {cpu: 3}\n", nil},
		{"no place beside the daemons", with("count: 3", "count: 3\n    maxPods: 2"), []string{
			`f.yaml:15:5: workloads.web: each pod needs a place, and the pods that run on every node of workers take all its max pods`}},
		{"an occupation for a time", document + "faults: [{kind: subnet-occupy, subnet: a, for: 1m}, {kind: subnet-occupy, subnet: a, for: 1m, every: 5s}]\n", []string{
			`f.yaml:17:43: faults[0]: subnet-occupy happens at once: without every, for has no effect`}},
		{"Jobs that their controller cannot keep up with", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 10}}\n", []string{
			`f.yaml:17:62: workloads.j: these Jobs need at least 50 requests a second of their controller's client, which sends 20 (controlPlane.podCreation): they come later and later`}},
		{"Jobs with which it just keeps up", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 4}}\n", nil},
		{"many Jobs for a moment", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 10, to: 1s}}\n", nil},
		{"many Jobs on another control plane", document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 10}}\ncontrolPlane: {tier: unlimited}\n", nil},
		{"as many pods of somebody", document + "  - {name: j, kind: Pod, lifetime: {constant: 1s}, arrivals: {rate: 10}}\n", nil},
		{"a key of old", document + "autoscaler: {kind: karpenter, utilisation: 0.3}\n", []string{
			`f.yaml:17:31: utilisation is spelt utilization now; the old spelling is still read`}},
		{"a key of old in a variant", document + "autoscaler: {kind: karpenter}\nvariants:\n  - {name: a, set: {autoscaler.utilisation: 0.3}}\n  - {name: b, set: {autoscaler: {kind: karpenter, utilisation: 0.2}}}\n", []string{
			`f.yaml:19:21: utilisation is spelt utilization now`, `f.yaml:20:51: utilisation is spelt utilization now`}},
		{"a minimum that is all", with("count: 3", "count: 3\n    cni: {MINIMUM_IP_TARGET: 5}"), []string{
			`f.yaml:13:30: nodeGroups.workers.cni: MINIMUM_IP_TARGET without WARM_IP_TARGET is the most that a node ever holds`}},
		{"interfaces for ever", with("count: 3", "count: 3\n    cni: {WARM_ENI_TARGET: 0}"), []string{
			`f.yaml:13:28: nodeGroups.workers.cni: with WARM_ENI_TARGET 0 ipamd makes an interface and frees it again, for ever, whenever all addresses of a node are on pods`}},
		{"interfaces for ever under custom networking", with("count: 3", "count: 3\n    eniConfig: {a: a}\n    cni: {WARM_ENI_TARGET: 0, AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true}"), []string{
			`f.yaml:10:5: nodeGroups.workers: nodes are spread over all subnets`,
			`f.yaml:14:28: nodeGroups.workers.cni: with WARM_ENI_TARGET 0 ipamd makes an interface and frees it again, for ever, on each node without pods`}},
		{"no interface in reserve, but addresses", with("count: 3", "count: 3\n    cni: {WARM_ENI_TARGET: 0, WARM_IP_TARGET: 1}"), nil},
		{"no interface in reserve, but prefixes", with("count: 3", "count: 3\n    cni: {WARM_ENI_TARGET: 0, ENABLE_PREFIX_DELEGATION: true}"), nil},
		{"condition given twice", document + "thresholds: {pod_start: [\"p(99)<5s\", \"p(99) < 5000ms\", \"p(98)<5s\"]}\n", []string{
			`f.yaml:17:38: thresholds.pod_start: the condition p(99) < 5000ms is given twice; the first is in line 17`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Load("f.yaml", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			expectProblems(t, f.Warnings, test.want)
		})
	}
}

func expectProblems(t *testing.T, got []Problem, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d: %v", len(got), len(want), Problems(got))
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i].String(), want[i]) {
			t.Errorf("problem %d\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

func TestTracesAreCheckedBeforeTheRun(t *testing.T) {
	const scenario = document + "  - {name: t, kind: Trace, file: t.csv, resources: {cpu: 100m}}\n"
	for _, test := range []struct {
		name, trace    string
		wrong, warning string // with DIR for the folder
	}{
		{"right", "created_s,lifetime_s\n1,2\n120,\n", "", ""},
		{"no rows", "created_s,lifetime_s\n", "", `DIR/f.yaml:17:34: workloads.t: t.csv lists no pods`},
		{"late rows", "created_s,lifetime_s\n1,2\n121,2\n1e6,2\n", "", `DIR/f.yaml:17:34: workloads.t: 2 of the 3 pods of t.csv are after the end of the run, 2m: they are never created`},
		{"large rows", "created_s,lifetime_s,cpu\n1,2,1\n1,2,3\n1,2,4\n1,2,\n", "", `DIR/f.yaml:17:34: workloads.t: 2 of the 4 pods of t.csv never start: one asks for 3 of CPU`},
		{"empty", "", `DIR/t.csv:1:1: the file is empty: a header was expected`, ""},
		{"a field too few", "created_s,lifetime_s,cpu\n1,2,1\n 1,2\n", "DIR/t.csv:3:2: 3 fields were expected, as in the header, got 2\n    3 |  1,2\n      |  ^", ""},
		{"a bad field after others", "created_s,lifetime_s,cpu\n1,2,é\n", "DIR/t.csv:2:5: cpu: \"é\" is not an amount of CPU: write cores or thousandths of one, such as 2, 1.5 or 250m\n    2 | 1,2,é\n      |     ^", ""},
		{"a quote", "created_s,lifetime_s\n1,\"2\n", "DIR/t.csv:", ""},
		{"missing", "-", `DIR/f.yaml:17:34: workloads.t: DIR/t.csv: cannot read the trace: no such file`, ""},
		{"a folder", "/", `DIR/f.yaml:17:34: workloads.t: DIR/t.csv: cannot read the trace: a folder, not a CSV file`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("f.yaml", scenario)
			switch test.trace {
			case "-":
			case "/":
				if err := os.Mkdir(filepath.Join(dir, "t.csv"), 0o700); err != nil {
					t.Fatal(err)
				}
			default:
				write("t.csv", test.trace)
			}
			f, err := Open(filepath.Join(dir, "f.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			variants, err := f.Variants(Options{})
			in := func(s string) []string {
				if s == "" {
					return nil
				}
				return []string{strings.ReplaceAll(s, "DIR", dir)}
			}
			var problems Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatal(err)
			}
			expectProblems(t, problems, in(test.wrong))
			if err == nil {
				expectProblems(t, variants[0].Warnings, in(test.warning))
			}
		})
	}
}

// A variable that would change addresses on a real node, and changes nothing
// here, is accepted with a word.
func TestVariablesThatAreNotModelledAreSaid(t *testing.T) {
	said := 0
	for _, v := range CNIVariables {
		if v.Modelled || !v.Addresses || v.Name == "ENABLE_IPv4" || v.Name == "ENABLE_IPv6" { // IPv6 is refused
			continue
		}
		value := map[cniKind]string{cniSwitch: "true", cniTimeout: "60", cniText: "other"}[v.kind]
		f, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    cni: {"+v.Name+": \""+value+"\"}")))
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		want := v.Name + " is accepted but not modelled"
		if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0].Message, want) {
			t.Errorf("%s=%s: %v", v.Name, value, f.Warnings)
		}
		said++
	}
	if said < 5 {
		t.Errorf("%d variables", said)
	}
}

// Words say where interfaces for pods are made.
func TestWordsTellOfENIConfigsAndTags(t *testing.T) {
	for settings, want := range map[string][]string{
		"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true": {"interfaces for pods are made in a in zone a (eniConfig)", "never use a node's first interface"},
		"":                               {"ipamd may make interfaces in b, too", "It makes none in a (kubernetes.io/role/cni=0)"},
		"ENABLE_SUBNET_DISCOVERY: false": {"It makes none in a (kubernetes.io/role/cni=0)"},
	} {
		f, err := Load("f.yaml", []byte(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: tags}
duration: 1m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: a, tags: {kubernetes.io/role/cni: "0"}}
    - {name: b, cidr: 10.0.1.0/24, az: a, tags: {kubernetes.io/role/cni: "1"}}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1, subnets: [a], eniConfig: {a: a}, cni: {`+settings+`}}]
workloads: [{name: web, initial: 1}]
`))
		if err != nil {
			t.Fatalf("%s: %v", settings, err)
		}
		text := Explain(f.Scenario)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%q: %q is not in %s", settings, w, text)
			}
		}
		if strings.Contains(text, "ipamd may make") != (settings == "") {
			t.Errorf("%q: %s", settings, text)
		}
	}
}

func TestWhatAReleaseDoesNotReadIsSaid(t *testing.T) {
	for _, test := range []struct{ version, cni, want string }{
		{"v1.23.1", "AWS_MAX_ATTEMPTS: 5", ""},
		{"v1.23.1", "AWS_EC2_ENDPOINT: https://ec2", "v1.23.1 does not call EC2 at AWS_EC2_ENDPOINT"},
		{"v1.23.2", "AWS_MAX_ATTEMPTS: 5", "v1.23.2 ignores AWS_MAX_ATTEMPTS"},
		{"v1.23.1", "AWS_RETRY_MODE: adaptive", ""},
		{"v1.23.2", "AWS_RETRY_MODE: adaptive", "v1.23.2 ignores AWS_RETRY_MODE"},
		{"v1.23.2", "AWS_EC2_ENDPOINT: https://ec2", "v1.23.2 calls EC2 at AWS_EC2_ENDPOINT"},
		{"v1.9.0", "IP_COOLDOWN_PERIOD: 10", "v1.9.0 does not read IP_COOLDOWN_PERIOD"},
		{"v1.9.0", "WARM_IP_TARGET: 2", ""},
		{"v1.6.0", "ENABLE_PREFIX_DELEGATION: true", "v1.6.0 does not read ENABLE_PREFIX_DELEGATION"},
	} {
		f, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    cniVersion: "+test.version+"\n    cni: {"+test.cni+"}")))
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		text := ""
		for _, w := range f.Warnings {
			text += w.Message
		}
		if (test.want == "") != (text == "") || !strings.Contains(text, test.want) {
			t.Errorf("%+v: %q", test, text)
		}
	}
	if _, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    cniVersion: v1.23.3\n    cni: {WARM_IP_TARGET: 1}"))); err == nil || !strings.Contains(err.Error(), "v1.23.3") {
		t.Errorf("an unknown release: %v", err)
	}
}

func TestAnExplanationIsOfWhatTheReleaseReads(t *testing.T) {
	for version, want := range map[string]string{"v1.23.1": "WARM_PREFIX_TARGET", "v1.6.0": "WARM_ENI_TARGET"} {
		f, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    cniVersion: "+version+"\n    cni: {ENABLE_PREFIX_DELEGATION: true}")))
		if err != nil {
			t.Fatal(err)
		}
		if text := Explain(f.Scenario); !strings.Contains(text, want) {
			t.Errorf("%s: %s", version, text)
		}
	}
}

func TestPathsAreCompletedKeyByKey(t *testing.T) {
	f, err := Load("f.yaml", []byte(document+"    nodeSelector: {a.b/c: x}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file  *File
		typed string
		want  string // some of the candidates
		lacks string // a candidate that is none
	}{
		{f, "", "nodeGroups.", "kind="},
		{f, "", "duration=", "variants."},
		{f, "dur", "duration=", "seed="},
		{nil, "dur", "duration=", "seed="},
		{f, "vpc.", "vpc.subnets.", "subnets."},
		{f, "nodeGroups.", "nodeGroups.workers.", "nodeGroups.count="},
		{f, "nodeGroups.workers.", "nodeGroups.workers.count=", ""},
		{f, "nodeGroups.0.c", "nodeGroups.0.cni.", "nodeGroups.0.max="},
		{f, "nodeGroups.workers.cni.WARM", "nodeGroups.workers.cni.WARM_IP_TARGET=", ""},
		{f, "workloads.web.replicas.", "workloads.web.replicas.0.", ""},
		{f, "workloads.web.replicas[0].", "workloads.web.replicas[0].count=", ""},
		{f, "workloads.web.nodeSelector.", `workloads.web.nodeSelector.a\.b/c=`, ""},
		{f, "autoscaler.kind=", "autoscaler.kind=karpenter", ""},
		{f, "autoscaler.kind=c", "autoscaler.kind=cluster-autoscaler", "autoscaler.kind=karpenter"},
		{f, "workloads.web.hostNetwork=", "workloads.web.hostNetwork=true", ""},
		{f, "ec2.latency.Attach", "ec2.latency.AttachNetworkInterface.", ""},
		{f, "nodeGroups.workers.cni.ENABLE_PREFIX_DELEGATION=", "nodeGroups.workers.cni.ENABLE_PREFIX_DELEGATION=true", ""},
		{f, "nodeGroups.workers.instanceType=m5.la", "nodeGroups.workers.instanceType=m5.large", ""},
	} {
		var texts []string
		for _, c := range CompleteSet(test.file, test.typed) {
			texts = append(texts, c.Text)
		}
		if !slices.Contains(texts, test.want) || slices.Contains(texts, test.lacks) {
			t.Errorf("%q: got %v, want %s and not %s", test.typed, texts, test.want, test.lacks)
		}
	}
	for _, typed := range []string{"nope.", "nodeGroups.nope.", "duration.", "a..b.", "[", "duration=", "nope=", "thresholds.pod_start."} {
		if got := CompleteSet(f, typed); len(got) > 0 {
			t.Errorf("%q: got %v", typed, got)
		}
	}
}

// An old spelling and the new one are one key, wherever each stands.
func TestAKeyOfOldIsReadAsItsSuccessor(t *testing.T) {
	for _, test := range []struct {
		name, text string
		set        []string
		want       float64
		warned     int
	}{
		{"in the file", "autoscaler: {kind: karpenter, utilisation: 0.3}\n", nil, 0.3, 1},
		{"set", "autoscaler: {kind: karpenter}\n", []string{"autoscaler.utilisation=0.4"}, 0.4, 1},
		{"set within its parent", "", []string{"autoscaler={kind: karpenter, utilisation: 0.5}"}, 0.5, 1},
		{"set over the new one", "autoscaler: {kind: karpenter, utilization: 0.3}\n", []string{"autoscaler.utilisation=0.6"}, 0.6, 1},
		{"the new one set over it", "autoscaler: {kind: karpenter, utilisation: 0.3}\n", []string{"autoscaler.utilization=0.7"}, 0.7, 1},
		{"the new one alone", "autoscaler: {kind: karpenter, utilization: 0.3}\n", nil, 0.3, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Load("f.yaml", []byte(document+test.text))
			if err != nil {
				t.Fatal(err)
			}
			variants, err := f.Variants(Options{Set: test.set})
			if err != nil {
				t.Fatal(err)
			}
			a := variants[0].Scenario.Autoscaler
			if a == nil || a.Utilization == nil || *a.Utilization != test.want || len(variants[0].Warnings) != test.warned {
				t.Errorf("%+v, %v", a, variants[0].Warnings)
			}
		})
	}
}

func TestAKeyOfOldBesideItsSuccessorIsUnknown(t *testing.T) {
	_, err := Load("f.yaml", []byte(document+"autoscaler: {kind: karpenter, utilisation: 0.3, utilization: 0.3}\n"))
	if err == nil || !strings.HasPrefix(err.Error(), `f.yaml:17:31: unknown key "utilisation" in autoscaler; did you mean "utilization"?`) {
		t.Error(err)
	}
}
