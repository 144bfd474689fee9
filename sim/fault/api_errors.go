package fault

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
)

// apiErrors: requests fail with a code.
var apiErrors = effect{
	kind: scenarios.FaultAPIErrors,
	plan: func(i *Injector, f *Fault) {
		i.errors = append(i.errors, &requestWindow{Fault: f, random: i.Kernel.Rand(f.stream)})
	},
}

// failed is the error of a request, if the window gives it one.
func (w *requestWindow) failed(action ec2model.Action, start time.Duration) *ec2model.Error {
	if !w.concerns(action, start) || w.Share < 1 && w.random.Float64() >= w.Share {
		return nil
	}
	w.hits++
	return ec2model.NewError(w.Code, "injected by the scenario")
}
