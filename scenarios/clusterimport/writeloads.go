package clusterimport

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
)

// writeAutoscaler writes who adds nodes, where the files say it.
func (w *world) writeAutoscaler(p *page) {
	var groups []string
	for _, g := range w.groups {
		if strings.HasPrefix(g.label, "karpenter.sh/") {
			groups = append(groups, g.name)
		}
	}
	switch {
	case len(groups) > 0:
		p.line("autoscaler:")
		p.line("  kind: karpenter")
		p.line("  groups: %s", list(groups, plain))
		w.writeDisruption(p)
	case w.clusterAutoscaler():
		p.line("autoscaler: {kind: cluster-autoscaler}")
	default:
		p.line("# No autoscaler is in the files: the groups keep their numbers of nodes.")
	}
}

// writeDisruption writes what NodePools say of consolidation; of several that of
// the first.
func (w *world) writeDisruption(p *page) {
	if len(w.pools.list) == 0 {
		return
	}
	d := w.pools.list[0].Spec.Disruption
	after := cmp.Or(d.ConsolidateAfter, "0s")
	switch duration, err := time.ParseDuration(after); {
	case after == "Never":
		p.line("  scaleDown: false")
	case err == nil && duration >= 0 && duration <= 720*time.Hour:
		p.line("  scaleDownAfter: %s", short(duration))
	}
	if d.ConsolidationPolicy == "WhenEmpty" {
		p.line("  utilization: 0 # consolidationPolicy: WhenEmpty")
	}
}

// clusterAutoscaler says whether the Cluster Autoscaler is among the Deployments
// or the pods.
func (w *world) clusterAutoscaler() bool {
	for _, d := range w.deployments.list {
		if strings.Contains(d.Metadata.Name, "cluster-autoscaler") {
			return true
		}
	}
	for _, l := range w.loads {
		if strings.Contains(l.owner, "cluster-autoscaler") {
			return true
		}
	}
	return false
}

// writeWorkloads writes what keeps the pods.
func (w *world) writeWorkloads(p *page) {
	if len(w.loads) == 0 {
		p.line("workloads: []")
		return
	}
	p.line("workloads:")
	for _, l := range w.loads {
		p.line("  - name: %s%s", l.name, remark(l.remark()))
		w.writeKind(p, l)
		if l.hostNetwork {
			p.line("    hostNetwork: true")
		}
		if l.request != (request{}) {
			p.line("    resources: {cpu: %dm, memory: %dKi}", l.request.milliCPU, (l.request.bytes+1023)>>10)
		}
		l.at.write(p)
	}
}

func (l *workload) remark() string {
	switch l.kind {
	case "Deployment", "DaemonSet":
		return ""
	case "Pod":
		return "pods that nobody keeps"
	case "CronJob":
		if l.schedule == nil {
			return "CronJob: its pods run on, since no schedule of each hour is known"
		}
		return ""
	case "Job":
		return "Job: its pods run on, since their end is not known"
	}
	return l.kind
}

func (w *world) writeKind(p *page, l *workload) {
	switch {
	case l.kind == "DaemonSet":
		p.line("    kind: DaemonSet")
		if l.at.tolerant {
			p.line("    tolerateNotReady: true")
		}
	case l.schedule != nil:
		s := l.schedule
		p.line("    kind: Job")
		batch := ""
		if s.batch > 1 {
			batch = ", batch: " + strconv.Itoa(s.batch)
		}
		p.line("    arrivals: {every: %s, from: %s%s} # as if time 0 were the beginning of an hour", short(s.every), short(s.from), batch)
		life := "{min: " + short(s.shortest) + ", max: " + short(s.longest) + "} # as those that have ended"
		if s.shortest == s.longest {
			life = "{constant: " + short(s.shortest) + "}"
		}
		if s.assumed {
			life += " # assumed"
		}
		p.line("    lifetime: %s", life)
	default:
		if n := l.wanted(); n != l.running {
			p.line("    initial: %d # %d run; the others are wanted from time 0 on", n, l.running)
		}
		l.writeChanges(p)
		if l.budget != "" {
			p.line("    podDisruptionBudget: %s", l.budget)
		}
		if known, _ := l.spreads(); len(known) > 0 {
			p.line("    topologySpread: [%s]", strings.Join(known, ", "))
		}
	}
}

// writeVariants writes a variant in which HorizontalPodAutoscalers are at their
// most, if there are any.
func (w *world) writeVariants(p *page) {
	var lines []string
	for _, l := range w.loads {
		if l.mostReplicas > l.wanted() && l.kind != "DaemonSet" && l.schedule == nil {
			lines = append(lines, sprintf("      workloads.%s.replicas: [{at: 5m, count: %d, over: 5m}]", l.name, l.mostReplicas))
		}
	}
	if len(lines) == 0 {
		return
	}
	p.line("variants:")
	p.line("  - {name: default, description: As found.}")
	p.line("  - name: most-replicas")
	p.line("    description: %s", strconv.Quote("Each HorizontalPodAutoscaler at its maxReplicas from 10m on."))
	p.line("    set:")
	for _, l := range lines {
		p.line("%s", l)
	}
}

// leftOfNodes says which nodes are in a state that the scenario has not.
func (w *world) leftOfNodes() {
	var unready []string
	for _, m := range w.machines {
		for _, c := range m.node.Status.Conditions {
			if c.Type == "Ready" && c.Status != "True" {
				unready = append(unready, m.name)
			}
		}
	}
	if len(unready) > 0 {
		w.say("not Ready, and Ready in the scenario: %s", some(unready))
	}
}

// one is a thing that is there.
func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// left says what of the workloads is not carried.
func (w *world) left() {
	others, kinds := 0, map[string]int{}
	prefers, byPods, byNode := 0, 0, 0
	for _, l := range w.loads {
		if _, n := l.spreads(); n > 0 && l.kind != "DaemonSet" && l.schedule == nil {
			others += n
		}
		if l.kind != "DaemonSet" { // whose pods are where they are
			prefers, byPods, byNode = prefers+one(l.at.prefers), byPods+one(l.at.byPods), byNode+one(l.at.byNode)
		}
		switch l.kind {
		case "Deployment", "DaemonSet", "Pod", "CronJob", "Job":
		default:
			kinds[l.kind]++
		}
	}
	for _, k := range sorted(kinds) {
		w.say("%s: kept as a Deployment is", words.Plural(kinds[k], k))
	}
	for _, x := range []struct {
		n    int
		noun string
		why  string
	}{
		{byPods, "workload", "with affinity to other pods, or against them, which is not modelled: from time 0 on new pods may go elsewhere"},
		{byNode, "workload", "with an affinity to single nodes, which is not carried: from time 0 on new pods may go elsewhere"},
		{prefers, "workload", "with an affinity to nodes that is a preference, which is not modelled"},
		{others, "spread constraint", "over other domains than zones and hosts, which are not carried"},
		{w.soft, "taint", "of nodes with the effect PreferNoSchedule, which is not modelled"},
		{w.unprotected, "PodDisruptionBudget", "that is of no pods here, or selects by expressions: not carried"},
		{w.autoClasses, "NodeClass", "of EKS Auto Mode, which is not modelled: podSubnetSelectorTerms and advancedNetworking have no effect"},
	} {
		if x.n > 0 {
			w.say("%s %s", words.Plural(x.n, x.noun), x.why)
		}
	}
	w.leftOfNodes()
	for _, pool := range w.pools.list {
		name := words.Printable(pool.Metadata.Name)
		switch i := slices.IndexFunc(w.groups, func(g *group) bool { return g.pool == pool.Metadata.Name }); {
		case i < 0:
			w.say("the NodePool %s has no nodes and is left out", name)
		case len(pool.Spec.Template.Spec.Requirements) > 0:
			w.say("the requirements of the NodePool %s are not carried: new nodes are of the types that its nodes have", name)
		}
		for _, name := range sorted(pool.Spec.Limits) {
			if name != "cpu" && name != "memory" && name != "nodes" {
				w.say("the limit of %s of the NodePool %s is not carried", words.Printable(name), words.Printable(pool.Metadata.Name))
			}
		}
	}
}
