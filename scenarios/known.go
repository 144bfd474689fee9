package scenarios

import (
	"ipamsim/ec2model"
)

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
