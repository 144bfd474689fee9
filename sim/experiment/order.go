package experiment

import (
	"context"
	"sync"
)

// window is how far a row may be ahead of the first that is not done yet: what is
// done out of turn waits in memory.
const window = 1024

// InOrder hands on what several workers bring in the order of its numbers, from 0.
type InOrder[T any] struct {
	put func(T) error

	mutex sync.Mutex
	moved sync.Cond
	next  int
	early map[int]T
}

// NewInOrder hands on to put, which is never called by two at a time.
func NewInOrder[T any](put func(T) error) *InOrder[T] {
	o := &InOrder[T]{put: put, early: map[int]T{}}
	o.moved.L = &o.mutex
	return o
}

// Add takes the i-th in, and hands on all whose turn it is. The error is put's.
func (o *InOrder[T]) Add(i int, v T) error {
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
func (o *InOrder[T]) wait(ctx context.Context, i int) error {
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
