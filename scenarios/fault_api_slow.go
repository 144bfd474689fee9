package scenarios

import (
	"fmt"

	"ipamsim/internal/words"
)

// FaultAPISlow lets requests take longer.
const FaultAPISlow FaultKind = "api-slow"

var apiSlow = faultKind{
	name:  FaultAPISlow,
	lasts: true,
	keys:  []string{"action", "factor", "add"},
	doc:   "Requests take `factor` times as long, and `add` more. What comes after the SDK's time-out of 10 s has its effect all the same, and the caller does not hear of it. Requests that are throttled are turned away as fast as ever.",
	check: func(c *faultCheck) {
		if !c.has("factor") && !c.has("add") {
			c.problem(c.at("%s", c.path), "%s needs factor or add: how much longer a request takes was expected", c.what)
		}
	},
	words: func(f *Fault) string {
		var slower []string
		if f.Factor != nil {
			slower = append(slower, fmt.Sprintf("%g times as long", *f.Factor))
		}
		if f.Add != nil {
			slower = append(slower, f.Add.String()+" more")
		}
		return fmt.Sprintf("calls to %s take %s", f.action(), words.And(slower))
	},
}
