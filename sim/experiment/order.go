package experiment

import (
	"context"
	"sync"
)

// window is how far a row may be ahead of the first that is not done yet: what is
// done out of turn waits in memory.
const window = 1024

// inOrder hands on what comes in any order in the order of its numbers.
type inOrder[T any] struct {
	put func(T) error

	mutex sync.Mutex
	moved sync.Cond
	next  int
	early map[int]T
}

func newInOrder[T any](put func(T) error) *inOrder[T] {
	o := &inOrder[T]{put: put, early: map[int]T{}}
	o.moved.L = &o.mutex
	return o
}

// add takes the i-th in, and hands on all whose turn it is.
func (o *inOrder[T]) add(i int, v T) error {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.early[i] = v
	for {
		v, is := o.early[o.next]
		if !is {
			return nil
		}
		if err := o.put(v); err != nil {
			return err
		}
		delete(o.early, o.next)
		o.next++
		o.moved.Broadcast()
	}
}

// wait waits until the i-th is in the window.
func (o *inOrder[T]) wait(ctx context.Context, i int) error {
	stop := context.AfterFunc(ctx, func() {
		o.mutex.Lock()
		defer o.mutex.Unlock()
		o.moved.Broadcast()
	})
	defer stop()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for i >= o.next+window && ctx.Err() == nil {
		o.moved.Wait()
	}
	return ctx.Err()
}
