package scenarios

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// converter expands a YAML tree into nodes, within bounds.
type converter struct {
	problem report
	open    map[*yaml.Node]bool // anchors that are being expanded
	alias   *yaml.Node          // the outermost alias that is being expanded
	nodes   int
	failed  bool // a bound was hit: nothing more is reported
}

func (c *converter) fail(y *yaml.Node, format string, args ...any) *node {
	if !c.failed {
		c.failed = true
		c.problem(place(y), format, args...)
	}
	return &node{kind: scalarNode, tag: "null", at: place(y)}
}

func place(y *yaml.Node) Position { return Position{Line: y.Line, Column: y.Column} }

func (c *converter) convert(y *yaml.Node, depth int) *node {
	c.nodes++
	switch {
	case c.failed:
		return &node{kind: scalarNode, tag: "null", at: place(y)}
	case c.nodes > MostValues && c.alias != nil:
		return c.fail(c.alias, "the aliases expand to more than %d values, the most that a scenario may have", MostValues)
	case c.nodes > MostValues:
		return c.fail(y, tooManyValues, MostValues)
	case depth > maxDepth:
		return c.fail(y, nestedTooDeep, maxDepth)
	}
	n := &node{at: place(y)}
	switch y.Kind {
	case yaml.AliasNode:
		return c.expand(y, depth)
	case yaml.MappingNode:
		n.kind = mappingNode
		c.mapping(n, y, depth)
	case yaml.SequenceNode:
		n.kind = sequenceNode
		n.items = make([]*node, 0, len(y.Content))
		for _, item := range y.Content {
			n.items = append(n.items, c.convert(item, depth+1))
		}
	default:
		n.text, n.tag = y.Value, strings.TrimPrefix(y.ShortTag(), "!!")
		switch n.tag {
		case "str", "int", "float", "bool", "null":
		case "timestamp":
			n.tag = "str"
		default:
			c.problem(n.at, "the tag %s has no meaning in a scenario", y.Tag)
			n.tag = "str"
		}
	}
	return n
}

// expand copies what an alias stands for; problems in it are where it is
// written.
func (c *converter) expand(y *yaml.Node, depth int) *node {
	if c.open[y.Alias] {
		return c.fail(y, "the alias *%s contains itself", y.Value)
	}
	outermost := c.alias == nil
	if outermost {
		c.alias = y
	}
	c.open[y.Alias] = true
	n := c.convert(y.Alias, depth)
	delete(c.open, y.Alias)
	if outermost {
		c.alias = nil
	}
	return n
}

func (c *converter) mapping(n *node, y *yaml.Node, depth int) {
	seen := make(map[string]Position, len(y.Content)/2)
	var merges []*node
	for i := 0; i+1 < len(y.Content) && !c.failed; i += 2 {
		key, value := y.Content[i], c.convert(y.Content[i+1], depth+1)
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			c.problem(place(key), "a key must be a word, not a list or a mapping")
			continue
		}
		if key.ShortTag() == "!!merge" {
			merges = append(merges, value)
			continue
		}
		if first, twice := seen[key.Value]; twice {
			c.problem(place(key), "the key %q is given twice; the first is in line %d", key.Value, first.Line)
			continue
		}
		seen[key.Value] = place(key)
		n.pairs = append(n.pairs, pair{key.Value, place(key), value})
	}
	for _, m := range merges {
		c.merge(n, m, seen)
	}
}

// merge adds the keys of a merge key's value that n does not have: a mapping,
// or a list of mappings of which earlier ones win. Those that it has are seen.
func (c *converter) merge(n, from *node, seen map[string]Position) {
	switch from.kind {
	case mappingNode:
		for _, p := range from.pairs {
			if _, has := seen[p.key]; !has {
				seen[p.key] = p.keyAt
				n.pairs = append(n.pairs, pair{p.key, p.keyAt, p.value.clone()})
			}
		}
	case sequenceNode:
		for _, item := range from.items {
			if item.kind != mappingNode {
				c.problem(item.at, "a mapping to merge was expected, got %s", item.describe())
				continue
			}
			c.merge(n, item, seen)
		}
	default:
		if !c.failed {
			c.problem(from.at, "a mapping to merge was expected, got %s", from.describe())
		}
	}
}
