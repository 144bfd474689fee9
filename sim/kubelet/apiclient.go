package kubelet

import (
	"math/rand/v2"
	"time"
)

// said is what kubelet has to tell the API server about a pod, in the order in
// which it becomes true; a refused pull and its back-off take turns.
type said uint8

const (
	saysNothing said = iota
	saysCreating
	saysRefused // ErrImagePull
	saysBackoff // ImagePullBackOff
	saysRunning
	saysGone
)

// news is what a pod's status was when it was put into the queue.
type news struct {
	pod  *Pod
	said said
}

// statusQueue is how many changes the queue of kubelet's status manager holds
// before 1.27 (pkg/kubelet/status/status_manager.go, podStatusChannel). What does
// not fit waits for the next round.
const statusQueue = 1000

// reporter is kubelet's client of the API server, as far as pods wait for it, and
// its status manager, which is one loop: it reads a pod and patches its status,
// then the next one's, and each request takes a token of the client. With tokens
// all of it happens at once.
type reporter struct {
	kubelet *Kubelet
	full    time.Duration // when the client's bucket is full again but for one token
	random  *rand.Rand    // nil before the first draw

	stale  []*Pod // whose status the API server does not have
	queue  []news // up to 1.26, in turn
	round  []news // all that were stale at its start, of which some have been told
	next   int    // of them
	now    news   // what the loop tells
	tokens int    // that it still has to take for that
	busy   bool
	looked int64         // the last tick that the loop has seen
	resume func()        // bound once
	phase  time.Duration // of its ticks, within their period
}

// token takes one from the client's bucket and says how long the request waits
// for it. Requests wait in the order of their arrival.
func (r *reporter) token() time.Duration {
	t := r.kubelet.timings
	if t.APIInterval == 0 {
		return 0
	}
	now := r.kubelet.kernel.Now()
	full := max(r.full, now)
	r.full = full + t.APIInterval
	return max(0, full-now-time.Duration(t.APIBurst-1)*t.APIInterval)
}

// tell hands a change of a pod's status to the loop. What follows from the API
// server's knowing it, follows at once or when the loop has come to it.
func (r *reporter) tell(p *Pod, s said) {
	p.says = s
	if !p.stale {
		p.stale = true
		r.stale = append(r.stale, p)
	}
	if r.kubelet.timings.StatusInTurn && len(r.queue) < statusQueue {
		r.queue = append(r.queue, news{p, s})
	}
	if !r.busy {
		r.busy, r.looked = true, r.ticks()
		r.run()
	}
}

// ticks is how many times the loop's ticker has ticked; the first time is at the
// phase, which may be later than now.
func (r *reporter) ticks() int64 {
	period := r.kubelet.timings.StatusPeriod
	return int64((r.kubelet.kernel.Now() - r.phase + period) / period)
}

// run goes on until a request has to wait, or nothing is left to tell.
func (r *reporter) run() {
	for {
		for r.tokens > 0 {
			r.tokens--
			if d := r.token(); d > 0 {
				r.wait(d)
				return
			}
		}
		r.told()
		if r.turn() {
			continue
		}
		if len(r.stale) > 0 { // they found no place in the queue
			r.wait(nextOnGrid(r.kubelet.kernel.Now()+1, r.kubelet.timings.StatusPeriod, r.phase) - r.kubelet.kernel.Now())
			return
		}
		r.busy = false
		return
	}
}

func (r *reporter) wait(d time.Duration) {
	if r.resume == nil {
		r.resume = func() {
			if !r.kubelet.down {
				r.run()
			}
		}
	}
	r.kubelet.kernel.After(d, r.resume)
}

// turn is what the loop tells now; false when it has nothing to tell.
func (r *reporter) turn() bool {
	for {
		if r.next == len(r.round) && !r.begin() {
			return false
		}
		var one news
		if r.next < len(r.round) {
			one = r.round[r.next]
			r.next++
		} else {
			one, r.queue = r.queue[0], r.queue[1:]
		}
		if one.said == one.pod.told || one.said < one.pod.told && one.pod.told >= saysRunning {
			continue // it has heard of that, or of what came later
		}
		r.now, r.tokens = one, 2 // it reads the pod, and patches its status
		if one.said == saysGone {
			r.tokens++ // and deletes it
		}
		return true
	}
}

// begin starts a round over all pods whose status is not known, in no order: the
// loop goes over a map. From 1.27 on it does so whenever there is one; before, each
// ten seconds, and in between it takes one change after the other. false when
// nothing is left; true with an empty round is a turn of the queue.
func (r *reporter) begin() bool {
	if ticks := r.ticks(); r.kubelet.timings.StatusInTurn {
		waits := len(r.queue) > 0
		if ticks == r.looked || waits && r.draw().IntN(2) == 0 { // with both there Go takes either
			return waits
		}
		r.looked = ticks
	}
	r.queue, r.round, r.next = r.queue[:0], r.round[:0], 0
	for _, p := range r.stale {
		r.round = append(r.round, news{p, p.says})
	}
	if len(r.round) > 1 {
		r.draw().Shuffle(len(r.round), func(i, j int) { r.round[i], r.round[j] = r.round[j], r.round[i] })
	}
	return len(r.round) > 0
}

func (r *reporter) draw() *rand.Rand {
	if r.random == nil {
		r.random = r.kubelet.kernel.Rand("node/" + r.kubelet.name + "/kubelet/status")
	}
	return r.random
}

// told is that the API server has what the loop told.
func (r *reporter) told() {
	p, s := r.now.pod, r.now.said
	if p == nil {
		return
	}
	r.now = news{}
	p.told = s
	if p.says == s {
		r.settle(p)
	}
	switch s {
	case saysRunning:
		p.known()
	case saysGone:
		if hook := r.kubelet.opts.OnGone; hook != nil {
			hook(p)
		}
	}
}

// settle takes a pod off the list of those whose status is not known.
func (r *reporter) settle(p *Pod) {
	p.stale = false
	last := len(r.stale) - 1
	for i := last; i >= 0; i-- { // mostly it is the only one
		if r.stale[i] == p {
			r.stale[i] = r.stale[last]
			r.stale[last] = nil
			r.stale = r.stale[:last]
			return
		}
	}
}
