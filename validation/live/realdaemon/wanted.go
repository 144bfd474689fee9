package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
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
	i := slices.IndexFunc(set, func(s *validation.Scenario) bool { return s.Name == arg })
	ours := slices.Concat(scenarios.EmbeddedNames(), scenarios.IncidentNames())
	switch ext := filepath.Ext(arg); {
	case slices.Contains([]string{".yaml", ".yml"}, ext) || slices.Contains(ours, arg):
		return extract(ctx, o, arg)
	case o.variant != "":
		return nil, fmt.Errorf("-variant is of ipamsim's own scenarios, and %s is none", arg)
	case ext == ".json":
		s, err := readJSON(arg)
		return []*validation.Scenario{s}, err
	case i >= 0:
		return set[i : i+1], nil
	}
	known := ours
	for _, s := range set {
		known = append(known, s.Name)
	}
	return nil, fmt.Errorf("%s is no scenario of the set (-list shows them) or of ipamsim's, and no .yaml or .json file%s", arg, words.DidYouMean(arg, known))
}

// extract takes nodes out of a scenario of ipamsim's, and says what is played of it.
func extract(ctx context.Context, o *options, file string) ([]*validation.Scenario, error) {
	e, err := live.Extract(ctx, file, o.variant, o.nodes)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(e.Nodes))
	for i, n := range e.Nodes {
		names[i] = n.Name
	}
	fmt.Printf("%s, variant %s: %s, each in a world of its own\n", file, e.Variant, words.And(names))
	if len(e.Left) > 0 {
		fmt.Printf("in the scenario, and not in these worlds: %s\n", strings.Join(e.Left, ", "))
	}
	return e.Nodes, nil
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
