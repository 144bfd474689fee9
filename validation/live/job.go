package live

import "ipamsim/validation"

// Job is what a process of the real daemon is asked for.
type Job struct {
	Scenario *validation.Scenario `json:"scenario"`
	Maps     string               `json:"maps"` // one of the orders
	Seed     uint64               `json:"seed"` // of Uniform
}

// The orders in which the daemon walks its maps. A build that is not for ordered
// runs knows Go's alone.
const (
	GoOrder    = "go"
	Ascending  = "ascending"
	Descending = "descending"
	Uniform    = "uniform"
)
