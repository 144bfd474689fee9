// Package awsnode reads what a team's files set of the environment of aws-node: the
// values of the Helm chart aws-vpc-cni, the add-on's configurationValues, and the
// manifest of the DaemonSet. They are recognised by what is in them.
package awsnode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// Settings are those of the container aws-node in a file.
type Settings struct {
	As      string // what the file was taken for, in words
	Version string // of the image or the add-on, as written; empty where the file does not say
	// Whole says that the file is all that is set, so that a variable which is not in
	// it has the daemon's own default. Otherwise it is laid over what the VPC CNI's
	// manifest sets.
	Whole     bool
	Variables []Variable // in the order of the file
	Elsewhere []string   // variables whose value is elsewhere: in a field, a Secret, a ConfigMap
}

// Variable is one of them and where its value stands, from 1.
type Variable struct {
	Name, Value  string
	Line, Column int
	Merged       bool // it comes of a merge (<<), which what stands in the env itself goes before
}

// mostMarks bounds the signs of YAML in a file, each of which may stand for a
// value that its parser takes 200 bytes for.
const mostMarks = 1_000_000

// mostDepth bounds how deep settings are looked for.
const mostDepth = 12

// Wanted says what is read, for who has none of it.
const Wanted = "an env of the Helm chart aws-vpc-cni, configurationValues of the add-on vpc-cni, or the DaemonSet aws-node was expected"

// Read reads a file, YAML or JSON, of one or several documents. known says which
// variables the daemon has: an env without any of them is somebody else's. Of a file
// that says nothing of aws-node there are no settings, nil. The error is an
// *input.Error, with its place where there is one, and shows nothing of the file but
// names of variables.
func Read(text []byte, known func(name string) bool) (*Settings, error) {
	marks := 0
	for _, sign := range ",:-\n" {
		marks += bytes.Count(text, []byte(string(sign)))
	}
	if marks > mostMarks {
		return nil, &input.Error{Message: "more values than a file of settings may have"}
	}
	f := finder{known: known}
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &input.Error{Message: "neither YAML nor JSON: " + Wanted + placeOf(err) + template(text)}
		}
		if err := f.document(&n); err != nil {
			return nil, err
		}
	}
	return f.one()
}

// placeOf is the line that the parser's error is about; what it cites may be a
// secret.
func placeOf(err error) string {
	var line int
	if _, scanned := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); scanned == nil {
		return fmt.Sprintf(" (line %d)", line)
	}
	return ""
}

// template says what is probably meant where a file is one of Helm's templates.
func template(text []byte) string {
	if bytes.Contains(text, []byte("{{")) {
		return "; this is a template: take its values, or what helm template prints"
	}
	return ""
}

// finder looks for settings.
type finder struct {
	known func(string) bool
	found []found
}

type found struct {
	*Settings
	line int
}

// one is what was found, if it is in one place.
func (f *finder) one() (*Settings, error) {
	switch len(f.found) {
	case 0:
		return nil, nil
	case 1:
		return f.found[0].Settings, nil
	}
	var lines []string
	for _, at := range f.found {
		lines = append(lines, strconv.Itoa(at.line))
	}
	return nil, &input.Error{Line: f.found[1].line, Column: 1, Message: "settings of aws-node are in several places of the file, in lines " + words.And(lines) + ": one was expected"}
}

// document looks into one.
func (f *finder) document(n *yaml.Node) error {
	if len(n.Content) == 0 || n.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	top := n.Content[0]
	// The values of the chart, or of one that has it as a dependency under any name.
	if f.isEnv(get(top, "env")) {
		return f.values(top, "values of the Helm chart, or the add-on's configuration")
	}
	before := len(f.found)
	for i := 1; i < len(top.Content); i += 2 {
		if v := top.Content[i]; f.isEnv(get(v, "env")) {
			if err := f.values(v, "values of the Helm chart under "+words.Printable(top.Content[i-1].Value)); err != nil {
				return err
			}
		}
	}
	if len(f.found) > before {
		return nil
	}
	return f.within(top, 0)
}

// isEnv says whether a value is a mapping with a variable of the daemon.
func (f *finder) isEnv(n *yaml.Node) bool {
	if n == nil || n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(n.Content); i += 2 {
		if f.known(n.Content[i].Value) {
			return true
		}
	}
	return false
}

// within looks for the DaemonSet and for configurationValues, however deep.
func (f *finder) within(n *yaml.Node, depth int) error {
	if depth > mostDepth {
		return nil
	}
	if n.Kind == yaml.MappingNode {
		switch {
		case word(n, "kind") == "DaemonSet" && word(get(n, "metadata"), "name") == "aws-node":
			return f.daemonSet(n)
		case get(n, "configurationValues") != nil && isAddOn(n):
			return f.configuration(n)
		}
	}
	for _, c := range n.Content {
		if err := f.within(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// isAddOn says whether a mapping is about the add-on vpc-cni. One that has no name
// is: what else has configurationValues has one.
func isAddOn(n *yaml.Node) bool {
	for _, key := range []string{"addonName", "name"} {
		if name := word(n, key); name != "" {
			return name == "vpc-cni"
		}
	}
	return true
}

// values takes an env that is a mapping, with the version beside it.
func (f *finder) values(n *yaml.Node, as string) error {
	s := &Settings{As: as, Version: word(get(n, "image"), "tag")}
	env := get(n, "env")
	if err := s.mapping(env); err != nil {
		return err
	}
	f.found = append(f.found, found{s, env.Line})
	return nil
}

// mapping enters the variables of an env, those that it merges (<<) before its own.
func (s *Settings) mapping(env *yaml.Node) error {
	for i := 0; i < len(env.Content); i += 2 {
		if merged := follow(env.Content[i+1]); env.Content[i].Tag == "!!merge" && merged.Kind == yaml.MappingNode && merged != env {
			if err := s.mapping(withoutMerges(merged)); err != nil {
				return err
			}
			for i := range s.Variables {
				s.Variables[i].Merged = true
			}
		}
	}
	for i := 0; i < len(env.Content); i += 2 {
		name, value := env.Content[i], follow(env.Content[i+1])
		switch {
		case name.Tag == "!!merge":
		case value.Kind != yaml.ScalarNode:
			return &input.Error{Line: value.Line, Column: value.Column, Message: "env." + words.Printable(name.Value) + ": a text, a number, true or false was expected"}
		default:
			s.put(name.Value, value)
		}
	}
	return nil
}

// withoutMerges is a mapping without what it merges: one step is what people write,
// and what has no end has one.
func withoutMerges(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			c.Content = append(c.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &c
}

// put enters a variable as the environment has it.
func (s *Settings) put(name string, value *yaml.Node) {
	text := value.Value
	if value.Tag == "!!null" {
		text = ""
	}
	s.Variables = append(s.Variables, Variable{Name: words.Printable(name), Value: text, Line: value.Line, Column: value.Column})
}

// configuration takes an add-on's, which is JSON or YAML in a text, or written out.
func (f *finder) configuration(n *yaml.Node) error {
	inner, at := follow(get(n, "configurationValues")), get(n, "configurationValues")
	if inner.Kind == yaml.ScalarNode {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(inner.Value), &doc); err != nil {
			return &input.Error{Line: at.Line, Column: at.Column, Message: "configurationValues: neither JSON nor YAML" + placeOf(err)}
		}
		if len(doc.Content) == 0 {
			return nil // nothing is configured
		}
		inner = doc.Content[0]
		move(inner, at)
	}
	if !f.isEnv(get(inner, "env")) {
		return nil
	}
	before := len(f.found)
	if err := f.values(inner, "configurationValues of the add-on vpc-cni"); err != nil {
		return err
	}
	for _, key := range []string{"addonVersion", "version"} {
		if v := word(n, key); v != "" && len(f.found) > before {
			f.found[before].Version = v
		}
	}
	return nil
}

// move gives a text's values the place of the text: of a block, the line in it.
func move(n *yaml.Node, at *yaml.Node) {
	if at.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		n.Line += at.Line
	} else {
		n.Line, n.Column = at.Line, at.Column
	}
	for _, c := range n.Content {
		move(c, at)
	}
}

// daemonSet takes the container aws-node's alone, since the others have variables
// of the same names. A manifest without an image is a patch.
func (f *finder) daemonSet(n *yaml.Node) error {
	containers := n
	for _, key := range []string{"spec", "template", "spec", "containers"} {
		containers = get(containers, key)
	}
	for _, c := range contentOf(containers) {
		if word(c, "name") != "aws-node" {
			continue
		}
		s := &Settings{As: "the DaemonSet aws-node", Version: Tag(word(c, "image")), Whole: word(c, "image") != ""}
		if !s.Whole {
			s.As = "a patch of the DaemonSet aws-node"
		}
		for _, e := range contentOf(get(c, "env")) {
			value := follow(get(e, "value"))
			switch {
			case get(e, "valueFrom") != nil:
				s.Elsewhere = append(s.Elsewhere, words.Printable(word(e, "name")))
			case value == nil:
				s.put(word(e, "name"), &yaml.Node{Kind: yaml.ScalarNode, Line: e.Line, Column: e.Column})
			case value.Kind != yaml.ScalarNode:
				return &input.Error{Line: value.Line, Column: value.Column, Message: "the value of " + words.Printable(word(e, "name")) + ": a text was expected"}
			default:
				s.put(word(e, "name"), value)
			}
		}
		if get(c, "envFrom") != nil {
			s.Elsewhere = append(s.Elsewhere, "those of envFrom")
		}
		f.found = append(f.found, found{s, n.Line})
		return nil
	}
	return &input.Error{Line: n.Line, Column: n.Column, Message: "the DaemonSet aws-node has no container aws-node"}
}

// Tag is the tag of an image's name.
func Tag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[i+1:]
	}
	return ""
}

// follow is what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// get is a key's value, nil where there is none.
func get(n *yaml.Node, key string) *yaml.Node {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	keys := func(i int) bool { return i%2 == 0 && n.Content[i].Value == key }
	for i := range n.Content {
		if keys(i) {
			return follow(n.Content[i+1])
		}
	}
	return nil
}

// word is a key's text, empty where there is none.
func word(n *yaml.Node, key string) string {
	if v := get(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// contentOf is a list's entries.
func contentOf(n *yaml.Node) []*yaml.Node {
	n = follow(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return slices.Clone(n.Content)
}
