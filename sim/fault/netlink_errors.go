package fault

import "ipamsim/scenarios"

// netlinkErrors: the kernel refuses steps.
var netlinkErrors = effect{
	kind: scenarios.FaultNetlinkErrors,
	plan: (*Injector).disturbSteps,
}
