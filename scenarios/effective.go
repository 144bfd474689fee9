package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

// Effective is the variant as a file of its own, with every default that it
// takes: what the file, its variant and the command line come to. It keeps
// the conditions that apply to the variant.
func (e Expanded) Effective() ([]byte, error) {
	plain := *e.Scenario
	plain.Variants = nil
	plain.Thresholds, plain.Expect = plain.Thresholds.of(e.Name), plain.Expect.of(e.Name)
	plain.Incident = plain.Incident.of(e.Name)
	tree, err := effective{e.given}.encode(reflect.ValueOf(&plain).Elem(), "")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(tree); err != nil {
		return nil, err
	}
	err = encoder.Close()
	return b.Bytes(), err
}

// of are the conditions that apply to a variant, without its name.
func (l ThresholdList) of(variant string) (list ThresholdList) {
	for _, t := range l {
		if v := t.Selector.Get("variant"); v != "" && v != variant {
			continue
		}
		t.Selector = slices.DeleteFunc(slices.Clone(t.Selector), func(l result.Label) bool { return l.Key == "variant" })
		list = append(list, t)
	}
	return list
}

// EffectiveJSON is Effective as JSON, its keys in the same order.
func (e Expanded) EffectiveJSON() ([]byte, error) {
	text, err := e.Effective()
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	return inJSON(doc.Content[0])
}

// inJSON writes a node of YAML whose keys are strings.
func inJSON(n *yaml.Node) ([]byte, error) {
	switch n.Kind {
	case yaml.MappingNode:
		var o object
		for i := 0; i < len(n.Content); i += 2 {
			value, err := inJSON(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			o = append(o, member{n.Content[i].Value, json.RawMessage(value)})
		}
		return json.Marshal(o)
	case yaml.SequenceNode:
		list := make([]json.RawMessage, len(n.Content))
		for i, item := range n.Content {
			value, err := inJSON(item)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return json.Marshal(list)
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// MarshalYAML writes the conditions under their metrics, in their order.
func (l ThresholdList) MarshalYAML() (any, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	lists := map[string]*yaml.Node{}
	for _, t := range l {
		list := lists[t.Key()]
		if list == nil {
			list = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			lists[t.Key()] = list
			out.Content = append(out.Content, text(t.Key()), list)
		}
		list.Content = append(list.Content, written(&t.Condition))
	}
	return out, nil
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// effective writes a scenario in the order of the language: what is set, and
// what the file gave. A zero that was given is no absence: initial: 0 is a
// Deployment that begins without pods, and without it the file says nothing of
// how many there are.
type effective struct {
	given map[string]*node // by path
}

func (e effective) encode(v reflect.Value, path string) (*yaml.Node, error) {
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer:
		return e.encode(v.Elem(), path)
	case isWord(t) || t.Kind() == reflect.Map && t.Elem().Kind() == reflect.String || t == thresholdType:
		n := &yaml.Node{}
		return n, n.Encode(v.Interface())
	case t.Kind() == reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			item, err := e.encode(v.Index(i), join(path, strconv.Itoa(i)))
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		return n, nil
	case t.Kind() == reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		keys := v.MapKeys() // any order: sorted next, and no two are equal
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			value, err := e.encode(v.MapIndex(key), join(path, key.String()))
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, text(key.String()), value)
		}
		return n, nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode, HeadComment: elsewhere(v)}
	for _, f := range fieldsOf(t) {
		field, at := v.Field(f.index), join(path, f.key)
		if e.omitted(field, f, at) {
			continue
		}
		value, err := e.encode(field, at)
		if err != nil {
			return nil, err
		}
		if value.Kind == yaml.MappingNode && len(value.Content) == 0 && e.given[at] == nil {
			continue
		}
		n.Content = append(n.Content, text(f.key), value)
	}
	return n, nil
}

// elsewhere says what holds without being a default of the language.
func elsewhere(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case EC2:
		return "Latencies, buckets and lags that are not here are those of the model: ipamsim model ec2"
	case NodeGroup:
		var rest []string
		environment := x.Environment()
		for _, key := range sortedKeys(environment) {
			if _, given := x.CNI[key]; !given && environment[key] != "" {
				rest = append(rest, key+"="+environment[key])
			}
		}
		return fmt.Sprintf("%d pods a node at most. aws-node's environment besides, by its manifest: %s", x.PodLimit(), strings.Join(rest, " "))
	}
	return ""
}

// omitted reports whether a key is better left out: it was not given, and is
// absent, or empty and would be that without being written.
func (e effective) omitted(v reflect.Value, f field, path string) bool {
	switch {
	case path == "variants" || path == "thresholds" || path == "expect":
		return v.Len() == 0 // of another variant, if any
	case v.Kind() == reflect.Pointer:
		return v.IsNil()
	case e.given[path] != nil || f.required:
		return false
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero() && f.absent == ""
}
