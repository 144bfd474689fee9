package live

import (
	"context"

	"ipamsim/validation"
)

// CompareAll compares scenarios, so many at a time, and hands over what is found in
// their order. It ends at the first error.
func (d *Daemon) CompareAll(ctx context.Context, list []*validation.Scenario, e Effort, workers int, each func(*Finding) error) error {
	return inTurn(ctx, list, workers, func(ctx context.Context, s *validation.Scenario) (*Finding, error) { return d.Compare(ctx, s, e) }, each)
}

// inTurn does something with each of a list, with so many at a time, and hands over
// the results in their order. It ends at the first error.
func inTurn[T, R any](ctx context.Context, list []T, workers int, do func(context.Context, T) (R, error), each func(R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type outcome struct {
		result R
		err    error
	}
	places := make(chan struct{}, workers)
	outcomes := make([]chan outcome, len(list))
	for i := range outcomes {
		outcomes[i] = make(chan outcome, 1) // nobody may come for it
	}
	go func() {
		for i, x := range list {
			places <- struct{}{}
			go func() {
				r, err := do(ctx, x)
				<-places
				outcomes[i] <- outcome{r, err}
			}()
		}
	}()
	for _, c := range outcomes {
		o := <-c
		if o.err != nil {
			return o.err
		}
		if err := each(o.result); err != nil {
			return err
		}
	}
	return nil
}
