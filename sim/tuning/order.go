package tuning

import "sync"

// inOrder hands on what several workers bring, in the order of its numbers.
type inOrder[T any] struct {
	put   func(T) error
	mutex sync.Mutex
	next  int
	early map[int]T
}

func newInOrder[T any](put func(T) error) *inOrder[T] {
	return &inOrder[T]{put: put, early: map[int]T{}}
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
	}
}
