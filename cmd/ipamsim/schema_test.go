package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ipamsim/scenarios"
	"ipamsim/sim"
)

func resultSchema(t *testing.T) *jsonschema.Schema { return compiled(t, "result") }

// compiled is a schema as the program prints it.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	code, text, stderr := invoke(nil, "schema", name)
	if code != exitOK {
		t.Fatal(stderr)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("of:"+name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("of:" + name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// stored is the result of a run as a JSON document.
func stored(t *testing.T, args ...string) any {
	t.Helper()
	code, stdout, stderr := invoke(sim.Run, append(append([]string{"run"}, args...), "-o", "json", "--quiet")...)
	if code != exitOK && code != exitThreshold {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(stdout)))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestResultsMeetTheirSchema(t *testing.T) {
	schema := resultSchema(t)
	for name, args := range map[string][]string{
		"a few pods":             {"hello"},
		"several variants":       {"latency-cliff"},
		"a fault of the network": {"silent-drop"},
		"nodes that come and go": {"scale-out-and-in"},
		"replications":           {"hello", "--replications", "3", "--seed", "18446744073709551615"},
		"pods that never start":  {"hello", "--set", "nodeGroups.workers.count=0"},
		"no pods":                {"hello", "--set", "workloads=[]", "--set", "thresholds={}"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := schema.Validate(stored(t, args...)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each document that has a schema meets it, and does not when a key of it is
// misspelt: the schemas are closed.
func TestDocumentsMeetTheirSchemas(t *testing.T) {
	dir := t.TempDir()
	cluster := filepath.Join(dir, "cluster")
	if code, _, stderr := invoke(sim.Run, "export", "hello", "--at", "1m", cluster); code != exitOK {
		t.Fatal(stderr)
	}
	stored := filepath.Join(dir, "hello.json")
	if code, _, stderr := invoke(sim.Run, "baseline", "update", "hello", "-q", "--dir", dir, "--replications", "6"); code != exitOK {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		name, schema, key string
		file              string // that it is written to; empty for standard output
		args              []string
	}{
		{"a fleet of one zone", "plan", "variants", "", []string{"plan", "hello", "-o", "json", "-q"}},
		{"a fleet of several zones", "plan", "variants", "", []string{"plan", "az-imbalance", "-o", "json", "-q"}},
		{"a fleet without nodes", "plan", "seed", "", []string{"plan", "hello", "--set", "nodeGroups.workers.count=0", "-o", "json", "-q"}},
		{"a recommendation", "tuning", "front", "", []string{"tune", "hello", "--settings", "3", "--replications", "2", "-o", "json", "-q"}},
		{"no recommendation", "tuning", "none", "", []string{"tune", "hello", "--settings", "3", "--replications", "1", "--max-addresses", "1", "-o", "json", "-q"}},
		{"each group's own", "tuning", "per_group", "", []string{"tune", "prefix-migration", "--variant", "new-group", "--per-group", "--settings", "2", "--replications", "1", "-o", "json", "-q"}},
		{"a number", "sweep", "over", "row.jsonl", []string{"sweep", "hello", "--over", "nodeGroups.workers.count=1", "-q", "--out", "jsonl=" + dir + "/row.jsonl"}},
		{"a word, replications", "sweep", "intervals", "word.jsonl", []string{"sweep", "hello", "--over", "nodeGroups.workers.instanceType=m5.large", "--replications", "2", "-q", "--out", "jsonl=" + dir + "/word.jsonl"}},
		{"two variants", "comparison", "metrics", "", []string{"compare", "cooldown-stall", "--variant", "default", "more-warm", "-o", "json", "-q", "--warn-only"}},
		{"too few", "comparison", "method", "", []string{"compare", "hello", "--set", "nodeGroups.workers.count=2", "--replications", "1", "-o", "json", "-q"}},
		{"other worlds", "comparison", "allowed", "", []string{"compare", stored, "hello", "--seed", "2", "--allow", "seed", "-o", "json", "-q", "--warn-only"}},
		{"two variants", "baseline", "variants", "baselines/imds-stale.json", []string{"baseline", "update", "imds-stale", "-q", "--dir", dir + "/baselines"}},
		{"one with none", "check", "comparisons", "check.json", []string{"baseline", "check", "hello", "-q", "--dir", dir, "--out", "json=" + dir + "/check.json"}},
		{"files of all kinds", "test", "overrides", "test.json", []string{"test", suiteOfAllKinds(t), "-q", "--timeout", "10m", "--out", "json=" + dir + "/test.json"}},
		{"with its walks", "sensitivity", "parameters", "", []string{"sensitivity", "hello", "--only", "attach_latency", "--only", "pod_start_cpu", "--trajectories", "1", "-o", "json", "-q"}},
		{"one report", "validation", "cases", "", []string{"validate", "pool-65", "-o", "json", "-q"}},
		{"types", "limits", "enis", "", []string{"limits", "m5.large", "p5.48xlarge", "t2.micro", "-o", "json"}},
		{"a cluster", "import", "not_modelled", "report.json", []string{"import", cluster, "-q", "--report", "json=" + dir + "/report.json"}},
	} {
		t.Run(c.schema+" "+c.name, func(t *testing.T) {
			code, text, stderr := invoke(sim.Run, c.args...)
			if code != exitOK && code != exitThreshold {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
			if c.file != "" {
				written, err := os.ReadFile(filepath.Join(dir, c.file))
				if err != nil {
					t.Fatal(err)
				}
				text = string(written)
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			schema := compiled(t, c.schema)
			if err := schema.Validate(document); err != nil {
				t.Fatal(err)
			}
			object := document
			if list, is := document.([]any); is {
				object = list[0]
			}
			keys := object.(map[string]any)
			value, there := keys[c.key]
			if !there {
				t.Fatalf("there is no %s", c.key)
			}
			delete(keys, c.key)
			keys[c.key+"s"] = value
			if schema.Validate(document) == nil {
				t.Errorf("%ss is accepted", c.key)
			}
		})
	}
}

// suiteOfAllKinds is a folder with a scenario that fails, one that holds, one that
// cannot be read, and one that is none.
func suiteOfAllKinds(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, _ := scenarios.Source("hello")
	for name, text := range map[string]string{ // any order: each is by itself
		"holds.yaml":  string(source),
		"fails.yaml":  strings.Replace(string(source), "count: 3", "count: 1", 1),
		"bad.yaml":    "apiVersion: ipamsim/v1\nkind: Scenario\nvpc: {}\n",
		"values.yaml": "env: {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// at is the object that keys and indices lead to.
func at(t *testing.T, document any, path ...any) map[string]any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			document = document.(map[string]any)[step]
		case int:
			document = document.([]any)[step]
		}
	}
	object, is := document.(map[string]any)
	if !is {
		t.Fatalf("%v is no object", path)
	}
	return object
}

func TestTheSchemaOfResultsRefusesAKeyMisspelt(t *testing.T) {
	schema := resultSchema(t)
	document := stored(t, "silent-drop")
	for _, place := range []struct {
		path []any
		key  string
	}{
		{nil, "fingerprint"},
		{[]any{"scenario"}, "digest"},
		{[]any{"variants", 0}, "pods"},
		{[]any{"variants", 0}, "description"},
		{[]any{"variants", 0, "pods"}, "never_started"},
		{[]any{"variants", 0, "pods", "start_seconds"}, "p99"},
		{[]any{"variants", 0, "network", "episodes", 0}, "cause"},
		{[]any{"variants", 0, "findings", 0}, "mode"},
		{[]any{"variants", 0, "series", "pods"}, "running"},
		{[]any{"variants", 0, "marks", 0}, "at_seconds"},
		{[]any{"variants", 0, "maps", "frames", 0}, "cells"},
		{[]any{"variants", 0, "pods", "phases", "slow"}, "image_seconds"},
		{[]any{"variants", 0, "subnets", 0, "worst"}, "free"},
		{[]any{"variants", 0, "replications", 0, "distributions", "pod_start"}, "counts"},
	} {
		object := at(t, document, place.path...)
		value, there := object[place.key]
		if !there && place.key != "description" {
			t.Fatalf("%v has no %s", place.path, place.key)
		}
		if !there {
			value = "of no consequence"
		}
		delete(object, place.key)
		object[place.key+"s"] = value
		if schema.Validate(document) == nil {
			t.Errorf("%ss in %v is accepted", place.key, place.path)
		}
		delete(object, place.key+"s")
		if there {
			object[place.key] = value
		}
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("not put back: %v", err)
	}
}

func TestTheSchemaOfResultsRefusesAnUnknownWord(t *testing.T) {
	schema := resultSchema(t)
	document := stored(t, "silent-drop")
	for _, place := range []struct {
		path []any
		key  string
	}{
		{nil, "schema_version"},
		{[]any{"variants", 0, "findings", 0}, "mode"},
		{[]any{"variants", 0, "network", "episodes", 0}, "kind"},
	} {
		object := at(t, document, place.path...)
		value := object[place.key]
		object[place.key] = "of another world"
		if schema.Validate(document) == nil {
			t.Errorf("any word is accepted as %s in %v", place.key, place.path)
		}
		object[place.key] = value
	}
}
