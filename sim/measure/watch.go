package measure

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// watch follows what the scenario's conditions are about while a run goes on: a
// window's increase or extreme, a level at a moment, the first moment at which a
// condition is broken. It looks at what grows with every sample and at the bounds
// of windows, and hears of every start. Without windows nothing is begun anew,
// and without conditions nothing is looked at.
type watch struct {
	c        *Collector
	list     []*watched
	starts   []*watched // of trends of pods
	growing  []*watched // that can be broken for good, or watched at samples, and are not yet
	earlier  extremes
	affected counted
	leaked   int // most leaked interfaces at a sample since the extremes were last begun anew
	stopped  *watched
	ended    bool
}

// watched is one condition.
type watched struct {
	*result.Condition
	follow result.Following
	part   *selection // nil for all pods

	base, value float64 // of a window: what was counted at its beginning, and its value
	open, known bool    // whether the window has begun, and whether it has a value
	broken      time.Duration
	worst       worst
}

// counted is what defects had been when they were last counted.
type counted struct {
	defects, pods int
	of            map[string]bool
}

// extremes are what was worst before the extremes were last begun anew. Where
// they never were it is nothing.
type extremes struct {
	subnets          []ec2model.SubnetState
	interfaces, held int
}

// fold takes a subnet's earlier extremes into its state.
func (e *extremes) fold(i int, s *ec2model.SubnetState) {
	if e.subnets == nil {
		return
	}
	s.FreeMin = min(s.FreeMin, e.subnets[i].FreeMin)
	s.FreeBlocksMin = min(s.FreeBlocksMin, e.subnets[i].FreeBlocksMin)
	s.AllocatedPeak = max(s.AllocatedPeak, e.subnets[i].AllocatedPeak)
}

func newWatch(c *Collector) *watch {
	w := &watch{c: c, affected: counted{of: map[string]bool{}}}
	for i := range c.fleet.Conditions {
		each := &watched{Condition: &c.fleet.Conditions[i], follow: c.fleet.Conditions[i].Follow(), broken: des.Never}
		for k := range c.census.selected {
			if part := each.Part(); c.census.selected[k].part.String() == part.String() {
				each.part = &c.census.selected[k]
			}
		}
		w.list = append(w.list, each)
		if each.follow == result.ByStarts && each.Metric != nodeReady {
			w.starts = append(w.starts, each)
		}
		if each.looked() {
			w.growing = append(w.growing, each)
		}
	}
	return w
}

// Trends that are not about what becomes of pods once they are created.
const (
	nodeReady   = "node_ready"
	podCreation = "pod_creation"
)

// looked says whether the condition is looked at with every sample.
func (e *watched) looked() bool {
	between := !e.Window.Whole() && !e.Window.At
	switch e.follow {
	case result.ByStarts:
		return e.Abort
	case result.ByGrowth, result.ByExtreme:
		return e.Lost()
	case result.ByLevel:
		return between
	}
	return false
}

// spans says whether the condition's value is watched at the bounds of a window.
func (e *watched) spans() bool {
	return !e.Window.Whole() && e.follow != result.ByStarts && e.follow != result.AtTheEnd
}

// start is time 0, after everything that was counted before has been forgotten.
func (w *watch) start() {
	var moments []time.Duration
	for _, e := range w.list {
		if !e.spans() {
			continue
		}
		if !e.Window.At && !slices.Contains(moments, e.Window.From) {
			moments = append(moments, e.Window.From)
		}
		if !slices.Contains(moments, e.Window.To) {
			moments = append(moments, e.Window.To)
		}
	}
	k := w.c.fleet.Kernel
	for _, at := range moments {
		switch {
		case at == 0:
			w.moment(0)
		case w.c.from+at < w.c.fleet.End: // what is at the end is the last to be looked at
			k.AtPriority(w.c.from+at, des.Early, func() {
				k.Aside()
				w.moment(at)
			})
		}
	}
}

// moment is a bound of windows: what is worst is looked for anew from here on.
func (w *watch) moment(at time.Duration) {
	before := w.glimpse(true)
	w.look(&before)
	w.anew()
	after := w.glimpse(true)
	for _, e := range w.list {
		if !e.spans() || e.known {
			continue
		}
		value := e.of(&before)
		begins, ends := !e.Window.At && at == e.Window.From, at == e.Window.To
		switch e.follow {
		case result.ByGrowth:
			if begins && at > 0 {
				e.base = value
			}
			e.open = e.open || begins || e.Window.At
			if ends {
				e.value, e.known = value-e.base, true
			}
		case result.ByExtreme, result.ByLevel:
			e.span(value, e.of(&after), begins, ends)
		}
		if e.known && e.Breaks(e.value) {
			w.breaks(e, at)
		}
	}
}

// span takes a bound into the value of a window of a gauge. So far is what has been
// since the bound before, or the level itself; now is the level.
func (e *watched) span(soFar, now float64, begins, ends bool) {
	switch {
	case e.Window.At && ends:
		e.value, e.known = now, true
	case begins:
		e.value, e.open = now, true
	case e.open:
		e.join(soFar)
		e.known = ends
	}
}

// join takes a further value of a gauge into the window's.
func (e *watched) join(value float64) {
	if e.follow == result.ByLevel {
		e.value = e.Worst(e.value, value)
	} else {
		e.value = e.Extreme(e.value, value)
	}
}

// of is the condition's value in an outcome.
func (e *watched) of(o *result.Outcome) float64 {
	value, _ := result.AnswerTo(e.Condition, nil, o)
	return value
}

// anew begins to look for what is worst anew.
func (w *watch) anew() {
	states := w.c.fleet.Account.Subnets()
	for i := range states {
		w.earlier.fold(i, &states[i])
	}
	w.earlier.subnets = states
	w.earlier.interfaces = max(w.earlier.interfaces, w.c.fleet.Account.InterfacesPeak())
	w.earlier.held = max(w.earlier.held, w.c.fleet.Account.HeldPeak())
	w.c.fleet.Account.ResetExtremes()
	w.c.census.anew()
	w.leaked = 0
}

// sample is one sample of the run.
func (w *watch) sample() {
	w.leaked = max(w.leaked, w.c.sampler.leaked.LeakedEnd)
	if len(w.growing) == 0 || w.ended {
		return
	}
	o := w.glimpse(false)
	w.look(&o)
}

// look takes in what grows, and stops the run where a condition that may is
// broken.
func (w *watch) look(o *result.Outcome) {
	now := w.c.fleet.Kernel.Now() - w.c.from
	kept := w.growing[:0]
	for _, e := range w.growing {
		if w.lookAt(e, o, now) {
			kept = append(kept, e)
		}
	}
	w.growing = kept
	w.stop(now)
}

// lookAt looks at one condition, and says whether it has to be looked at again.
func (w *watch) lookAt(e *watched, o *result.Outcome, now time.Duration) (again bool) {
	switch {
	case e.known || e.broken != des.Never && e.follow != result.ByLevel:
		return false
	case e.follow == result.ByStarts:
		if now < e.AbortAfter {
			return true
		}
		if value, observed := e.SoFar(&w.c.trends, w.late(e)); observed && e.Breaks(value) {
			w.breaks(e, now)
		}
		return e.broken == des.Never
	case !e.Window.Whole() && !e.open:
		return !e.Window.At // its value is known at the moment itself
	case e.follow == result.ByLevel:
		e.join(e.of(o))
		if e.Breaks(e.value) {
			w.breaks(e, now)
		}
		return true
	}
	value := e.of(o) - e.base
	if e.follow == result.ByExtreme && e.open {
		value = e.Extreme(e.value, value)
	}
	if e.Breaks(value) {
		e.value = value
		w.breaks(e, now)
	}
	return e.broken == des.Never
}

// breaks notes that a condition is broken, and by which pods.
func (w *watch) breaks(e *watched, now time.Duration) {
	if e.broken == des.Never {
		e.broken = now
		w.blame(e)
	}
}

// stop ends the run where a condition is broken that may.
func (w *watch) stop(now time.Duration) {
	for _, e := range w.list {
		if w.c.fleet.Stops && !w.ended && w.stopped == nil && e.Abort && e.broken != des.Never && now >= e.AbortAfter {
			w.stopped = e
			w.c.fleet.Kernel.Stop()
		}
	}
}

// late are the pods that have waited longer already than a condition on starts
// allows.
func (w *watch) late(e *watched) (n int) {
	if e.Metric == nodeReady {
		return 0
	}
	now := w.c.fleet.Kernel.Now()
	if e.Metric == podCreation {
		return w.overdue(e, now)
	}
	for _, p := range w.c.fleet.Cluster.Pending() {
		if began := w.began(e, p); e.means(p, w.c) && began != des.Never && now-began > e.Bound() {
			n++
		}
	}
	return n
}

// overdue are the pods that wait for their controller for longer than a condition
// allows.
func (w *watch) overdue(e *watched, now time.Duration) (n int) {
	for _, of := range w.c.fleet.Cluster.Workloads() {
		of.Awaited(func(since time.Duration, pods int) {
			if e.meansAwaited(of, since) && now-max(since, w.c.from) > e.Bound() {
				n += pods
			}
		})
	}
	return n
}

// end is the end of the run: the last bound of windows.
func (w *watch) end() {
	end := w.c.fleet.End - w.c.from
	w.ended = true
	for _, e := range w.list {
		if !e.known && e.spans() && e.Window.To >= end && w.stopped == nil {
			w.moment(e.Window.To)
			return
		}
	}
	if len(w.growing) > 0 {
		o := w.glimpse(true)
		w.look(&o)
	}
}

// glimpse is what has been counted till now, as far as conditions ask. Where it is
// exact the daemons are asked who holds what, and not the last sample.
func (w *watch) glimpse(exact bool) result.Outcome {
	o := w.c.soFar()
	account := w.c.fleet.Account
	o.Interfaces = w.c.sampler.leaked
	o.Interfaces.Peak, o.Interfaces.LeakedPeak = account.InterfacesPeak(), w.leaked
	if exact {
		o.Interfaces.LeakedEnd, o.Interfaces.KeptEnd = account.Abandoned(ipamd.TagInstance, LeakedAfter), account.Kept(LeakedAfter)
		o.Interfaces.LeakedPeak = max(w.leaked, o.Interfaces.LeakedEnd)
		w.leaked = o.Interfaces.LeakedPeak
	}
	w.defects(&o)
	w.ofNetworks(o.Selected)
	if slices.ContainsFunc(w.list, func(e *watched) bool { return e.OfHolders() }) {
		o.Subnets = w.subnets(exact)
	}
	return o
}

// subnets are the subnets now.
func (w *watch) subnets(exact bool) []result.Subnet {
	list := slices.Clone(w.c.sampler.subnets)
	held := w.c.sampler.ledger.Sums
	if exact {
		held = w.c.sampler.ledger.walk(w.c.fleet.Machines())
	}
	for i, state := range w.c.fleet.Account.Subnets() {
		s, now := &list[i], holders(state, held[i])
		s.FreeAtEnd, s.Held.Holders = now.Free, now.Holders
		s.AllocatedPeak, s.FreeMin, s.FreeBlocksMin = state.AllocatedPeak, state.FreeMin, state.FreeBlocksMin
	}
	return list
}

// defects counts those of the nodes' networks.
func (w *watch) defects(o *result.Outcome) {
	a := &w.affected
	for _, d := range w.c.defects[a.defects:] {
		if d.Kind.Dropping() && !a.of[d.Pod] {
			a.of[d.Pod] = true
			a.pods++
		}
	}
	a.defects = len(w.c.defects)
	o.Network.Affected = a.pods
	for _, d := range w.c.defects {
		switch {
		case d.Ended != des.Never:
		case d.Kind == result.StaleRule:
			o.Network.StaleRulesEnd++
		case d.Kind == result.LeakedAddress:
			o.Network.LeakedEnd++
		}
	}
}

// ofNetworks counts those of the networks of the parts that conditions ask for,
// which are in the order of the census.
func (w *watch) ofNetworks(parts []result.Selected) {
	for i := range parts {
		s := &w.c.census.selected[i]
		if !slices.ContainsFunc(w.list, func(e *watched) bool { return e.part == s && e.OfNetwork() }) {
			continue
		}
		n, affected := result.NetworkCounts{}, map[string]bool{}
		for k, d := range w.c.defects {
			if !s.suffers(w.c.sufferers[k], d.Pod, w.c.fleet.Zone) {
				continue
			}
			switch {
			case d.Kind.Dropping():
				affected[d.Pod] = true
			case d.Ended != des.Never:
			case d.Kind == result.StaleRule:
				n.StaleRulesEnd++
			case d.Kind == result.LeakedAddress:
				n.LeakedEnd++
			}
		}
		n.Affected = len(affected)
		parts[i].Network = n
	}
}

// means says whether a condition is about a pod.
func (e *watched) means(p *cluster.Pod, c *Collector) bool {
	if e.part == nil {
		return waitedFor(p.Workload)
	}
	return e.part.means(p, c.fleet.Zone) && e.part.speaksOf(p.Workload)
}

// Stopped is the condition that has ended the run before its end, or nil.
func (c *Collector) Stopped() *result.Condition {
	if c.watch.stopped == nil {
		return nil
	}
	return c.watch.stopped.Condition
}

// Answers are what the run says of the scenario's conditions. The outcome comes
// first.
func (c *Collector) Answers(o *result.Outcome) (list []result.Answer) {
	for _, e := range c.watch.list {
		a := result.Answer{Condition: *e.Condition}
		a.Value, a.Observed = result.AnswerTo(e.Condition, &c.trends, o)
		if e.spans() {
			a.Value, a.Observed = e.value, a.Observed && (e.known || e.broken != des.Never)
		}
		if e.broken != des.Never {
			at := inSeconds(e.broken)
			a.BrokenSeconds = &at
		}
		if !a.Observed || e.Breaks(a.Value) || e.Abort && e.broken != des.Never {
			if e.broken == des.Never {
				c.watch.blame(e)
			}
			a.Pods = e.worst.list(c)
			if first := e.worst.first; a.BrokenSeconds == nil && e.worst.begun && !e.Abort && e.follow == result.ByStarts && (e.Op == "<" || e.Op == "<=") {
				at := inSeconds(first)
				a.BrokenSeconds = &at
			}
		}
		list = append(list, a)
	}
	return list
}
