package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"ipamsim/model"
	"ipamsim/reports/page"
	"ipamsim/sim/result"
)

// settingsTable is the environment of the aws-node container in each node group
// of each variant.
func settingsTable(r *result.Result) *table {
	variants := r.Variants[:min(len(r.Variants), variantsMost)]
	t := &page.Table{Labels: 2, Columns: []page.Column{{Head: "Node group", Left: true}, {Head: "Variable", Left: true}}}
	all := map[string][]map[string]string{} // by group, of each variant
	names := map[string]map[string]bool{}
	var groups []string
	for i := range variants {
		t.Columns = append(t.Columns, page.Column{Head: variants[i].Name})
		for _, g := range groupsOf(variants[i].Scenario) {
			if all[g.Name] == nil {
				all[g.Name], names[g.Name] = make([]map[string]string, len(variants)), map[string]bool{}
				groups = append(groups, g.Name)
			}
			all[g.Name][i] = map[string]string{}
			for name, value := range g.CNI { // any order: into a map
				all[g.Name][i][name], names[g.Name][name] = fmt.Sprint(value), true
			}
			if version := variants[i].CNIVersions[g.Name]; version != "" {
				all[g.Name][i]["VPC CNI"], names[g.Name]["VPC CNI"] = version, true
			}
		}
	}
	for _, group := range groups {
		label := group
		for _, name := range slices.Sorted(maps.Keys(names[group])) {
			row := []page.Cell{{Text: label}, {Text: name}}
			for i := range variants {
				cell := page.Cell{Text: "–", Tone: page.Faint}
				if value, is := all[group][i][name]; is {
					cell = page.Cell{Text: value}
				}
				if i > 0 && cell.Text != row[2].Text {
					cell.Tone = page.Strong
				}
				row = append(row, cell)
			}
			t.Rows, label = append(t.Rows, row), ""
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return tableOf(t, "Settings of the VPC CNI, by node group; what differs from the first variant is bold")
}

// groupSettings are what a scenario says of a node group's daemon.
type groupSettings struct {
	Name string
	CNI  map[string]any
}

func groupsOf(scenario json.RawMessage) []groupSettings {
	var s struct{ NodeGroups []groupSettings }
	decoder := json.NewDecoder(bytes.NewReader(scenario))
	decoder.UseNumber() // digits as they are
	if decoder.Decode(&s) != nil {
		return nil // a result of another tool may say it otherwise
	}
	return s.NodeGroups
}

// asYAML is a scenario as one would write it.
func asYAML(scenario json.RawMessage) string {
	var doc yaml.Node
	if yaml.Unmarshal(scenario, &doc) != nil {
		return string(scenario)
	}
	unquoted(&doc)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if enc.Encode(&doc) != nil {
		return string(scenario)
	}
	return b.String()
}

// unquoted takes the braces and quotes of JSON off a tree.
func unquoted(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		unquoted(child)
	}
}

// sources are the constants that everything is computed with.
func sources() (blocks []block) {
	for _, part := range model.Parts() {
		t := &page.Table{Labels: 1, Columns: []page.Column{{Head: "Constant", Left: true}, {Head: "Value", Left: true}, {Head: "Kind", Left: true}, {Head: "Source", Left: true}}}
		for _, c := range part.Constants {
			value := c.Value
			if c.Unit != "" {
				value += " " + c.Unit
			}
			t.Rows = append(t.Rows, []page.Cell{{Text: c.Name}, {Text: value}, {Text: string(c.Kind)}, {Text: c.Source}})
		}
		made := tableOf(t, part.Name+": "+part.About)
		made.Long = true
		blocks = append(blocks, block{More: &more{Summary: part.Name + ": " + part.About, Screen: true, Blocks: []block{{Table: made}}}})
	}
	return blocks
}
