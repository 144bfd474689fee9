package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
)

// Explain says in a few sentences what will happen: the address space, the
// fleet, what it runs, what disturbs it, and what must hold.
func Explain(s *Scenario) string {
	var sentences []string
	add := func(text string) {
		if text != "" {
			sentences = append(sentences, text)
		}
	}
	add(explainSubnets(s))
	add(explainMeasured(s.Measured))
	for i := range s.NodeGroups {
		add(explainGroup(s, &s.NodeGroups[i]))
	}
	for i := range s.Deployed {
		add(explainDeployed(&s.Deployed[i]))
	}
	add(explainAutoscaler(s))
	for i := range s.Workloads {
		add(explainWorkload(&s.Workloads[i]))
	}
	add(explainBackground(s))
	for i := range s.Faults {
		add(explainFault(s, &s.Faults[i]))
	}
	add(fmt.Sprintf("The run takes %s of virtual time after a warm-up of %s%s.", s.Duration, s.WarmUp, replicated(s.Replications)))
	sentences = append(sentences, explainConditions(s)...)
	return strings.Join(sentences, "\n")
}

func replicated(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times in different random worlds", n)
}

func explainSubnets(s *Scenario) string {
	total, used := 0, 0
	zones := map[string]bool{}
	for _, subnet := range s.VPC.Subnets {
		total += subnet.Usable()
		zones[subnet.AZ] = true
		for _, u := range subnet.Used {
			used += u.Count
			for _, p := range u.Addresses {
				used += p.Size()
			}
		}
	}
	text := fmt.Sprintf("%s in %s with %s", words.Plural(len(s.VPC.Subnets), "subnet"),
		words.Plural(len(zones), "Availability Zone"), words.Count(total)+" usable addresses")
	if used > 0 {
		text += fmt.Sprintf(", of which others use %s", words.Count(used))
	}
	return text + "." + explainTags(s)
}

// explainTags says what subnet discovery makes of the tags.
func explainTags(s *Scenario) string {
	tagged := map[string][]string{}
	for _, subnet := range s.VPC.Subnets {
		value := subnet.Tags["kubernetes.io/role/cni"]
		tagged[value] = append(tagged[value], subnet.Name)
	}
	looks := slices.ContainsFunc(s.NodeGroups, func(g NodeGroup) bool { d := g.daemon(); return d.SubnetDiscovery && !d.CustomNetworking })
	text := ""
	if names := tagged["1"]; len(names) > 0 && looks {
		text += fmt.Sprintf(" ipamd may make interfaces in %s, too, for nodes of the same zone (kubernetes.io/role/cni=1).", words.And(names))
	}
	if names := tagged["0"]; len(names) > 0 {
		text += fmt.Sprintf(" It makes none in %s (kubernetes.io/role/cni=0), and pods get no address of a node's first interface there.", words.And(names))
	}
	return text
}

func explainGroup(s *Scenario, g *NodeGroup) string {
	text := fmt.Sprintf("Node group %s: %s of type %s", g.Name, words.Plural(g.Count, "node"), strings.Join(g.Types(), ", else "))
	if g.Spot() {
		text += " on spot"
		if g.Interruptions > 0 {
			text += fmt.Sprintf(", of which EC2 takes each back after %g h in the mean", 1/g.Interruptions)
		}
	}
	for _, step := range g.Steps {
		text += ", " + explainStep(step)
	}
	limits, _ := g.Limits(g.InstanceType)
	text += fmt.Sprintf(". A node has up to %d interfaces with %d addresses each, one of them the interface's own",
		limits.DefaultCardENIs(), limits.IPv4PerENI)
	text += fmt.Sprintf(", and runs at most %d pods", g.PodLimit())
	return text + ". " + explainCustom(g) + explainPool(g.daemon()) + "."
}

// explainCustom says where interfaces for pods are made with custom networking.
func explainCustom(g *NodeGroup) string {
	if !g.daemon().CustomNetworking {
		return ""
	}
	var places []string
	for _, zone := range sortedKeys(g.ENIConfig) {
		places = append(places, fmt.Sprintf("%s in zone %s", g.ENIConfig[zone], zone))
	}
	if len(places) == 0 {
		return "Custom networking without an ENIConfig: no interface for pods can be made. "
	}
	return fmt.Sprintf("Custom networking: interfaces for pods are made in %s (eniConfig), and pods never use a node's first interface. ", words.And(places))
}

// explainPool says which target is in force, in the daemon's precedence.
func explainPool(d *ipamd.Config) string {
	unit := ""
	if d.PrefixDelegation {
		unit = " in prefixes of 16"
	}
	switch {
	case d.WarmIPTarget > 0 && d.MinimumIPTarget > 0:
		return fmt.Sprintf("ipamd holds at least %s%s and keeps %d of them free (WARM_IP_TARGET, MINIMUM_IP_TARGET)", addresses(d.MinimumIPTarget), unit, d.WarmIPTarget)
	case d.WarmIPTarget > 0:
		return fmt.Sprintf("ipamd keeps %s free%s (WARM_IP_TARGET)", addresses(d.WarmIPTarget), unit)
	case d.MinimumIPTarget > 0:
		return fmt.Sprintf("ipamd holds at least %s%s and keeps none free above that (MINIMUM_IP_TARGET)", addresses(d.MinimumIPTarget), unit)
	case d.PrefixDelegation:
		return fmt.Sprintf("ipamd keeps %s free (WARM_PREFIX_TARGET)", counted(d.WarmPrefixTarget, "prefix of 16 addresses", "prefixes of 16 addresses"))
	}
	return fmt.Sprintf("ipamd keeps the addresses of %s free (WARM_ENI_TARGET)", counted(d.WarmENITarget, "interface", "interfaces"))
}

func addresses(n int) string { return counted(n, "address", "addresses") }

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func explainStep(step CountStep) string {
	if step.Over != nil && *step.Over > 0 {
		return fmt.Sprintf("a ramp to %s between %s and %s", words.Count(step.Count), step.At, step.At+*step.Over)
	}
	return fmt.Sprintf("%s at %s", words.Count(step.Count), step.At)
}

func explainAutoscaler(s *Scenario) string {
	a := s.Autoscaler
	if a == nil {
		return ""
	}
	text := fmt.Sprintf("A %s autoscaler adds nodes for pods that fit nowhere", map[string]string{
		"karpenter": "Karpenter-like", "cluster-autoscaler": "Cluster-Autoscaler-like"}[a.Kind])
	if a.ScaleDown != nil && !*a.ScaleDown {
		return text + " and removes none."
	}
	return text + " and removes those that are no longer needed."
}

func explainWorkload(w *Workload) string {
	text := w.Kind + " " + w.Name + ": "
	switch w.Kind {
	case "Deployment":
		text += fmt.Sprintf("%s at the start", words.Plural(w.Initial, "pod"))
		for _, step := range w.Replicas {
			text += ", " + explainStep(step)
		}
	case "DaemonSet":
		text += "one pod per node"
	case "Job", "Pod":
		text += explainArrivals(w.Arrivals)
	case "Trace":
		text += "the pods that " + w.File + " lists"
	}
	if b := w.Budget; b != nil {
		if b.MaxUnavailable != nil {
			text += fmt.Sprintf(", of which drains may take away %s at a time (podDisruptionBudget)", b.MaxUnavailable.Words())
		} else {
			text += fmt.Sprintf(", of which drains must leave %s (podDisruptionBudget)", b.MinAvailable.Words())
		}
	}
	if w.HostNetwork {
		text += " on the host's network, without an address of its own"
	}
	return text + "." + placementText(w)
}

func explainArrivals(a *Arrivals) string {
	if a == nil {
		return ""
	}
	what, many := "pod", "pods"
	if a.Batch > 1 {
		what, many = fmt.Sprintf("batch of %d pods", a.Batch), fmt.Sprintf("batches of %d pods", a.Batch)
	}
	text := fmt.Sprintf("%g %s a second on average", a.Rate, many)
	if a.Every != nil {
		text = fmt.Sprintf("one %s every %s", what, *a.Every)
	}
	if a.From != 0 {
		text += " from " + a.From.String()
	}
	if a.To != nil {
		text += " until " + a.To.String()
	}
	return text
}

func explainBackground(s *Scenario) string {
	if len(s.EC2.Background) == 0 {
		return ""
	}
	var calls []string
	for _, b := range s.EC2.Background {
		calls = append(calls, fmt.Sprintf("%s (%g a second)", b.Action, b.Rate))
	}
	return "Other tenants of the account call " + words.And(calls) + "."
}
