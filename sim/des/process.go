package des

import "time"

// Process is blocking code on a coroutine. Exactly one of the kernel and the
// processes runs at any moment, so a process needs no locks.
type Process struct {
	kernel    *Kernel
	name      string
	body      func(*Process)
	coroutine *coroutine              // nil before its first step and after its last
	resume    func() (struct{}, bool) // the coroutine's, as is yield: a step of one
	yield     func(struct{}) bool     // among many then has one cache miss less
	step      func()                  // bound once, so that a sleep allocates nothing
	index     int                     // place in kernel.processes
	priority  Priority                // of its sleeps
	running   bool                    // its coroutine is on the stack: it executes, or it kills another that does
	parked    bool
	killed    bool // it unwinds, or will at its next suspension
	done      bool
}

// Go starts body as a process at the current instant, after the events that
// are already due. The name serves messages.
func (k *Kernel) Go(name string, body func(p *Process)) *Process {
	p := k.newProcess(name, body)
	k.After(0, p.step)
	return p
}

// GoNow starts body as a process inside the event that is executing, and comes
// back when it suspends for the first time or ends.
func (k *Kernel) GoNow(name string, body func(p *Process)) *Process {
	p := k.newProcess(name, body)
	p.run()
	return p
}

func (k *Kernel) newProcess(name string, body func(p *Process)) *Process {
	p := &Process{kernel: k, name: name, body: body, priority: Normal, index: len(k.processes)}
	k.processes = append(k.processes, p)
	p.step = p.run
	return p
}

// Name is the name given to Go.
func (p *Process) Name() string { return p.name }

// Done says whether the process has returned or was killed.
func (p *Process) Done() bool { return p.done }

// Now is the virtual time.
func (p *Process) Now() time.Duration { return p.kernel.now }

// SetPriority orders the ends of the process's later sleeps among the events
// of the same instant; a process starts as Normal.
func (p *Process) SetPriority(priority Priority) { p.priority = priority }

// Sleep suspends the process for d. It panics when d is negative, and when
// anything but the process itself calls it.
func (p *Process) Sleep(d time.Duration) {
	p.mustBeCurrent()
	p.kernel.AtPriority(p.kernel.now+d, p.priority, p.step)
	p.suspend()
}

// After schedules fn where a Sleep of the same length would end, for code that
// goes on by events while the process is parked.
func (p *Process) After(d time.Duration, fn func()) {
	p.kernel.AtPriority(p.kernel.now+d, p.priority, fn)
}

// Sleep suspends the process that executes, for code that blocks and does not
// know its process: a clock like any other. It panics outside of a process and
// when d is negative.
func (k *Kernel) Sleep(d time.Duration) {
	if k.current == nil {
		panic("des: a sleep outside of a process")
	}
	k.current.Sleep(d)
}

// Park suspends the process until Wake. It panics when anything but the
// process itself calls it.
func (p *Process) Park() {
	p.mustBeCurrent()
	p.parked = true
	p.suspend()
}

// Wake lets a parked process go on at the current instant, after the events
// that are already due. Waking a process that is not parked does nothing.
func (p *Process) Wake() {
	if !p.parked {
		return
	}
	p.parked = false
	p.kernel.After(0, p.step)
}

// Kill ends the process where it is suspended; deferred calls run, as the
// process, and may not suspend it again. A process may kill itself: Kill then
// does not return.
func (p *Process) Kill() {
	if p.done {
		return
	}
	p.killed = true
	if p.kernel.current == p {
		panic(unwind{})
	}
	if p.running {
		return // it is killing its own killer: it ends at its next suspension
	}
	if p.coroutine == nil {
		p.finish()
		return
	}
	p.enter()
}

func (p *Process) run() {
	if p.done {
		p.kernel.Aside()
		return // killed while this event waited
	}
	if p.coroutine == nil {
		p.coroutine = p.kernel.coroutines.get()
		p.coroutine.process, p.resume = p, p.coroutine.resume
	}
	p.enter()
}

// enter switches to the coroutine and comes back when it suspends or ends,
// also by a panic.
func (p *Process) enter() {
	k, c, outer := p.kernel, p.coroutine, p.kernel.current
	defer func() { k.current, p.running = outer, false }()
	k.current, p.running = p, true
	p.resume()
	if p.done {
		k.coroutines.put(c, len(k.processes))
	}
}

// live is the process from its first step to its end.
func (p *Process) live() {
	defer func() {
		p.finish()
		if r := recover(); r != nil {
			if _, ok := r.(unwind); !ok {
				panic(r)
			}
		}
	}()
	p.yield = p.coroutine.yield
	p.body(p)
}

// unwind is the panic that ends a process's stack. It never leaves this file.
type unwind struct{}

func (p *Process) mustBeCurrent() {
	if p.kernel.current != p {
		panic("des: process " + p.name + " was suspended from outside itself")
	}
	if p.killed {
		panic(unwind{})
	}
}

func (p *Process) suspend() {
	p.yield(struct{}{})
	if p.killed {
		panic(unwind{})
	}
}

func (p *Process) finish() {
	if p.done {
		return
	}
	p.done, p.parked = true, false
	p.body, p.coroutine, p.resume, p.yield = nil, nil, nil, nil
	list := p.kernel.processes
	last := list[len(list)-1]
	list[p.index], last.index = last, p.index
	list[len(list)-1] = nil
	p.kernel.processes = list[:len(list)-1]
}
