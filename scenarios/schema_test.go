package scenarios

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return compiled(t, schemaID, Schema())
}

func compiled(t *testing.T, id string, text []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(id, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON is a YAML document as an editor hands it to the schema.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestShippedScenariosMeetTheSchema(t *testing.T) {
	schema := compiledSchema(t)
	for _, name := range EmbeddedNames() {
		text, _ := Source(name)
		if err := schema.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaAndReaderAcceptTheSame(t *testing.T) {
	schema := compiledSchema(t)
	group := func(lines string) string { return with("count: 3", "count: 3\n    "+lines) }
	workload := func(lines string) string { return document + "    " + lines + "\n" }
	for _, test := range []struct {
		text string
		ok   bool
	}{
		{document, true},
		{with("duration: 2m", "duration: 1h0.5m10s"), true},
		{with("duration: 2m", "duration: 120"), false},
		{with("duration: 2m", "duration: 2 m"), false},
		{with("duration: 2m", "duration: -2m"), false},
		{with("duration: 2m", "duration:"), false},
		{with("duration: 2m\n", ""), false},
		{with("duration: 2m", "duration: 2m\nwarmUp: 0"), true},
		{with("duration: 2m", "duration: 2m\nfoo: 1"), false},
		{with("duration: 2m", "duration: 2m\nseed: 18446744073709551615"), true},
		{with("duration: 2m", "duration: 2m\nseed: -1"), false},
		{with("duration: 2m", "duration: 2m\nreplications: 0"), false},
		{with("duration: 2m", "duration: 2m\nreplications: 1001"), false},
		{with("duration: 2m", "duration: 2m\nfaults:\nlimits:\nthresholds:"), true},
		{with("ipamsim/v1", "ipamsim/v2"), false},
		{with("kind: Scenario", "kind: scenario"), false},
		{with("name: small", "name: Small"), false},
		{with("name: small", "name: 5"), false},
		{with("[10.0.0.0/16]", "10.0.0.0/16"), false},
		{with("[10.0.0.0/16]", "[]"), false},
		{with("10.0.0.0/24", "10.0.0.0/33"), false},
		{with("10.0.0.0/24", "10.0.256.0/24"), false},
		{with("10.0.0.0/24", "fd00::/64"), false},
		{with("az: a}", "az: \"\"}"), false},
		{with("count: 3", "count: 3.0"), true},
		{with("count: 3", "count: 3.5"), false},
		{with("count: 3", "count: -3"), false},
		{with("count: 3", "count: \"3\""), false},
		{with("count: 3", "count:"), true},
		{with("m5.large", "m5_large"), false}, // which names there are besides the published ones the file says itself
		{group("cni: {WARM_IP_TARGET: 5, ENABLE_PREFIX_DELEGATION: true, CLUSTER_NAME: x}"), true},
		{group("cni: {WARM_IP_TARGT: 5}"), false},
		{group("cni: {WARM_IP_TARGET: [5]}"), false},
		{group("cni: {WARM_IP_TARGET: null}"), false},
		{group("labels: {pool: 1}"), true},
		{group("launch: {profile: metal}"), true},
		{group("launch: {profile: rocket}"), false},
		{group("amiFamily: Bottlerocket"), true},
		{group("amiFamily: Windows2022"), false},
		{group("kubernetesVersion: \"1.36\""), true},
		{group("kubernetesVersion: 1.36"), false},
		{group("launch: {systemImages: pulled, systemImagePull: {mean: 2s}, kubeProxy: {min: 1s, max: 2s}}"), true},
		{group("launch: {systemImages: some}"), false},
		{group("podStartCPU: 0.4s"), true},
		{group("subnets: [a]"), true},
		{group("subnets: [1]"), false},
		{group("maxPods: 0"), false},
		{group("resources: {cpu: 1.5, memory: 4Gi}"), true},
		{workload("resources: {cpu: 250m, memory: 512Mi}"), true},
		{workload("resources: {cpu: 2, memory: 0}"), true},
		{workload("resources: {cpu: -1}"), false},
		{workload("resources: {memory: 512}"), false},
		{workload("resources: {memory: 512MB}"), false},
		{workload("hostNetwork: yes"), false},
		{workload("hostNetwork: true"), true},
		{workload("lifetime: {mean: 5m, sigma: 0.5, max: 1h}"), true},
		{workload("lifetime: {mean: 5m, sigma: 4}"), false},
		{workload("lifetime: 5m"), false},
		{document + "  - {name: j, kind: Job, lifetime: {constant: 1s}, arrivals: {rate: 1, from: -1m}}\n", true},
		{document + "ec2: {throttle: {CreateTags: {burst: 5, refillPerSecond: 1}}}\n", true},
		{with("m5.large", "own.large") + "ec2: {instanceTypes: [{name: own.large, interfaces: 3, addressesPerInterface: 10, vcpu: 2, memory: 8Gi}]}\n", true},
		{with("m5.large", "own.large") + "ec2: {instanceTypes: [{name: own.large, networkCards: [3, 1], addressesPerInterface: 10, vcpu: 2, memory: 8Gi, hypervisor: xen}]}\n", true},
		{document + "ec2: {instanceTypes: [{name: own, interfaces: 3, addressesPerInterface: 10}]}\n", false},
		{document + "ec2: {instanceTypes: [{name: own.large, interfaces: 3}]}\n", false},
		{document + "ec2: {instanceTypes: [{name: own.large, interfaces: 0, addressesPerInterface: 10}]}\n", false},
		{document + "ec2: {instanceTypes: [{name: own.large, interfaces: 3, addressesPerInterface: 1001}]}\n", false},
		{document + "ec2: {throttle: {CreateTag: {burst: 5, refillPerSecond: 1}}}\n", false},
		{document + "ec2: {throttle: {CreateTags: {burst: 5}}}\n", false},
		{document + "ec2: {resourceThrottle: {RunInstances: {burst: 5000, refillPerSecond: 40}}}\n", true},
		{document + "ec2: {resourceThrottle: {CreateFleet: {burst: 5, refillPerSecond: 1}}}\n", true},
		{document + "ec2: {resourceThrottle: {CreateTags: {burst: 5, refillPerSecond: 1}}}\n", false},
		{group("capacityType: spot\n    interruptionsPerHour: 0.5"), true},
		{group("capacityType: spott"), false},
		{with("instanceType: m5.large", "instanceTypes: [m5.large, m5a.large]"), true},
		{with("instanceType: m5.large", "instanceTypes: []"), false},
		{with("instanceType: m5.large", "instanceTypes: [m5_large]"), false},
		{document + "faults: [{kind: insufficient-capacity, instanceType: m5.large, zone: a, capacityType: spot, count: 3}]\n", true},
		{document + "faults: [{kind: insufficient-capacity, instanceType: m5_large}]\n", false},
		{document + "ec2: {sharedThrottle: [{actions: [DescribeSubnets, DescribeInstances], burst: 100, refillPerSecond: 10}]}\n", true},
		{document + "ec2: {sharedThrottle: [{actions: [DescribeSubnets, DescribeInstance], burst: 100, refillPerSecond: 10}]}\n", false},
		{document + "ec2: {sharedThrottle: [{actions: [DescribeSubnets], burst: 100, refillPerSecond: 10}]}\n", false},
		{document + "ec2: {background: [{action: CreateTags, rate: 5}]}\n", true},
		{document + "ec2: {background: [{action: createTags, rate: 5}]}\n", false},
		{document + "faults: [{kind: netlink-errors, step: to-rule, share: 0.5, nodeShare: 1, every: 5m, for: 1m, times: 3}]\n", true},
		{document + "faults: [{kind: netlink-errors, step: to-rules}]\n", false},
		{document + "faults: [{kind: flush-rules, when: adding, node: workers-1}]\n", true},
		{document + "faults: [{kind: flush-rules, when: added}]\n", false},
		{document + "faults: [{kind: api-slow, factor: 0}]\n", false},
		{document + "faults: [{kind: kill-nodes, every: 5m, times: 0}]\n", false},
		{document + "thresholds: {pod_start: [\"p(99) < 5s\", med<200ms], nodes_peak: value<=3}\n", true},
		{document + "thresholds: {\"api_calls{action:CreateTags}\": count<3}\n", true},
		{document + "thresholds: {pod_strat: avg<3}\n", false},
		{document + "thresholds: {pod_start: {threshold: avg<3}}\n", true},
		{document + "thresholds: {pod_start: [avg<3, {threshold: max<3, severity: warn}]}\n", true},
		{document + "thresholds: {pod_start: {threshold: max<3, severity: bad}}\n", false},
		{document + "thresholds: {pod_start: {threshold: count<3}}\n", false},
		{document + "thresholds: {pod_start: {threshold: avg<3, between: 10s-1m, over: worst, abortOnFail: true, delayAbortEval: 20s}}\n", true},
		{document + "thresholds: {nodes_peak: {threshold: value<3, at: 1m, over: ci95}}\n", true},
		{document + "thresholds: {nodes_peak: {threshold: value<3, between: 1m}}\n", false},
		{document + "thresholds: {nodes_peak: {threshold: value<3, between: \"\"}}\n", false},
		{document + "thresholds: {nodes_peak: {threshold: value<3, over: median}}\n", false},
		{document + "thresholds: {nodes_peak: {threshold: value<3, abortOnFail: sometimes}}\n", false},
		{document + "thresholds: {nodes_peak: {threshold: value<3, delayAbortEval: soon}}\n", false},
		{document + "thresholds: {pod_start: {threshold: 5}}\n", false},
		{document + "thresholds: {pod_start: {severity: warn}}\n", false},
		{document + "thresholds: {pod_start: {threshold: max<3, severty: warn}}\n", false},
		{document + "thresholds: {pod_start: {}}\n", false},
		{document + "thresholds: {pod_start: count<3}\n", false},
		{document + "thresholds: {pod_start: p(101)<3}\n", false},
		{document + "thresholds: {pod_start: avg<3h}\n", false},
		{document + "thresholds: {nodes_peak: value<3s}\n", false},
		{document + "thresholds: {nodes_peak: []}\n", false},
		{document + "thresholds: {nodes_peak: 5}\n", false},
		{document + "thresholds: {\"pod_start{}\": avg<3}\n", false},
		{document + "variants: [{name: x, set: {seedling: 1}}]\n", false},
		{document + "variants: [{name: x, set: {duration: 5m}}]\n", true},
		{document + "variants: [{set: {duration: 5m}}]\n", false},
	} {
		_, err := Load("f.yaml", []byte(test.text))
		invalid := schema.Validate(asJSON(t, []byte(test.text)))
		if (err == nil) != test.ok {
			t.Errorf("the reader: %v\n%s", err, test.text)
		}
		// What a path of an override leads to is beyond a schema.
		if (invalid == nil) != test.ok && !strings.Contains(test.text, "seedling") {
			t.Errorf("the schema: %v\n%s", invalid, test.text)
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	for _, typ := range structTypes(scenarioType, profileType) {
		for _, f := range fieldsOf(typ) {
			if f.doc == "" {
				t.Errorf("%s.%s has no doc", typ.Name(), f.key)
			}
			// Panics when the default is not a value of the field.
			setAbsent(reflect.New(f.typ).Elem(), f)
		}
	}
	for _, m := range result.Metrics {
		// Of pods and nodes there is one number, whichever are meant.
		several := m.Kind != result.Trend && len(m.Labels) > 1 && !slices.Contains(m.Labels, "workload") && !slices.Contains(m.Labels, "nodegroup")
		if m.Doc == "" || !slices.Contains(m.Labels, "variant") || several != (m.Across != "") {
			t.Errorf("metric %s is not described", m.Name)
		}
	}
}

// What the checks and the reference know of kinds and steps is what the reader
// accepts.
func TestKindsOfFaultsAreThoseOfTheirKeys(t *testing.T) {
	enum := func(key string) []string {
		f, _ := fieldNamed(faultType, key)
		return f.enum
	}
	var names []string
	for _, k := range faultKinds {
		names = append(names, string(k.name))
		for _, key := range k.keys {
			if !slices.Contains(keysOf(faultType), key) {
				t.Errorf("%s has the key %s, which there is not", k.name, key)
			}
		}
		if k.doc == "" || k.words == nil {
			t.Errorf("%s is not described", k.name)
		}
	}
	if !slices.Equal(names, enum("kind")) {
		t.Errorf("kinds %v, read are %v", names, enum("kind"))
	}
	if steps := enum("step"); !slices.Equal(pluginSteps, steps[:len(pluginSteps)]) {
		t.Errorf("steps %v, read are %v", pluginSteps, steps)
	}
}

var update = flag.Bool("update", false, "write docs/scenario-reference.md")

func TestReferencePageIsUpToDate(t *testing.T) {
	const path = "../docs/scenario-reference.md"
	const head = "<!-- Generated from package scenarios. Do not edit: run \"go test ./scenarios -update\". -->\n\n"
	page := append([]byte(head), Reference()...)
	if *update {
		if err := os.WriteFile(path, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, page) {
		t.Errorf("%s differs from what the types say: run go test ./scenarios -update", path)
	}
}
