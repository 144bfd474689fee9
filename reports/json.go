package reports

import (
	"bytes"
	"encoding/json"
	"io"

	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

// JSON writes the result as indented JSON, the contract of result.Result.
// Lists and objects without entries are written as such, never as null; a list
// of numbers stands in one line.
func JSON(w io.Writer, r *result.Result) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // thresholds are full of < and >
	enc.SetIndent("", "  ")
	if err := enc.Encode(withoutNulls(r)); err != nil {
		return err
	}
	_, err := w.Write(numbersInLine(text.Bytes()))
	return err
}

// Document writes a document as indented JSON, in which a list of values stands in
// one line.
func Document(w io.Writer, document any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(inLine(text.Bytes(), isValue))
	return err
}

// isValue is isNumber, and true of null, and of what is infinite.
func isValue(line []byte) bool {
	if isNumber(line) {
		return true
	}
	switch word := bytes.Trim(line, " ,\n"); string(word) {
	case "null", `"inf"`, `"-inf"`:
		return true
	}
	return false
}

// numbersInLine joins the lines of each list of numbers in indented JSON.
func numbersInLine(text []byte) []byte { return inLine(text, isNumber) }

// inLine joins the lines of each list of what fits in indented JSON.
func inLine(text []byte, fits func(line []byte) bool) []byte {
	out := make([]byte, 0, len(text)/2)
	lines := bytes.SplitAfter(text, []byte{'\n'})
	for i := 0; i < len(lines); i++ {
		end := i + 1
		for bytes.HasSuffix(lines[i], []byte("[\n")) && end < len(lines) && fits(lines[end]) {
			end++
		}
		if end == i+1 {
			out = append(out, lines[i]...)
			continue
		}
		out = append(out, bytes.TrimSuffix(lines[i], []byte{'\n'})...)
		for _, number := range lines[i+1 : end] {
			out = append(append(out, bytes.TrimSpace(number)...), ' ')
		}
		out = append(out[:len(out)-1], bytes.TrimLeft(lines[end], " ")...)
		i = end
	}
	return out
}

func isNumber(line []byte) bool {
	line = bytes.TrimLeft(line, " ")
	return len(line) > 0 && (line[0] == '-' || line[0] >= '0' && line[0] <= '9')
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

// blockStyle takes the braces and quotes of JSON off a tree, but for lists of
// numbers; the encoder puts quotes back where a string would read as something
// else.
func blockStyle(n *yaml.Node) {
	n.Style = 0
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && (n.Content[0].Tag == "!!int" || n.Content[0].Tag == "!!float") {
		n.Style = yaml.FlowStyle
	}
	for _, child := range n.Content {
		blockStyle(child)
	}
}

// withoutNulls is a copy of r, as deep as it must be, in which no list or map
// is nil.
func withoutNulls(r *result.Result) *result.Result {
	c := *r
	c.Overrides = orEmpty(r.Overrides)
	c.Variants = orEmpty(r.Variants)
	for i := range c.Variants {
		v := &c.Variants[i]
		v.Outcome = outcomeWithoutNulls(v.Outcome)
		v.Thresholds, v.Expectations, v.Warnings, v.Marks, v.Slowest = orEmpty(v.Thresholds), orEmpty(v.Expectations), orEmpty(v.Warnings), orEmpty(v.Marks), orEmpty(v.Slowest)
		v.Distributions = distributionsWithoutNulls(v.Distributions)
		s := &v.Series
		s.Workloads, s.NodeGroups, s.Zones = orEmpty(s.Workloads), orEmpty(s.NodeGroups), orEmpty(s.Zones)
		s.AtSeconds, s.Subnets, s.API, s.FailedAdds = orEmpty(s.AtSeconds), orEmpty(s.Subnets), orEmpty(s.API), orEmpty(s.FailedAdds)
		v.Maps.Subnets, v.Maps.Frames, v.Maps.End = orEmpty(v.Maps.Subnets), orEmpty(v.Maps.Frames), orEmpty(v.Maps.End)
		if v.Scenario == nil {
			v.Scenario = json.RawMessage("{}")
		}
		v.Findings = orEmpty(v.Findings)
		for j := range v.Findings {
			v.Findings[j].Evidence = orEmpty(v.Findings[j].Evidence)
		}
		v.Replications = orEmpty(v.Replications)
		for j := range v.Replications {
			v.Replications[j].Outcome = outcomeWithoutNulls(v.Replications[j].Outcome)
			v.Replications[j].Distributions = distributionsWithoutNulls(v.Replications[j].Distributions)
		}
	}
	return &c
}

func outcomeWithoutNulls(o result.Outcome) result.Outcome {
	o.Subnets, o.Workloads, o.NodeGroups, o.Zones = orEmpty(o.Subnets), orEmpty(o.Workloads), orEmpty(o.NodeGroups), orEmpty(o.Zones)
	for _, counts := range []*map[result.Cause]int{&o.Pods.FailedAddCauses, &o.Pods.FailedAddPods, &o.Pods.MetPods, &o.Pods.LatePods, &o.Pods.StuckPods} {
		if *counts == nil {
			*counts = map[result.Cause]int{}
		}
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

func distributionsWithoutNulls(d result.Distributions) result.Distributions {
	for _, one := range []*result.Distribution{&d.PodStart, &d.PodPending, &d.PodAddressWait, &d.PodCreation, &d.NodeReady} {
		one.BelowSeconds, one.Counts = orEmpty(one.BelowSeconds), orEmpty(one.Counts)
	}
	return d
}

// orEmpty is a copy of list that is not nil.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }
