package chart

import (
	"fmt"
	"math"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// LogRange is the ratio of the longest to the shortest start from which on the
// axis is logarithmic.
const LogRange = 20

// PodStart shows for each variant the share of its pods that had started within
// a time. Pods that never started keep a curve below 100 %.
func PodStart(r *result.Result, s Sizes) Figure {
	f := figureOf("pod-start", r.Scenario.Name, "pod start")
	low, high := startRange(r)
	if high == 0 {
		f.Note = "no pod started in the time that is measured"
		return f
	}
	const label = "bound to a node until running (s)"
	p := Panel{X: CountAxis(label, high), Y: percentAxis("share of pods started (%)")}
	if low > 0 && high/low >= LogRange {
		p.X = logAxis(label, low, high)
	}
	var about []string
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Pods.Start.Count+v.Pods.Start.Never == 0 { // a line at nought would say that none of them starts
			f.Legend = append(f.Legend, Entry{Name: v.Name + " (no pods)", As: OfNothing})
			continue
		}
		curve := startCurve(v, p.X.Min, p.X.Max, s.Points)
		curve.Look = LineOf(i)
		p.Lines = append(p.Lines, curve)
		f.Legend = append(f.Legend, Entry{Name: v.Name + neverStarted(v), Look: curve.Look, As: OfLine})
		about = append(about, v.Name+": "+startsInWords(&v.Pods.Start))
	}
	f.About = "The share of pods that had started within a time, a curve for each variant. " + strings.Join(about, "; ") + "."
	f.Panels = []Panel{p}
	return f
}

// startsInWords are the quantiles of a curve.
func startsInWords(q *result.Quantiles) string {
	var parts []string
	for _, of := range []struct {
		name string
		s    result.Seconds
	}{{"half", q.P50}, {"90 %", q.P90}, {"99 %", q.P99}} {
		if of.s.Reached() {
			parts = append(parts, fmt.Sprintf("%s within %.2f s", of.name, float64(of.s)))
		} else {
			parts = append(parts, of.name+" never")
		}
	}
	return words.And(parts)
}

// startRange is the shortest and the longest start of all variants.
func startRange(r *result.Result) (low, high float64) {
	low = math.Inf(1)
	for i := range r.Variants {
		if v := &r.Variants[i]; v.Pods.Start.Count > 0 {
			low, high = min(low, float64(v.Pods.Start.Min)), max(high, longest(v))
		}
	}
	return low, high
}

// longest is the longest start of those that did, to the upper end of its bin
// where others never started.
func longest(v *result.Variant) float64 {
	bins := v.Distributions.PodStart.BelowSeconds
	if most := v.Pods.Start.Max; most.Reached() || len(bins) == 0 {
		return float64(most)
	}
	return bins[len(bins)-1]
}

// startCurve is the distribution of a variant's starts between two times: at the
// upper end of each bin, the share of pods below it. Bins that a drawing could
// not tell apart are one.
func startCurve(v *result.Variant, from, to float64, most int) Line {
	d, q := &v.Distributions.PodStart, &v.Pods.Start
	all := float64(max(1, d.Count+q.Never))
	least, longest := float64(q.Min), longest(v)
	l := Line{Steps: true, At: []float64{from}, Values: []float64{0}}
	below, told := 0, 0.0
	for i, n := range d.Counts {
		below += n
		at, share := min(max(d.BelowSeconds[i], least), longest), 100*float64(below)/all
		if last := i == len(d.Counts)-1; !last && i > 0 && share-told < 50/float64(most) {
			continue
		}
		l.At, l.Values, told = append(l.At, at), append(l.Values, share), share
	}
	l.At, l.Values = append(l.At, to), append(l.Values, 100*float64(below)/all)
	return l
}

// neverStarted is what the legend says of a variant's pods that are on no
// curve.
func neverStarted(v *result.Variant) string {
	never := v.Pods.Start.Never
	if never == 0 {
		return ""
	}
	share := 100 * float64(never) / float64(never+v.Pods.Start.Count)
	if share < 10 {
		return fmt.Sprintf(" (%.1f %% never)", share)
	}
	return fmt.Sprintf(" (%.0f %% never)", share)
}
