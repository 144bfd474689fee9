package findings

import (
	"fmt"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// These findings are about a daemon that cannot answer.

// crashLoop is how often a node's aws-node container ends, on average, where
// one speaks of a loop: our choice, above what a rollout and a node's own
// failures to start bring.
const crashLoop = 3

// looping says whether ipamd was in a crash loop.
func looping(o *outcome) bool { return o.Nodes.AgentRestarts >= crashLoop*max(1, o.Nodes.Peak) }

func ipamdDown(o *outcome, f *Facts) (result.Finding, bool) {
	failed, ended := o.Pods.FailedAddCauses[result.CauseIPAMDDown], o.Nodes.AgentRestarts
	looping := looping(o)
	if !looping && !o.matters(result.CauseIPAMDDown) {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeIPAMDDown, PodsAffected: o.met(result.CauseIPAMDDown),
		Summary:  "ipamd did not serve when pods needed it.",
		Remedy:   "Find out why the container ends (its last log, its exit code, its liveness probe); roll it out over fewer nodes at a time. No warm-pool setting helps: addresses that wait in the pool of a daemon that does not serve are out of reach.",
		Remedies: f.smallerSteps(),
	}
	if looping {
		found.Summary = "ipamd was in a crash loop, and did not serve when pods needed it."
		if failed == 0 {
			found.Summary = "ipamd was in a crash loop."
		}
	}
	nodes := "on up to " + words.Plural(o.Nodes.Peak, "node")
	if o.Nodes.Peak == 0 {
		nodes = "and no node became Ready"
		found.PodsAffected = max(found.PodsAffected, o.Pods.WaitingForNode)
	}
	if failed > 0 {
		found.Evidence = append(found.Evidence, words.Plural(failed, "CNI ADD")+" met a node whose ipamd did not serve. "+o.hit(result.CauseIPAMDDown))
	}
	if ended > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("aws-node containers ended %s%s, %s. Kubelet starts one again at once, and then after pauses that double from 10 s up to 5 min.",
			words.Plural(ended, "time"), f.madeBy(scenarios.FaultRestartIPAMD, scenarios.FaultRollAWSNode), nodes))
	}
	if refused := blocksRefused(o, f) + o.Errors(ec2model.CodeInsufficientFreeAddresses); looping && refused >= ended {
		found.Evidence = append(found.Evidence, fmt.Sprintf("A start that gets no address for its node's pods ends the container, and EC2 had none %s.", words.Plural(refused, "time")))
		found.Remedy = "Cure first what EC2 refuses: see the finding about the subnets. Nodes whose start it is become Ready by themselves then."
	}
	for _, g := range f.oneOfEach() {
		if looping && len(g.unconfigured) > 0 {
			found.Evidence = append(found.Evidence, fmt.Sprintf("Nodes of %s in zone %s have no ENIConfig: with custom networking ipamd does not get through its start there.", g.name, words.And(g.unconfigured)))
			found.Remedy = "Give each zone that nodes are in an ENIConfig, named as the zone is (eniConfig here)."
			found.Remedies = f.configured()
		}
	}
	found.Evidence = append(found.Evidence, notStarted(o)...)
	return found, true
}

func metadataOutage(o *outcome, f *Facts) (result.Finding, bool) {
	failed := o.Pods.FailedAddCauses[result.CauseMetadataDown]
	if !o.matters(result.CauseMetadataDown) {
		return result.Finding{}, false
	}
	remedies := f.restarts(scenarios.FaultMetadataDown)
	if f.cooldown {
		remedies = append(f.candidates(environment{"IP_COOLDOWN_PERIOD": "0"}), remedies...)
	}
	return result.Finding{
		Remedies: remedies,
		Mode:     result.ModeMetadataOutage, PodsAffected: o.met(result.CauseMetadataDown),
		Summary: "Instance metadata did not answer, and ipamd fails each ADD meanwhile, whatever its pool holds.",
		Evidence: append([]string{
			fmt.Sprintf("%s failed for it%s. %s", words.Plural(failed, "CNI ADD"), f.madeBy(scenarios.FaultMetadataDown), o.hit(result.CauseMetadataDown)),
			"Each gives its address back, which then cools down: soon the pool has none to give even where it is large, and those that find none are counted here.",
		}, notStarted(o)...),
		Remedy: "See who keeps the node from 169.254.169.254: the metadata service itself, a firewall rule, a hop limit, or too many requests. Pods start by themselves once it answers. No warm-pool setting changes that, nor does a restart of ipamd, which does not come up meanwhile.",
	}, true
}

// madeBy says that the scenario itself does it.
func (f *Facts) madeBy(kinds ...scenarios.FaultKind) string {
	for _, k := range kinds {
		if f.kinds[k] {
			return " (a fault of the scenario)"
		}
	}
	return ""
}
