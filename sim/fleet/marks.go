package fleet

import (
	"fmt"
	"time"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// Kinds of marks.
const (
	markFault    = "fault"
	markScaleOut = "scale_out"
	markScaleIn  = "scale_in"
)

// marksMost bounds the marks of one fault that comes again and again.
const marksMost = 50

// Marks are what happened to a fleet from outside: the scenario's faults, and
// when nodes were launched and ended. A rolling update lasts until it is over, as
// those of the run were.
func Marks(s *scenarios.Scenario, seen *result.Series, rolled []result.Rollout) []result.Mark {
	list := []result.Mark{}
	for i := range s.Faults {
		marks := faultMarks(i, &s.Faults[i], Std(s.Duration))
		for k := range marks {
			lastUntil(&marks[k], i, rolled)
		}
		list = append(list, marks...)
	}
	list = append(list, nodeMarks(seen, seen.Nodes.Launched, markScaleOut, "launched")...)
	return append(list, nodeMarks(seen, seen.Nodes.Ended, markScaleIn, "ended")...)
}

func faultMarks(i int, f *scenarios.Fault, end time.Duration) (list []result.Mark) {
	every := end + 1
	if f.Every != nil {
		every = Std(*f.Every)
	}
	times := marksMost
	if f.Times > 0 {
		times = min(times, f.Times)
	}
	for at := Std(f.At); at <= end && len(list) < times; at += every {
		if at < 0 && (!f.Lasts() || f.For != nil && at+Std(*f.For) <= 0) {
			continue // over before the run
		}
		m := result.Mark{AtSeconds: max(0, at).Seconds(), Kind: markFault, Text: fmt.Sprintf("faults[%d] (%s)", i, f.Kind)}
		if f.Lasts() {
			until := end
			if f.For != nil {
				until = min(end, at+Std(*f.For))
			}
			seconds := until.Seconds()
			m.EndSeconds = &seconds
		}
		list = append(list, m)
	}
	return list
}

// lastUntil gives the mark of a rolling update its end, if it came to one.
func lastUntil(m *result.Mark, fault int, rolled []result.Rollout) {
	for _, r := range rolled {
		if r.Fault != fault || r.AtSeconds != m.AtSeconds || r.TookSeconds == nil {
			continue
		}
		if end := r.AtSeconds + *r.TookSeconds; m.EndSeconds == nil || *m.EndSeconds < end {
			m.EndSeconds = &end
		}
	}
}

func nodeMarks(seen *result.Series, counts []int, kind, what string) (list []result.Mark) {
	for i, n := range counts {
		if n > 0 {
			list = append(list, result.Mark{AtSeconds: seen.AtSeconds[i], Kind: kind, Text: words.Plural(n, "node") + " " + what})
		}
	}
	return list
}
