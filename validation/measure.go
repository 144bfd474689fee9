package validation

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A measure is one number of a whole run that a trace bounds.
type measure struct {
	name string // such as "call_counts/AttachNetworkInterface"
	of   func(*Recording) int
	// bounds over all legal runs of the real daemon
	bounds bounds
	// how often each value occurred with uniformly random picks; nil if unknown
	uniform map[int]int
}

// measures lists what a trace bounds, in a fixed order. An operation or error
// that no legal run had is bounded by [0, 0].
func (t *Trace) measures() []measure {
	var list []measure
	var u Distribution
	if t.Distributions != nil {
		u = t.Distributions.Uniform
	}
	for _, op := range operations {
		list = append(list,
			measure{"call_counts/" + op, func(r *Recording) int { return r.count(op) }, t.CallCounts[op], u.histogram(u.CallCounts, op)},
			measure{"addresses_moved/" + op, func(r *Recording) int { return r.moved(op) }, t.AddressesMoved[op], u.histogram(u.AddressesMoved, op)})
	}
	for _, key := range errorKeys(t.CallErrors) {
		op, code, _ := strings.Cut(key, "/")
		list = append(list, measure{"call_errors/" + key, func(r *Recording) int { return r.failed(op, code) }, t.CallErrors[key], nil})
	}
	list = append(list,
		measure{"call_errors/other", func(r *Recording) int { return r.otherErrors(t.CallErrors) }, bounds{}, nil},
		measure{"adds_ok", (*Recording).addsOK, t.AddsOK, u.AddsOK.Count})
	bounds := t.Final.totals()
	for i, name := range totalNames {
		list = append(list, measure{"final/" + name, func(r *Recording) int { return r.last().totals()[i] }, bounds[i], u.Final[name].Count})
	}
	return list
}

// operations are the ones that the recordings know, in order of name.
var operations = []string{
	"AssignPrivateIpAddresses", "AttachNetworkInterface", "CreateNetworkInterface", "CreateTags",
	"DeleteNetworkInterface", "DescribeInstances", "DescribeNetworkInterfaces", "DescribeSubnets",
	"DetachNetworkInterface", "ModifyNetworkInterfaceAttribute", "UnassignPrivateIpAddresses",
}

// histogram is the named one; an operation that no run had has value 0 in all.
func (d *Distribution) histogram(of map[string]Histogram, name string) map[int]int {
	if d.Runs == 0 {
		return nil
	}
	if h, ok := of[name]; ok {
		return h.Count
	}
	return map[int]int{0: d.Runs}
}

func errorKeys(errors map[string]bounds) []string {
	var keys []string
	for key := range errors {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// totals are the ranges of what totalNames names.
func (t *TotalRanges) totals() [len(totalNames)]bounds {
	return [...]bounds{t.ENIs, t.Total, t.Assigned, t.Cooldown, t.Available, t.Prefixes, t.EC2ENIs, t.EC2IPs}
}

func (r *Recording) count(op string) (n int) {
	for i := range r.Calls {
		if r.Calls[i].Op == op {
			n++
		}
	}
	return n
}

// moved sums what calls that create, assign or unassign addresses or prefixes
// got; it is 0 for other operations.
func (r *Recording) moved(op string) (n int) {
	switch op {
	case "CreateNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses":
	default:
		return 0
	}
	for i := range r.Calls {
		if r.Calls[i].Op == op {
			n += r.Calls[i].Got
		}
	}
	return n
}

func (r *Recording) failed(op, code string) (n int) {
	for i := range r.Calls {
		if r.Calls[i].Op == op && r.Calls[i].Err == code {
			n++
		}
	}
	return n
}

func (r *Recording) otherErrors(known map[string]bounds) (n int) {
	for i := range r.Calls {
		if c := &r.Calls[i]; c.Err != "" {
			if _, ok := known[c.Op+"/"+c.Err]; !ok {
				n++
			}
		}
	}
	return n
}

func (r *Recording) addsOK() (n int) {
	for i := range r.Adds {
		if r.Adds[i].OK {
			n++
		}
	}
	return n
}

// last is the row of statistics in force at the end.
func (r *Recording) last() *Stat {
	if len(r.Stats) == 0 {
		return &Stat{}
	}
	return &r.Stats[len(r.Stats)-1]
}

// An excursion is a number outside its recorded bounds, or a list that is none
// of the recorded ones.
type excursion struct {
	what  string
	atMS  int64 // 0 for a number of the whole run
	value int
	side  int // -1 below, +1 above, 0 for a list
	bound int
}

func (e excursion) String() string {
	sign := "<"
	switch {
	case e.side == 0:
		return e.what + " is none of the recorded lists"
	case e.side > 0:
		sign = ">"
	}
	s := fmt.Sprintf("%s %d %s %d", e.what, e.value, sign, e.bound)
	if e.atMS > 0 {
		s += " at " + seconds(e.atMS)
	}
	return s
}

func outside(what string, atMS int64, value int, r bounds) (excursion, bool) {
	switch {
	case value < r[0]:
		return excursion{what, atMS, value, -1, r[0]}, true
	case value > r[1]:
		return excursion{what, atMS, value, +1, r[1]}, true
	}
	return excursion{}, false
}

// excursions lists where a run leaves a trace's bounds: measures of the whole
// run first, then totals over time.
func (t *Trace) excursions(measures []measure, r *Recording) []excursion {
	var list []excursion
	for i := range measures {
		if e, ok := outside(measures[i].name, 0, measures[i].of(r), measures[i].bounds); ok {
			list = append(list, e)
		}
	}
	if !slices.ContainsFunc(t.Final.IPsPerENI, func(l []int) bool { return slices.Equal(l, r.last().IPsPerENI) }) {
		list = append(list, excursion{what: "final/ips_per_eni"})
	}
	return append(list, t.escapes(r)...)
}

// escapes lists where a run's totals leave the envelope, at each instant at
// which either changes.
func (t *Trace) escapes(r *Recording) []excursion {
	if len(t.Envelope) == 0 {
		return nil
	}
	var list []excursion
	changes(t.Envelope, r.Stats, func(now int64, row *EnvelopeRow, stat *Stat) bool {
		if row == nil {
			return true // before the first row
		}
		if stat == nil {
			stat = &Stat{}
		}
		limits, values := row.totals(), stat.totals()
		for k, name := range totalNames {
			if e, ok := outside(name, now, values[k], limits[k]); ok {
				list = append(list, e)
			}
		}
		return true
	})
	return list
}

// changes visits the instants at which either of two step functions of time
// changes, with the rows in force: nil before the first one. It ends when visit
// does not want more.
func changes[A, B interface{ at() int64 }](a []A, b []B, visit func(now int64, a *A, b *B) bool) {
	for i, j := 0, 0; i < len(a) || j < len(b); {
		now := int64(math.MaxInt64)
		if i < len(a) {
			now = a[i].at()
		}
		if j < len(b) {
			now = min(now, b[j].at())
		}
		if i < len(a) && a[i].at() == now {
			i++
		}
		if j < len(b) && b[j].at() == now {
			j++
		}
		if !visit(now, inForce(a, i), inForce(b, j)) {
			return
		}
	}
}

// inForce is the last of the first n rows.
func inForce[T any](rows []T, n int) *T {
	if n == 0 {
		return nil
	}
	return &rows[n-1]
}

func (s Stat) at() int64        { return s.AtMS }
func (r EnvelopeRow) at() int64 { return r.AtMS }
