package remedy

import (
	"slices"

	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// state is a run with the words for it.
type state struct {
	outcome  *result.Measured
	findings []result.Finding
}

func stateOf(v *result.Variant) state {
	return state{&result.Measured{Outcome: &v.Outcome, Replications: v.Replications}, v.Findings}
}

// of is the finding of a mode, if there is one.
func (s *state) of(mode result.Mode) (result.Finding, bool) {
	i := slices.IndexFunc(s.findings, func(f result.Finding) bool { return f.Mode == mode })
	if i < 0 {
		return result.Finding{Mode: mode}, false
	}
	return s.findings[i], true
}

// What counts as worse or better. A start is longer by this share and by this
// many seconds at once: less is what another order of the same events makes.
// To help, a remedy takes away a fifth at least: our assumption, less is not
// worth a change of a cluster.
const (
	longerShare   = 1.25
	longerSeconds = 2
	helpsShare    = 0.2
)

// worse says whether any objective is: more pods that never start, a longer
// start, packets lost.
func worse(before, after *state) bool {
	b, a := before.outcome, after.outcome
	return a.Pods.NeverStarted > b.Pods.NeverStarted ||
		a.Network.Affected > b.Network.Affected || a.Network.DroppingEnd > b.Network.DroppingEnd ||
		longer(b.Pods.Start.P99, a.Pods.Start.P99) || longer(b.Pods.Pending.P99, a.Pods.Pending.P99)
}

// longer compares quantiles, which are infinite where that share never starts.
func longer(before, after result.Seconds) bool {
	if !before.Reached() || !after.Reached() {
		return before.Reached()
	}
	return after > longerShare*before && after > before+longerSeconds
}

// trades says whether other pods than before have trouble: more whose first
// ADD fails, by a hundredth of all, though no more start or keep their packets.
func trades(before, after *state) bool {
	b, a := before.outcome, after.outcome
	if a.Pods.NeverStarted < b.Pods.NeverStarted || a.Network.Affected < b.Network.Affected || a.Network.DroppingEnd < b.Network.DroppingEnd {
		return false
	}
	return 100*(a.Refused()-b.Refused()) > b.Pods.Wanted
}

// judge says what became of a finding, and which share of its trouble went;
// an empty verdict is that the change is no remedy.
func judge(mode result.Mode, before, after *state) (result.Verdict, float64) {
	if worse(before, after) || trades(before, after) || !progress(before, after) {
		return "", 0
	}
	f, _ := before.of(mode)
	left, still := after.of(mode)
	b, a := findings.Trouble(f, before.outcome.Outcome), findings.Trouble(left, after.outcome.Outcome)
	eased := easedShare(f, before, after)
	if !still && eased >= 1-helpsShare && (!findings.Explains(before.outcome.Outcome, f) || after.outcome.Pods.NeverStarted <= max(0, before.outcome.Pods.NeverStarted-f.PodsAffected)) {
		return result.Cures, 1
	}
	if repaired(mode, before, after) {
		return result.Cures, 1
	}
	gain := 0.0
	if b > 0 {
		gain = (b - a) / b
	}
	if findings.CountsPods(mode) {
		gain = min(gain, eased)
	}
	if findings.Delays(mode) && longer(after.outcome.Pods.Start.P99, before.outcome.Pods.Start.P99) {
		gain = max(gain, helpsShare)
	}
	if gain < helpsShare {
		return "", 0
	}
	return result.Helps, gain
}

// easedShare is the share of the pods that a finding is about which wait no longer.
// Pods may lose one reason to wait and keep another: of several failed ADDs those
// for one cause are gone, and the pod starts as late as before. Then a finding that
// is gone is not cured.
func easedShare(f result.Finding, before, after *state) float64 {
	if !findings.Delays(f.Mode) {
		return 1
	}
	b, a := before.outcome.Waited(), after.outcome.Waited()
	about := min(f.PodsAffected, b)
	if about == 0 {
		return 1
	}
	return float64(b-a) / float64(about)
}

// repaired says whether what a finding is about lasted to the end somewhere, and
// does nowhere any more: what has happened stays said, and is over. An outcome of
// several replications has the story of one, so that each is asked.
func repaired(mode result.Mode, before, after *state) bool {
	return before.lasting(mode) > 0 && after.lasting(mode) == 0
}

func (s *state) lasting(mode result.Mode) (n int) {
	for i := range s.outcome.Replications {
		n += findings.Lasting(mode, &s.outcome.Replications[i].Outcome)
	}
	return n
}
