package fault

import "ipamsim/scenarios"

// killPlugin: the CNI plugin's process is killed before a step.
var killPlugin = effect{
	kind: scenarios.FaultKillPlugin,
	plan: (*Injector).disturbSteps,
}
