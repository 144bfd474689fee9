package controller

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// chore is an object that wants some requests, and a status that says how many
// there have been.
type chore struct {
	t       *rapid.T
	world   *world
	object  *Object
	wanted  int
	done    int
	written int
	listed  int
	now     int  // of the sync under way
	at      bool // a sync is under way
	stated  bool
}

func (c *chore) Look() {
	if c.at {
		c.t.Fatal("two workers are at one object")
	}
	c.at = true
	if c.world.busy++; c.world.busy > c.world.workers {
		c.t.Fatalf("%d workers are at work", c.world.busy)
	}
	c.listed, c.stated = c.done, false
	c.now = min(c.wanted-c.done, 7)
}

func (c *chore) Next() Batch {
	switch {
	case c.now > 0:
		b := Batch{Requests: c.now, Slowly: true, Event: true, Do: func() {
			c.done++
			c.world.sent = append(c.world.sent, c.world.kernel.Now())
			c.object.Enqueue()
		}}
		c.now = 0
		return b
	case !c.stated && c.listed != c.written:
		c.stated = true
		return Batch{Requests: 1, Status: true, Do: func() {
			c.world.sent = append(c.world.sent, c.world.kernel.Now())
			c.written = c.listed
		}}
	}
	c.at = false
	c.world.busy--
	return Batch{}
}

// world is a controller and its chores.
type world struct {
	kernel     *des.Kernel
	controller *Controller
	workers    int
	busy       int
	sent       []time.Duration
}

func newWorld(r controlplane.Rate, workers int) *world {
	k := des.New(1, 0, des.Limits{})
	return &world{kernel: k, workers: workers, controller: New(k, r, workers, 0)}
}

func (w *world) chore(t *rapid.T) *chore {
	c := &chore{t: t, world: w}
	c.object = w.controller.Object(c)
	return c
}

// Whatever objects want and whenever they want it: all of it is done in the end
// and its status is written, each request has taken a token, and there are never
// more than the bucket holds.
func TestTokensSpentAreRequestsSent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := controlplane.Rate{PerSecond: float64(rapid.IntRange(1, 100).Draw(rt, "rate")), Burst: rapid.IntRange(1, 40).Draw(rt, "burst")}
		w := newWorld(rate, rapid.IntRange(1, 5).Draw(rt, "workers"))
		chores := make([]*chore, rapid.IntRange(1, 20).Draw(rt, "objects"))
		for i := range chores {
			c := w.chore(rt)
			chores[i] = c
			for range rapid.IntRange(0, 3).Draw(rt, "changes") {
				more, later := rapid.IntRange(0, 30).Draw(rt, "more"), rapid.Bool().Draw(rt, "later")
				w.kernel.At(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "at"))*time.Millisecond, func() {
					c.wanted += more
					if later {
						c.object.EnqueueAfter(time.Second)
					} else {
						c.object.Enqueue()
					}
				})
			}
		}
		for range 100 { // an hour is enough for all of it
			if err := w.kernel.Run(w.kernel.Now() + 36*time.Second); err != nil {
				rt.Fatal(err)
			}
			sent := w.controller.Sent()
			if most := float64(rate.Burst) + w.kernel.Now().Seconds()*rate.PerSecond*1.001; float64(sent.Pods+sent.Status+sent.Events) > most {
				rt.Fatalf("%+v by %v, the bucket allows %v", sent, w.kernel.Now(), most)
			}
		}
		sent := w.controller.Sent()
		wanted := 0
		for i, c := range chores {
			wanted += c.wanted
			if c.done != c.wanted || c.written != c.done || c.at {
				rt.Errorf("object %d: %d of %d done, %d written, a sync is under way: %v", i, c.done, c.wanted, c.written, c.at)
			}
		}
		if sent.Pods != wanted || sent.Pods+sent.Status != len(w.sent) || sent.Events > wanted {
			rt.Errorf("%+v for %d wanted requests, of which %d had an effect", sent, wanted, len(w.sent))
		}
		slices.Sort(w.sent)
		for i := range w.sent {
			for j := i + rate.Burst; j < len(w.sent); j++ {
				if most := float64(rate.Burst) + (w.sent[j]-w.sent[i]).Seconds()*rate.PerSecond*1.001; float64(j-i+1) > most {
					rt.Fatalf("%d requests in %v, the bucket allows %v", j-i+1, w.sent[j]-w.sent[i], most)
				}
			}
		}
	})
}

// run sends n requests, each with an event, about one object and says what was
// sent within a time.
func (w *world) requests(n int, d time.Duration) Sent {
	before := w.controller.sent
	c := w.chore(nil)
	c.wanted = n
	c.object.Enqueue()
	_ = w.kernel.Run(w.kernel.Now() + d)
	now := w.controller.sent
	return Sent{now.Pods - before.Pods, now.Status - before.Status, now.Events - before.Events}
}

// The first 25 events of an object take a token each, those after them none.
func TestThe26thEventOfAnObjectCostsNothing(t *testing.T) {
	for n, events := range map[int]int{1: 1, 25: 25, 26: 25, 40: 25} {
		if got := newWorld(controlplane.Rate{PerSecond: 20, Burst: 30}, 5).requests(n, time.Minute); got.Events != events || got.Pods != n {
			t.Errorf("%d requests: %+v", n, got)
		}
	}
}

// Then there is another one in five minutes, whatever it is about.
func TestAnObjectMayHaveAnotherEventAfterFiveMinutes(t *testing.T) {
	w := newWorld(controlplane.Rate{PerSecond: 20, Burst: 30}, 5)
	c := w.chore(nil)
	for _, step := range []struct {
		wanted, events int
		until          time.Duration
	}{{30, 25, 4 * time.Minute}, {31, 25, 5*time.Minute + time.Second}, {33, 26, 9 * time.Minute}} {
		c.wanted = step.wanted
		c.object.Enqueue()
		if err := w.kernel.Run(step.until); err != nil {
			t.Fatal(err)
		}
		if got := w.controller.sent.Events; got != step.events {
			t.Errorf("%d events after %v, want %d", got, step.until, step.events)
		}
	}
}

// Events wait for a token one after another: with one in the line at a time they
// take a share of a crowded bucket that is one worker's.
func TestOneEventWaitsForATokenAtATime(t *testing.T) {
	w := newWorld(controlplane.Rate{PerSecond: 20, Burst: 1}, 5)
	for range 2000 {
		c := w.chore(nil)
		c.wanted = 1
		c.object.Enqueue()
	}
	if err := w.kernel.Run(time.Minute); err != nil {
		t.Fatal(err)
	}
	sent := w.controller.sent
	if share := float64(sent.Events) / float64(sent.Pods+sent.Status+sent.Events); share < 0.9/6 || share > 1.1/6 {
		t.Errorf("%+v: events have %.3f of the tokens, five workers the rest", sent, share)
	}
}

// What does not fit into the queue of events is never written.
func TestEventsBeyondTheQueueAreDropped(t *testing.T) {
	w := newWorld(controlplane.Rate{PerSecond: 1000, Burst: 5000}, 3000)
	for range 3000 {
		c := w.chore(nil)
		c.wanted = 1
		c.object.Enqueue()
	}
	if err := w.kernel.Run(time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := w.controller; got.sent.Pods != 3000 || got.sent.Events+got.events.dropped != 3000 || got.events.dropped < 1900 {
		t.Errorf("%+v, %d events dropped", got.sent, got.events.dropped)
	}
}

// Before the moment from which limits hold, and without a rate, there are none.
func TestLimitsHoldFromTheirMomentOn(t *testing.T) {
	k := des.New(1, 0, des.Limits{})
	c, free := New(k, controlplane.Rate{PerSecond: 20, Burst: 30}, 5, time.Minute), New(k, controlplane.Rate{}, 5, 0)
	for at, want := range map[time.Duration]bool{time.Second: true, time.Minute - 1: true, time.Minute: false, time.Hour: false} {
		k.At(at, func() {
			if c.Unlimited() != want || !free.Unlimited() {
				t.Errorf("at %v: %v, %v without a rate", at, c.Unlimited(), free.Unlimited())
			}
		})
	}
	if err := k.Run(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
}
