package calibration

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"ipamsim/internal/words"
	"ipamsim/scenarios/calibration/fit"
)

// since is how long after a time of whole seconds another one is, which is known; see
// fit.Between.
func since(second int64, at time.Time) float64 {
	return at.Sub(time.Unix(second, 0)).Seconds() - 0.5
}

// longestLag bounds what is believed: the daemon gives up a wait after three minutes, and
// an interface that comes later was found in another way.
const longestLag = 180.0

// appearances bound lags of metadata by when interfaces came up in /v1/enis: the daemon
// enters one at the look that finds it.
func (w *fitter) appearances(before float64) (list [][]fit.Cell) {
	odd := 0
	for _, id := range slices.Sorted(maps.Keys(w.watch.came)) {
		attached, ok := w.lives.attached[id]
		if !ok {
			continue
		}
		seen := w.watch.came[id]
		after, until := since(attached, seen.after)+0.5, since(attached, seen.until)+0.5
		if until < 0 || until > longestLag {
			odd++
			continue
		}
		list = append(list, found(after-before, until-before, before))
	}
	if odd > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s came up in /v1/enis before the attach in CloudTrail, or more than %v s after it, and are not used: is the clock right where the answers were collected?", words.Plural(odd, "interface"), longestLag))
	}
	return list
}

// found are the ranges of the lag of an interface which one of the daemon's looks found
// between two moments, which are reckoned from the second of the attach and less the time
// before the first look. A look finds what is later than the look before it; looks are at
// 0, 0.1, 0.3, 0.7 s and so on, with jitter, after a begin somewhere in the second.
func found(after, until, before float64) (list []fit.Cell) {
	last, look := math.Inf(-1), 0.0
	for {
		if seen := chance(after, until, look); seen > 0 {
			c := fit.Cell{Between: fit.Between{Low: last + before, High: look + before}, Seen: seen}
			list = append(list, c)
		}
		if look > until {
			break
		}
		last, look = look, look+(look/(1+pauseJitter/2)+firstPause)*(1+pauseJitter/2)
	}
	if list == nil { // what was before the looks took longer than it does in the mean
		list = []fit.Cell{{Between: fit.Between{Low: math.Inf(-1), High: max(until, firstPause) + before}, Seen: 1}}
	}
	return list
}

// chance is how probable it is that a look is between two moments, over where in its
// second the wait has begun and over the jitter.
func chance(after, until, look float64) (p float64) {
	const places = 5
	for i := range places {
		at := look * (1 + pauseJitter*(float64(i)+0.5)/places) / (1 + pauseJitter/2)
		p += max(0, min(until, at+1)-max(after, at)) / places
	}
	return p
}

// shutdownMost bounds what is believed: interfaces that stay for longer were kept.
const shutdownMost = 3600.0

// shutdown bounds how long terminated instances hold their interfaces.
func (w *fitter) shutdown() {
	const key = "ec2.shutdownTime"
	if w.watch.at.IsZero() {
		w.left(key, "no file has lists of interfaces with their times")
		return
	}
	var list []fit.Between
	kept := 0
	for _, id := range slices.Sorted(maps.Keys(w.lives.ended)) {
		ended := w.lives.ended[id]
		switch gone, ok := w.watch.gone[id]; {
		case ok && since(ended, gone.until) < 0:
		case ok:
			list = append(list, fit.Between{Low: since(ended, gone.after), High: since(ended, gone.until), Seconds: 1})
		case w.watch.held[id] && since(ended, w.watch.at) > shutdownMost:
			kept++
		case w.watch.held[id] && since(ended, w.watch.at) > 0:
			list = append(list, fit.Between{Low: since(ended, w.watch.at), High: math.Inf(1), Seconds: 1})
		}
	}
	w.bounds(key, "TerminateInstances in CloudTrail until the last interface is gone", list, 0, w.usualMean(w.usual.ShutdownTime))
	if kept > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s still had interfaces an hour after their end, and are not used", words.Plural(kept, "instance")))
	}
}

// rests says what the times of addresses show of the cooldown, which is a setting.
func (w *fitter) rests() {
	if len(w.watch.rests) == 0 {
		return
	}
	list := slices.Sorted(slices.Values(w.watch.rests))
	w.Notes = append(w.Notes, fmt.Sprintf("%s went from one pod to the next while they were watched, after a rest of %s s or more, and of %s s in the middle: IP_COOLDOWN_PERIOD, a setting of aws-node and no part of a profile, is not longer than the shortest",
		words.Plural(len(list), "address"), figure(rounded(list[0])), figure(rounded(list[len(list)/2]))))
}
