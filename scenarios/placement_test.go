package scenarios

import (
	"strings"
	"testing"
)

// Which groups a workload may go to is what kube-scheduler makes of labels, taints
// and tolerations. Cases of TestToleratesTaint in k8s.io/api/core/v1 and of
// TestPodFitsSelector in k8s.io/kubernetes/pkg/scheduler are among them.
func TestPodsGoWhereKubernetesLetsThem(t *testing.T) {
	group := &NodeGroup{Name: "g", Labels: map[string]string{"foo": "bar", "gpus": "6"}, Taints: []Taint{{Key: "dedicated", Value: "gpu", Effect: "NoSchedule"}}}
	plain := &NodeGroup{Name: "h", Labels: group.Labels}
	all := []Toleration{{Operator: "Exists"}}
	terms := func(list ...NodeExpression) []NodeTerm { return []NodeTerm{{list}} }
	for _, c := range []struct {
		name string
		w    Workload
		on   *NodeGroup
		want bool
	}{
		{"no toleration", Workload{}, group, false},
		{"no taint", Workload{}, plain, true},
		{"equal", Workload{Tolerations: []Toleration{{Key: "dedicated", Operator: "Equal", Value: "gpu", Effect: "NoSchedule"}}}, group, true},
		{"equal of any effect", Workload{Tolerations: []Toleration{{Key: "dedicated", Value: "gpu"}}}, group, true},
		{"another value", Workload{Tolerations: []Toleration{{Key: "dedicated", Operator: "Equal", Value: "cpu"}}}, group, false},
		{"another effect", Workload{Tolerations: []Toleration{{Key: "dedicated", Operator: "Exists", Effect: "NoExecute"}}}, group, false},
		{"another key", Workload{Tolerations: []Toleration{{Key: "dedicate", Operator: "Exists"}}}, group, false},
		{"exists", Workload{Tolerations: []Toleration{{Key: "dedicated", Operator: "Exists"}}}, group, true},
		{"everything", Workload{Tolerations: all}, group, true},
		{"labels", Workload{NodeSelector: map[string]string{"foo": "bar"}}, plain, true},
		{"other labels", Workload{NodeSelector: map[string]string{"foo": "baz"}, Tolerations: all}, group, false},
		{"in", Workload{NodeAffinity: terms(NodeExpression{"foo", "In", []string{"bar", "value2"}})}, plain, true},
		{"in others", Workload{NodeAffinity: terms(NodeExpression{"foo", "In", []string{"value1", "value2"}})}, plain, false},
		{"in of what is not there", Workload{NodeAffinity: terms(NodeExpression{"zone", "In", []string{""}})}, plain, false},
		{"not in", Workload{NodeAffinity: terms(NodeExpression{"mem-type", "NotIn", []string{"DDR", "DDR2"}})}, plain, true},
		{"not in, and in", Workload{NodeAffinity: terms(NodeExpression{"foo", "NotIn", []string{"bar"}})}, plain, false},
		{"exists", Workload{NodeAffinity: terms(NodeExpression{"foo", "Exists", nil})}, plain, true},
		{"does not exist", Workload{NodeAffinity: terms(NodeExpression{"foo", "DoesNotExist", nil})}, plain, false},
		{"greater", Workload{NodeAffinity: terms(NodeExpression{"gpus", "Gt", []string{"5"}})}, plain, true},
		{"not greater", Workload{NodeAffinity: terms(NodeExpression{"gpus", "Gt", []string{"6"}})}, plain, false},
		{"less", Workload{NodeAffinity: terms(NodeExpression{"gpus", "Lt", []string{"7"}})}, plain, true},
		{"no number", Workload{NodeAffinity: terms(NodeExpression{"foo", "Lt", []string{"7"}})}, plain, false},
		{"all of a term", Workload{NodeAffinity: terms(NodeExpression{"foo", "Exists", nil}, NodeExpression{"gpus", "Lt", []string{"6"}})}, plain, false},
		{"one of the terms", Workload{NodeAffinity: append(terms(NodeExpression{"foo", "In", []string{"x"}}), terms(NodeExpression{"gpus", "Exists", nil})...)}, plain, true},
		{"a term and a selector", Workload{NodeSelector: map[string]string{"foo": "baz"}, NodeAffinity: terms(NodeExpression{"gpus", "Exists", nil})}, plain, false},
	} {
		if got := c.w.RunsOn(c.on); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What may go nowhere is warned of, and what cannot be is refused.
func TestPlacementThatComesToNothing(t *testing.T) {
	tainted := with("count: 3", "count: 3\n    labels: {tier: own}\n    taints: [{key: dedicated, value: gpu}]")
	for _, c := range []struct{ name, text, want string }{
		{"a taint", tainted, "f.yaml:16:5: workloads.web: its pods never start: they do not tolerate the taint of workers (dedicated=gpu:NoSchedule)"},
		{"a toleration of another", tainted + "    tolerations: [{key: dedicated, value: cpu}]\n", "f.yaml:19:5: workloads.web: its pods never start: they do not tolerate the taint of workers (dedicated=gpu:NoSchedule)"},
		{"a toleration", tainted + "    tolerations: [{key: dedicated, operator: Exists}]\n", ""},
		{"two groups", tainted + "    tolerations: [{key: x}]\n" + "variants: [{name: a}]\n", "f.yaml:19:5: workloads.web: its pods never start: they do not tolerate the taint of workers (dedicated=gpu:NoSchedule)"},
		{"labels that no group has", tainted + "    nodeAffinity: [{matchExpressions: [{key: tier, operator: NotIn, values: [own]}]}]\n", "f.yaml:19:5: workloads.web: no node group has these labels: its pods never start"},
		{"another group", strings.Replace(tainted, "workloads:", "  - {name: free, instanceType: m5.large, count: 3}\nworkloads:", 1), ""},
		{"a DaemonSet", tainted + "    tolerations: [{operator: Exists}]\n  - {name: d, kind: DaemonSet}\n", "f.yaml:20:5: workloads.d: its pods never start"},
	} {
		f, err := Load("f.yaml", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		t.Run(c.name, func(t *testing.T) { expectProblems(t, f.Warnings, want) })
	}
	for text, want := range map[string]string{
		"    tolerations: [{operator: Exists, value: x, key: y}]\n":                                  "workloads.web: operator Exists has no value",
		"    tolerations: [{value: x}]\n":                                                            "workloads.web: key was expected, or operator: Exists, which tolerates everything",
		"    tolerations: [{key: x, operator: Equals}]\n":                                            `"Equals" is not one of Equal and Exists; did you mean "Equal"?`,
		"    tolerations: [{key: x, seconds: 5}]\n":                                                  `unknown key "seconds"`,
		"    nodeAffinity: [{}]\n":                                                                   "matchExpressions is missing",
		"    nodeAffinity: [{matchExpressions: []}]\n":                                               "matchExpressions: at least one entry was expected",
		"    nodeAffinity: [{matchExpressions: [{key: x, operator: In}]}]\n":                         "workloads.web: In needs values",
		"    nodeAffinity: [{matchExpressions: [{key: x, operator: Exists, values: [a]}]}]\n":        "workloads.web: Exists has no values",
		"    nodeAffinity: [{matchExpressions: [{key: x, operator: Gt, values: [a]}]}]\n":            `workloads.web: Gt needs a whole number, got "a"`,
		"    nodeAffinity: [{matchExpressions: [{key: x, operator: Lt, values: [\"1\", \"2\"]}]}]\n": "workloads.web: Lt needs one value, a whole number",
		"    nodeAffinity: [{matchExpressions: [{operator: Exists}]}]\n":                             "key is missing",
	} {
		_, err := Load("f.yaml", []byte(document+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for taints, want := range map[string]string{
		"[{key: x}, {key: x, value: y}]":       "the taint x with the effect NoSchedule is given twice",
		"[{key: x, effect: PreferNoSchedule}]": `"PreferNoSchedule" is not one of NoSchedule and NoExecute`,
		"[{value: x}]":                         "key is missing",
		"{key: x}":                             "a list was expected",
	} {
		_, err := Load("f.yaml", []byte(with("count: 3", "count: 3\n    taints: "+taints)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", taints, err, want)
		}
	}
}
