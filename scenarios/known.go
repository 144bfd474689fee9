package scenarios

import (
	"ipamsim/ec2model"
	"ipamsim/internal/words"
)

// instanceLimits of a type: interfaces, and whether prefix delegation works
// (Nitro or bare metal).
func instanceLimits(name string) (interfaces int, nitro, ok bool) {
	l, ok := ec2model.Limits(name)
	return l.DefaultCardENIs(), l.Nitro(), ok
}

// suggestInstanceType names the types nearest to a word, however far.
func suggestInstanceType(name string) string {
	if s := words.DidYouMean(name, ec2model.InstanceTypes()); s != "" {
		return s
	}
	return "; the nearest are " + words.And(words.Nearest(name, ec2model.InstanceTypes(), 3))
}

// actionNames are the API actions of the model.
func actionNames() []string { return namesOf("action") }

// namesOf are the API actions that a key with that tag may name: action is any,
// resourceAction one with a resource bucket. Other tags have no such names.
func namesOf(tag string) (names []string) {
	if tag != "action" && tag != "resourceAction" {
		return nil
	}
	for _, a := range ec2model.Actions() {
		if tag == "action" || a.CountsResources() {
			names = append(names, a.String())
		}
	}
	return names
}
