package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"ipamsim/validation"
	"ipamsim/validation/live"
)

// wanted are the scenarios to play.
func wanted(ctx context.Context, o *options, args []string) ([]*validation.Scenario, error) {
	set := live.Set()
	var list []*validation.Scenario
	if o.random > 0 {
		for i := range o.random {
			list = append(list, live.Random(o.seed+uint64(i)))
		}
		return list, nil
	}
	if len(args) == 0 {
		return set, nil
	}
	for _, arg := range args {
		found, err := read(ctx, o, set, arg)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// read is what one argument means.
func read(ctx context.Context, o *options, set []*validation.Scenario, arg string) ([]*validation.Scenario, error) {
	switch filepath.Ext(arg) {
	case ".yaml", ".yml":
		return live.Extract(ctx, arg, o.nodes)
	case ".json":
		s, err := readJSON(arg)
		return []*validation.Scenario{s}, err
	}
	i := slices.IndexFunc(set, func(s *validation.Scenario) bool { return s.Name == arg })
	if i < 0 {
		return nil, fmt.Errorf("%s is no scenario of the set (-list shows them), and no .yaml or .json file", arg)
	}
	return set[i : i+1], nil
}

// readJSON reads a scenario of one node, alone or in its trace.
func readJSON(file string) (*validation.Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var trace struct {
		Scenario json.RawMessage `json:"scenario"`
	}
	if err := json.Unmarshal(data, &trace); err == nil && trace.Scenario != nil {
		data = trace.Scenario
	}
	s := &validation.Scenario{}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := validation.Simulate(s, 1); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}
