package scenarios

import "fmt"

// FaultRollNodes replaces the nodes of a group, as an upgrade does.
const FaultRollNodes FaultKind = "roll-nodes"

var rollNodes = faultKind{
	name: FaultRollNodes,
	keys: []string{"group", "maxUnavailable", "maxSurge", "force", "drainTimeout"},
	doc: "The nodes of a group are replaced by new ones, as for a new image; of every group unless one is named. A group that Karpenter does not manage is updated as a managed node group: " +
		"new nodes are launched (`maxSurge`), and once all that came are Ready, one in each zone at least, the old ones are closed; then `maxUnavailable` of them at a time are drained, each for `drainTimeout` at most, cordoned, and terminated after another minute, and the group launches what is missing; " +
		"at the end the group shrinks to what it was. It fails when the first new nodes are not Ready after 15 min (NodeCreationFailure), or when pods do not leave a node in time (PodEvictionFailure): then what is left of the old nodes is opened again, and the group shrinks. " +
		"With Karpenter the nodes have drifted: it replaces them one by one, as many at a time as the NodePool's disruption budget (`maxUnavailable`) lets it, each drained when replacements for its pods are Ready, and passes over a node while a budget protects one of its pods.",
	check: checkRollNodes,
	words: func(f *Fault) string {
		text := "the nodes"
		if f.Group != "" {
			text += " of " + f.Group
		}
		text += " are replaced"
		if f.MaxUnavailable != nil {
			text += fmt.Sprintf(", %s at a time", f.MaxUnavailable.Words())
		}
		if f.MaxSurge != nil {
			text += fmt.Sprintf(", %s more first", f.MaxSurge.Words())
		}
		if f.DrainTimeout != nil {
			text += fmt.Sprintf(", each drained for %s at most", f.DrainTimeout)
		}
		if f.Force {
			text += ", with force"
		}
		return text
	},
}

// checkRollNodes reports what Karpenter has not, and what can never come to an end.
func checkRollNodes(c *faultCheck) {
	f := c.fault
	for i := range c.s.NodeGroups {
		g := &c.s.NodeGroups[i]
		if f.Group != "" && g.Name != f.Group || !c.readable("nodeGroups.%d", i) {
			continue
		}
		if c.drifts(g) {
			for _, key := range []string{"maxSurge", "force", "drainTimeout"} {
				if c.has(key) {
					c.wrong(key, "finds the nodes of %s drifted, which Karpenter replaces by itself: it has no %s", g.Name, key)
				}
			}
		}
		c.checkBudgetsOn(g)
	}
}

// drifts says whether Karpenter replaces the group's nodes.
func (c *checker) drifts(g *NodeGroup) bool {
	return c.managed(g) && c.s.Autoscaler.Kind == "karpenter"
}

// checkBudgetsOn warns of a budget that never allows an eviction from the group's
// nodes.
func (c *faultCheck) checkBudgetsOn(g *NodeGroup) {
	for i := range c.s.Workloads {
		w := &c.s.Workloads[i]
		if w.Budget == nil || !w.RunsOn(g) || !c.readable("workloads.%d.podDisruptionBudget", i) {
			continue
		}
		if why := w.never(); why != "" && !c.fault.Force {
			c.warning(c.keyAt(fmt.Sprintf("workloads.%d.podDisruptionBudget", i)), "%s: %s: no node of %s with a pod of %s is ever drained, and %s does not come to its end", entry("workloads", i, w.Name), why, g.Name, w.Name, c.what)
		}
	}
}
