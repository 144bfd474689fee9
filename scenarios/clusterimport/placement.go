package clusterimport

import (
	"slices"
	"strconv"
	"strings"

	"ipamsim/scenarios"
)

// Where pods may go: nodeSelector, required node affinity, taints and tolerations
// are carried. Preferences, affinity to other pods, and what names single nodes, are
// counted and said.

type toleration struct{ Key, Operator, Value, Effect string }

type affinity struct {
	NodeAffinity struct {
		Required struct {
			NodeSelectorTerms []nodeTerm
		} `json:"requiredDuringSchedulingIgnoredDuringExecution"`
		Preferred []skipped `json:"preferredDuringSchedulingIgnoredDuringExecution"`
	}
	PodAffinity, PodAntiAffinity *skipped
}

type nodeTerm struct {
	MatchExpressions []expression
	MatchFields      []skipped
}

type expression struct {
	Key, Operator string
	Values        []string
}

// hostLabel names a single node.
const hostLabel = "kubernetes.io/hostname"

// placement is where a workload's pods may go.
type placement struct {
	selector    map[string]string
	terms       []nodeTerm
	tolerations []toleration
	tolerant    bool // of nodes that are not Ready
	// what is there and not carried
	prefers, byPods, byNode bool
}

// placementOf reads a pod's, or a template's.
func placementOf(s *podSpec) (at placement) {
	at.selector = s.NodeSelector
	notReady := scenarios.Taint{Key: "node.kubernetes.io/not-ready", Effect: "NoSchedule"}
	for _, t := range s.Tolerations {
		one := scenarios.Toleration(t)
		at.tolerant = at.tolerant || one.Tolerates(&notReady)
		if !passing(t.Key) {
			at.tolerations = append(at.tolerations, t)
		}
	}
	a := s.Affinity
	if a == nil {
		return at
	}
	at.byPods = a.PodAffinity != nil || a.PodAntiAffinity != nil
	at.prefers = len(a.NodeAffinity.Preferred) > 0
	at.terms = a.NodeAffinity.Required.NodeSelectorTerms
	single := func(t nodeTerm) bool {
		return len(t.MatchFields) > 0 || len(t.MatchExpressions) == 0 || slices.ContainsFunc(t.MatchExpressions, func(e expression) bool { return e.Key == hostLabel })
	}
	if slices.ContainsFunc(at.terms, single) {
		at.terms, at.byNode = nil, true
	}
	return at
}

// keys are the labels that are asked for.
func (at *placement) keys() (list []string) {
	list = sorted(at.selector)
	for _, t := range at.terms {
		for _, e := range t.MatchExpressions {
			list = append(list, e.Key)
		}
	}
	return list
}

// passing says whether a taint comes and goes with the state of a node: the
// scenario's nodes have it when they are in that state.
// https://kubernetes.io/docs/reference/labels-annotations-taints/
func passing(key string) bool {
	for _, prefix := range []string{"node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "karpenter.sh/", "ToBeDeletedByClusterAutoscaler", "DeletionCandidateOfClusterAutoscaler"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// prefer is the effect of a taint that is a wish.
const prefer = "PreferNoSchedule"

// lastingTaints are those that a node keeps, in the order of their text.
func lastingTaints(n *node) (list []taint) {
	for _, t := range n.Spec.Taints {
		if !passing(t.Key) && !slices.Contains(list, t) && t.Effect != prefer {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b taint) int { return strings.Compare(a.text(), b.text()) })
	return list
}

// text is how kubectl taint has it.
func (t taint) text() string { return t.Key + "=" + t.Value + ":" + t.Effect }

// write writes where pods may go.
func (at *placement) write(p *page) {
	if len(at.selector) > 0 {
		p.line("    nodeSelector: %s", oneLine(at.selector))
	}
	if len(at.terms) > 0 {
		p.line("    nodeAffinity:")
		for _, t := range at.terms {
			p.line("      - matchExpressions: %s", list(t.MatchExpressions, expression.text))
		}
	}
	if len(at.tolerations) > 0 {
		p.line("    tolerations: %s", list(at.tolerations, toleration.text))
	}
}

func (e expression) text() string {
	text := "{key: " + strconv.Quote(e.Key) + ", operator: " + plain(e.Operator)
	if len(e.Values) > 0 {
		text += ", values: " + list(e.Values, strconv.Quote)
	}
	return text + "}"
}

func (t toleration) text() string {
	return flow("key", t.Key, "operator", t.Operator, "value", t.Value, "effect", t.Effect)
}

func (t taint) flow() string { return flow("key", t.Key, "value", t.Value, "effect", t.Effect) }

// flow is a mapping in one line of what is not empty.
func flow(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+": "+plain(pairs[i+1]))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
