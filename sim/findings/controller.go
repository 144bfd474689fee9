package findings

import (
	"fmt"
	"math"
	"slices"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/result"
)

// controllers are what the controllers of kinds of workloads look after, in words.
var controllers = []struct{ kind, of, sends string }{
	{"Deployment", "ReplicaSets", "creations, deletions, events and updates of status"},
	{"Job", "Jobs", "creations, events, releases of pods that have finished, and updates of status"},
	{"DaemonSet", "DaemonSets", "creations, deletions, events and updates of status"},
}

// controllerBehind is about pods that were asked for and that nobody had created by the
// end of the run.
func controllerBehind(o *outcome, f *Facts) (result.Finding, bool) {
	if o.Pods.NotCreated == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeControllerBehind, PodsAffected: o.Pods.NotCreated,
		Summary: fmt.Sprintf("%s of %s were asked for, and their controller had not created them by the end of the run%s.",
			words.Count(o.Pods.NotCreated), words.Plural(o.Pods.Wanted, "pod"), o.inReplications(func(o *result.Outcome) int { return o.Pods.NotCreated })),
	}
	for _, c := range controllers {
		if kept, behind := pace(o.Workloads, c.kind); behind {
			found.Evidence = append(found.Evidence, fmt.Sprintf("The controller of %s %s; its client may send %s requests a second: %s.", c.of, kept, perSecond(f.creation.PerSecond), c.sends))
		}
	}
	if q := &o.Pods.Creation; q.P50.Reached() {
		found.Evidence = append(found.Evidence, fmt.Sprintf("Half of all pods were created within %s of being asked for.", words.Seconds(float64(q.P50), 1)))
	}
	found.Remedy = "A control plane with more requests a second (controlPlane.tier), fewer and larger Jobs or Deployments, which cost fewer updates of status, or the same pods over a longer time."
	if _, behind := pace(o.Workloads, "Job"); behind {
		found.Remedy += " Pods that a runner or a workflow engine makes itself (kind: Pod) wait for no controller."
	}
	found.Remedies = f.largerTiers()
	return found, true
}

// pace says what a kind's controller has made of what it was asked for.
func pace(sets []result.PodSet, kind string) (text string, behind bool) {
	var created, left, never int
	var seconds float64
	for i := range sets {
		if s := &sets[i]; s.Kind == kind && s.Controller != nil {
			created, left, never = created+s.Controller.Created, left+s.AtEnd.NotCreated, never+s.NotCreated
			seconds = max(seconds, float64(s.Controller.BehindSeconds))
		}
	}
	if never == 0 || seconds == 0 {
		return "", false
	}
	return fmt.Sprintf("created %s in the %s in which some were due, %s a second; %s were asked for and %s were due at the end",
		words.Plural(created, "pod"), words.Seconds(seconds, 0), perSecond(float64(created)/seconds), words.Count(created+left), words.Count(left)), true
}

// perSecond has two digits and more.
func perSecond(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.2g", rate)
	}
	return words.Count(portable.Int(math.Round(rate)))
}

// largerTiers are those whose controllers may ask the API server more often than the
// scenario's, the smallest first. Where a scenario gives the rate itself no tier changes
// it.
func (f *Facts) largerTiers() (remedies []result.Remedy) {
	of, known := controlplane.TierNamed(f.tier)
	if !known || of.PodCreation != f.creation {
		return nil
	}
	for _, name := range controlplane.ProvisionedTiers() {
		if t, _ := controlplane.TierNamed(name); t.PodCreation.PerSecond > f.creation.PerSecond {
			remedies = append(remedies, Remedy([]string{tierPath + "=" + name}))
		}
	}
	return remedies
}

const tierPath = "controlPlane.tier"

// controlPlane notes what controllers may send.
func (f *Facts) controlPlane(s *scenarios.Scenario) {
	f.tier, f.creation = s.ControlPlane.Tier, s.ControlPlane.PodCreation.Bucket()
}

// explainedBesides says whether a finding that is about pods which were created is a
// reason for which some never start.
func explainedBesides(o *result.Outcome, list []result.Finding) bool {
	return slices.ContainsFunc(list, func(f result.Finding) bool { return f.Mode != result.ModeControllerBehind && Explains(o, f) })
}
