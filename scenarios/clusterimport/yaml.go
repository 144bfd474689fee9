package clusterimport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"ipamsim/internal/input"
)

// mostMarks bounds the signs of YAML in a file, each of which may stand for a
// value that its parser takes 200 bytes for.
const mostMarks = 2_000_000

// yaml reads the documents of a YAML file: each is taken as the JSON that it
// stands for.
func (f *file) yaml(r io.Reader) error {
	text, err := input.ReadAll(r, mostYAML, "a YAML file (JSON may have more: kubectl get -o json)")
	if err != nil {
		return err
	}
	marks := 0
	for _, sign := range ",:-\n" {
		marks += bytes.Count(text, []byte(string(sign)))
	}
	if marks > mostMarks {
		return &input.Error{Message: "more values than a YAML file may have here: JSON may have more (kubectl get -o json)"}
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	found := false
	for {
		var n yaml.Node
		switch err := d.Decode(&n); {
		case errors.Is(err, io.EOF) && !found:
			return &input.Error{Line: 1, Column: 1, Message: "nothing in it: " + commandHint}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &unknownError{&input.Error{Message: "neither JSON nor YAML: " + err.Error() + "; " + commandHint}}
		}
		if len(n.Content) == 0 || n.Content[0].Tag == "!!null" {
			continue // an empty document, as between two separators
		}
		found = true
		if n.Content[0].Kind == yaml.ScalarNode {
			return &unknownError{&input.Error{Line: n.Content[0].Line, Column: n.Content[0].Column, Message: "text, and neither JSON nor YAML of a cluster: " + commandHint}}
		}
		if err := f.yamlDocument(&n); err != nil {
			return err
		}
	}
}

func (f *file) yamlDocument(n *yaml.Node) error {
	var value any
	err := n.Decode(&value)
	var text []byte
	if err == nil {
		text, err = json.Marshal(value)
	}
	if err != nil {
		return &input.Error{Line: n.Content[0].Line, Column: 1, Message: "YAML that does not stand for JSON: " + err.Error()}
	}
	err = f.json(bytes.NewReader(text))
	var wrong *input.Error
	if errors.As(err, &wrong) { // its place is one of the JSON
		wrong.Line, wrong.Column = n.Content[0].Line, n.Content[0].Column
		wrong.Message = "in the document that begins here: " + wrong.Message
	}
	return err
}
