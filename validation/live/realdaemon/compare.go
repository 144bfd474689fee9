package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"ipamsim/validation"
	"ipamsim/validation/live"
)

// compare plays scenarios and says what is found.
func compare(ctx context.Context, o *options, daemon *live.Daemon, list []*validation.Scenario) (differ int, err error) {
	began := time.Now()
	var table live.Table
	err = daemon.CompareAll(ctx, list, o.effort, o.workers, func(f *live.Finding) error {
		f.Write(os.Stdout)
		table = append(table, f)
		if !f.Equal() {
			differ++
			if o.random > 0 {
				if err := shrink(ctx, daemon, f, o.effort); err != nil {
					return err
				}
			}
		}
		if o.record == "" {
			return nil
		}
		return live.WriteTrace(o.record, f.Trace)
	})
	if err != nil && (ctx.Err() == nil || len(table) == 0) {
		return differ, err // else what has been played until the interrupt is told
	}
	if err := table.Time(); err != nil {
		return differ, err
	}
	if o.table {
		table.Write(os.Stdout)
	}
	fmt.Printf("%d of %d played, %d differ\n", len(table), len(list), differ)
	if o.page == "" || o.random == 0 && len(table) < len(list) {
		return differ, err
	}
	return differ, errors.Join(err, o.put(table, time.Since(began)))
}

// put puts the results into the page: of the set only if it is whole.
func (o *options) put(table live.Table, took time.Duration) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "    cd validation/live && go run ./realdaemon %s\n\n", strings.Join(os.Args[1:], " "))
	name := "set " + o.release
	if o.random > 0 {
		name = "random"
		table.WriteSums(&text)
		fmt.Fprintf(&text, "Numbers %d to %d, %s, in %v with %d at a time.\n", o.seed, o.seed+uint64(len(table))-1, o.release, took.Round(time.Second), o.workers)
	} else {
		table.Write(&text)
	}
	return live.WritePart(o.page, name, text.Bytes())
}

// mostTries bounds what a scenario is made small with.
const mostTries = 150

// shrink makes a scenario that differs small, and prints it.
func shrink(ctx context.Context, daemon *live.Daemon, f *live.Finding, e live.Effort) error {
	e.Follow = 0
	if f.DiffersInOrder() {
		e = live.Effort{} // what differs shows in the runs with ordered maps
	}
	small, err := live.Shrink(&f.Trace.Scenario, mostTries, func(s *validation.Scenario) (bool, error) {
		now, err := daemon.Compare(ctx, s, e)
		return err == nil && !now.Equal() && now.DiffersInOrder() == f.DiffersInOrder(), ctx.Err() // one that cannot be played is not what is looked for
	})
	if err != nil {
		return err
	}
	if f, err = daemon.Compare(ctx, small, e); err != nil {
		return err
	}
	fmt.Println("made small:")
	f.Write(os.Stdout)
	text, err := json.Marshal(small)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", text)
	return nil
}
