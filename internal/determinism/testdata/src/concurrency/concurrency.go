// Package concurrency does two things at a time.
package concurrency

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

var mutex sync.Mutex // want `sync.Mutex inside a run`

var once = sync.OnceValue(func() int { return 3 }) // the same whoever asks first

func goroutines(done func()) {
	go done() // want `a goroutine inside a run`
}

func channels(in chan int) { // want `a channel inside a run`
	in <- 1  // want `a channel inside a run`
	<-in     // want `a channel inside a run`
	select { // want `a select inside a run`
	default:
	}
	for range in { // want `a channel inside a run`
	}
}

func shared(ctx context.Context, n *atomic.Int64) error { // want `atomic.Int64 inside a run`
	n.Add(1)
	_, cancel := context.WithCancel(ctx) // want `context.WithCancel inside a run`
	cancel()
	_ = runtime.NumCPU() // want `runtime.NumCPU inside a run`
	return ctx.Err()     // ends a run, and changes none
}

// coroutines are one after the other.
func coroutines(seq iter.Seq[int]) {
	next, stop := iter.Pull(seq)
	defer stop()
	next()
}
