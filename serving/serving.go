package serving

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"ipamsim/ec2model/queryapi"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/scrape"
)

// Options of a session.
type Options struct {
	Replication int     // from 0
	Speed       float64 // seconds of the scenario per second of the wall clock
	Now         time.Time
	Log         func(Line) // hears of every request that is over, from any goroutine; nil for nobody
}

// Session is a scenario that is being served.
type Session struct {
	fleet    *fleet.Fleet
	variant  string
	speed    float64
	watch    *scrape.Live
	service  *queryapi.Service
	pace     *queryapi.Pace
	handler  *queryapi.Handler
	requests atomic.Int64
	counts   counts
}

// Open builds a variant's fleet, brings it to the end of its warm-up, and puts it
// in step with the clock: time 0 of the scenario is now.
func Open(ctx context.Context, v scenarios.Expanded, o Options) (*Session, error) {
	f, err := fleet.New(v, fleet.Options{Replication: o.Replication})
	if err != nil {
		return nil, err
	}
	s := &Session{fleet: f, variant: v.Name, speed: o.Speed, watch: scrape.Watch(f, v.Name), counts: counts{by: map[kind]*count{}}}
	f.Start()
	f.Kernel.SetCheck(ctx.Err)
	if err := f.Advance(f.WarmUp); err != nil {
		return nil, err
	}
	s.service = queryapi.New(f.Account, f.Kernel, queryapi.Options{Epoch: o.Now.Add(-f.WarmUp)})
	s.pace = queryapi.NewPace(steps{f}, o.Speed)
	s.handler = queryapi.NewHandler(s.service, s.pace, func(e queryapi.Entry) {
		s.requests.Add(1)
		s.counts.add(e)
		if o.Log != nil {
			o.Log(s.line(e))
		}
	})
	return s, nil
}

// steps is the fleet as a kernel that stops where its cluster fails.
type steps struct{ *fleet.Fleet }

func (s steps) Now() time.Duration            { return s.Kernel.Now() }
func (s steps) Next() (time.Duration, bool)   { return s.Kernel.Next() }
func (s steps) Run(until time.Duration) error { return s.Advance(until) }

// ServeHTTP answers clients: /metrics for Prometheus, and the rest as
// [queryapi.Handler] does.
func (s *Session) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, _, named := r.BasicAuth(); r.URL.Path == "/metrics" && !named {
		s.serveMetrics(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// Run lets the scenario live until the context ends. What has panicked in a
// request panics here.
func (s *Session) Run(ctx context.Context) error {
	err := s.pace.Run(ctx)
	if broken, is := errors.AsType[*queryapi.BrokenError](err); is {
		panic(fmt.Sprintf("%v\n%s", broken.Cause, broken.Stack))
	}
	return err
}

// Requests is how many have been answered.
func (s *Session) Requests() int64 { return s.requests.Load() }

// Audit compares the account's books with each other, and the sums over the
// daemons with what each of them holds: nil when they are clean. It comes after
// Run.
func (s *Session) Audit() (err error) {
	s.pace.Look(func() { err = errors.Join(s.fleet.Account.CheckBooks(), s.fleet.Measured.Check()) })
	return err
}
