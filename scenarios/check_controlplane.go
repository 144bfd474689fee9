package scenarios

import (
	"time"

	"ipamsim/sim/controlplane"
)

// checkControlPlane completes the control plane's rates with those of its tier,
// so that whoever shows the scenario shows them.
func (c *checker) checkControlPlane() {
	p := &c.s.ControlPlane
	if s := c.s.Scheduler; s != nil {
		at := c.keyAt("scheduler")
		if c.given("controlPlane.scheduling") {
			c.problem(at, "scheduler and controlPlane.scheduling exclude each other: scheduler is the older spelling")
			return
		}
		c.warning(at, "scheduler.rate is spelt controlPlane.scheduling now; the old spelling is still read")
		one := 1
		p.Scheduling, c.s.Scheduler = &RequestRate{&s.Rate, &one}, nil
	}
	tier, ok := controlplane.TierNamed(p.Tier)
	if !ok {
		return // reported as no tier
	}
	p.PodCreation = c.requestRate("controlPlane.podCreation", p.PodCreation, tier.PodCreation)
	p.Scheduling = c.requestRate("controlPlane.scheduling", p.Scheduling, tier.Scheduling)
}

// checkJobs warns of Jobs that come faster than their controller's client can send
// what even the quickest course of one needs: each pod is created, and freed from a
// finalizer, and the status says that they are there, that they have finished, and
// that they are counted.
func (c *checker) checkJobs() {
	rate := c.s.ControlPlane.PodCreation
	if rate == nil || rate.Rate == nil {
		return
	}
	for i := range c.s.Workloads {
		w := &c.s.Workloads[i]
		a := w.Arrivals
		if w.Kind != "Job" || a == nil || !c.readable("workloads.%d", i) {
			continue
		}
		perSecond := a.Rate
		if a.Every != nil && *a.Every > 0 {
			perSecond = 1 / time.Duration(*a.Every).Seconds()
		}
		least := perSecond * float64(2*max(1, a.Batch)+3)
		to := c.s.Duration
		if a.To != nil {
			to = *a.To
		}
		window := time.Duration(to - max(0, a.From)).Seconds()
		if (least-*rate.Rate)*window > float64(*rate.Burst) {
			c.warning(c.at("workloads.%d.arrivals", i), "%s: these Jobs need at least %.3g requests a second of their controller's client, which sends %.3g (controlPlane.podCreation): they come later and later. Pods that somebody makes himself, as runners and workflow engines do, are of kind Pod",
				entry("workloads", i, w.Name), least, *rate.Rate)
		}
	}
}

// requestRate is what is given and, of the rest, what the tier has; nil is no
// limit.
func (c *checker) requestRate(path string, given *RequestRate, tier controlplane.Rate) *RequestRate {
	unlimited := tier == controlplane.Rate{}
	switch {
	case given == nil && unlimited:
		return nil
	case given == nil:
		given = &RequestRate{}
	case given.Rate == nil && unlimited && c.readable("%s.rate", path):
		c.problem(c.keyAt(path), "%s: a rate was expected: the tier unlimited has none", path)
	}
	if given.Rate == nil {
		given.Rate = &tier.PerSecond
	}
	if given.Burst == nil {
		burst := max(1, tier.Burst)
		given.Burst = &burst
	}
	return given
}

// Bucket is the rate as the model has it; a nil one is no limit.
func (r *RequestRate) Bucket() controlplane.Rate {
	if r == nil {
		return controlplane.Rate{}
	}
	return controlplane.Rate{PerSecond: *r.Rate, Burst: *r.Burst}
}
