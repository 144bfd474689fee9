package sim

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"ipamsim/scenarios"
)

// thresholds judges a variant by those conditions that are about it.
func (v *Variant) thresholds(list scenarios.ThresholdList) []Threshold {
	judged := []Threshold{}
	for _, t := range list {
		if name := t.Selector.Get("variant"); name != "" && name != v.Name {
			continue
		}
		j := Threshold{Metric: t.Key(), Expression: t.Expression}
		if value, unit, observed := v.metric(t); observed {
			value = rounded(value)
			j.Value, j.Unit, j.OK = &value, unit, t.Holds(value)
		}
		judged = append(judged, j)
	}
	return judged
}

// metric is the value of a threshold's metric under its aggregation. observed
// is false when there was nothing to measure: such a threshold fails. What is
// counted is the mean over the replications, not rounded: a pod that never
// started in one of ten is 0.1 and not 0.
func (v *Variant) metric(t scenarios.Threshold) (value float64, unit string, observed bool) {
	if trend, ok := v.trend(t.Metric); ok {
		return aggregate(trend, t), "s", len(trend) > 0
	}
	if kindOf(t.Metric) == scenarios.Gauge {
		value, observed = v.Outcome.metric(t)
		return value, "", observed
	}
	for i := range v.Replications {
		n, seen := v.Replications[i].Outcome.metric(t)
		value += n / float64(len(v.Replications))
		observed = observed || seen
	}
	return value, "", observed
}

// metric is the value of a counter or gauge in one outcome.
func (o *Outcome) metric(t scenarios.Threshold) (value float64, observed bool) {
	if read, ok := subnetMetrics[t.Metric]; ok {
		return o.overSubnets(t, read)
	}
	if read, ok := actionMetrics[t.Metric]; ok {
		return o.overActions(t, read)
	}
	switch t.Metric {
	case "pods_wanted":
		return float64(o.Pods.Wanted), true
	case "pods_running":
		return float64(o.Pods.Running), o.Pods.Wanted > 0
	case "pods_never_started":
		return float64(o.Pods.NeverStarted), o.Pods.Wanted > 0
	case "pod_failed_adds":
		return float64(o.Pods.FailedAdds), o.Pods.Wanted > 0
	case "agent_restarts":
		return float64(o.Nodes.AgentRestarts), true
	case "enis_peak":
		return float64(o.Interfaces.Peak), true
	case "enis_leaked_peak":
		return float64(o.Interfaces.LeakedPeak), true
	case "enis_leaked_end":
		return float64(o.Interfaces.LeakedEnd), true
	case "pods_dropping_peak":
		return float64(o.Network.DroppingPeak), true
	case "pods_dropping_end":
		return float64(o.Network.DroppingEnd), true
	case "pods_affected":
		return float64(o.Network.Affected), true
	case "stale_rules_end":
		return float64(o.Network.StaleRulesEnd), true
	case "leaked_addresses_end":
		return float64(o.Network.LeakedEnd), true
	case "recovery":
		if o.Network.Recovery == nil {
			return 0, false
		}
		return *o.Network.Recovery, true
	case "nodes_peak":
		return float64(o.Nodes.Peak), true
	case "nodes_failed_launches":
		return float64(o.Nodes.FailedLaunch), true
	}
	panic("sim: no value for the metric " + t.Metric)
}

func (v *Variant) trend(metric string) ([]float64, bool) {
	switch metric {
	case "pod_start":
		return v.StartSeconds, true
	case "pod_pending":
		return v.PendingSeconds, true
	case "pod_address_wait":
		return v.AddressWaitSeconds, true
	case "node_ready":
		return v.ReadySeconds, true
	}
	return nil, false
}

func aggregate(sorted []float64, t scenarios.Threshold) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	switch t.Aggregation {
	case "avg":
		return stat.Mean(sorted, nil)
	case "min":
		return sorted[0]
	case "med":
		return quantile(sorted, 0.5)
	case "max":
		return sorted[len(sorted)-1]
	case "p":
		return quantile(sorted, t.Percentile/100)
	}
	panic("sim: unknown aggregation " + t.Aggregation)
}

// subnetMetrics read one subnet. How several are summed up stands in the
// metric's Across.
var subnetMetrics = map[string]func(*Subnet) int{
	"subnet_free_min":         func(s *Subnet) int { return s.FreeMin },
	"subnet_free_blocks_min":  func(s *Subnet) int { return s.FreeBlocksMin },
	"subnet_allocated_peak":   func(s *Subnet) int { return s.AllocatedPeak },
	"subnet_assigned_at_peak": func(s *Subnet) int { return s.AssignedAtPeak },
	"subnet_assigned_end":     func(s *Subnet) int { return s.End.Assigned },
	"subnet_warm_end":         func(s *Subnet) int { return s.End.Warm },
	"subnet_cooling_end":      func(s *Subnet) int { return s.End.Cooling },
	"subnet_free_end":         func(s *Subnet) int { return s.End.Free },
	"subnet_unmanaged_end":    func(s *Subnet) int { return s.End.Unmanaged },
}

var actionMetrics = map[string]func(*Action, string) int{
	"api_calls":     func(a *Action, _ string) int { return a.Calls },
	"api_attempts":  func(a *Action, _ string) int { return a.Attempts },
	"api_throttled": func(a *Action, _ string) int { return a.Throttled },
	"api_errors": func(a *Action, code string) int {
		if code != "" {
			return a.Errors[code]
		}
		sum := 0
		for _, n := range a.Errors {
			sum += n
		}
		return sum
	},
}

func (o *Outcome) overSubnets(t scenarios.Threshold, read func(*Subnet) int) (float64, bool) {
	across := acrossOf(t.Metric)
	name := t.Selector.Get("subnet")
	result, observed := 0, false
	for i := range o.Subnets {
		s := &o.Subnets[i]
		if name != "" && s.Name != name {
			continue
		}
		n := read(s)
		switch {
		case !observed:
			result = n
		case across == "lowest":
			result = min(result, n)
		case across == "highest":
			result = max(result, n)
		default:
			result += n
		}
		observed = true
	}
	return float64(result), observed
}

// overActions sums over actions. An action that nobody called was observed to
// have no traffic.
func (o *Outcome) overActions(t scenarios.Threshold, read func(*Action, string) int) (float64, bool) {
	name, code := t.Selector.Get("action"), t.Selector.Get("code")
	sum := 0
	for action, a := range o.API {
		if name == "" || action == name {
			sum += read(a, code)
		}
	}
	return float64(sum), true
}

func kindOf(metric string) scenarios.MetricKind { return about(metric).Kind }

func acrossOf(metric string) string { return about(metric).Across }

func about(metric string) scenarios.Metric {
	for _, m := range scenarios.Metrics {
		if m.Name == metric {
			return m
		}
	}
	panic("sim: the reader let the metric " + metric + " pass")
}
