package fault

import "ipamsim/scenarios"

// KillPlugin: the CNI plugin's process is killed before a step.
const KillPlugin = scenarios.FaultKillPlugin

var killPlugin = effect{
	kind: KillPlugin,
	plan: (*Injector).disturbSteps,
}
