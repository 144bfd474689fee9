package reports

import (
	"bytes"
	"encoding/json"
	"io"

	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

// JSON writes the result as indented JSON, the contract of sim.Result. Lists
// and objects without entries are written as such, never as null.
func JSON(w io.Writer, r *result.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // thresholds are full of < and >
	enc.SetIndent("", "  ")
	return enc.Encode(withoutNulls(r))
}

// YAML writes the same as JSON, key for key.
func YAML(w io.Writer, r *result.Result) error {
	var text bytes.Buffer
	if err := JSON(&text, r); err != nil {
		return err
	}
	// JSON is YAML; read as nodes it keeps its order and its numbers' digits.
	var doc yaml.Node
	if err := yaml.Unmarshal(text.Bytes(), &doc); err != nil {
		return err
	}
	blockStyle(&doc)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return err
	}
	return enc.Close()
}

// blockStyle takes the braces and quotes of JSON off a tree; the encoder puts
// quotes back where a string would read as something else.
func blockStyle(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		blockStyle(child)
	}
}

// withoutNulls is a copy of r, as deep as it must be, in which no list or map
// is nil.
func withoutNulls(r *result.Result) *result.Result {
	c := *r
	c.Variants = orEmpty(r.Variants)
	for i := range c.Variants {
		v := &c.Variants[i]
		v.Outcome = outcomeWithoutNulls(v.Outcome)
		v.Thresholds = orEmpty(v.Thresholds)
		v.Findings = orEmpty(v.Findings)
		for j := range v.Findings {
			v.Findings[j].Evidence = orEmpty(v.Findings[j].Evidence)
		}
		v.Replications = orEmpty(v.Replications)
		for j := range v.Replications {
			v.Replications[j].Outcome = outcomeWithoutNulls(v.Replications[j].Outcome)
		}
	}
	return &c
}

func outcomeWithoutNulls(o result.Outcome) result.Outcome {
	o.Subnets = orEmpty(o.Subnets)
	if o.Pods.FailedAddCauses == nil {
		o.Pods.FailedAddCauses = map[result.Cause]int{}
	}
	if o.Pods.FailedAddPods == nil {
		o.Pods.FailedAddPods = map[result.Cause]int{}
	}
	api := make(map[string]*result.Action, len(o.API))
	for name, action := range o.API {
		if action == nil {
			continue
		}
		if action.Errors == nil {
			c := *action
			c.Errors = map[string]int{}
			action = &c
		}
		api[name] = action
	}
	o.API = api
	return o
}

// orEmpty is a copy of list that is not nil.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }
