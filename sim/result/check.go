package result

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Bounds of a stored result's numbers, so that nobody who works with them has
// to fear them: three decades of seconds, and what the addresses of IPv4 would
// ask for in a day.
const (
	mostSeconds = 1e9
	mostCount   = 1e15
)

// check says what is wrong with a result that was read: what the types do not
// say, and everybody who works with a result relies upon.
func (r *Result) check() error {
	if len(r.Variants) == 0 {
		return errors.New("variants: at least one was expected")
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		if err := v.check(); err != nil {
			return fmt.Errorf("variants[%d].%w", i, err)
		}
	}
	return nil
}

func (v *Variant) check() error {
	if !bytes.HasPrefix(v.Scenario, []byte("{")) {
		return errors.New("scenario: an object was expected")
	}
	if err := first(errors.Join(v.Outcome.check(), v.Distributions.check(), v.Series.check(), v.Maps.check())); err != nil {
		return err
	}
	for i := range v.Replications {
		r := &v.Replications[i]
		if err := first(errors.Join(r.Outcome.check(), r.Distributions.check())); err != nil {
			return fmt.Errorf("replications[%d].%w", i, err)
		}
	}
	return nil
}

// first is the first of errors that were joined, if any.
func first(err error) error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return list.Unwrap()[0]
	}
	return err
}

func (o *Outcome) check() error {
	for _, name := range slices.Sorted(maps.Keys(o.API)) {
		if o.API[name] == nil {
			return fmt.Errorf("api.%s: an object was expected, found null", name)
		}
	}
	for _, named := range []struct {
		name string
		q    Quantiles
	}{
		{"pods.start_seconds", o.Pods.Start}, {"pods.pending_seconds", o.Pods.Pending},
		{"pods.address_wait_seconds", o.Pods.AddressWait}, {"pods.creation_seconds", o.Pods.Creation}, {"nodes.ready_seconds", o.Nodes.Ready},
	} {
		if err := named.q.check(named.name); err != nil {
			return err
		}
	}
	for _, named := range []struct {
		name string
		sets []PodSet
	}{{"workloads", o.Workloads}, {"node_groups", o.NodeGroups}, {"zones", o.Zones}} {
		for i := range named.sets {
			s := &named.sets[i]
			name := fmt.Sprintf("%s[%d].", named.name, i)
			if err := first(errors.Join(s.Start.check(name+"start_seconds"), s.Pending.check(name+"pending_seconds"))); err != nil {
				return err
			}
		}
	}
	return nil
}

// check is about the quantiles of that name. From the first infinite one on
// all are.
func (q *Quantiles) check(name string) error {
	for _, s := range []Seconds{q.Min, q.P50, q.P90, q.P99, q.Max} {
		if s.Reached() && s > mostSeconds {
			return fmt.Errorf("%s: %g seconds are out of all reason", name, s)
		}
	}
	if !ascending(0, q.Min, q.P50, q.P90, q.P99, q.Max) || !counts(q.Count, q.Never) {
		return fmt.Errorf("%s: ascending quantiles were expected, found %+v", name, *q)
	}
	return nil
}

func ascending[T ~float64](list ...T) bool {
	for i := 1; i < len(list); i++ {
		if list[i] < list[i-1] {
			return false
		}
	}
	return true
}

// counts says whether numbers can be such of things.
func counts(list ...int) bool {
	return !slices.ContainsFunc(list, func(n int) bool { return n < 0 || int64(n) > mostCount })
}

func (d *Distributions) check() error {
	for _, named := range []struct {
		name string
		d    *Distribution
	}{
		{"pod_start", &d.PodStart}, {"pod_pending", &d.PodPending}, {"pod_address_wait", &d.PodAddressWait}, {"pod_creation", &d.PodCreation}, {"node_ready", &d.NodeReady},
	} {
		if err := named.d.check(); err != nil {
			return fmt.Errorf("distributions.%s: %w", named.name, err)
		}
	}
	return nil
}

func (d *Distribution) check() error {
	sum := 0
	for _, n := range d.Counts {
		sum += n
	}
	switch {
	case !counts(d.Counts...):
		return errors.New("counts of things were expected in counts")
	case len(d.BelowSeconds) != len(d.Counts):
		return fmt.Errorf("%d bins in below_seconds, %d in counts", len(d.BelowSeconds), len(d.Counts))
	case sum != d.Count:
		return fmt.Errorf("counts come to %d, count is %d", sum, d.Count)
	case !ascending(slices.Concat([]float64{0}, d.BelowSeconds, []float64{mostSeconds})...):
		return errors.New("below_seconds do not ascend from 0 on")
	}
	return nil
}

func (s *Series) check() error {
	if !ascending(slices.Concat([]float64{-mostSeconds}, s.AtSeconds, []float64{mostSeconds})...) {
		return errors.New("series.at_seconds do not ascend, or are out of all reason")
	}
	of := func(name string, lists ...[]int) error {
		for _, list := range lists {
			if len(list) != 0 && len(list) != len(s.AtSeconds) {
				return fmt.Errorf("series.%s: %d samples, where at_seconds has %d", name, len(list), len(s.AtSeconds))
			}
			if !counts(list...) {
				return fmt.Errorf("series.%s: numbers of things were expected", name)
			}
		}
		return nil
	}
	errs := []error{
		of("pods", append(s.Pods.lists(), s.Pods.Pending)...),
		of("nodes", s.Nodes.Ready, s.Nodes.Launched, s.Nodes.Ended),
	}
	for i := range s.Subnets {
		n := &s.Subnets[i]
		errs = append(errs, of(fmt.Sprintf("subnets[%d]", i), n.Assigned, n.Cooling, n.Warm, n.Primaries, n.Unmanaged, n.Others, n.Free))
	}
	for _, named := range []struct {
		name string
		sets []SetSeries
	}{{"workloads", s.Workloads}, {"node_groups", s.NodeGroups}, {"zones", s.Zones}} {
		for i := range named.sets {
			errs = append(errs, of(fmt.Sprintf("%s[%d]", named.name, i), named.sets[i].lists()...))
		}
	}
	for i := range s.API {
		errs = append(errs, of(fmt.Sprintf("api[%d]", i), s.API[i].Requests, s.API[i].Throttled))
	}
	for i := range s.FailedAdds {
		errs = append(errs, of(fmt.Sprintf("failed_adds[%d]", i), s.FailedAdds[i].Count))
	}
	return first(errors.Join(errs...))
}

func (s *StateSeries) lists() [][]int {
	return [][]int{s.Running, s.WaitingForAddress, s.Unschedulable, s.WithoutNetwork, s.NotCreated}
}

func (m *Maps) check() error {
	for i, f := range m.Frames {
		if len(f.Cells) != len(m.Subnets) {
			return fmt.Errorf("maps.frames[%d]: cells of %d subnets, where there are %d", i, len(f.Cells), len(m.Subnets))
		}
	}
	for i := range m.End {
		if err := m.End[i].check(); err != nil {
			return fmt.Errorf("maps.end[%d].%w", i, err)
		}
	}
	return nil
}
