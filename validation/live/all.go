package live

import (
	"context"

	"ipamsim/validation"
)

// CompareAll compares scenarios, so many at a time, and hands over what is found in
// their order. It ends at the first error.
func (d *Daemon) CompareAll(ctx context.Context, list []*validation.Scenario, e Effort, workers int, each func(*Finding) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type outcome struct {
		finding *Finding
		err     error
	}
	places := make(chan struct{}, workers)
	outcomes := make([]chan outcome, len(list))
	for i := range outcomes {
		outcomes[i] = make(chan outcome, 1) // nobody may come for it
	}
	go func() {
		for i, s := range list {
			places <- struct{}{}
			go func() {
				f, err := d.Compare(ctx, s, e)
				<-places
				outcomes[i] <- outcome{f, err}
			}()
		}
	}()
	for _, c := range outcomes {
		o := <-c
		if o.err != nil {
			return o.err
		}
		if err := each(o.finding); err != nil {
			return err
		}
	}
	return nil
}
