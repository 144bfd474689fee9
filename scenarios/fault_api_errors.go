package scenarios

import "fmt"

// FaultAPIErrors lets requests fail with a code.
const FaultAPIErrors FaultKind = "api-errors"

var apiErrors = faultKind{
	name:  FaultAPIErrors,
	lasts: true,
	keys:  []string{"action", "code", "share"},
	doc:   "Requests fail with `code`, after the usual latency and without an effect. An outage of an action is a share of 1 with Unavailable or RequestLimitExceeded.",
	check: func(c *faultCheck) {
		c.needs("code", "the error code was expected, such as RequestLimitExceeded")
	},
	words: func(f *Fault) string {
		return fmt.Sprintf("%s of the calls to %s fail with %s", allOrShare(f.Share), f.action(), f.Code)
	},
}
