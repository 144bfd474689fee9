package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
)

// Where pods may go: labels, taints and rules of affinity, each as kube-scheduler
// has it. What a group's nodes have they have from the beginning, so that a workload
// may go to all nodes of a group or to none.

// Taint keeps pods away that do not tolerate it.
type Taint struct {
	Key    string `yaml:"key" required:"true" min:"1" doc:"Its key, for example dedicated."`
	Value  string `yaml:"value" doc:"Its value; empty unless given."`
	Effect string `yaml:"effect" enum:"NoSchedule,NoExecute" default:"NoSchedule" doc:"Both keep pods away that do not tolerate it. Nodes have it from the beginning, so that NoExecute has nobody to evict. PreferNoSchedule, a wish, is not modelled."`
}

// String is how kubectl taint has it.
func (t *Taint) String() string {
	if t.Value == "" {
		return t.Key + ":" + t.Effect
	}
	return t.Key + "=" + t.Value + ":" + t.Effect
}

// Toleration lets pods go where a taint is.
type Toleration struct {
	Key      string `yaml:"key" doc:"The key of the taint; with operator Exists and without a key all taints are tolerated."`
	Operator string `yaml:"operator" enum:"Equal,Exists" default:"Equal" doc:"Equal: the taint has this value. Exists: whatever its value."`
	Value    string `yaml:"value" doc:"The value of the taint, with Equal."`
	Effect   string `yaml:"effect" enum:"NoSchedule,PreferNoSchedule,NoExecute" doc:"The effect of the taint; any unless given."`
}

// Tolerates says whether a taint keeps no pods with this toleration away:
// ToleratesTaint of k8s.io/api/core/v1/toleration.go.
func (t *Toleration) Tolerates(x *Taint) bool {
	switch {
	case t.Effect != "" && t.Effect != x.Effect:
		return false
	case t.Key != "" && t.Key != x.Key:
		return false
	}
	return t.Operator == "Exists" || t.Value == x.Value
}

// NodeTerm is one of the alternatives of a required node affinity.
type NodeTerm struct {
	Expressions []NodeExpression `yaml:"matchExpressions" required:"true" min:"1" max:"100" doc:"What the labels of a node must be like, all of it."`
}

// NodeExpression asks something of one label of a node.
type NodeExpression struct {
	Key      string   `yaml:"key" required:"true" min:"1" doc:"The label."`
	Operator string   `yaml:"operator" required:"true" enum:"In,NotIn,Exists,DoesNotExist,Gt,Lt" doc:"In and NotIn: its value is one of values, or none; Exists and DoesNotExist: it is there, or not; Gt and Lt: it is a whole number above or below the one of values. A label that is not there is NotIn."`
	Values   []string `yaml:"values" max:"1000" doc:"What In and NotIn compare with, and the one number of Gt and Lt."`
}

// matches is Matches of k8s.io/apimachinery/pkg/labels/selector.go.
func (e *NodeExpression) matches(labels map[string]string) bool {
	value, has := labels[e.Key]
	switch e.Operator {
	case "In":
		return has && slices.Contains(e.Values, value)
	case "NotIn":
		return !has || !slices.Contains(e.Values, value)
	case "Exists":
		return has
	case "DoesNotExist":
		return !has
	}
	own, err := strconv.ParseInt(value, 10, 64)
	if !has || err != nil || len(e.Values) != 1 {
		return false
	}
	bound, err := strconv.ParseInt(e.Values[0], 10, 64)
	return err == nil && (e.Operator == "Gt" && own > bound || e.Operator == "Lt" && own < bound)
}

// RunsOn says whether the workload's pods may run on the group's nodes.
func (w *Workload) RunsOn(g *NodeGroup) bool {
	return w.selects(g) && w.untolerated(g) == nil
}

// selects says whether the group's labels are what the workload asks for.
func (w *Workload) selects(g *NodeGroup) bool {
	if !matches(w.NodeSelector, g.Labels) {
		return false
	}
	fits := func(t NodeTerm) bool {
		return !slices.ContainsFunc(t.Expressions, func(e NodeExpression) bool { return !e.matches(g.Labels) })
	}
	return len(w.NodeAffinity) == 0 || slices.ContainsFunc(w.NodeAffinity, fits)
}

// untolerated is a taint of the group that keeps the workload's pods away; nil for
// none.
func (w *Workload) untolerated(g *NodeGroup) *Taint {
	for i := range g.Taints {
		x := &g.Taints[i]
		if !slices.ContainsFunc(w.Tolerations, func(t Toleration) bool { return t.Tolerates(x) }) {
			return x
		}
	}
	return nil
}

func matches(selector, labels map[string]string) bool {
	for key, value := range selector {
		if got, ok := labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// checkTaints finds taints that cannot be.
func (c *checker) checkTaints(path, name string, g *NodeGroup) {
	seen := map[[2]string]bool{}
	for i := range g.Taints {
		t := &g.Taints[i]
		at := fmt.Sprintf("%s.taints.%d", path, i)
		if key := [2]string{t.Key, t.Effect}; c.usable("%s", at) && seen[key] {
			c.problem(c.at("%s", at), "%s: the taint %s with the effect %s is given twice", name, t.Key, t.Effect)
		} else {
			seen[key] = true
		}
	}
}

// checkPlacement finds tolerations and rules of affinity that cannot be, and warns
// of pods that may go to no group.
func (c *checker) checkPlacement(path, name string, w *Workload) {
	for i := range w.Tolerations {
		t := &w.Tolerations[i]
		at := fmt.Sprintf("%s.tolerations.%d", path, i)
		if !c.usable("%s", at) {
			continue
		}
		switch {
		case t.Operator == "Exists" && t.Value != "":
			c.problem(c.keyAt(at+".value"), "%s: operator Exists has no value", name)
		case t.Operator != "Exists" && t.Key == "" && c.readable("%s.operator", at):
			c.problem(c.at("%s", at), "%s: key was expected, or operator: Exists, which tolerates everything", name)
		}
	}
	for i := range w.NodeAffinity {
		for j := range w.NodeAffinity[i].Expressions {
			c.checkExpression(fmt.Sprintf("%s.nodeAffinity.%d.matchExpressions.%d", path, i, j), name, &w.NodeAffinity[i].Expressions[j])
		}
	}
	c.warnOfNowhere(path, name, w)
}

func (c *checker) checkExpression(at, name string, e *NodeExpression) {
	if !c.usable("%s", at) || !c.readable("%s.values", at) {
		return
	}
	switch e.Operator {
	case "In", "NotIn":
		if len(e.Values) == 0 {
			c.problem(c.at("%s", at), "%s: %s needs values", name, e.Operator)
		}
	case "Exists", "DoesNotExist":
		if len(e.Values) > 0 {
			c.problem(c.keyAt(at+".values"), "%s: %s has no values", name, e.Operator)
		}
	case "Gt", "Lt":
		if len(e.Values) != 1 {
			c.problem(c.at("%s", at), "%s: %s needs one value, a whole number", name, e.Operator)
		} else if _, err := strconv.ParseInt(e.Values[0], 10, 64); err != nil {
			c.problem(c.at("%s.values", at), "%s: %s needs a whole number, got %q", name, e.Operator, e.Values[0])
		}
	}
}

// warnOfNowhere warns of pods that may go to no node group.
func (c *checker) warnOfNowhere(path, name string, w *Workload) {
	var kept []string // by taints, of groups whose labels would do
	for i := range c.s.NodeGroups {
		g := &c.s.NodeGroups[i]
		if w.RunsOn(g) {
			return
		}
		if w.selects(g) {
			kept = append(kept, fmt.Sprintf("%s (%s)", g.Name, w.untolerated(g)))
		}
	}
	given := func(key string) string {
		if c.given("%s.%s", path, key) {
			return key
		}
		return ""
	}
	switch by := cmp.Or(given("nodeSelector"), given("nodeAffinity")); {
	case len(c.s.NodeGroups) == 0:
	case len(kept) > 0:
		at := c.at("%s", path)
		if key := cmp.Or(given("tolerations"), by); key != "" {
			at = c.keyAt(path + "." + key)
		}
		c.warning(at, "%s: its pods never start: they do not tolerate the %s of %s", name, map[bool]string{true: "taint", false: "taints"}[len(kept) == 1], few(kept))
	case by != "":
		c.warning(c.keyAt(path+"."+by), "%s: no node group has these labels: its pods never start", name)
	}
}

// placementText says in words where a workload's pods may go, as a sentence of its
// own; nothing where they may go anywhere.
func placementText(w *Workload) string {
	var parts []string
	for _, key := range sortedKeys(w.NodeSelector) {
		parts = append(parts, "labels "+key+"="+w.NodeSelector[key])
	}
	if len(w.NodeAffinity) > 0 {
		parts = append(parts, "labels "+affinityText(w.NodeAffinity))
	}
	text := ""
	if len(parts) > 0 {
		text = " Its nodes have " + strings.Join(parts, ", and ") + "."
	}
	if list := tolerated(w); len(list) > 0 {
		text += " It tolerates " + words.And(list) + "."
	}
	return text
}

// tolerated are taints in words.
func tolerated(w *Workload) (list []string) {
	for i := range w.Tolerations {
		switch t := &w.Tolerations[i]; {
		case t.Key == "":
			list = append(list, "every taint")
		case t.Value == "":
			list = append(list, "the taint "+t.Key)
		default:
			list = append(list, "the taint "+t.Key+"="+t.Value)
		}
	}
	return list
}

// affinityText says in words what labels a node must have.
func affinityText(terms []NodeTerm) string {
	var all []string
	for _, t := range terms {
		var list []string
		for _, e := range t.Expressions {
			text := e.Key + " " + e.Operator
			if len(e.Values) > 0 {
				text += " " + strings.Join(e.Values, ", ")
			}
			list = append(list, text)
		}
		all = append(all, strings.Join(list, " and "))
	}
	return strings.Join(all, ", or ")
}
