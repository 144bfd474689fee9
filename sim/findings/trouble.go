package findings

import "ipamsim/sim/result"

// Trouble measures what a finding is about, in an outcome of the scenario or of
// one with a remedy: the pods that it affects, or where it is about costs or
// about what stays behind, the number of those. Less is better; the numbers of
// two modes do not compare.
func Trouble(f result.Finding, o *result.Outcome) float64 {
	switch f.Mode {
	case result.ModeAPIThrottling:
		return float64(o.Throttled())
	case result.ModeAPIErrors:
		return float64(f.PodsAffected + failedRequests(o))
	case result.ModeInterfaceChurn:
		return float64(o.Interfaces.Vain)
	case result.ModeLeakedInterfaces:
		return float64(o.Interfaces.LeakedPeak + o.Interfaces.LeakedEnd)
	case result.ModeWarmPoolOverhead:
		return float64(o.Spare())
	case result.ModeStaleRules:
		return float64(o.Network.StaleRulesEnd)
	case result.ModeLeakedAddresses:
		return float64(o.Network.LeakedEnd)
	case result.ModeNotRecovered:
		return float64(len(o.Network.Broken))
	}
	if kind, known := defects[f.Mode]; known { // those that last count twice
		list := o.Network.Of(kind)
		return float64(total(list) + lasting(list))
	}
	return float64(f.PodsAffected)
}

// defects are what findings about the network are made of.
var defects = map[result.Mode]result.DefectKind{
	result.ModeSilentDrop:      result.WrongInterface,
	result.ModeNoWayOut:        result.NoWayOut,
	result.ModeMissingRules:    result.MissingRule,
	result.ModeLostAddresses:   result.LostAddress,
	result.ModeSharedAddresses: result.Unrouted,
	result.ModeStaleRules:      result.StaleRule,
	result.ModeLeakedAddresses: result.LeakedAddress,
}

// Lasting is how much of what a finding about the network is about lasts to the
// end of an outcome; 0 of other findings.
func Lasting(mode result.Mode, o *result.Outcome) int {
	kind, known := defects[mode]
	if !known {
		return 0
	}
	return lasting(o.Network.Of(kind))
}

// failedRequests are those that failed, whatever for.
func failedRequests(o *result.Outcome) (n int) {
	// any order: integers are summed up
	for _, a := range o.API {
		n += a.Attempts - a.Successes()
	}
	return n
}

// CountsPods says whether a finding's trouble is the number of pods that it is
// about.
func CountsPods(mode result.Mode) bool { return Delays(mode) && mode != result.ModeAPIThrottling }

// Delays says whether a finding is about pods that start late.
func Delays(mode result.Mode) bool {
	switch mode {
	case result.ModeLatencyCliff, result.ModeCooldownStall, result.ModeAPIThrottling, result.ModeWaitInVain, result.ModeIPAMDDown, result.ModeMetadataOutage:
		return true
	}
	return false
}
