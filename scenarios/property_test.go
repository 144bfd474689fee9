package scenarios

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fragments are what mutations insert: pieces that YAML or the reader treats
// in a way of its own.
var fragments = []string{"\n", " ", "\t", ":", "- ", "{", "}", "[", "]", "&a ", "*a", "<<: *a", "null", "~", "-1", "0", "1e999",
	".nan", "!!binary x", "!x ", "|\n", ">\n", "\"", "'", "#", "---\n", "...\n", "%", "@", "é", "\u2028", "\x00", "\xff", "? ", "a: b", "set: {a.b: 1}",
	"nodeGroups: ", "variants: ", "thresholds: ", "5s", "10.0.0.0/24", "p(99)<5s", "999999999999999999999", "\\.", "[0]"}

// mutated is a shipped scenario after a few changes.
func mutated(t *rapid.T) []byte {
	names := append(EmbeddedNames(), "")
	text, ok := Source(rapid.SampledFrom(names).Draw(t, "of"))
	if !ok {
		text = []byte(withVariants)
	}
	text = bytes.Clone(text)
	for range rapid.IntRange(1, 6).Draw(t, "changes") {
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		cut := min(rapid.IntRange(0, 12).Draw(t, "cut"), len(text)-at)
		piece := rapid.SampledFrom(fragments).Draw(t, "piece")
		if rapid.Bool().Draw(t, "copy") {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			piece = string(text[from:min(len(text), from+rapid.IntRange(0, 60).Draw(t, "length"))])
		}
		text = append(text[:at:at], append([]byte(piece), text[at+cut:]...)...)
	}
	return text
}

func TestReadingNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := Load("f.yaml", mutated(t))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Fatal("an error says nothing")
			}
			return
		}
		variants, err := f.Variants(Options{Set: []string{rapid.SampledFrom(fragments).Draw(t, "set") + "=" + rapid.SampledFrom(fragments).Draw(t, "value")}})
		if err == nil {
			for _, v := range variants {
				Explain(v.Scenario)
			}
		}
	})
}

func TestAnEffectiveScenarioReadsAsItself(t *testing.T) {
	for _, f := range append(Embedded(), fromText(t, withVariants)) {
		variants, err := f.Variants(Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants {
			checkEffective(t, v)
		}
	}
	for _, more := range []string{
		"faults: [{kind: kill-nodes, share: 0}, {at: 5s, kind: api-errors, code: X, share: 0.5}]\n",
		"faults: [{kind: netlink-errors, for: 1m, every: 5m, times: 3, step: to-rule, share: 0.5, nodeShare: 0, group: workers}]\n",
		"ec2: {resourceThrottle: {RunInstances: {burst: 5000, refillPerSecond: 0.5}, TerminateInstances: {burst: 0, refillPerSecond: 0}}}\n",
		"ec2: {sharedThrottle: [{actions: [DescribeSubnets, DescribeInstances], burst: 0, refillPerSecond: 0.5}]}\n",
		"ec2: {latency: {CreateTags: {constant: 0s}, RunInstances: {min: 1s, max: 2s}}, throttling: false}\n",
		"  - {name: j, kind: Job, lifetime: {mean: 1s}, arrivals: {every: 5s, from: -1m, to: 0s}}\n",
		"autoscaler: {kind: karpenter, scaleDown: false, utilization: 0}\n",
		"thresholds:\n  api_calls{action:CreateTags}: count<3\n  pod_start{variant:default}: [avg<3s, max<4]\n",
		"thresholds:\n  pod_start: [{threshold: avg<3s, between: 10s-1m, over: worst, abortOnFail: true, delayAbortEval: 20s}, {threshold: max<4, severity: warn}]\n  nodes_peak: {threshold: value<9, at: 1m, over: ci95}\n",
	} {
		checkEffective(t, expand(t, document+more, Options{})[0])
	}
}

// everyPart has an entry in each list of the language, for overrides to change.
const everyPart = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: parts}
duration: 2m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: a, used: [{count: 2}, {addresses: [10.0.0.32/28]}], reservations: [{cidr: 10.0.0.64/28, type: prefix}], tags: {k: v}}
ec2:
  background: [{action: CreateTags, rate: 1}]
  latency: {CreateTags: {mean: 1s}}
  throttle: {CreateTags: {burst: 1, refillPerSecond: 1}}
nodeGroups: [{name: w, instanceType: m5.large, count: 2, steps: [{at: 1m, count: 3}], cni: {WARM_IP_TARGET: 2}, labels: {l: m}}]
workloads:
  - {name: web, initial: 1, replicas: [{at: 10s, count: 2}], topologySpread: [{over: zones}]}
  - {name: agent, kind: DaemonSet}
  - {name: job, kind: Job, arrivals: {rate: 1}, lifetime: {constant: 1s}}
faults:
  - {kind: kill-nodes, at: 1s}
  - {kind: netlink-errors, for: 1m}
  - {kind: roll-aws-node, cni: {}}
  - {kind: subnet-occupy, subnet: a}
  - {kind: throttle-storm, action: CreateTags, rate: 1}
  - {kind: attach-eni}
`

// overrideValues are what a value of some type may be, and nothing, zero and
// empty of each.
var overrideValues = []string{"0", "1", "2", "0.5", "0s", "5s", "''", "a", "web", "w", "true", "false", "null", "[]", "{}", "[{}]", "10.0.0.16/28",
	"[{count: 0}]", "[{addresses: []}]", "[{at: 5s, count: 0}]", "{constant: 0s}", "{mean: 2s, sigma: 0}", "{rate: 0.1}", "{burst: 1}", "{every: 5s}", "{kind: karpenter}",
	"{cpu: '0'}", "{AWS_VPC_ENI_MTU: '9001'}", "[a]", "{name: z, kind: Trace, file: ''}", "{name: z}"}

// randomOverride sets something, anywhere in the language, to something.
func randomOverride(t *rapid.T, tree *node) string {
	at, path := spot{tree, field{typ: scenarioType}}, ""
	for {
		keys := at.keys()
		if len(keys) == 0 {
			return strings.TrimSuffix(path, ".") + "=" + rapid.SampledFrom(overrideValues).Draw(t, "value")
		}
		key := rapid.SampledFrom(keys).Draw(t, "key").Text
		path += key
		next, ok := at.down(strings.ReplaceAll(key[:len(key)-1], `\.`, "."))
		switch {
		case !ok || strings.HasSuffix(key, "="):
			values := slices.Concat(next.values(), overrideValues)
			return strings.TrimRight(path, "=") + "=" + rapid.SampledFrom(values).Draw(t, "value")
		case rapid.IntRange(0, 3).Draw(t, "whole") == 0:
			return strings.TrimSuffix(path, ".") + "=" + rapid.SampledFrom(overrideValues).Draw(t, "value")
		}
		at = next
	}
}

func TestAnyScenarioReadsAsItselfOnceItsDefaultsAreWritten(t *testing.T) {
	f := fromText(t, everyPart)
	accepted := 0
	rapid.Check(t, func(rt *rapid.T) {
		var set []string
		var last Expanded
		for range rapid.IntRange(1, 6).Draw(rt, "overrides") {
			more := append(slices.Clone(set), randomOverride(rt, f.tree))
			variants, err := f.Variants(Options{Set: more})
			if err != nil {
				continue // it makes no sense
			}
			set, last = more, variants[0]
		}
		if last.Scenario == nil {
			return
		}
		accepted++
		if why := unlikeEffective(last); why != "" {
			rt.Fatalf("%q: %s", set, why)
		}
	})
	if accepted < 10 {
		t.Errorf("only %d scenarios made sense", accepted)
	}
}

func TestZerosThatWereGivenStay(t *testing.T) {
	for _, text := range []string{
		with("replicas:\n      - {at: 10s, count: 12}", "initial: 0"),
		with("replicas:\n      - {at: 10s, count: 12}", "replicas: []"),
		with("az: a}", "az: a, used: [{count: 0}]}"),
		with("az: a}", "az: a, used: [{addresses: []}]}"),
		with("    count: 3", "    resources: {}"),
		document + "controlPlane: {podCreation: {}}\n",
	} {
		checkEffective(t, expand(t, text, Options{})[0])
	}
	_, err := Load("f.yaml", []byte(document+"  - {name: t, kind: Trace, file: \"\"}\n"))
	if err == nil || !strings.Contains(err.Error(), "workloads.t.file: the name of a CSV file was expected, got nothing") {
		t.Errorf("a trace without a file: %v", err)
	}
}

func fromText(t *testing.T, text string) *File {
	f, err := Load("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// checkEffective compares a variant with its effective file, read again.
func checkEffective(t *testing.T, v Expanded) {
	t.Helper()
	if why := unlikeEffective(v); why != "" {
		t.Error(why)
	}
}

// unlikeEffective says how a variant differs from its effective file, read
// again. That file has no variants, and its thresholds are those of this one.
func unlikeEffective(v Expanded) string {
	text, err := v.Effective()
	if err != nil {
		return err.Error()
	}
	f, err := Load("f.yaml", text)
	if err != nil {
		return fmt.Sprintf("it cannot be read:\n%s\n%v", text, err)
	}
	got, want := *f.Scenario, *v.Scenario
	if a, b := conditions(got, v.Name), conditions(want, v.Name); !slices.Equal(a, b) {
		return fmt.Sprintf("thresholds %v became %v", b, a)
	}
	got.Thresholds, want.Thresholds, got.Expect, want.Expect, want.Variants = nil, nil, nil, nil, nil
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("it reads otherwise:\n%s\ngot  %+v\nwant %+v", text, got, want)
	}
	return ""
}

// conditions are the thresholds that apply to a variant, sorted.
func conditions(s Scenario, variant string) []string {
	var out []string
	for _, t := range slices.Concat(s.Thresholds, s.Expect) {
		if v := t.Selector.Get("variant"); v == "" || v == variant {
			out = append(out, fmt.Sprint(t.Metric, t.Selector.Get("action"), " ", t.Expression, t.Window, t.Over, t.Severity, t.Abort, t.AbortAfter))
		}
	}
	slices.Sort(out)
	return out
}

func TestAnExplanationNamesEverythingThatActs(t *testing.T) {
	f, err := Load("f.yaml", []byte(document+`  - {name: agent, kind: DaemonSet, hostNetwork: true}
  - {name: batch, kind: Job, lifetime: {constant: 1m}, arrivals: {every: 10s, batch: 4}}
autoscaler: {kind: cluster-autoscaler}
replications: 3
ec2: {background: [{action: CreateTags, rate: 2}]}
faults:
  - {at: 30s, for: 10s, kind: api-errors, action: AttachNetworkInterface, code: RequestLimitExceeded, share: 0.25}
  - {at: 1m, kind: kill-nodes, group: workers}
  - {kind: kill-nodes, node: workers-2, every: 5s, for: 15s}
  - {kind: api-slow, factor: 3, add: 1s}
  - {kind: throttle-storm, action: CreateTags, rate: 20, for: 5s, every: 10s, times: 3}
  - {kind: zone-down, zone: a, for: 30s}
  - {kind: metadata-down, subnet: a, share: 0.5, count: 2}
  - {kind: flush-rules, when: attached}
  - {kind: flush-table, device: 2}
  - {kind: netlink-errors, share: 0.1, nodeShare: 0.5}
  - {kind: kill-plugin, step: from-rule}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := Explain(f.Scenario)
	for _, want := range []string{
		"1 subnet in 1 Availability Zone with 251 usable addresses.",
		"Node group workers: 3 nodes of type m5.large.", "3 interfaces with 10 addresses each", "at most 29 pods",
		"keeps the addresses of 1 interface free (WARM_ENI_TARGET)",
		"A Cluster-Autoscaler-like autoscaler adds nodes",
		"Deployment web: 0 pods at the start, 12 at 10s.",
		"DaemonSet agent: one pod per node on the host's network",
		"Job batch: one batch of 4 pods every 10s.",
		"Other tenants of the account call CreateTags (2 a second).",
		"At 30s 25 % of the calls to AttachNetworkInterface fail with RequestLimitExceeded for 10s.",
		"At 1m all of the nodes of workers die.",
		"At 0s workers-2 dies, again every 5s for 15s.",
		"At 0s calls to every action take 3 times as long and 1s more.",
		"At 0s other tenants call CreateTags 20 times a second for 5s, again every 10s, 3 times in all.",
		"At 0s the instances in the Availability Zone a die and EC2 gives nothing there for 30s.",
		"At 0s instance metadata answers nothing on 50 % of the nodes in a (2 at most).",
		"From 0s on systemd-networkd drops the policy rules of all of the nodes, each when its ipamd is at the point attached, every time.",
		"At 0s the routes of interface 2 disappear on all of the nodes.",
		"At 0s the kernel refuses 10 % of the attempts at every step on 50 % of the nodes.",
		"At 0s the CNI plugin is killed before the step from-rule in all of the attempts on all of the nodes.",
		"The run takes 2m of virtual time after a warm-up of 5m, 3 times in different random worlds.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing from\n%s", want, got)
		}
	}
}
