package tuning

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// AddOn are the configuration values of the EKS add-on vpc-cni.
type AddOn struct {
	values map[string]any
	env    map[string]any // the part that the daemon reads
}

// ReadAddOn reads configuration values as EKS takes them, JSON or YAML: a mapping
// whose env, if there is one, is a mapping of names to plain values.
func ReadAddOn(text []byte) (*AddOn, error) {
	a := &AddOn{values: map[string]any{}, env: map[string]any{}}
	if err := yaml.Unmarshal(text, &a.values); err != nil {
		return nil, fmt.Errorf("not the configuration values of an add-on, a mapping such as {\"env\":{\"WARM_IP_TARGET\":\"5\"}}: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if a.values == nil {
		a.values = map[string]any{}
	}
	switch env := a.values["env"].(type) {
	case nil:
	case map[string]any:
		a.env = env
	default:
		return nil, fmt.Errorf("env: a mapping of variables to values was expected, such as {\"WARM_IP_TARGET\":\"5\"}")
	}
	for _, name := range slices.Sorted(maps.Keys(a.env)) {
		switch a.env[name].(type) {
		case string, int, bool, float64:
		default:
			return nil, fmt.Errorf("env.%s: a plain value was expected, such as \"5\"", name)
		}
	}
	if _, err := json.Marshal(a.values); err != nil {
		return nil, fmt.Errorf("not what JSON can say: %w", err)
	}
	return a, nil
}

// given are the variables that a scenario gives all of its groups alike.
func given(s *scenarios.Scenario) *AddOn {
	a := &AddOn{values: map[string]any{}, env: map[string]any{}}
	// any order: each variable by itself
	for name, value := range s.NodeGroups[0].CNI {
		alike := !slices.ContainsFunc(s.NodeGroups, func(g scenarios.NodeGroup) bool { return g.CNI[name] != value })
		if alike {
			a.env[name] = value
		}
	}
	return a
}

// apply is how a setting is applied.
func (s *Search) apply(x *result.Setting) *result.Apply {
	addOn := s.o.AddOn
	if addOn == nil {
		addOn = given(s.base.Scenario)
	}
	before := maps.Clone(s.space.now)
	// any order: each variable by itself
	for name, value := range addOn.env {
		if slices.Contains(variables, name) {
			before[name] = fmt.Sprint(value)
		}
	}
	changes, env := map[string]string{}, map[string]any{}
	maps.Copy(env, addOn.env)
	for _, name := range variables {
		value, wanted := x.Env[name]
		if _, there := addOn.env[name]; !wanted && there {
			value, wanted = off[name], off[name] != ""
		}
		if wanted && before[name] != value && (off[name] != value || before[name] != "") {
			changes[name], env[name] = value, value
		}
	}
	values := maps.Clone(addOn.values)
	if len(env) > 0 {
		values["env"] = env
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // ReadAddOn has tried it
	}
	return &result.Apply{Kubectl: kubectl(changes), ConfigurationValues: text, Diff: diff(before, changes)}
}

// kubectl is the command that makes some changes.
func kubectl(changes map[string]string) string {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		set = append(set, "nodeGroups.all.cni."+name+"="+changes[name])
	}
	return findings.Remedy(set).Kubectl
}

// diff are the variables that change, a line each with - and +.
func diff(before, changes map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if old, had := before[name]; had {
			fmt.Fprintf(&b, "-%s=%s\n", name, old)
		}
		fmt.Fprintf(&b, "+%s=%s\n", name, changes[name])
	}
	return b.String()
}
