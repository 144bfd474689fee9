package live

import (
	"time"

	"ipamsim/validation"
)

// Job is what a process of the real daemon is asked for.
type Job struct {
	Scenario *validation.Scenario `json:"scenario"`
	Maps     string               `json:"maps"` // one of the orders
	Seed     uint64               `json:"seed"` // of Uniform
}

// Result is what a process of the real daemon answers.
type Result struct {
	*validation.Recording
	// Unseen are the times of the samples at which the daemon was still
	// initialising itself, so that a build in which nothing but the dialer is
	// changed could not be asked what its pool held.
	Unseen []int64 `json:"unseen,omitempty"`

	cpu time.Duration // of the process
}

// The orders in which the daemon walks its maps. A build that is not for ordered
// runs knows Go's alone.
const (
	GoOrder    = "go"
	Ascending  = "ascending"
	Descending = "descending"
	Uniform    = "uniform"
)
