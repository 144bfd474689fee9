package validation

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A projection is a view of a recording in which two runs may agree although
// they differ elsewhere. diff returns the first place where two recordings
// differ in it, or nil.
type projection struct {
	name string
	diff func(want, got *Recording) *Divergence
}

// everything are the projections that together make up a recording.
var everything = []projection{
	{"init", diffInit},
	{"calls", diffCalls(Call.String, func(c *Call) Call { return *c })},
	{"stats", diffStats(func(a, b *Stat) bool { return a.equal(b) }, statFields)},
	{"adds", diffPods(func(r *Recording) []Pod { return r.Adds }, false)},
	{"dels", diffPods(func(r *Recording) []Pod { return r.Dels }, false)},
}

// projections are the ones that a trace's stability speaks of.
var projections = append(slices.Clone(everything),
	projection{"calls_without_eni", diffCalls(Call.String, func(c *Call) Call {
		view := *c
		view.ENI = noENI
		return view
	})},
	projection{"call_sequence", diffCalls(Call.untimed, func(c *Call) Call {
		return Call{Op: c.Op, ENI: noENI, What: c.What, Asked: c.Asked, Got: c.Got, Err: c.Err}
	})},
	projection{"stats_without_eni", diffStats(func(a, b *Stat) bool {
		return a.totals() == b.totals() && slices.Equal(slices.Sorted(slices.Values(a.IPsPerENI)), slices.Sorted(slices.Values(b.IPsPerENI)))
	}, statFields)},
	projection{"stats_totals", diffStats(func(a, b *Stat) bool { return a.totals() == b.totals() }, statFields[:len(totalNames)])},
	projection{"stats_pool", diffStats(func(a, b *Stat) bool { return a.pool() == b.pool() }, statFields[:len(totalNames)])},
	projection{"adds_without_eni", diffPods(func(r *Recording) []Pod { return r.Adds }, true)},
	projection{"dels_without_eni", diffPods(func(r *Recording) []Pod { return r.Dels }, true)},
)

func diffInit(want, got *Recording) *Divergence {
	sameEnd := want.InitDoneMS == got.InitDoneMS || want.InitError != nil && want.InitDoneMS <= 0 // one that failed was never done
	if sameEnd && (want.InitError == nil) == (got.InitError == nil) {
		return nil
	}
	return &Divergence{
		Part: "init", AtMS: min(want.InitDoneMS, got.InitDoneMS),
		Expected: want.initText(), Got: got.initText(),
	}
}

func (r *Recording) initText() string {
	if r.InitError != nil {
		return fmt.Sprintf("nodeInit fails at %s", seconds(r.InitDoneMS))
	}
	return fmt.Sprintf("nodeInit done at %s", seconds(r.InitDoneMS))
}

// diffCalls compares the calls one by one in the given view.
func diffCalls(text func(Call) string, view func(*Call) Call) func(want, got *Recording) *Divergence {
	return func(want, got *Recording) *Divergence {
		for i := range max(len(want.Calls), len(got.Calls)) {
			a, b := at(want.Calls, i), at(got.Calls, i)
			if a != nil && b != nil && view(a) == view(b) {
				continue
			}
			d := &Divergence{Part: "calls", Index: i, Expected: "no call", Got: "no call"}
			if a != nil {
				d.AtMS, d.Expected = a.StartMS, text(*a)
			}
			if b != nil {
				d.Got = text(*b)
				if a == nil || b.StartMS < a.StartMS {
					d.AtMS = b.StartMS
				}
			}
			return d
		}
		return nil
	}
}

// diffPods compares the outcomes of ADDs or DELs one by one.
func diffPods(list func(*Recording) []Pod, withoutENI bool) func(want, got *Recording) *Divergence {
	return func(want, got *Recording) *Divergence {
		wants, gots := list(want), list(got)
		for i := range max(len(wants), len(gots)) {
			a, b := at(wants, i), at(gots, i)
			if a != nil && b != nil {
				x, y := *a, *b
				if withoutENI {
					x.ENI, y.ENI = noENI, noENI
				}
				if x == y {
					continue
				}
			}
			d := &Divergence{Part: "pods", Index: i, Expected: "nothing", Got: "nothing"}
			if b != nil {
				d.AtMS, d.Got = b.AtMS, b.String()
			}
			if a != nil {
				d.AtMS, d.Expected = a.AtMS, a.String()
			}
			return d
		}
		return nil
	}
}

// diffStats compares two step functions of time: the rows are changes, so a
// view in which a change does not show needs no row of its own.
func diffStats(same func(a, b *Stat) bool, fields []statField) func(want, got *Recording) *Divergence {
	return func(want, got *Recording) *Divergence {
		var found *Divergence
		changes(want.Stats, got.Stats, func(now int64, a, b *Stat) bool {
			if a == nil {
				a = &Stat{}
			}
			if b == nil {
				b = &Stat{}
			}
			if same(a, b) {
				return true
			}
			index, _ := slices.BinarySearchFunc(want.Stats, now+1, func(s Stat, ms int64) int { return cmp.Compare(s.AtMS, ms) })
			found = &Divergence{Part: "stats", Index: index, AtMS: now}
			found.Expected, found.Got = differing(a, b, fields)
			return false
		})
		return found
	}
}

func at[T any](list []T, i int) *T {
	if i < len(list) {
		return &list[i]
	}
	return nil
}

// totalNames are the statistics that an envelope bounds, in its order.
var totalNames = [...]string{"enis", "total_ips", "assigned", "cooldown", "available", "prefixes", "ec2_enis", "ec2_ips"}

// totals are the numbers named by totalNames.
func (s *Stat) totals() [len(totalNames)]int {
	return [...]int{s.ENIs, s.Total, s.Assigned, s.Cooldown, s.Available, s.Prefixes, s.EC2ENIs, s.EC2IPs}
}

// pool is totals without the cooldown.
func (s *Stat) pool() [len(totalNames)]int {
	t := s.totals()
	t[3] = 0
	return t
}

func (s *Stat) equal(o *Stat) bool {
	return s.totals() == o.totals() && s.FreePrefixes == o.FreePrefixes &&
		slices.Equal(s.IPsPerENI, o.IPsPerENI) && slices.Equal(s.ENIOrdinals, o.ENIOrdinals) &&
		slices.Equal(s.AssignedPerENI, o.AssignedPerENI) && slices.Equal(s.SubnetFree, o.SubnetFree)
}

type statField struct {
	name string
	text func(*Stat) string
}

var statFields = func() (fields []statField) {
	for i, name := range totalNames {
		fields = append(fields, statField{name, func(s *Stat) string { return strconv.Itoa(s.totals()[i]) }})
	}
	return append(fields,
		statField{"free_prefixes", func(s *Stat) string { return strconv.Itoa(s.FreePrefixes) }},
		statField{"eni_ords", func(s *Stat) string { return fmt.Sprint(s.ENIOrdinals) }},
		statField{"ips_per_eni", func(s *Stat) string { return fmt.Sprint(s.IPsPerENI) }},
		statField{"assigned_per_eni", func(s *Stat) string { return fmt.Sprint(s.AssignedPerENI) }},
		statField{"subnet_free", func(s *Stat) string { return fmt.Sprint(s.SubnetFree) }},
	)
}()

// differing prints the fields in which two rows differ.
func differing(a, b *Stat, fields []statField) (string, string) {
	var x, y []string
	for _, f := range fields {
		if p, q := f.text(a), f.text(b); p != q {
			x, y = append(x, f.name+"="+p), append(y, f.name+"="+q)
		}
	}
	return strings.Join(x, " "), strings.Join(y, " ")
}

func (c Call) String() string {
	if c.EndMS < 0 {
		return c.untimed() + " from " + seconds(c.StartMS)
	}
	return c.untimed() + fmt.Sprintf(" %s..%s", seconds(c.StartMS), seconds(c.EndMS))
}

func (c Call) untimed() string {
	s := c.Op
	if c.ENI != noENI {
		s += " eni=" + c.ENI.String()
	}
	if c.What != "" {
		s += " " + c.What
	}
	s += fmt.Sprintf(" n=%d got=%d", c.Asked, c.Got)
	if c.Err != "" {
		s += " " + c.Err
	}
	return s
}

func (p Pod) String() string {
	if p.OK {
		return fmt.Sprintf("%s %s on eni %s", seconds(p.AtMS), p.Pod, p.ENI)
	}
	return fmt.Sprintf("%s %s: %s", seconds(p.AtMS), p.Pod, p.Err)
}

// seconds prints milliseconds as seconds with three decimals.
func seconds(ms int64) string { return fmt.Sprintf("%d.%03ds", ms/1000, ms%1000) }
