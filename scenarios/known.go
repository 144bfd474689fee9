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
func actionNames() []string {
	var names []string
	for _, a := range ec2model.Actions() {
		names = append(names, a.String())
	}
	return names
}
