package main

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"syscall"

	"ipamsim/reports"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/scrape"
)

// interruptible shows the progress of a simulation until it is done or
// interrupted, and says which errors are the user's.
func (a *app) interruptible(ctx context.Context, quiet, numbered bool, simulate func(context.Context, func(fleet.Progress)) error) error {
	line := newProgress(a.stderr, quiet)
	line.numbered = numbered
	defer line.clear()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	told := context.AfterFunc(ctx, func() {
		stop() // from here on a signal kills
		line.interrupt()
	})
	defer told()

	err := simulate(ctx, line.report)
	var limit *des.LimitError
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, errors.New("interrupted; nothing was written")}
	case asError(err, &limit) && limit.What == "events":
		return usagef("%w; limits.events of the scenario is this bound: raise it, or ask for less", err)
	case errors.Is(err, scrape.ErrLimit):
		return usagef("%w; %s", err, scrapeLess)
	case errors.Is(err, recording.ErrLimit):
		return usagef("%w; %s", err, recordLess)
	}
	return err
}

// writing writes outputs until they are done or interrupted. They are whole or not
// there, whenever that is, and nothing half done is left; a second interrupt kills.
// What has been interrupted before, as a test of many scenarios, has its outputs all
// the same.
func writing(write func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	err := write(ctx)
	if errors.Is(err, context.Canceled) {
		return &exitError{exitInterrupted, errors.New("interrupted while outputs were written: those that are there are whole")}
	}
	return err
}

// writeFile is reports.WriteFile until it is interrupted.
func writeFile(path string, write func(io.Writer) error) error {
	return writing(func(ctx context.Context) error { return reports.WriteFile(ctx, path, write) })
}

// writeFiles is reports.WriteFiles until it is interrupted.
func writeFiles(dir string, files []reports.NamedFile) error {
	return writing(func(ctx context.Context) error { return reports.WriteFiles(ctx, dir, files) })
}
