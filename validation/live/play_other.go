//go:build !linux

package live

import (
	"context"
	"errors"

	"ipamsim/validation"
)

// Missing says what this machine lacks to run the real daemon.
func Missing() string { return "the real daemon runs on Linux only" }

// Play cannot.
func (d *Daemon) Play(context.Context, Job, bool) (*validation.Recording, error) {
	return nil, errors.New(Missing())
}
