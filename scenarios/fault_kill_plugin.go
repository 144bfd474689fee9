package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// FaultKillPlugin kills the CNI plugin's process before a step.
const FaultKillPlugin FaultKind = "kill-plugin"

var killPlugin = faultKind{
	name:  FaultKillPlugin,
	lasts: true,
	keys:  ofNodes("nodeShare", "step"),
	doc:   "The CNI plugin's process is killed just before a step, in a share of the attempts. On nodes that join meanwhile too, each with the same nodeShare.",
	check: func(c *faultCheck) {
		if c.needs("step", "the step that the plugin does not come to was expected, such as from-rule") && c.usable("%s.step", c.path) && !slices.Contains(pluginSteps, c.fault.Step) {
			c.problem(c.at("%s.step", c.path), "%s: %s is a step of ipamd, not of the plugin; one of %s was expected", c.what, c.fault.Step, strings.Join(pluginSteps, ", "))
		}
	},
	words: func(f *Fault) string {
		return fmt.Sprintf("the CNI plugin is killed before %s in %s of the attempts on %s", f.step(), allOrShare(f.Share), f.nodes(f.NodeShare))
	},
}

// pluginSteps are the steps at which the plugin's process exists.
var pluginSteps = []string{"veth", "pod-route", "pod-address", "pod-neighbour", "host-route", "to-rule", "from-rule", "del-to-rule", "del-from-rule"}
