package measure

import (
	"slices"
	"strings"
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/result"
)

// worstMost is how many pods are named that broke a condition: a few, our choice.
const worstMost = 5

// worst are the pods that broke a condition, the worst first.
type worst struct {
	pods  []blamed
	first time.Duration // when a duration was first longer than allowed, from time 0
	begun bool          // whether one was
}

// blamed is a pod that broke a condition.
type blamed struct {
	name, node string
	took       time.Duration // uncounted where the condition is about no duration
}

// list is as results have it.
func (w *worst) list(c *Collector) (list []result.ThresholdPod) {
	for _, b := range w.pods {
		p := result.ThresholdPod{Name: b.name, Node: b.node}
		if b.took != forever && b.took != uncounted {
			seconds := inSeconds(b.took)
			p.Seconds = &seconds
		}
		list = append(list, p)
	}
	return list
}

// add puts a pod behind those that took as long or longer, if it is one of the
// worst so far.
func (w *worst) add(p *cluster.Pod, took time.Duration) {
	i := slices.IndexFunc(w.pods, func(b blamed) bool { return b.took < took })
	if i < 0 {
		i = len(w.pods)
	}
	if i >= worstMost {
		return
	}
	b := blamed{name: p.Name(), took: took}
	if p.Node != nil {
		b.node = p.Node.Name
	}
	w.pods = slices.Insert(w.pods, i, b)
	w.pods = w.pods[:min(len(w.pods), worstMost)]
}

// started hears how long a pod has needed, or that it never came to its end.
func (w *watch) started(p *cluster.Pod, t took) {
	for _, e := range w.starts {
		took := t.start
		switch e.Metric {
		case podCreation:
			continue
		case "pod_pending":
			took = t.pending
		case "pod_address_wait":
			took = t.addressWait
		}
		if took == uncounted || took <= e.Bound() && !(took == e.Bound() && e.Op == "<") || !e.means(p, w.c) {
			continue
		}
		e.exceeded(w.began(e, p)-w.c.from, e.Bound())
		e.worst.add(p, took)
	}
}

// created hears how long the controller of a pod has needed to make it.
func (w *watch) created(p *cluster.Pod, took time.Duration) {
	for _, e := range w.starts {
		if e.Metric != podCreation || took <= e.Bound() && !(took == e.Bound() && e.Op == "<") || !e.means(p, w.c) {
			continue
		}
		e.exceeded(p.Asked()-w.c.from, e.Bound())
		e.worst.add(p, took)
	}
}

// notCreated hears of pods that are asked for since a time and were never made. They
// have no names.
func (w *watch) notCreated(of *cluster.Workload, since time.Duration, t took) {
	for _, e := range w.starts {
		if e.meansAwaited(of, since) && !(e.Metric == "pod_address_wait" && t.addressWait == uncounted) {
			e.exceeded(since-w.c.from, e.Bound())
		}
	}
}

// meansAwaited says whether a condition is about pods of a workload that are asked for
// since a time and not created.
func (e *watched) meansAwaited(of *cluster.Workload, since time.Duration) bool {
	if e.part == nil {
		return waitedFor(of)
	}
	return e.part.meansUnbound(of, since) && e.part.speaksOf(of)
}

// exceeded notes when something that began at a time was longer than a bound.
func (e *watched) exceeded(began, bound time.Duration) {
	if at := max(0, began) + bound; !e.worst.begun || at < e.worst.first {
		e.worst.first, e.worst.begun = at, true
	}
}

// began is when what a condition measures of a pod began.
func (w *watch) began(e *watched, p *cluster.Pod) time.Duration {
	began := p.Created
	switch e.Metric {
	case "pod_start":
		began = p.Bound
	case "pod_address_wait":
		began = p.Times().FirstAdd
		if p.Times().AddDone != des.Never {
			return des.Never // it waits for something else
		}
	}
	if began == des.Never {
		return des.Never
	}
	return max(began, w.c.from)
}

// nodeReady hears of a node that is Ready for the first time.
func (w *watch) nodeReady(n *cluster.Node) {
	for _, e := range w.list {
		took := n.Ready - n.Launched
		if e.Metric != nodeReady || took <= e.Bound() && !(took == e.Bound() && e.Op == "<") {
			continue
		}
		if s := e.part; s == nil || s.isOn(n, w.c.fleet.Zone) && s.part.Window.Holds(n.Launched-w.c.from, w.c.fleet.End-w.c.from) {
			e.exceeded(n.Launched-w.c.from, e.Bound())
		}
	}
}

// neverStarted hears of a pod that has not come to run.
func (w *watch) neverStarted(p *cluster.Pod) {
	for _, e := range w.list {
		if e.Metric == "pods_never_started" && (e.part == nil || e.part.means(p, w.c.fleet.Zone)) || e.Metric == "initial_never_started" && p.Created < w.c.from {
			e.worst.add(p, forever)
		}
	}
}

// addFailed hears of a failed ADD. The pods that are named are the first to have
// one.
func (w *watch) addFailed(p *cluster.Pod, cause result.Cause) {
	for _, e := range w.list {
		if e.Metric != "pod_failed_adds" || len(e.worst.pods) == worstMost || e.part != nil && !e.part.means(p, w.c.fleet.Zone) {
			continue
		}
		if of := e.Selector.Get("cause"); of != "" && of != string(cause) || !e.Window.Holds(w.c.fleet.Kernel.Now()-w.c.from, w.c.fleet.End-w.c.from) {
			continue
		}
		if name := p.Name(); !slices.ContainsFunc(e.worst.pods, func(b blamed) bool { return b.name == name }) {
			e.worst.add(p, uncounted)
		}
	}
}

// blame names the pods that a gauge counts now; of too few that run or have started,
// those that are still to come.
func (w *watch) blame(e *watched) {
	var counts func(*cluster.Pod) bool
	switch {
	case strings.HasPrefix(e.Metric, "pods_waiting_for_address_"):
		counts = func(p *cluster.Pod) bool { return p.State() == cluster.Bound && p.Lacks() }
	case strings.HasPrefix(e.Metric, "pods_unschedulable_"):
		counts = (*cluster.Pod).Unschedulable
	case strings.HasPrefix(e.Metric, "pods_running"), e.Metric == "pods_started":
		if e.Op != ">" && e.Op != ">=" {
			return // nobody says which are too many
		}
		counts = func(*cluster.Pod) bool { return true } // those that are missing
	case strings.HasPrefix(e.Metric, "pods_dropping_"), e.Metric == "pods_affected":
		w.blameDefects(e)
		return
	default:
		return
	}
	for _, p := range w.c.fleet.Cluster.Pending() {
		if len(e.worst.pods) < worstMost && counts(p) && (e.part == nil || e.part.means(p, w.c.fleet.Zone)) {
			e.worst.add(p, uncounted)
		}
	}
}

// blameDefects names pods that lose packets, or have lost some where the
// condition is about those.
func (w *watch) blameDefects(e *watched) {
	for i, d := range w.c.defects {
		if len(e.worst.pods) == worstMost {
			return
		}
		over := d.Ended != des.Never && e.Metric != "pods_affected"
		if !d.Kind.Dropping() || over || slices.ContainsFunc(e.worst.pods, func(b blamed) bool { return b.name == d.Pod }) {
			continue
		}
		if e.part != nil && !e.part.suffers(w.c.sufferers[i], d.Pod, w.c.fleet.Zone) {
			continue
		}
		e.worst.pods = append(e.worst.pods, blamed{name: d.Pod, node: d.Node, took: uncounted})
	}
}
