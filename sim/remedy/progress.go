package remedy

import (
	"slices"

	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// The modes, the gravest first: where packets are lost, where pods start late or
// never, and where requests fail or addresses are spent. Where no remedy is without
// a price, they say which finding is the better one to be left with. The order is
// our assumption.
var (
	ofPackets = []result.Mode{
		result.ModeSilentDrop, result.ModeNoWayOut, result.ModeMissingRules, result.ModeLostAddresses, result.ModeSharedAddresses, result.ModeNotRecovered,
	}
	ofPods = []result.Mode{
		result.ModeNoSubnet, result.ModeSubnetExhaustion, result.ModeFragmentation, result.ModeQuota, result.ModeENILimit, result.ModePoolAtMinimum,
		result.ModeCordonedNodes, result.ModePluginFailures, result.ModeUnschedulable, result.ModeControllerBehind, result.ModePodsNotStarted,
		result.ModeIPAMDDown, result.ModeMetadataOutage, result.ModeWaitInVain, result.ModeCooldownStall, result.ModeLatencyCliff,
	}
	ofCosts = []result.Mode{
		result.ModeAPIErrors, result.ModeAPIThrottling, result.ModeLeakedInterfaces, result.ModeLeakedAddresses, result.ModeStaleRules,
		result.ModeKeptInterfaces, result.ModeInterfaceChurn, result.ModeWarmPoolOverhead, result.ModeFaultWithoutEffect,
	}
	gravest = slices.Concat(ofPackets, ofPods, ofCosts)
)

// progress says whether a change is: less is wrong after it, the gravest first.
// All states have one order, so that changes that are each progress never lead back
// to where they began. Without it the remedy against one finding may bring another,
// the remedy against that one may bring the first, and what is recommended in the
// end depends on where one began.
func progress(before, after *state) bool {
	return slices.Compare(after.wrongs(), before.wrongs()) < 0
}

// wrongs are what is wrong in a state, the gravest first: pods that never start,
// packets that are lost, pods that wait and how long, then which findings there are,
// and at last how much trouble each of these is. Of two states the better one has
// the lower number where they first differ. How long pods wait counts by its
// doublings, so that a cost is worth a little of it, as it is to worse.
func (s *state) wrongs() []float64 {
	o := s.outcome
	lasting, waiting, reasons := 0, 0, 0
	for _, f := range s.findings {
		lasting += s.lasting(f.Mode)
		if slices.Contains(ofPods, f.Mode) {
			waiting += f.PodsAffected
			reasons++
		}
	}
	p99 := min(float64(o.Pods.Start.P99), endless)
	list := []float64{
		float64(o.Pods.NeverStarted), float64(o.Network.DroppingEnd), float64(o.Network.Affected),
		level(float64(lasting), helpsShare), level(float64(waiting)*p99, 0.5), float64(reasons),
	}
	for _, mode := range gravest {
		list = append(list, s.presence(mode))
	}
	list = append(list, level(p99, helpsShare))
	for _, mode := range gravest {
		list = append(list, level(s.trouble(mode), helpsShare))
	}
	return list
}

// presence of a finding: 0 where there is none, 1 where there was, 2 where what it
// is about lasts to the end.
func (s *state) presence(mode result.Mode) float64 {
	switch _, is := s.of(mode); {
	case s.lasting(mode) > 0:
		return 2
	case is:
		return 1
	}
	return 0
}

// trouble of a finding, 0 where there is none.
func (s *state) trouble(mode result.Mode) float64 {
	f, is := s.of(mode)
	if !is {
		return 0
	}
	return findings.Trouble(f, s.outcome.Outcome)
}

// endless stands for the seconds of what never ends.
const endless = 1e6

// level is a number's place on a scale whose steps each take a share of it away. What
// goes down by that share is a step lower at least; most of what another order of the
// same events makes stays where it is.
func level(n, share float64) (steps float64) {
	for ; n >= 1; n *= 1 - share {
		steps++
	}
	return steps
}
