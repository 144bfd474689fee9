package findings

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// environment is a change of the aws-node container's variables. An empty
// value takes the variable away, so that the shipped manifest's applies.
type environment map[string]string

// candidates are remedies that come into question, the best first and each once. A
// change that would change nothing is left out.
func (f *Facts) candidates(list ...environment) (remedies []result.Remedy) {
	for _, env := range list {
		set := f.everywhere(env)
		had := slices.ContainsFunc(remedies, func(r result.Remedy) bool { return slices.Equal(r.Set, set) })
		if len(set) > 0 && !had {
			remedies = append(remedies, Remedy(set))
		}
	}
	return remedies
}

// Remedy is one of overrides. Where they are changes of the aws-node container's
// environment that all nodes are to have, or repairs, or both, it has them as
// commands, too; a part of the change alone it never has.
func Remedy(set []string) result.Remedy {
	r := result.Remedy{Set: set, Risks: risksOf(set)}
	env := environment{}
	for _, s := range set {
		path, value, _ := strings.Cut(s, "=")
		at, name, is := strings.Cut(path, ".cni.")
		switch {
		case len(repairCommands([]string{s})) > 0:
			continue
		case isPatch(s):
			continue
		case !is || strings.Contains(name, ".") || !strings.HasPrefix(at, "nodeGroups.") && !strings.HasPrefix(at, "faults."):
			return r
		}
		if value == "null" {
			value = ""
		}
		if had, has := env[name]; has && had != value {
			return r
		}
		env[name] = value
	}
	commands := repairCommands(set)
	for _, s := range set {
		if command, is := patchCommand(s); is && !slices.Contains(commands, command) {
			commands = append([]string{command}, commands...)
		}
	}
	if len(env) > 0 {
		commands, r.AddOn = slices.Concat([]string{env.kubectl()}, commands), env.addOn()
	}
	r.Kubectl = strings.Join(commands, " && ")
	return r
}

// everywhere is a change of variables as overrides: in each node group that
// has other values, and in each fault that rolls one of them out.
func (f *Facts) everywhere(env environment) (set []string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		for _, p := range f.places {
			if override, changes := p.override(name, env[name]); changes {
				set = append(set, override)
			}
		}
	}
	return set
}

// Everywhere is a change of the aws-node container's variables as overrides: in
// each node group that has other values, and in each fault that rolls one of them
// out. A variable that a release does not read is left out for its groups.
func (f *Facts) Everywhere(env map[string]string) []string { return f.everywhere(env) }

// place is where a scenario gives variables to the daemons of nodes.
type place struct {
	path string            // nodeGroups.workers, faults.0
	own  map[string]string // what the scenario gives there
	env  map[string]string // of a node group: that over the shipped manifest's; nil of a fault, which changes what it names
	cni  string            // the release of a node group's daemon, which may not read all of them; empty of a fault
}

// override is the one that gives a variable a value, if that changes anything.
func (p *place) override(name, value string) (string, bool) {
	_, own := p.own[name]
	key := p.path + ".cni." + name
	switch {
	case p.env != nil && !ipamd.Reads(p.cni, name):
		return "", false
	case value == "":
		return key + "=null", own
	case p.env != nil:
		return key + "=" + value, p.value(name) != value
	}
	return key + "=" + value, own && p.own[name] != value
}

// value is what a variable is for a node group's daemons: the default, where
// nobody gives it one.
func (p *place) value(name string) string {
	if value, given := p.env[name]; given {
		return value
	}
	i := slices.IndexFunc(scenarios.CNIVariables, func(v scenarios.CNIVariable) bool { return v.Name == name })
	if i < 0 {
		return ""
	}
	return scenarios.CNIVariables[i].Default
}

// placesOf lists a scenario's.
func placesOf(s *scenarios.Scenario) (list []place) {
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		list = append(list, place{"nodeGroups." + g.Name, g.CNI, g.Environment(), g.CNIVersion})
	}
	for i := range s.Faults {
		if fault := &s.Faults[i]; fault.Kind == scenarios.FaultRollAWSNode {
			list = append(list, place{fmt.Sprintf("faults.%d", i), fault.CNI, nil, ""})
		}
	}
	return list
}

// Changing are the overrides of a set that change something: those of variables
// that have the value anyway are left out. The set may be put together from
// several remedies, of which one takes back what another does.
func (f *Facts) Changing(set []string) []string {
	return slices.DeleteFunc(slices.Clone(set), func(o string) bool {
		path, value, _ := strings.Cut(o, "=")
		at, name, is := strings.Cut(path, ".cni.")
		i := slices.IndexFunc(f.places, func(p place) bool { return p.path == at })
		if !is || i < 0 {
			return false
		}
		if value == "null" {
			value = ""
		}
		_, changes := f.places[i].override(name, value)
		return !changes
	})
}

// kubectl is the command that makes the change on a cluster.
func (e environment) kubectl() string {
	command := "kubectl set env daemonset aws-node -n kube-system"
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if e[name] == "" {
			command += " " + name + "-"
		} else {
			command += " " + name + "=" + e[name]
		}
	}
	return command
}

// addOn is the same as the configuration of the EKS add-on, which is without
// what is taken away.
func (e environment) addOn() string {
	kept := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if e[name] != "" {
			kept[name] = e[name]
		}
	}
	text, err := json.Marshal(map[string]map[string]string{"env": kept})
	if err != nil {
		panic(err) // a map of strings
	}
	return string(text)
}
