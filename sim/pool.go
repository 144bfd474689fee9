package sim

import (
	"math"
	"slices"

	"ipamsim/scenarios"
)

// run is one replication of one variant that is over.
type run struct {
	replication Replication
	collected   *collector
	series      Series
}

// pooled puts a variant's replications together.
func pooled(v scenarios.Expanded, runs []run) Variant {
	out := Variant{Name: v.Name, Description: v.Description, Series: runs[0].series}
	all := &collector{causes: map[string]int{}}
	outcomes := make([]*Outcome, len(runs))
	for i := range runs {
		r := &runs[i]
		out.Replications = append(out.Replications, r.replication)
		outcomes[i] = &out.Replications[i].Outcome
		all.running = append(all.running, r.collected.running...)
		all.ready = append(all.ready, r.collected.ready...)
	}
	for i := range outcomes {
		outcomes[i] = &out.Replications[i].Outcome
	}
	out.StartSeconds, out.PendingSeconds, out.AddressWaitSeconds = all.trends()
	out.ReadySeconds = all.ready
	out.Outcome = poolOutcomes(outcomes)
	p := &out.Pods
	p.StartSeconds, p.PendingSeconds, p.AddressWaitSeconds = describe(out.StartSeconds), describe(out.PendingSeconds), describe(out.AddressWaitSeconds)
	p.Phases = phaseTimes(all.running)
	out.Nodes.ReadySeconds = describe(out.ReadySeconds)
	out.Findings = out.findings()
	out.Thresholds = out.thresholds(v.Scenario.Thresholds)
	return out
}

func poolOutcomes(list []*Outcome) Outcome {
	mean := func(read func(*Outcome) int) int {
		sum := 0
		for _, o := range list {
			sum += read(o)
		}
		return int(math.Round(float64(sum) / float64(len(list))))
	}
	o := Outcome{
		Pods: Pods{
			Wanted:          mean(func(o *Outcome) int { return o.Pods.Wanted }),
			Running:         mean(func(o *Outcome) int { return o.Pods.Running }),
			NeverStarted:    mean(func(o *Outcome) int { return o.Pods.NeverStarted }),
			FailedAdds:      mean(func(o *Outcome) int { return o.Pods.FailedAdds }),
			FailedAddCauses: map[string]int{},
		},
		Nodes: Nodes{
			FailedLaunch:  mean(func(o *Outcome) int { return o.Nodes.FailedLaunch }),
			AgentRestarts: mean(func(o *Outcome) int { return o.Nodes.AgentRestarts }),
		},
		Interfaces: Interfaces{LeakedEnd: mean(func(o *Outcome) int { return o.Interfaces.LeakedEnd })},
		API:        map[string]*Action{},
	}
	for _, each := range list {
		o.Nodes.Peak = max(o.Nodes.Peak, each.Nodes.Peak)
		o.Interfaces.Peak = max(o.Interfaces.Peak, each.Interfaces.Peak)
		o.Interfaces.LeakedPeak = max(o.Interfaces.LeakedPeak, each.Interfaces.LeakedPeak)
		for cause := range each.Pods.FailedAddCauses {
			o.Pods.FailedAddCauses[cause] = mean(func(o *Outcome) int { return o.Pods.FailedAddCauses[cause] })
		}
		for name := range each.API {
			if o.API[name] == nil {
				o.API[name] = poolAction(name, list, mean)
			}
		}
	}
	for i := range list[0].Subnets {
		o.Subnets = append(o.Subnets, poolSubnet(i, list))
	}
	return o
}

func poolAction(name string, list []*Outcome, mean func(func(*Outcome) int) int) *Action {
	of := func(read func(*Action) int) int {
		return mean(func(o *Outcome) int {
			if a := o.API[name]; a != nil {
				return read(a)
			}
			return 0
		})
	}
	a := &Action{
		Calls:     of(func(a *Action) int { return a.Calls }),
		Attempts:  of(func(a *Action) int { return a.Attempts }),
		Throttled: of(func(a *Action) int { return a.Throttled }),
		Errors:    map[string]int{},
		Other: Tenants{
			Attempts:  of(func(a *Action) int { return a.Other.Attempts }),
			Throttled: of(func(a *Action) int { return a.Other.Throttled }),
		},
	}
	for _, o := range list {
		if o.API[name] == nil {
			continue
		}
		for code := range o.API[name].Errors {
			if n := of(func(a *Action) int { return a.Errors[code] }); n > 0 {
				a.Errors[code] = n
			}
		}
	}
	return a
}

// poolSubnet takes peaks and minima over all replications. The worst and the
// last moment are those of the replication that came closest to exhaustion.
func poolSubnet(i int, list []*Outcome) Subnet {
	worst := slices.MinFunc(list, func(a, b *Outcome) int { return a.Subnets[i].FreeMin - b.Subnets[i].FreeMin })
	s := worst.Subnets[i]
	for _, o := range list {
		s.FreeBlocksMin = min(s.FreeBlocksMin, o.Subnets[i].FreeBlocksMin)
	}
	return s
}
