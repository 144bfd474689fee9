package fault

import (
	"math/rand/v2"
	"time"

	"ipamsim/ec2model"
)

// window is a time in which requests fail.
type window struct {
	*Fault
	random *rand.Rand
}

func (w *window) hits(action ec2model.Action, start time.Duration) bool {
	if start < w.At || start >= w.Until || w.Action != nil && *w.Action != action {
		return false
	}
	return w.Share >= 1 || w.random.Float64() < w.Share
}

func (w *window) err() *ec2model.Error {
	return &ec2model.Error{Code: w.Code, Message: "injected by the scenario", HTTPStatus: status(w.Code)}
}

// status of the codes that are worth a retry; see the SDK's list in ec2model's
// sources. Everything else is the caller's fault.
func status(code string) int {
	switch code {
	case "RequestLimitExceeded", "Unavailable", "ServiceUnavailable":
		return 503
	case "InternalError", "InternalFailure":
		return 500
	}
	return 400
}
