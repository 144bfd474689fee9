package scrape

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// Scrapes are all series of one replication of a variant.
type Scrapes struct {
	Variant  string
	Families []*Family // in the order in which they were first seen
	Requests []Request // to EC2, of the whole account, in the order of their ends; if they were asked for
	Answers  []Answer  // of ipamd and EC2, in the order of time; if they were asked for
	Events   []Event   // of the scheduler and kubelet, in the order of time; if they were asked for
}

// Request is one to EC2, a try of the SDK's each, others' included.
type Request struct {
	At     time.Time // its end
	Caller string    // an instance's ID where its ipamd asks, or a controller or tenant
	Action string
	Code   string            // of an error; nothing where there was none
	Other  bool              // of another tenant of the account
	Of     *ec2model.Subject // what it was about, where that is known
}

// Family is a metric: series that share a name.
type Family struct {
	Name, Help, Type string // the type as ipamd.Metric has it
	Series           []*Series

	byKey map[string]*Series
}

// Series is one line of a family over time.
type Series struct {
	Suffix string        // _sum, _count, _bucket, or nothing
	Labels []ipamd.Label // those of the target first: job, instance, node, variant
	Points []Point       // in the order of time
}

// Point is one sample.
type Point struct {
	At    time.Time // time 0 of a run is the beginning of 2026; zero of a Live one
	Value float64
}

// Samples is how many there are.
func (s *Scrapes) Samples() (n int) {
	for _, f := range s.Families {
		for _, each := range f.Series {
			n += len(each.Points)
		}
	}
	return n
}

// Has says whether some series has the label.
func (s *Scrapes) Has(l ipamd.Label) bool {
	if l.Name == "node" && slices.ContainsFunc(s.Answers, func(a Answer) bool { return a.Node == l.Value }) {
		return true
	}
	return slices.ContainsFunc(s.Families, func(f *Family) bool {
		return slices.ContainsFunc(f.Series, func(each *Series) bool { return slices.Contains(each.Labels, l) })
	})
}

// Options of a collection.
type Options struct {
	Replication int           // from 0
	Every       time.Duration // between scrapes; the first is at time 0
	Nodes       []string      // whose targets are scraped; all of them unless given
	Requests    bool          // requests to EC2 are kept, too
	Answers     bool          // and what ipamd and EC2 answer who asks them each time
	Events      bool          // and what the scheduler and kubelet tell of pods and nodes
	NoSeries    bool          // no series are collected
	Progress    func(fleet.Progress)
}

// Bounds of the time between scrapes, and what it is unless asked for.
const (
	EveryLeast   = time.Second
	EveryMost    = time.Hour
	EveryDefault = 30 * time.Second // of the pod monitor in the chart of kube-prometheus-stack
)

// Limit bounds a collection's samples. Ten million are 240 MB of memory and a
// text of about 1 GB.
const Limit = 10_000_000

// ErrLimit ends a run of which more was to be collected than fits.
var ErrLimit = errors.New("there are more samples than a collection holds")

// Collect runs a replication of a variant and scrapes it on the way. It only
// looks: the run goes the same way as without.
func Collect(ctx context.Context, v scenarios.Expanded, o Options) (*Scrapes, error) {
	w, err := fleet.New(v, fleet.Options{Replication: o.Replication})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	return from(ctx, w, v.Name, o)
}

// from scrapes a fleet that has not run.
func from(ctx context.Context, w *fleet.Fleet, variant string, o Options) (*Scrapes, error) {
	c := &collector{fleet: w, out: &Scrapes{Variant: variant}, families: map[string]*Family{}, restarts: map[*machine.Machine]int{}}
	if len(o.Nodes) > 0 {
		c.nodes = map[string]bool{}
		for _, name := range o.Nodes {
			c.nodes[name] = true
		}
	}
	c.listen()
	if o.Requests {
		w.Account.NameSubjects()
		w.Account.Observe(c.request)
	}
	if o.Events {
		c.tell()
	}
	c.answers, c.noSeries = o.Answers, o.NoSeries
	for at := w.WarmUp; at <= w.End; at += o.Every {
		w.Kernel.AtPriority(at, des.Late, c.scrape)
	}
	w.Check = c.err
	if err := w.Run(ctx, w.End, fleet.NewTally(1, o.Progress)); err != nil {
		return nil, err
	}
	c.out.inOrder()
	return c.out, c.err()
}

// err is why the run should not go on.
func (c *collector) err() error {
	if c.points <= Limit {
		return nil
	}
	return fmt.Errorf("variant %s: %w: %s at virtual time %v", c.out.Variant, ErrLimit, words.Count(Limit), (c.fleet.Kernel.Now() - c.fleet.WarmUp).Round(time.Second))
}

// collector is a collection under way.
type collector struct {
	fleet    *fleet.Fleet
	out      *Scrapes
	nodes    map[string]bool // nil for all
	families map[string]*Family
	restarts map[*machine.Machine]int // of aws-node containers
	requests api
	key      []byte
	points   int
	at       time.Time
	answers  bool
	noSeries bool
	last     map[*machine.Machine][]byte // what each ipamd has answered
}

// listen counts what nobody keeps a count of.
func (c *collector) listen() {
	h := &c.fleet.Hooks
	exited := h.Exited
	h.Exited = func(m *machine.Machine, err error) {
		c.restarts[m]++
		exited(m, err)
	}
	c.fleet.Account.Observe(c.requests.attempt)
}

// request keeps one, from time 0 on.
func (c *collector) request(t ec2model.Attempt) {
	if t.End < c.fleet.WarmUp || c.points > Limit {
		return
	}
	r := Request{At: c.fleet.Epoch.Add(t.End), Caller: string(t.Caller), Action: t.Action.String(), Other: t.Background, Of: t.Subject}
	switch {
	case t.Throttled:
		r.Code = "RequestLimitExceeded"
	case t.Err != nil:
		r.Code = t.Err.Code
	}
	c.out.Requests = append(c.out.Requests, r)
	c.points++
}

// scrape is one round over all targets.
func (c *collector) scrape() {
	if c.points > Limit {
		return
	}
	c.at = c.fleet.Epoch.Add(c.fleet.Kernel.Now())
	if !c.noSeries {
		c.round()
	}
	if c.answers {
		c.ask()
	}
}

// round looks at each target.
func (c *collector) round() {
	for _, m := range c.fleet.Machines {
		if c.nodes == nil || c.nodes[m.Node.Name] {
			c.daemon(m)
			c.textfile(m)
		}
	}
	c.kubeState()
	c.own()
}

// add is a sample of a series, which begins with its first.
func (c *collector) add(name, help, kind, suffix string, value float64, labels ...ipamd.Label) {
	f := c.families[name]
	if f == nil {
		f = &Family{Name: name, Help: help, Type: kind, byKey: map[string]*Series{}}
		c.families[name] = f
		c.out.Families = append(c.out.Families, f)
	}
	c.key = append(c.key[:0], suffix...)
	for _, l := range labels {
		c.key = append(append(append(append(c.key, 0), l.Name...), 0), l.Value...)
	}
	s := f.byKey[string(c.key)]
	if s == nil {
		s = &Series{Suffix: suffix, Labels: append([]ipamd.Label(nil), labels...)}
		f.byKey[string(c.key)] = s
		f.Series = append(f.Series, s)
	}
	s.Points = append(s.Points, Point{c.at, value})
	c.points++
}
