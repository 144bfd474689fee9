package serving

import (
	"cmp"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"ipamsim/ec2model"
	"ipamsim/ec2model/queryapi"
	"ipamsim/reports/openmetrics"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/scrape"
)

// counts are what has become of clients' requests.
type counts struct {
	mutex sync.Mutex
	by    map[kind]*count
}

// kind is what requests are told apart by: never by what clients make up.
type kind struct{ action, code string }

type count struct {
	requests int
	took     time.Duration
}

// The actions of requests that are none of the account's.
const (
	metadataAction = "metadata"
	otherAction    = "other"
)

// known are the account's actions by name.
var known = func() map[string]ec2model.Action {
	table := map[string]ec2model.Action{}
	for _, a := range ec2model.Actions() {
		table[a.String()] = a
	}
	return table
}()

func kindOf(e queryapi.Entry) kind {
	k := kind{e.Action, cmp.Or(e.Code, "ok")}
	_, ofAccount := known[e.Action]
	switch {
	case e.RequestID == "" && e.Status != 0:
		k = kind{metadataAction, strconv.Itoa(e.Status)}
	case e.Status == 0:
		k.code = "gone"
	}
	if !ofAccount && k.action != metadataAction {
		k.action = otherAction
	}
	return k
}

func (c *counts) add(e queryapi.Entry) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	k := kindOf(e)
	if c.by[k] == nil {
		c.by[k] = &count{}
	}
	c.by[k].requests++
	c.by[k].took += e.End - e.Start
}

// sorted calls a function for each kind in the order of actions and codes.
func (c *counts) sorted(visit func(kind, count)) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	order := func(a, b kind) int { return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.code, b.code)) }
	for _, k := range slices.SortedFunc(maps.Keys(c.by), order) {
		visit(k, *c.by[k])
	}
}

// Metrics writes what the server and the scenario's nodes would export to
// Prometheus at this moment.
func (s *Session) Metrics(w io.Writer) error {
	var all *scrape.Scrapes
	behind := s.pace.Behind()
	s.pace.Look(func() {
		all = s.watch.Now()
		all.Families = append(all.Families, s.ofAccount()...)
	})
	all.Families = append(all.Families, s.ofServer(behind)...)
	return openmetrics.Write(w, []*scrape.Scrapes{all})
}

func (s *Session) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "metrics are read with GET", http.StatusMethodNotAllowed)
		return
	}
	queryapi.Ready(w)
	w.Header().Set("Content-Type", openmetrics.ContentType)
	_ = s.Metrics(w)
}

// family makes one of the series of this process.
func (s *Session) family(name, help, kind string) *series {
	return &series{session: s, Family: scrape.Family{Name: name, Help: help, Type: kind}}
}

// series is a family that is being made.
type series struct {
	session *Session
	scrape.Family
}

func (f *series) add(suffix string, value float64, labels ...string) {
	all := []ipamd.Label{{Name: "job", Value: "ipamsim"}, {Name: "instance", Value: "ipamsim"}, {Name: "variant", Value: f.session.variant}}
	for i := 0; i < len(labels); i += 2 {
		all = append(all, ipamd.Label{Name: labels[i], Value: labels[i+1]})
	}
	f.Series = append(f.Series, &scrape.Series{Suffix: suffix, Labels: all, Points: []scrape.Point{{Value: value}}})
}

// ofAccount are the account's series that a scrape of a simulated cluster has not.
func (s *Session) ofAccount() []*scrape.Family {
	tokens := s.family("ipamsim_serve_bucket_tokens", "Tokens that are left in the buckets of an action.", "gauge")
	for _, name := range slices.Sorted(maps.Keys(known)) {
		left := s.fleet.Account.Tokens(known[name])
		for _, b := range []struct {
			name  string
			level float64
		}{{"requests", left.Requests}, {"resources", left.Resources}, {"unfiltered", left.Unfiltered}} {
			if !math.IsInf(b.level, 1) {
				tokens.add("", b.level, "action", name, "bucket", b.name)
			}
		}
	}
	held := s.family("ipamsim_serve_subnet_addresses", "Addresses of a subnet by who holds them.", "gauge")
	subnets := s.fleet.Account.Subnets()
	for i, a := range s.fleet.Measured.Holders() {
		for _, h := range []struct {
			name string
			n    int
		}{
			{"assigned", a.Assigned}, {"cooling", a.Cooling}, {"free", a.Free}, {"others", a.Others}, {"primaries", a.Primaries}, {"unmanaged", a.Unmanaged}, {"warm", a.Warm},
		} {
			held.add("", float64(h.n), "subnet", subnets[i].Name, "holder", h.name)
		}
	}
	now := s.family("ipamsim_serve_virtual_seconds", "The time of the scenario.", "gauge")
	now.add("", (s.fleet.Kernel.Now() - s.fleet.WarmUp).Seconds())
	return []*scrape.Family{&tokens.Family, &held.Family, &now.Family}
}

// ofServer are the series of the clients' requests.
func (s *Session) ofServer(behind time.Duration) []*scrape.Family {
	requests := s.family("ipamsim_serve_requests", "Requests of clients that have been answered, by EC2's code or the status of instance metadata.", "counter")
	took := s.family("ipamsim_serve_request_duration_seconds", "How long they took, of the scenario's time.", "summary")
	s.counts.sorted(func(k kind, n count) {
		requests.add("_total", float64(n.requests), "action", k.action, "code", k.code)
		took.add("_sum", n.took.Seconds(), "action", k.action, "code", k.code)
		took.add("_count", float64(n.requests), "action", k.action, "code", k.code)
	})
	flight := s.family("ipamsim_serve_requests_in_flight", "Requests that wait for their answer.", "gauge")
	flight.add("", float64(s.handler.InFlight()))
	away := s.family("ipamsim_serve_requests_turned_away", "Requests for which there was no room.", "counter")
	away.add("_total", float64(s.handler.TurnedAway()))
	late := s.family("ipamsim_serve_behind_seconds", "How far the scenario is behind its clock, of its own time.", "gauge")
	late.add("", behind.Seconds())
	speed := s.family("ipamsim_serve_speed", "Seconds of the scenario in one of the clock.", "gauge")
	speed.add("", s.speed)
	return []*scrape.Family{&requests.Family, &took.Family, &flight.Family, &away.Family, &late.Family, &speed.Family}
}
