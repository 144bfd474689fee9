package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const withVariants = document + `variants:
  - name: plain
  - name: warm
    description: More addresses.
    set:
      nodeGroups.workers.cni.WARM_IP_TARGET: 5
      nodeGroups.workers.cni.MINIMUM_IP_TARGET: 10
      nodeGroups.0.count: 7
      workloads.web.replicas.0.count: 50
      workloads.web.resources.cpu: 250m
      vpc.subnets.a.tags.kubernetes\.io/role/cni: "1"
      autoscaler.kind: karpenter
      warmUp: null
  - name: nothing
    set:
      workloads.web: null
`

func expand(t *testing.T, text string, o Options) []Expanded {
	t.Helper()
	f, err := Load("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(o)
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

func TestAVariantChangesWhatItNamesAndNothingElse(t *testing.T) {
	v := expand(t, withVariants, Options{})
	if len(v) != 3 || v[1].Name != "warm" || v[1].Description != "More addresses." {
		t.Fatalf("got %+v", v)
	}
	plain, warm, nothing := v[0].Scenario, v[1].Scenario, v[2].Scenario
	if g := plain.NodeGroups[0]; g.Count != 3 || len(g.CNI) != 0 || plain.Autoscaler != nil || plain.Workloads[0].Replicas[0].Count != 12 {
		t.Errorf("the plain variant was changed: %+v", plain)
	}
	g := warm.NodeGroups[0]
	if g.Count != 7 || g.CNI["WARM_IP_TARGET"] != "5" || g.CNI["MINIMUM_IP_TARGET"] != "10" || g.InstanceType != "m5.large" {
		t.Errorf("got %+v", g)
	}
	if warm.Workloads[0].Replicas[0].Count != 50 || warm.Workloads[0].Resources.CPU != 250 {
		t.Errorf("got %+v", warm.Workloads[0])
	}
	if warm.VPC.Subnets[0].Tags["kubernetes.io/role/cni"] != "1" || warm.Autoscaler.Kind != "karpenter" || warm.WarmUp.String() != "5m" {
		t.Errorf("got %+v", warm)
	}
	if len(nothing.Workloads) != 0 {
		t.Errorf("a removed workload is there: %+v", nothing.Workloads)
	}
	if env := g.Environment(); env["WARM_ENI_TARGET"] != "1" || env["WARM_IP_TARGET"] != "5" {
		t.Errorf("got %v", env)
	}
}

func TestTheCommandLineHasTheLastWord(t *testing.T) {
	seed, replications := uint64(1<<64-1), 4
	v := expand(t, withVariants, Options{
		Set:  []string{"nodeGroups.workers.count=9", "nodeGroups[0].cni.WARM_IP_TARGET=null", `ec2.background=[{action: CreateTags, rate: 2}]`, "seed=5", "metadata.description="},
		Seed: &seed, Replications: &replications, Variants: []string{"warm"}})
	if len(v) != 1 {
		t.Fatalf("got %d variants", len(v))
	}
	s := v[0].Scenario
	if _, ok := s.NodeGroups[0].CNI["WARM_IP_TARGET"]; ok || s.NodeGroups[0].Count != 9 || s.Seed != 5 || s.Replications != 4 || s.EC2.Background[0].Rate != 2 {
		t.Errorf("got %+v", s)
	}
}

// The faults of a file are called by their index there, also once one of them
// is taken out, whatever the order.
func TestAnEntryThatIsTakenOutDoesNotShiftTheOthers(t *testing.T) {
	text := document + "faults: [{kind: kill-nodes, at: 1s}, {kind: metadata-down, at: 2s}, {kind: restart-ipamd, at: 3s}, {kind: flush-rules, at: 4s}]\n"
	for _, set := range [][]string{
		{"faults.1=null", "faults.2.at=30s", "faults[3]=null"},
		{"faults[3]=null", "faults.2.at=30s", "faults.1=null"},
	} {
		faults := expand(t, text, Options{Set: set})[0].Scenario.Faults
		if len(faults) != 2 || faults[0].Kind != "kill-nodes" || faults[1].Kind != "restart-ipamd" || faults[1].At.String() != "30s" {
			t.Errorf("%v leaves %+v", set, faults)
		}
	}
	_, err := fromText(t, text).Variants(Options{Set: []string{"faults.1=null", "faults.1.at=30s"}})
	if err == nil || !strings.Contains(err.Error(), "faults[1] was taken out by another override") {
		t.Errorf("a change of what is gone: %v", err)
	}
}

// An entry that is added leaves the others where they are, and comes after
// those of the variant.
func TestAddedEntriesComeLast(t *testing.T) {
	for _, text := range []string{withVariants, with("duration: 2m", "duration: 2m\nfaults: null"), with("duration: 2m", "duration: 2m\nfaults: []")} {
		for _, v := range expand(t, text, Options{Set: []string{"faults.+={kind: restart-ipamd, at: 1m}", "faults.0.node=workers-0", "faults[+]={kind: recreate-pods, at: 90s}", "vpc.subnets.+={name: z, cidr: 10.0.200.0/24, az: z}"}}) {
			s := v.Scenario
			if f := s.Faults; len(f) != 2 || f[0].Kind != FaultRestartIPAMD || f[0].Node != "workers-0" || f[1].Kind != FaultRecreatePods {
				t.Errorf("%s: %+v", v.Name, s.Faults)
			}
			if n := s.VPC.Subnets; len(n) < 2 || n[0].Name != "a" || n[len(n)-1].Name != "z" {
				t.Errorf("%s: %+v", v.Name, n)
			}
		}
	}
	for set, want := range map[string]bool{"faults.+={}": true, "a[+]=1": true, "faults.1={kind: +}": false, "a.+.b=1": false, "+": true, "": false} {
		if Appends(set) != want {
			t.Errorf("%q appends: %v", set, !want)
		}
	}
}

// A shell has taken the quotes away that text like a number needs in a file: it
// is text as it was written, wherever the language has text.
func TestTextOfTheCommandLineNeedsNoQuotes(t *testing.T) {
	for _, text := range []string{"1.36", "1.30", "7", "007", "1e3", "0x10", "true", "on", ".5", "12:30"} {
		v := expand(t, document, Options{Set: []string{"metadata.description=" + text, "nodeGroups.workers.labels.version=" + text}})
		if s := v[0].Scenario; s.Metadata.Description != text || s.NodeGroups[0].Labels["version"] != text {
			t.Errorf("%s: description %q, label %q", text, s.Metadata.Description, s.NodeGroups[0].Labels["version"])
		}
	}
	v := expand(t, document, Options{Set: []string{"nodeGroups.workers.kubernetesVersion=1.30", "vpc.subnets.+={name: 2, cidr: 10.0.9.0/24, az: 3}", "nodeGroups.workers.subnets=[2]", "metadata.name=5"}})
	if s := v[0].Scenario; s.NodeGroups[0].KubernetesVersion != "1.30" || s.NodeGroups[0].Subnets[0] != "2" || s.Metadata.Name != "5" {
		t.Errorf("%+v", s.NodeGroups[0])
	}
}

func TestWithoutVariantsThereIsOne(t *testing.T) {
	for _, o := range []Options{{}, {Variants: []string{"default"}}} {
		if v := expand(t, document, o); len(v) != 1 || v[0].Name != "default" {
			t.Errorf("got %+v", v)
		}
	}
}

func TestBadOptionsAreNamedByTheirFlag(t *testing.T) {
	f, err := Load("f.yaml", []byte(withVariants))
	if err != nil {
		t.Fatal(err)
	}
	zero := 0
	for _, test := range []struct {
		options Options
		want    string
	}{
		{Options{Set: []string{"a"}}, "--set a: path=value was expected"},
		{Options{Set: []string{"=1"}}, "--set =1: path=value was expected"},
		{Options{Set: []string{"nodeGroups..count=1"}}, "--set nodeGroups..count=1: nodeGroups..count: not a path"},
		{Options{Set: []string{"nodeGroups[0.count=1"}}, "--set nodeGroups[0.count=1: nodeGroups[0.count: a [ without its ]"},
		{Options{Set: []string{"nodeGroups.1.count=1"}}, `--set nodeGroups.1.count=1: nodeGroups.1.count: nodeGroups has no entry "1"; known are workers`},
		{Options{Set: []string{"workloads.web.replicas.5.count=1"}, Variants: []string{"warm"}}, `--set workloads.web.replicas.5.count=1: workloads.web.replicas.5.count: workloads.web.replicas has no entry "5": it has 1, called by their index from 0`},
		{Options{Set: []string{"duration=5"}}, "--set duration=5: duration: 5 has no unit"},
		{Options{Set: []string{"durration=5s"}}, `--set durration=5s: durration: there is no "durration" in a scenario; did you mean "duration"?`},
		{Options{Set: []string{"vpc.cidrs=["}}, "--set vpc.cidrs=[: not valid YAML"},
		{Options{Set: []string{"nodeGroups.workers.cni.FOO=1"}}, `--set nodeGroups.workers.cni.FOO=1: nodeGroups.workers.cni: the daemon knows no variable "FOO"`},
		{Options{Set: []string{"workloads.+.name=x"}}, `--set workloads.+.name=x: workloads.+.name: workloads.+ is an entry that is not there yet: its whole value was expected`},
		{Options{Set: []string{"workloads.+=null"}}, `--set workloads.+=null: workloads.+: workloads.+ adds an entry to workloads: there is nothing to remove`},
		{Options{Set: []string{"faults.+={kind: banana}"}}, `--set faults.+={kind: banana}: faults[0].kind: `},
		{Options{Set: []string{"faults.+={kind: recreate-pods, workload: wbe}"}, Variants: []string{"warm"}}, `--set faults.+={kind: recreate-pods, workload: wbe}: unknown Deployment "wbe"; did you mean "web"?`},
		{Options{Set: []string{"variants.plain.name=x"}}, "--set variants.plain.name=x: variants cannot be set from the command line"},
		{Options{Replications: &zero}, "--replications 0: replications: 0 is out of range: the least is 1"},
		{Options{Variants: []string{"wram"}}, `--variant wram: f.yaml has no variant "wram"; did you mean "warm"?`},
	} {
		_, err := f.Variants(test.options)
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func TestWhatTheDaemonReplacesSilentlyIsAWarning(t *testing.T) {
	f, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    cni:\n      WARM_IP_TARGET: abc\n      MAX_ENI: 9\n      ENABLE_PREFIX_DELEGATION: yes\n      MINIMUM_IP_TARGET: 5\n      ENABLE_POD_ENI: true\n      AWS_VPC_K8S_CNI_LOGLEVEL: INFO")))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`f.yaml:14:23: nodeGroups.workers.cni: a whole number of at least 0 was expected for WARM_IP_TARGET, got "abc": the daemon silently uses its default, 0`,
		`f.yaml:15:16: nodeGroups.workers.cni: MAX_ENI 9 is above the 3 of m5.large: it has no effect`,
		`f.yaml:16:33: nodeGroups.workers.cni: true or false was expected for ENABLE_PREFIX_DELEGATION, got "yes": the daemon silently uses its default, false`,
		`f.yaml:17:26: nodeGroups.workers.cni: MINIMUM_IP_TARGET without WARM_IP_TARGET`,
		`f.yaml:18:7: nodeGroups.workers.cni: ENABLE_POD_ENI is accepted but not modelled: the simulation runs as if it were false`,
	}
	if len(f.Warnings) != len(want) {
		t.Errorf("%d warnings, want %d", len(f.Warnings), len(want))
	}
	for i, w := range f.Warnings {
		if i < len(want) && !strings.HasPrefix(w.String(), want[i]) {
			t.Errorf("got  %s\nwant %s", w, want[i])
		}
	}
}

func TestAliasesAndMergeKeysWork(t *testing.T) {
	text := with("count: 3\n", "count: 3\n    cni: &warm {WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 9}\n  - name: more\n    instanceType: m5.large\n    cni: {<<: *warm, WARM_IP_TARGET: 6}\n  - {name: same, instanceType: m5.large, cni: *warm}\n")
	s := expand(t, text, Options{})[0].Scenario
	if more, same := s.NodeGroups[1].CNI, s.NodeGroups[2].CNI; more["WARM_IP_TARGET"] != "6" || more["MINIMUM_IP_TARGET"] != "9" || same["WARM_IP_TARGET"] != "5" {
		t.Errorf("got %v and %v", more, same)
	}
}

func TestAMistakeInATraceIsFoundBeforeAnythingRuns(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f.yaml")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("f.yaml", document+"  - {name: replay, kind: Trace, file: pods.csv}\n")
	f, err := LoadPath(path)
	if err != nil {
		t.Fatal(err)
	}
	for csv, want := range map[string]string{
		"created_s,lifetime_s\n1,x\n": `pods.csv:2:3: lifetime_s: "x" is not a number of seconds of at least 0`,
		"created,lifetime_s\n":        `pods.csv:1:1: unknown column "created"; did you mean "created_s"?`,
		"created_s\n1\n":              "pods.csv:1:1: the column lifetime_s is missing",
	} {
		write("pods.csv", csv)
		if _, err := f.Variants(Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", csv, err, want)
		}
	}
	write("pods.csv", "cpu,created_s,lifetime_s,memory\n250m,2,1,1Gi\n,1.5,3,\n")
	variants, err := f.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	pods := variants[0].Traces["replay"]
	if len(pods) != 2 || pods[0].Created.Seconds() != 1.5 || pods[1].CPU != 250 || pods[1].Memory != 1<<30 || pods[0].CPU != 0 {
		t.Errorf("got %+v", pods)
	}
}
