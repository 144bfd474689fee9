package scenarios

import "fmt"

// FaultThrottleStorm lets other tenants take an action's tokens.
const FaultThrottleStorm FaultKind = "throttle-storm"

var throttleStorm = faultKind{
	name:  FaultThrottleStorm,
	lasts: true,
	keys:  []string{"action", "rate"},
	doc:   "Other tenants of the account send `rate` requests of an action per second, at random moments, and take its tokens.",
	check: func(c *faultCheck) {
		c.needs("action", "the API action that others call was expected")
		c.needs("rate", "requests per second were expected")
	},
	words: func(f *Fault) string {
		return fmt.Sprintf("other tenants call %s %g times a second", f.Action, f.Rate)
	},
}
