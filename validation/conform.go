package validation

import (
	"context"
	"fmt"
	"runtime"
)

// Conform judges traces in parallel and hands the verdicts over in the order
// of the sources. It stops at the first source that is no trace, at the first
// error of each, and when ctx is done.
func Conform(ctx context.Context, sources []Source, o Options, each func(Verdict) error) error {
	type outcome struct {
		verdict Verdict
		err     error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make([]chan outcome, len(sources))
	for i := range outcomes {
		outcomes[i] = make(chan outcome, 1)
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
				v, err := judgeSource(sources[i], o)
				outcomes[i] <- outcome{v, err}
			}
		}()
	}
	for i := range outcomes {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case out := <-outcomes[i]:
			if out.err != nil {
				return out.err
			}
			if err := each(out.verdict); err != nil {
				return err
			}
		}
	}
	return nil
}

func judgeSource(s Source, o Options) (Verdict, error) {
	t, err := Parse(s.Data)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", s.Path, err)
	}
	v, err := Judge(t, o)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", s.Path, err)
	}
	v.Path = s.Path
	return v, nil
}
