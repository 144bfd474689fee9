package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// Against what passes by itself there is no setting, and people restart things.
// What that does is tried, half a minute into a disturbance and half a minute
// after its end: mostly it is nothing, or worse, and that is worth knowing.

// span is when a disturbance of the scenario begins first and ends last.
type span struct{ from, to time.Duration }

// spansOf are those of a scenario's faults that last, by their kind. One without
// an end lasts to that of the run.
func spansOf(s *scenarios.Scenario) map[scenarios.FaultKind][]span {
	spans := map[scenarios.FaultKind][]span{}
	for i := range s.Faults {
		f := &s.Faults[i]
		if !f.Lasts() {
			continue
		}
		end := time.Duration(s.Duration)
		if f.For != nil && (f.Every == nil || f.Times > 0) {
			last := time.Duration(f.At) + time.Duration(*f.For)
			if f.Every != nil {
				last += time.Duration(f.Times-1) * time.Duration(*f.Every)
			}
			end = min(end, last)
		}
		spans[f.Kind] = append(spans[f.Kind], span{time.Duration(f.At), end})
	}
	return spans
}

// restarts are restarts of ipamd on all nodes, during disturbances of these kinds
// and after them, where the run still shows what they do.
func (f *Facts) restarts(kinds ...scenarios.FaultKind) (remedies []result.Remedy) {
	for _, kind := range kinds {
		for _, s := range f.spans[kind] {
			for _, at := range []time.Duration{s.from, s.to} {
				at = (max(0, at) + repairGrid - 1).Truncate(repairGrid)
				set, last := repair{restart: true}.steps(at)
				known := slices.ContainsFunc(remedies, func(r result.Remedy) bool { return slices.Equal(r.Set, set) })
				if !known && last+repairSeen <= f.duration {
					remedies = append(remedies, Remedy(set))
				}
			}
		}
	}
	return remedies
}

// rollout is a rolling update of aws-node on the timeline.
type rollout struct {
	path           string // faults.0
	maxUnavailable scenarios.IntOrPercent
}

func rolloutsOf(s *scenarios.Scenario) (list []rollout) {
	for i := range s.Faults {
		if f := &s.Faults[i]; f.Kind == scenarios.FaultRollAWSNode {
			list = append(list, rollout{fmt.Sprintf("faults.%d", i), f.MayBeUnavailable()})
		}
	}
	return list
}

// gentler are the shares of nodes that a rolling update is tried with: the shipped
// manifest's, and a tenth of it. The latter is our choice.
var gentler = []scenarios.IntOrPercent{{Number: 10, Percent: true}, {Number: 1, Percent: true}}

// What the override and the command of a gentler rolling update are.
const (
	unavailableKey = ".maxUnavailable="
	patchAWSNode   = `kubectl patch daemonset aws-node -n kube-system -p '{"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":"%s"}}}}'`
)

// smallerSteps are rolling updates with fewer nodes at a time. A number of nodes is
// left alone: which share it is depends on the fleet.
func (f *Facts) smallerSteps() (remedies []result.Remedy) {
	for _, share := range gentler {
		var set []string
		for _, r := range f.rollouts {
			if r.maxUnavailable.Percent && r.maxUnavailable.Number > share.Number {
				set = append(set, r.path+unavailableKey+share.String())
			}
		}
		if len(set) > 0 {
			remedies = append(remedies, Remedy(set))
		}
	}
	return remedies
}

// patchCommand is the command for the override of a rolling update's step, if it
// is one.
func patchCommand(set string) (string, bool) {
	path, share, is := strings.Cut(set, unavailableKey)
	if !is || !strings.HasPrefix(path, "faults.") || strings.Contains(strings.TrimPrefix(path, "faults."), ".") {
		return "", false
	}
	return fmt.Sprintf(patchAWSNode, share), true
}

func isPatch(set string) bool {
	_, is := patchCommand(set)
	return is
}

// SlowsRollout says whether overrides let a rolling update of aws-node take smaller
// steps.
func SlowsRollout(set []string) bool { return slices.ContainsFunc(set, isPatch) }

// configured gives each zone without an ENIConfig one with the nodes' own subnet
// there: interfaces of pods are then where those of nodes are. Nothing where a zone
// has no subnet of the nodes.
func (f *Facts) configured() []result.Remedy {
	var set []string
	for _, g := range f.oneOfEach() {
		for _, zone := range g.unconfigured {
			set = append(set, fmt.Sprintf("nodeGroups.%s.eniConfig.%s=%s", g.name, zone, g.inZone[zone]))
		}
	}
	if len(set) == 0 {
		return nil
	}
	return []result.Remedy{Remedy(set)}
}
