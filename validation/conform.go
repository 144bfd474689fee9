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
	verdicts := make([]chan outcome, len(sources))
	for i := range verdicts {
		verdicts[i] = make(chan outcome, 1)
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range sources {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range min(workers, len(sources)) {
		go func() {
			for i := range next {
				verdicts[i] <- guarded(sources[i], o)
			}
		}()
	}
	for i := range verdicts {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case out := <-verdicts[i]:
			if out.broken != "" {
				panic(out.broken)
			}
			if err := each(out.verdict); err != nil {
				return err
			}
		}
	}
	return nil
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
	t, err := Parse(s.Data)
	if err == nil {
		v, err = Judge(t, o)
	} else {
		v.Name = strings.TrimSuffix(path.Base(s.Path), ".json")
	}
	v.Path = s.Path
	if err != nil {
		v.Conforms, v.Error = false, err.Error()
	}
	return v
}
