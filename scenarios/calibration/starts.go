package calibration

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"ipamsim/internal/words"
	"ipamsim/scenarios/calibration/fit"
)

// starts are what events and nodes say of how pods and nodes start.
type starts struct {
	pods       map[string]*podStart
	registered map[string]time.Time // a node, by name
	ready      map[string]time.Time // likewise, for the first time
}

func newStarts() starts {
	return starts{map[string]*podStart{}, map[string]time.Time{}, map[string]time.Time{}}
}

// podStart is a pod's.
type podStart struct {
	scheduled  time.Time
	blur       time.Duration              // how much later that may have been
	containers map[string]*containerStart // by their place in the pod
}

// containerStart has times of whole seconds, cut off.
type containerStart struct {
	image           string // that came from a registry
	pulled, started time.Time
	pull, waited    time.Duration // the pull alone, and with the wait for its turn
}

// mostPods is how many pods' starts are kept.
const mostPods = 1_000_000

// event is one of Kubernetes, as far as it is read.
type event struct {
	InvolvedObject, Regarding struct{ Kind, Name, Namespace, UID, FieldPath string }
	EventTime                 *time.Time // to the microsecond; of the scheduler
	FirstTimestamp            *time.Time // of whole seconds; of kubelet
	DeprecatedFirstTimestamp  *time.Time // the same in events.k8s.io
	Reason, Message, Note     string
}

// event takes one.
func (f *file) event(e *event) error {
	about, message := e.InvolvedObject, cmp.Or(e.Message, e.Note) // events.k8s.io has the second
	if about.Kind == "" {
		about = e.Regarding
	}
	var at time.Time
	exact := e.EventTime != nil && !e.EventTime.IsZero()
	for _, t := range []*time.Time{e.EventTime, e.FirstTimestamp, e.DeprecatedFirstTimestamp} {
		if at.IsZero() && t != nil {
			at = *t
		}
	}
	image, pull, waited := pulled(e.Reason, message)
	switch {
	case at.IsZero():
	case about.Kind == "Node" && e.Reason == "NodeReady":
		if first, ok := f.starts.ready[about.Name]; !ok || at.Before(first) {
			f.starts.ready[about.Name] = at
		}
		f.take("event of a node that is ready")
	case about.Kind == "Pod" && about.Namespace != "kube-system" && slices.Contains([]string{"Scheduled", "Pulled", "Started"}, e.Reason):
		p := f.starts.pods[about.Namespace+"/"+about.Name+"/"+about.UID]
		if p == nil {
			if len(f.starts.pods) == mostPods {
				return fmt.Errorf("events of more than %d pods, the most that are read", mostPods)
			}
			p = &podStart{containers: map[string]*containerStart{}}
			f.starts.pods[about.Namespace+"/"+about.Name+"/"+about.UID] = p
		}
		p.take(e.Reason, about.FieldPath, at, exact)
		if c := p.containers[about.FieldPath]; e.Reason == "Pulled" && c.pulled.Equal(at) {
			c.image, c.pull, c.waited = image, pull, waited
		}
		f.take("event of a pod's start")
	}
	if slices.ContainsFunc(systemImages, func(name string) bool { return strings.HasSuffix(untagged(image), name) }) {
		f.pulls = append(f.pulls, pull.Seconds())
		f.take("pull of a system image")
	}
	return nil
}

// take enters a moment, the first where there are several: a container may start again.
func (p *podStart) take(reason, container string, at time.Time, exact bool) {
	if reason == "Scheduled" {
		p.scheduled, p.blur = at, time.Second
		if exact {
			p.blur = 0
		}
		return
	}
	c := p.containers[container]
	if c == nil {
		c = new(containerStart)
		p.containers[container] = c
	}
	first := &c.started
	if reason == "Pulled" {
		first = &c.pulled
	}
	if first.IsZero() || at.Before(*first) {
		*first = at
	}
}

// longestPull bounds what is believed.
const longestPull = time.Hour

// reference is what an image's name may be, a tag included; the specification allows no more.
// https://github.com/distribution/reference/blob/v0.6.0/reference.go
var reference = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}$`)

// pulled are an image that came from a registry, and the times that kubelet says its pull
// has taken: Successfully pulled image "…" in 2.3s (2.9s including waiting). The first is
// without the wait for its turn; some releases have it alone.
// https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/kubelet/images/image_manager.go
func pulled(reason, message string) (image string, pull, waited time.Duration) {
	image, rest, ok := strings.Cut(strings.TrimPrefix(message, `Successfully pulled image "`), `" in `)
	image, _, _ = strings.Cut(image, "@")
	if reason != "Pulled" || !ok || !reference.MatchString(image) {
		return "", 0, 0
	}
	took, rest, _ := strings.Cut(rest, " ")
	pull, err := time.ParseDuration(took)
	if err != nil || pull <= 0 || pull > longestPull {
		return "", 0, 0
	}
	all, _, _ := strings.Cut(strings.TrimPrefix(rest, "("), " ")
	if waited, err = time.ParseDuration(all); err != nil || waited < pull || waited > longestPull {
		waited = pull
	}
	return image, pull, waited
}

// untagged is an image's name without its tag.
func untagged(image string) string {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i]
	}
	return image
}

// mostImages is how many images' pulls are fitted: those with the most.
const mostImages = 30

// imagePrefix is what keys begin with that are of an image, in place of a profile.
const imagePrefix = "imagePull of "

// images fits the time that a workload's imagePull means: the pull, which kubelet tells to
// the millisecond, and the start of the container, of which whole seconds give the mean.
func (w *fitter) images() {
	pulls, after := map[string][]float64{}, map[string]float64{}
	for _, id := range slices.Sorted(maps.Keys(w.starts.pods)) {
		p := w.starts.pods[id]
		for _, place := range slices.Sorted(maps.Keys(p.containers)) {
			c := p.containers[place]
			if c.image == "" || c.started.Before(c.pulled) || !strings.HasPrefix(place, "spec.containers{") {
				continue
			}
			pulls[c.image] = append(pulls[c.image], c.pull.Seconds())
			after[c.image] += c.started.Sub(c.pulled).Seconds()
		}
	}
	names := slices.SortedFunc(maps.Keys(pulls), func(a, b string) int {
		return cmp.Or(len(pulls[b])-len(pulls[a]), strings.Compare(a, b))
	})
	for i, image := range names {
		list := pulls[image]
		if i == mostImages || len(list) < fit.Least {
			w.left("workloads.imagePull", "%s came less often than the %d times that a fit takes, or than the %d images that are fitted", words.Plural(len(names)-i, "image"), fit.Least, mostImages)
			break
		}
		for k := range list {
			list[k] += after[image] / float64(len(list))
		}
		w.sums(imagePrefix+image, "events of kubelet, the pull and the mean of the start", single(list), 0, nil)
	}
}

// What starts are called.
const (
	SandboxStart = "pod, from Scheduled to its sandbox"
	PodStart     = "pod, from Scheduled to Started"
	NodeStart    = "node, from its creation to Ready"
)

// observed are the starts, by what they are called.
func (s *starts) observed() map[string][]fit.Between {
	all := map[string][]fit.Between{}
	enter := func(what string, from, to time.Time, blur, wide time.Duration) {
		b := fit.Between{Low: (to.Sub(from) - blur).Seconds(), High: (to.Sub(from) + wide).Seconds()}
		if b.High > 0 && b.Low < longestStart {
			all[what] = append(all[what], b)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.pods)) {
		p := s.pods[id]
		var sandbox, running time.Time
		for _, place := range slices.Sorted(maps.Keys(p.containers)) {
			c := p.containers[place]
			if begin := c.pulled.Add(-c.waited); !c.pulled.IsZero() && (sandbox.IsZero() || begin.Before(sandbox)) {
				sandbox = begin
			}
			if strings.HasPrefix(place, "spec.containers{") && c.started.After(running) {
				running = c.started
			}
		}
		if !p.scheduled.IsZero() && !sandbox.IsZero() && !running.IsZero() {
			enter(SandboxStart, p.scheduled, sandbox, p.blur, time.Second)
			enter(PodStart, p.scheduled, running, p.blur, time.Second)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.registered)) {
		if ready, ok := s.ready[name]; ok {
			enter(NodeStart, s.registered[name], ready, time.Second, time.Second)
		}
	}
	return all
}

// longestStart bounds what is believed, in seconds: a node that is ready so long after its
// creation was ready before, and its event has expired.
const longestStart = 3600.0

// compared reports starts, and beside them those of a simulated cluster.
func compared(real, simulated *starts) (list []StartReport, err error) {
	seen, made := real.observed(), map[string][]fit.Between{}
	if simulated != nil {
		if made = simulated.observed(); len(made) == 0 {
			return nil, errors.New("nothing of the simulated cluster's starts is in what it is held against: ipamsim run SCENARIO --out events=FILE writes them, and ipamsim export its nodes")
		}
	}
	for _, what := range []string{SandboxStart, PodStart, NodeStart} {
		if len(seen[what]) == 0 {
			continue
		}
		r := StartReport{Start: what, Observed: quantiles(seen[what]), observed: seen[what]}
		if other := made[what]; len(other) > 0 {
			q := quantiles(other)
			r.Simulated, r.simulated = &q, other
			n, m := float64(len(seen[what])), float64(len(other))
			// Smirnov, Annals of Mathematical Statistics 19:279, 1948: of two samples, 5 of 100.
			distance, critical := rounded(stat.KolmogorovSmirnov(middles(seen[what]), nil, middles(other), nil)), rounded(1.358*math.Sqrt((n+m)/(n*m)))
			r.Distance, r.Critical, r.Differs = &distance, &critical, distance > critical
		}
		list = append(list, r)
	}
	return list, nil
}

// middles are those of the bounds, from the shortest on. Observed and simulated ones are
// cut to the same seconds.
func middles(list []fit.Between) (all []float64) {
	for _, b := range list {
		all = append(all, max(0, b.Low+b.High)/2)
	}
	slices.Sort(all)
	return all
}

// quantiles are between those of the shortest and of the longest that starts may have taken.
func quantiles(list []fit.Between) QuantileReport {
	lows, highs := make([]float64, len(list)), make([]float64, len(list))
	for i, b := range list {
		lows[i], highs[i] = b.Least(), b.Most()
	}
	slices.Sort(lows)
	slices.Sort(highs)
	at := func(q float64) Interval {
		i := max(0, int(math.Ceil(q*float64(len(list))))-1)
		high := rounded(highs[i])
		return Interval{rounded((lows[i] + highs[i]) / 2), rounded(lows[i]), &high}
	}
	return QuantileReport{len(list), at(0.5), at(0.9), at(0.99)}
}
