package measure

import (
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/result"
)

// recovery is the second phase of a run with faults: calm, in which the fleet
// should become well by itself. It is looked at with every sample.
type recovery struct {
	from   time.Duration // when the last fault was over
	over   bool          // it is known when: no fault goes on for ever
	looked bool          // at least once
	unwell time.Duration // last look at which something was broken; des.Never
	well   time.Duration // first look after that
	broken []string      // at the last look
}

func newRecovery(faults *fault.Injector) recovery {
	from, over := faults.LastEnd()
	return recovery{from: from, over: over, unwell: des.Never, well: from}
}

// look is one sample.
func (r *recovery) look(c *Collector) {
	now := c.fleet.Kernel.Now()
	if !r.over || now < r.from {
		return
	}
	r.looked, r.broken = true, c.broken()
	switch {
	case len(r.broken) > 0:
		r.unwell = now
	case r.well <= r.unwell:
		r.well = now
	}
}

// took is how long the recovery took. It is not ok when there was none to
// wait for, or when it did not come.
func (r *recovery) took() (d time.Duration, ok bool) {
	if !r.over || len(r.broken) > 0 || !r.looked {
		return 0, false
	}
	return r.well - r.from, true
}

// LateAfter is from which age on a pod that does not run is not just new: our
// choice, four of kubelet's pauses after a failed sandbox.
const LateAfter = time.Minute

// broken says what is not as it should be now.
func (c *Collector) broken() (list []string) {
	now := c.fleet.Kernel.Now()
	if n := c.census.all.now.WithoutNetwork; n > 0 {
		list = append(list, words.Plural(n, "pod")+" lose packets.")
	}
	counts := c.fleet.Cluster.Counts()
	if counts.Lost > 0 {
		list = append(list, "Nobody has noticed yet that "+words.Plural(counts.Lost, "node")+" died.")
	}
	late, replacing, away := 0, 0, 0
	for _, p := range c.fleet.Cluster.Pending() {
		switch {
		case now-p.Created > LateAfter:
			late++
		case p.Replaces:
			replacing++
		}
	}
	if replacing > 0 {
		list = append(list, words.Plural(replacing, "pod")+" for those that died with their nodes do not run yet.")
	}
	if late > 0 {
		list = append(list, words.Plural(late, "pod")+" older than a minute do not run.")
	}
	leaked, misdirecting := 0, 0
	for _, m := range c.sampler.ledger.watched { // wherever something is wrong
		if m.Node.Ready != des.Never && !m.Agent.Serving() {
			away++
		}
		for _, d := range m.Defects {
			switch {
			case d.Kind == result.LeakedAddress:
				leaked++
			case d.Kind == result.StaleRule && d.Misdirects:
				misdirecting++
			}
		}
	}
	if away > 0 {
		list = append(list, "ipamd does not serve on "+words.Plural(away, "node")+".")
	}
	if leaked > 0 {
		list = append(list, "ipamd keeps "+words.Plural(leaked, "address")+" on pods that have gone.")
	}
	if misdirecting > 0 {
		list = append(list, words.Plural(misdirecting, "stale rule")+" catch what is sent to another node's pod.")
	}
	return list
}
