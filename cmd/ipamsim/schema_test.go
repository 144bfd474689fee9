package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ipamsim/sim"
	"ipamsim/sim/result"
)

func resultSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	code, text, stderr := invoke(nil, "schema", "result")
	if code != exitOK {
		t.Fatal(stderr)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(result.SchemaID, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(result.SchemaID)
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
