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
	case result.ModeSilentDrop:
		return troubled(o, result.WrongInterface)
	case result.ModeNoWayOut:
		return troubled(o, result.NoWayOut)
	case result.ModeMissingRules:
		return troubled(o, result.MissingRule)
	case result.ModeLostAddresses:
		return troubled(o, result.LostAddress)
	case result.ModeSharedAddresses:
		return troubled(o, result.Unrouted)
	case result.ModeStaleRules:
		return float64(o.Network.StaleRulesEnd)
	case result.ModeLeakedAddresses:
		return float64(o.Network.LeakedEnd)
	case result.ModeNotRecovered:
		return float64(len(o.Network.Broken))
	}
	return float64(f.PodsAffected)
}

// troubled counts defects of a kind, those that last twice.
func troubled(o *result.Outcome, kind result.DefectKind) float64 {
	n := 0
	for _, e := range o.Network.Of(kind) {
		n += e.Count + e.Lasting
	}
	return float64(n)
}

// failedRequests are those that failed, whatever for.
func failedRequests(o *result.Outcome) (n int) {
	// any order: integers are summed up
	for _, a := range o.API {
		n += a.Attempts - a.Successes()
	}
	return n
}

// Delays says whether a finding is about pods that start late.
func Delays(mode result.Mode) bool {
	switch mode {
	case result.ModeLatencyCliff, result.ModeCooldownStall, result.ModeAPIThrottling, result.ModeWaitInVain, result.ModeIPAMDDown, result.ModeMetadataOutage:
		return true
	}
	return false
}
