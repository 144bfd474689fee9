package validation

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
)

// Conform judges traces in parallel and hands the verdicts over in the order
// of the sources. A source that cannot be replayed does not conform. Conform
// ends early at an error of each, and when ctx is done.
func Conform(ctx context.Context, sources []Source, o Options, each func(Verdict) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for verdict := range judged(ctx, sources, o) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case out := <-verdict:
			switch {
			case out.broken != "":
				panic(out.broken)
			case ctx.Err() != nil:
				return ctx.Err()
			}
			if err := each(out.verdict); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// judged are the verdicts to come, in the order of the sources. So many are
// under way as there are workers: one is awaited, the others are in the queue.
func judged(ctx context.Context, sources []Source, o Options) <-chan chan outcome {
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, len(sources)))
	queue := make(chan chan outcome, workers-1)
	go func() {
		defer close(queue)
		for _, s := range sources {
			verdict := make(chan outcome, 1) // nobody may come for it
			select {
			case <-ctx.Done():
				return
			case queue <- verdict:
				go func() { verdict <- guarded(s, o) }()
			}
		}
	}()
	return queue
}

// outcome is a verdict, or what a broken invariant said.
type outcome struct {
	verdict Verdict
	broken  string
}

// guarded brings a panic to the goroutine that waits for the verdict.
func guarded(s Source, o Options) (out outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			out.broken = fmt.Sprintf("%s: %v\n\n%s", s.Path, cause, debug.Stack())
		}
	}()
	return outcome{verdict: judgeSource(s, o)}
}

func judgeSource(s Source, o Options) Verdict {
	var v Verdict
	t, err := parse(s.Data)
	if err == nil {
		v, err = judge(t, o)
	} else {
		v.Name = strings.TrimSuffix(path.Base(s.Path), ".json")
	}
	v.Path = s.Path
	if err != nil {
		v.Conforms, v.Error = false, err.Error()
	}
	return v
}
