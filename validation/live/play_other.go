//go:build !linux

package live

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// Missing says what this machine lacks to run the real daemon.
func Missing() string { return "the real daemon runs on Linux only" }

// Play cannot.
func (d *Daemon) Play(context.Context, Job, bool) (*Result, error) {
	return nil, errors.New(Missing())
}

func cpuTime() time.Duration { return 0 }

// Apart does nothing here.
func Apart(*exec.Cmd) {}
