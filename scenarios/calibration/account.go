package calibration

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios/calibration/fit"
)

// buckets bounds the bucket of each action of the model that CloudTrail has.
func (w *fitter) buckets() {
	var enough []string
	for _, name := range slices.Sorted(maps.Keys(w.trail.actions)) {
		action, ok := ec2model.ActionByName(name)
		if !ok {
			continue
		}
		key := "ec2.throttle." + name
		b := fit.OfRequests(w.trail.of(name))
		usual := w.usual.Requests[action]
		r := BucketReport{Action: name, Passed: b.Passed, Refused: b.Refused, Peak: b.Peak, EmptyTimes: b.Empty,
			Refill: interval(b.Refill), Burst: interval(b.Burst), UsualRefill: usual.RefillPerSecond, UsualBurst: usual.Burst}
		switch why := secondBucket(&w.usual, action); {
		case why != "":
			if b.Refused > 0 {
				w.left(key, "%s", why)
			}
		case b.Refused == 0:
			enough = append(enough, fmt.Sprintf("%s (%s)", name, words.Plural(b.Passed, "request")))
		case b.Empty == 0:
			w.left(key, "%s refused, but never for 5 s on end: how fast it fills does not show", was(b.Refused))
		case b.Conflict:
			w.left(key, "no single bucket lets through what passed and refuses what was refused; were its limits changed in this time?")
		default:
			r.InProfile = true
			r.Burst.Value = min(max(math.Round(r.Burst.Value), r.Burst.Low), b.Burst.High) // AWS has whole ones
			if math.IsInf(b.Burst.High, 1) {
				r.BurstIsUsual = true
				r.Burst.Value = max(usual.Burst, math.Ceil(b.Burst.Low))
			}
		}
		w.Buckets = append(w.Buckets, r)
	}
	if len(enough) > 0 {
		w.left("ec2.throttle", "nobody was refused %s: those buckets are at least as large as that took", words.Or(enough))
	}
}

func was(n int) string {
	if n == 1 {
		return "1 request was"
	}
	return words.Count(n) + " requests were"
}

// shortestTrail is how long a trail has to be for rates to be taken from it, in seconds.
const shortestTrail = 60

// backgroundLeast is the least rate that is worth a caller: one call in an hour does
// nothing to any bucket.
const backgroundLeast = 1.0 / 3600

// backgroundMost is the language's bound.
const backgroundMost = 1000

// background counts what others call.
func (w *fitter) background() {
	span := w.trail.span()
	if span < shortestTrail {
		w.left("ec2.background", "CloudTrail's records are of %v s, and rates are taken from %d s on", span, shortestTrail)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(w.trail.actions)) {
		if _, ok := ec2model.ActionByName(name); !ok {
			continue
		}
		calls, minutes := 0, make([]int, int(span)/60+1)
		for at, s := range w.trail.actions[name] { // any order: whole numbers are summed up
			calls += s.others
			minutes[(at-w.trail.first)/60] += s.others
		}
		e := fit.OfCount(calls, span)
		switch {
		case calls == 0:
		case e.Value < backgroundLeast:
			w.left("ec2.background", "%s of %s in %s: too rare to matter", words.Plural(calls, "call"), name, written(span))
		case e.Value > backgroundMost:
			w.left("ec2.background", "%s a second of %s, and a scenario has at most %d", figure(rounded(e.Value)), name, backgroundMost)
		default:
			r := BackgroundReport{Action: name, Calls: calls, Seconds: span, Rate: interval(e)}
			if fit.Bursts(minutes) {
				r.Note = fmt.Sprintf("they come in bursts, up to %s in a minute: the rate is the mean, and its interval too narrow", words.Count(slices.Max(minutes)))
			}
			w.Background = append(w.Background, r)
		}
	}
	var known []string
	for _, caller := range slices.Sorted(maps.Keys(w.trail.callers)) {
		if caller != "others" {
			known = append(known, fmt.Sprintf("%s (%s)", caller, words.Count(w.trail.callers[caller])))
		}
	}
	if len(known) > 0 {
		w.Notes = append(w.Notes, "requests of callers that a scenario has itself, and that are no background: "+words.And(known)+"; those of other clusters in the account are among them, if there are any")
	}
}
