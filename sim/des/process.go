package des

import (
	"iter"
	"time"
)

// Process is blocking code on a coroutine. Exactly one of the kernel and the
// processes runs at any moment, so a process needs no locks.
type Process struct {
	kernel   *Kernel
	name     string
	resume   func() (struct{}, bool)
	stop     func()
	yield    func(struct{}) bool
	step     func()   // bound once, so that a sleep allocates nothing
	index    int      // place in kernel.processes
	priority Priority // of its sleeps
	running  bool     // its coroutine is on the stack: it executes, or it kills another that does
	parked   bool
	killed   bool // it unwinds, or will at its next suspension
	done     bool
}

// unwind is the panic that ends a process's stack. It never leaves this file.
type unwind struct{}

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
	p := &Process{kernel: k, name: name, priority: Normal, index: len(k.processes)}
	k.processes = append(k.processes, p)
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			p.finish()
			if r := recover(); r != nil {
				if _, ok := r.(unwind); !ok {
					panic(r)
				}
			}
		}()
		p.yield = yield
		body(p)
	})
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

// Park suspends the process until Wake. It panics when anything but the
// process itself calls it.
func (p *Process) Park() {
	p.mustBeCurrent()
	p.parked = true
	p.suspend()
}

// Parked says whether the process waits for Wake.
func (p *Process) Parked() bool { return p.parked }

// Wake lets a parked process go on at the current instant, after the events
// that are already due. Waking a process that is not parked does nothing.
func (p *Process) Wake() { p.WakeAfter(0) }

// WakeAfter is Wake at d from now; from then on the process no longer counts
// as parked.
func (p *Process) WakeAfter(d time.Duration) {
	if !p.parked {
		return
	}
	p.parked = false
	p.kernel.After(d, p.step)
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
	p.enter(p.stop)
	p.finish() // for a process that never ran, stop does not enter the body
}

func (p *Process) run() {
	if p.done {
		return // killed while this event waited
	}
	p.enter(func() { p.resume() })
}

// enter switches to the coroutine and comes back when it suspends or ends,
// also by a panic.
func (p *Process) enter(way func()) {
	k, outer := p.kernel, p.kernel.current
	defer func() { k.current, p.running = outer, false }()
	k.current, p.running = p, true
	way()
}

func (p *Process) mustBeCurrent() {
	if p.kernel.current != p {
		panic("des: process " + p.name + " was suspended from outside itself")
	}
	if p.killed {
		panic(unwind{})
	}
}

func (p *Process) suspend() {
	if !p.yield(struct{}{}) {
		panic(unwind{})
	}
}

func (p *Process) finish() {
	if p.done {
		return
	}
	p.done, p.parked = true, false
	list := p.kernel.processes
	last := list[len(list)-1]
	list[p.index], last.index = last, p.index
	list[len(list)-1] = nil
	p.kernel.processes = list[:len(list)-1]
}
