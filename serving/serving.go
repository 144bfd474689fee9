package serving

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"ipamsim/ec2model/queryapi"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
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
	service  *queryapi.Service
	pace     *queryapi.Pace
	handler  http.Handler
	requests atomic.Int64
}

// Open builds a variant's fleet, brings it to the end of its warm-up, and puts it
// in step with the clock: time 0 of the scenario is now.
func Open(ctx context.Context, v scenarios.Expanded, o Options) (*Session, error) {
	f, err := fleet.New(v, fleet.Options{Replication: o.Replication})
	if err != nil {
		return nil, err
	}
	s := &Session{fleet: f}
	f.Start()
	f.Kernel.SetCheck(ctx.Err)
	if err := f.Advance(f.WarmUp); err != nil {
		return nil, err
	}
	s.service = queryapi.New(f.Account, f.Kernel, queryapi.Options{Epoch: o.Now.Add(-f.WarmUp)})
	s.pace = queryapi.NewPace(steps{f}, o.Speed)
	s.handler = queryapi.NewHandler(s.service, s.pace, func(e queryapi.Entry) {
		s.requests.Add(1)
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

// ServeHTTP answers clients; see [queryapi.Handler].
func (s *Session) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run lets the scenario live until the context ends.
func (s *Session) Run(ctx context.Context) error { return s.pace.Run(ctx) }

// Requests is how many have been answered.
func (s *Session) Requests() int64 { return s.requests.Load() }

// Line is a request in the log.
type Line struct {
	Time      float64 `json:"time_seconds"` // of the scenario, when it came
	Duration  float64 `json:"duration_seconds"`
	Caller    string  `json:"caller"`
	Action    string  `json:"action"`
	Status    int     `json:"status"` // 0: the client had gone
	Code      string  `json:"code,omitempty"`
	RequestID string  `json:"request_id,omitempty"`
}

func (s *Session) line(e queryapi.Entry) Line {
	return Line{
		Time: (e.Start - s.fleet.WarmUp).Seconds(), Duration: (e.End - e.Start).Seconds(),
		Caller: string(e.Caller), Action: e.Action, Status: e.Status, Code: e.Code, RequestID: e.RequestID,
	}
}

// String is the line for people.
func (l Line) String() string {
	return fmt.Sprintf("%9.3fs %6.3fs %3d %-32s %s %s", l.Time, l.Duration, l.Status, l.Action, l.Caller, l.Code)
}
