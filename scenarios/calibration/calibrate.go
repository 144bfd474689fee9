package calibration

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/scenarios/calibration/fit"
	"ipamsim/scenarios/clusterimport"
)

// collection is what all files have said.
type collection struct {
	summaries  map[summaryKey]*summary
	points     int
	trail      trail
	lives      lives
	watch      watch
	starts     starts
	launched   map[string]time.Time // by instance
	registered map[string]time.Time
	pulls      []float64 // seconds
}

// Result of a calibration.
type Result struct {
	Profile []byte // YAML; nil where there is an error
	Report  Report
}

// ErrNothing is about files of which nothing can be fitted.
var ErrNothing = errors.New("nothing can be fitted to what the files have")

func newCollection() *collection {
	return &collection{summaries: map[summaryKey]*summary{}, launched: map[string]time.Time{}, registered: map[string]time.Time{}, lives: newLives(), watch: newWatch(), starts: newStarts(),
		trail: trail{seen: map[string]bool{}, actions: map[string]map[int64]*seconds{}, callers: map[string]int{}}}
}

// readAll reads sources one after the other, and reports each.
func (c *collection) readAll(sources []clusterimport.Source, r *Report) (faults clusterimport.Faults) {
	for _, s := range sources {
		about, err := c.read(s)
		r.Files = append(r.Files, about)
		if err != nil {
			faults.Add(s.Name, err)
		}
	}
	if err := c.trail.one(); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// Calibrate makes a profile of what was handed in, and holds the starts of pods and nodes
// against those of a simulated cluster, if there are any. Where it cannot, the error is
// clusterimport.Faults, or [ErrNothing], and the result has the report as far as it came.
func Calibrate(sources, simulated []clusterimport.Source) (*Result, error) {
	r := &Result{Report: Report{Schema: version, Files: []FileReport{}, Latencies: []LatencyReport{}, Buckets: []BucketReport{}, Background: []BackgroundReport{}, Starts: []StartReport{}, Left: []Left{}, Notes: []string{}}}
	c, other := newCollection(), newCollection()
	faults := append(c.readAll(sources, &r.Report), other.readAll(simulated, &r.Report)...)
	against := &other.starts
	if simulated == nil {
		against = nil
	}
	if list, err := compared(&c.starts, against); err != nil && len(faults) == 0 {
		faults = append(faults, err.Error())
	} else if len(list) > 0 {
		r.Report.Starts = list
	}
	if len(faults) > 0 {
		return r, faults
	}
	w := fitter{collection: c, Report: &r.Report, usual: ec2model.DefaultProfile()}
	if err := w.all(); err != nil {
		return r, clusterimport.Faults{err.Error()}
	}
	if len(r.Report.Latencies)+len(r.Report.Background) == 0 && !slices.ContainsFunc(r.Report.Buckets, func(b BucketReport) bool { return b.InProfile }) {
		return r, ErrNothing
	}
	text := profile(&r.Report)
	if err := scenarios.CheckProfile("the profile", text); err != nil {
		return r, fmt.Errorf("the profile that was made cannot be read: please report it: %w", err)
	}
	r.Profile = text
	return r, nil
}

// fitter fits one parameter after the other.
type fitter struct {
	*collection
	*Report
	usual ec2model.Profile
}

func (w *fitter) all() error {
	calls, err := w.calls()
	if err != nil {
		return err
	}
	w.latencies(calls)
	w.interfaceLag(calls)
	w.shutdown()
	w.rests()
	w.boot()
	w.sums("launch.systemImagePull", "events of kubelet", single(w.pulls), 0, nil)
	w.images()
	if w.trail.seen = nil; len(w.trail.actions) == 0 {
		w.left("ec2.throttle, ec2.background, ec2.detachTime", "no file has CloudTrail's records")
		return nil
	}
	w.buckets()
	w.background()
	w.detach()
	return nil
}

// usualMean is the mean that the model has.
func (w *fitter) usualMean(l ec2model.Latency) *float64 {
	low, mean, high, _ := l.Parts()
	if mean == 0 { // between two bounds
		mean = (low + high) / 2
	}
	seconds := mean.Seconds()
	return &seconds
}

func (w *fitter) left(key, format string, args ...any) {
	w.Left = append(w.Left, Left{key, fmt.Sprintf(format, args...)})
}

// waitAPI is the name under which the daemon counts the wait for a new interface.
const waitAPI = "waitForENIAndIPsAttached"

// observed are an API's calls that succeeded, and how many did not because of throttling.
type observed struct {
	sums             []fit.Sum
	answered, denied int
}

// calls are the observations by API, over all daemons.
func (w *fitter) calls() (map[string]*observed, error) {
	keys := slices.SortedFunc(maps.Keys(w.summaries), func(a, b summaryKey) int {
		for _, c := range []int{strings.Compare(a.api, b.api), strings.Compare(a.target, b.target), strings.Compare(a.failed, b.failed)} {
			if c != 0 {
				return c
			}
		}
		return strings.Compare(a.status, b.status)
	})
	all := map[string]*observed{}
	for _, key := range keys {
		list, err := w.summaries[key].intervals()
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", latencyMetric, words.Printable(key.api), err)
		}
		o := all[key.api]
		if o == nil {
			o = new(observed)
			all[key.api] = o
		}
		for _, s := range list {
			switch {
			case key.failed == "false":
				o.answered += s.Draws
			case key.status == "RequestLimitExceeded":
				o.denied += s.Draws
			}
		}
		if key.failed == "false" {
			o.sums = append(o.sums, list...)
		}
	}
	return all, nil
}

// biasMost is how much longer than it is a mean may come out for the SDK's pauses.
const biasMost = 0.05

// pauseMean is the mean of the SDK's first pause, 0 to 2 s.
// https://github.com/aws/aws-sdk-go-v2/blob/main/aws/retry/jitter_backoff.go
const pauseMean = 1.0

// longestCall is what a call takes at most: the VPC CNI's time-out of one request.
const longestCall = 10.0

func (w *fitter) latencies(calls map[string]*observed) {
	if len(calls) == 0 {
		w.left("ec2.latency", "no file has "+latencyMetric)
		return
	}
	for _, api := range slices.Sorted(maps.Keys(calls)) {
		action, ok := ec2model.ActionByName(api)
		if !ok {
			continue
		}
		o := calls[api]
		_, usual, _, _ := w.usual.Latency[action].Parts()
		share := w.trail.retried(api)
		if o.denied > 0 {
			// The SDK tries an operation three times, and all of them failed in one that was denied.
			share = max(share, math.Cbrt(float64(o.denied)/float64(o.denied+o.answered)))
		}
		mean := usual.Seconds()
		if l, ok := fit.OfSums(o.sums); ok {
			mean = l.Mean.Value
		}
		if bias := share * pauseMean / mean; bias > biasMost {
			w.left("ec2.latency."+api, "%.0f %% of the requests were throttled: the daemon's figures have the SDK's pauses in them, which make the mean up to %.0f %% too long; scrape at a quieter time", 100*share, 100*bias)
			continue
		}
		seconds := usual.Seconds()
		w.sums("ec2.latency."+api, latencyMetric, o.sums, longestCall, &seconds)
	}
}

func single(list []float64) (sums []fit.Sum) {
	for _, x := range list {
		sums = append(sums, fit.Sum{Draws: 1, Total: x})
	}
	return sums
}

// sums fits one parameter to sums.
func (w *fitter) sums(key, source string, list []fit.Sum, longest float64, usual *float64) {
	l, ok := fit.OfSums(list)
	if !ok {
		w.few(key, source, len(list))
		return
	}
	most := 0.0
	for _, s := range list {
		if s.Draws == 1 {
			most = max(most, s.Total)
		}
	}
	w.enter(LatencyReport{Key: key, Source: source, UsualSeconds: usual, Fit: l, Sums: list}, most, longest)
}

// bounds fits one parameter to bounds.
func (w *fitter) bounds(key, source string, list []fit.Between, longest float64, usual *float64) {
	l, ok := fit.OfBounds(list)
	w.bounded(key, source, l, ok, list, longest, usual)
}

// cells fits one parameter to ranges.
func (w *fitter) cells(key, source string, list [][]fit.Cell, longest float64, usual *float64) {
	l, ok := fit.OfCells(list)
	w.bounded(key, source, l, ok, fit.Hulls(list), longest, usual)
}

// bounded enters what was fitted to bounds, if it was.
func (w *fitter) bounded(key, source string, l fit.LogNormal, ok bool, list []fit.Between, longest float64, usual *float64) {
	if !ok {
		w.few(key, source, len(list))
		return
	}
	if l.Vague() {
		w.left(key, "%s (%s) do not tell how long it takes: they bound it on one side alone, or all of them alike", words.Plural(len(list), "observation"), source)
		return
	}
	most := 0.0
	for _, b := range list {
		if most = max(most, b.Least()); !math.IsInf(b.High, 1) {
			most = max(most, b.Most())
		}
	}
	w.enter(LatencyReport{Key: key, Source: source, UsualSeconds: usual, Fit: l, Bounds: list}, most, longest)
}

func (w *fitter) few(key, source string, n int) {
	if n == 0 {
		w.left(key, "nothing was observed of it (%s)", source)
		return
	}
	w.left(key, "%s of it (%s), and a fit takes %d", words.Plural(n, "observation"), source, fit.Least)
}

// enter completes a report. The longest value kept is the parameter's usual one, and at
// least the longest that was seen and what one in ten thousand exceeds.
func (w *fitter) enter(r LatencyReport, most, longest float64) {
	l := &r.Fit
	r.Draws, r.Observations = l.Draws, l.Observations
	r.MeanSeconds, r.Sigma = interval(l.Mean), interval(l.Sigma)
	r.MaxSeconds = rounded(max(longest, most, min(l.Quantile(0.9999), 100*l.Mean.Value), r.MeanSeconds.Value))
	r.Distance, r.Critical, r.Poor = rounded(math.Round(l.Distance*1e6)/1e6), rounded(l.Critical), l.Poor()
	if r.Poor {
		r.Note = "the durations are not log-normal: see the picture"
	}
	w.Latencies = append(w.Latencies, r)
}

// The daemon's looks at metadata: at once, and after pauses that double.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/pkg/awsutils/awsutils.go, WaitForENIAndIPsAttached
const (
	firstPause  = 0.1
	pauseJitter = 0.15
)

// interfaceLag bounds the lag by the waits that the daemon counts, or else by when its
// interfaces came up in /v1/enis.
func (w *fitter) interfaceLag(calls map[string]*observed) {
	const key = "ec2.metadata.interface"
	_, mean, longest, _ := w.usual.InterfaceLag.Parts()
	usual := mean.Seconds()
	before := w.beforeTheWait()
	list, several := w.waits(calls[waitAPI], before)
	if len(list) < fit.Least {
		if came := w.appearances(before); len(came) > len(list) {
			w.cells(key, "AttachNetworkInterface in CloudTrail until the interface is in /v1/enis", came, longest.Seconds(), &usual)
			return
		}
	}
	if calls[waitAPI] == nil {
		w.left(key, "no file has a daemon's wait for a new interface, or both CloudTrail and /v1/enis of one")
		return
	}
	w.bounds(key, waitAPI, list, longest.Seconds(), &usual)
	if several > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s for new interfaces were several between two scrapes, and only their sum is known: they are not used; a shorter interval between scrapes parts them", words.Plural(several, "wait")))
	}
}

// beforeTheWait is the mean time from an attach to the daemon's first look at metadata.
func (w *fitter) beforeTheWait() float64 {
	for _, r := range w.Latencies {
		if r.Key == "ec2.latency.ModifyNetworkInterfaceAttribute" {
			return r.MeanSeconds.Value
		}
	}
	return *w.usualMean(w.usual.Latency[ec2model.ModifyNetworkInterfaceAttribute])
}

// waits bound lags by waits that were alone between two scrapes; several is how many were
// not.
func (w *fitter) waits(counted *observed, before float64) (list []fit.Between, several int) {
	if counted == nil {
		return nil, 0
	}
	for _, s := range counted.sums {
		if s.Draws > 1 {
			several += s.Draws
			continue
		}
		from, to := lookedAt(s.Total)
		if from > 0 || to > 0.01 { // at the first look it may have been there for any time
			from += before
		} else {
			from = 0
		}
		list = append(list, fit.Between{Low: from, High: to + before})
	}
	return list, several
}

// lookedAt is when, in a wait so long, the look before the last one was, with the pause
// between at the middle of its jitter, and when the last one was.
func lookedAt(wait float64) (before, last float64) {
	pause, slept := firstPause, 0.0
	for slept+pause <= wait+0.001 {
		slept += pause
		pause *= 2
	}
	if slept == 0 {
		return 0, wait
	}
	return max(0, wait-pause/2*(1+pauseJitter/2)), wait
}

// registration is what the model has from kubelet's start to the node, in seconds: a test
// holds it against that.
const registration = 1.0

// longestBoot bounds what is believed: a node of the same instance that is much younger has
// registered anew.
const longestBoot = 900.0

// boot bounds the time from the launch to kubelet's start by times of whole seconds.
func (w *fitter) boot() {
	var list []fit.Between
	odd := 0
	for _, id := range slices.Sorted(maps.Keys(w.registered)) {
		launched, ok := w.launched[id]
		if !ok {
			continue
		}
		took := w.registered[id].Sub(launched).Seconds()
		if took <= 0 || took > longestBoot {
			odd++
			continue
		}
		list = append(list, fit.Between{Low: took - 1 - registration, High: took + 1 - registration})
	}
	w.bounds("launch.boot", "launch of an instance and creation of its node", list, 0, nil)
	if odd > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s registered before the launch, or more than %v s after it, and are not used: such a node has registered anew", words.Plural(odd, "node"), longestBoot))
	}
}

// rounded has four significant digits: no figure here is known better.
func rounded(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil {
		panic(err) // it was just written
	}
	return r
}
