package controller

import (
	"time"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// Controller is one with its client, its queue and its workers.
type Controller struct {
	kernel  *des.Kernel
	client  *Client
	from    time.Duration
	workers int // that are free
	queue   []*Object
	waking  bool     // somebody is about to look whether there is work and who does it
	line    []turn   // for tokens, first come, first served
	events  recorder // what it says about its objects
	sent    Sent
}

// turn is somebody's in the line for tokens: an object's batch, or an event.
type turn struct {
	object *Object // nil for an event
}

// Sent counts requests of a controller, each of which has taken a token.
type Sent struct {
	Pods   int // created, deleted, or patched
	Status int // updates of an object's status
	Events int
}

// Work is what a controller does about an object.
type Work interface {
	// Look is the beginning of a sync: what is listed now is what it acts on.
	Look()
	// Next is the next batch of a sync's requests, which waits for the answers
	// to the one before; the zero value when the sync is over.
	Next() Batch
}

// Batch is a number of requests that are sent at the same time.
type Batch struct {
	Requests int
	Slowly   bool   // in batches that double, beginning with one
	Status   bool   // it is an update of the object's status
	Event    bool   // each is told about in an event
	Do       func() // the effect of one of them; nil for none
}

// Object is what a controller looks after: a ReplicaSet, a Job, a DaemonSet.
type Object struct {
	controller *Controller
	work       Work
	state      objectState
	delayed    bool // it is to be queued later

	batch    Batch
	left     int // of the batch's requests, those that have not been in the line
	size     int // of those that are or were in the line together
	unsent   int // of them
	answered func()

	told Limiter // events about it
}

// objectState is where an object is in the queue.
type objectState uint8

const (
	idle        objectState = iota
	queued                  // and not taken up
	syncing                 // a worker is at it
	syncingMore             // likewise, and it has changed meanwhile
)

// New makes a controller whose limits hold from a moment on.
func New(k *des.Kernel, r controlplane.Rate, workers int, from time.Duration) *Controller {
	c := &Controller{kernel: k, workers: workers, from: from}
	c.client = NewClient(k, r, c.send)
	c.events.answered = c.told
	return c
}

// Unlimited says that nothing holds the controller up: its client has no limit,
// or the moment from which on limits hold has not come. Whoever asks does then
// what there is to be done himself, at once.
func (c *Controller) Unlimited() bool {
	return c.client.gap == 0 || c.kernel.Now() < c.from
}

// Sent is what it has sent so far.
func (c *Controller) Sent() Sent { return c.sent }

// Object makes one that the controller looks after.
func (c *Controller) Object(w Work) *Object {
	o := &Object{controller: c, work: w, told: newTold()}
	o.answered = func() { c.answer(o) }
	return o
}

// Enqueue lets the controller look at the object when a worker is free; again, if
// one is at it.
func (o *Object) Enqueue() {
	switch o.state {
	case idle:
		o.state = queued
		o.controller.queue = append(o.controller.queue, o)
		o.controller.wake()
	case syncing:
		o.state = syncingMore
	}
}

// EnqueueAfter does so after a time. Of several calls the first one counts until
// its time has come.
func (o *Object) EnqueueAfter(d time.Duration) {
	if !o.delayed {
		o.delayed = true
		o.controller.kernel.After(d, func() {
			o.delayed = false
			o.Enqueue()
		})
	}
}

// wake lets free workers look for work when all of this moment's doings, which
// may change an object in several ways, are done.
func (c *Controller) wake() {
	if c.workers > 0 && !c.waking {
		c.waking = true
		c.kernel.After(0, c.hand)
	}
}

// hand gives the queue's first objects to the workers that are free.
func (c *Controller) hand() {
	c.waking = false
	for c.workers > 0 && len(c.queue) > 0 {
		o := c.queue[0]
		c.queue[0] = nil
		c.queue = c.queue[1:]
		c.workers--
		o.state = syncing
		o.work.Look()
		c.goOn(o)
	}
}

// goOn sends the next batch of a sync, or ends it.
func (c *Controller) goOn(o *Object) {
	o.batch = o.work.Next()
	if o.left = o.batch.Requests; o.left == 0 {
		o.batch = Batch{}
		c.workers++
		more := o.state == syncingMore
		if o.state = idle; more {
			o.Enqueue()
		}
		return
	}
	o.size = o.left
	if o.batch.Slowly {
		o.size = slowStart
	}
	c.queueUp(o)
}

// queueUp puts as many of a batch's requests into the line as go together.
func (c *Controller) queueUp(o *Object) {
	o.size = min(o.size, o.left)
	o.left -= o.size
	o.unsent = o.size
	c.line = append(c.line, turn{object: o})
	c.client.Ask()
}

// answer goes on with an object all of whose requests are answered.
func (c *Controller) answer(o *Object) {
	if o.left > 0 {
		o.size *= 2
		c.queueUp(o)
		return
	}
	c.goOn(o)
	if len(c.queue) > 0 {
		c.wake()
	}
}

// send sends what there are tokens for.
func (c *Controller) send() {
	now := c.kernel.Now()
	for len(c.line) > 0 && c.client.next(now) == now {
		c.client.Take(now)
		answered := c.events.answered
		if o := c.line[0].object; o == nil {
			c.sent.Events++
		} else if answered = o.answered; !c.sendOf(o) {
			continue
		}
		c.line[0] = turn{}
		c.line = c.line[1:]
		c.kernel.After(answerTime, answered)
	}
	if len(c.line) > 0 {
		c.client.Ask()
	}
}

// sendOf sends a request of an object and says whether it was its batch's last one.
func (c *Controller) sendOf(o *Object) bool {
	if o.batch.Status {
		c.sent.Status++
	} else {
		c.sent.Pods++
	}
	if o.batch.Do != nil {
		o.batch.Do()
	}
	if o.batch.Event {
		c.tell(o)
	}
	o.unsent--
	return o.unsent == 0
}
