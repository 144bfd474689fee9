package fault

import "ipamsim/scenarios"

// NetlinkErrors: the kernel refuses steps.
const NetlinkErrors = scenarios.FaultNetlinkErrors

var netlinkErrors = effect{
	kind: NetlinkErrors,
	plan: (*Injector).disturbSteps,
}
