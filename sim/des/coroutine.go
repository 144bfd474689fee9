package des

import "iter"

// coroutine is a stack on which the body of one process after the other runs:
// a new one takes seven allocations and about as long as two steps, and its
// stack has yet to grow.
type coroutine struct {
	process *Process // whose body it is to run, or runs
	resume  func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
}

func newCoroutine() *coroutine {
	c := new(coroutine)
	c.resume, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		for more := true; more; more = yield(struct{}{}) {
			c.process.live()
			c.process = nil
		}
	})
	return c
}

// coroutines are those without a process.
type coroutines struct{ idle []*coroutine }

// minIdle coroutines are kept, and as many as there are processes.
const minIdle = 64

func (s *coroutines) get() *coroutine {
	last := len(s.idle) - 1
	if last < 0 {
		return newCoroutine()
	}
	c := s.idle[last]
	s.idle[last] = nil
	s.idle = s.idle[:last]
	return c
}

// put takes back a coroutine whose process has ended.
func (s *coroutines) put(c *coroutine, processes int) {
	s.idle = append(s.idle, c)
	for len(s.idle) > processes+minIdle {
		s.get().stop()
	}
}

// close ends them all.
func (s *coroutines) close() {
	for len(s.idle) > 0 {
		s.get().stop()
	}
	s.idle = nil
}
