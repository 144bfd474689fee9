package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"ipamsim/sim/result"
)

// decoder reads a tree into the types of the language, strictly, and notes
// where each value was, for the checks that follow.
type decoder struct {
	problem report
	nodes   map[string]*node    // by path: nodeGroups.0.count
	keys    map[string]Position // of mapping keys, by the path of their value
	broken  map[string]bool     // paths whose value could not be read
}

// decode reads a whole scenario.
func decode(root *node, problem report) (*Scenario, *decoder) {
	d := &decoder{problem, map[string]*node{}, map[string]Position{}, map[string]bool{}}
	s := new(Scenario)
	d.value(root, reflect.ValueOf(s).Elem(), field{typ: scenarioType}, "", "the file")
	return s, d
}

// value reads n into v. The path is for machines (nodeGroups.0.count), the
// name for people (nodeGroups.workers.count).
func (d *decoder) value(n *node, v reflect.Value, f field, path, name string) {
	d.nodes[path] = n
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.value(n, v.Elem(), f, path, name)
	case t == thresholdType:
		d.thresholds(n, v.Addr().Interface().(*ThresholdList), path, name)
	case t == overridesType:
		if d.expect(n, mappingNode, f, path, name) {
			v.Set(reflect.ValueOf(n.plain()))
		}
	case isWord(t):
		if !d.expect(n, scalarNode, f, path, name) {
			return
		}
		f.verbatim = f.verbatim || n.at.Flag != "" // a shell has taken the quotes away
		if err := setWord(v, n.text, n.tag, f); err != nil {
			d.fail(n.at, path, "%s: %s", name, err)
		}
	case t.Kind() == reflect.Slice:
		d.list(n, v, f, path, name)
	case t.Kind() == reflect.Map:
		d.mapping(n, v, f, path, name)
	default:
		d.object(n, v, f, path, name)
	}
}

func (d *decoder) fail(at Position, path, format string, args ...any) {
	d.broken[path] = true
	d.problem(at, format, args...)
}

// expect reports a value of another shape than its type has.
func (d *decoder) expect(n *node, kind nodeKind, f field, path, name string) bool {
	if n.kind == kind && !n.isNull() {
		return true
	}
	d.fail(n.at, path, "%s: %s was expected, got %s%s", name, expectation(f.typ), n.describe(), meantShape(n, kind, f))
	return false
}

// hasName tells whether a type's values are objects with a name, which other
// tools write as keys of a mapping.
func hasName(t reflect.Type) bool {
	object, ok := objectIn(t)
	if !ok {
		return false
	}
	_, has := fieldNamed(object, "name")
	return has
}

func (d *decoder) list(n *node, v reflect.Value, f field, path, name string) {
	t := v.Type()
	if !d.expect(n, sequenceNode, f, path, name) {
		return
	}
	switch least, _ := strconv.Atoi(f.min); {
	case len(n.items) >= least:
	case least == 1:
		d.fail(n.at, path, "%s: at least one entry was expected, got an empty list", name)
		return
	default:
		d.fail(n.at, path, "%s: at least %d entries were expected, got %d", name, least, len(n.items))
		return
	}
	if most := mostEntries(f); len(n.items) > most {
		d.fail(n.items[most].at, path, "%s: %d entries, and the most is %d", name, len(n.items), most)
		return
	}
	v.Set(reflect.MakeSlice(t, len(n.items), len(n.items)))
	for i, item := range n.items {
		d.value(item, v.Index(i), field{typ: t.Elem()}, join(path, strconv.Itoa(i)), entryName(name, i, item))
	}
}

// entryName calls a list entry by its name when it has one.
func entryName(list string, i int, item *node) string {
	if item.kind == mappingNode {
		if n := item.get("name"); n != nil && n.kind == scalarNode && n.text != "" {
			return list + "." + n.text
		}
	}
	return fmt.Sprintf("%s[%d]", list, i)
}

func (d *decoder) mapping(n *node, v reflect.Value, f field, path, name string) {
	t := v.Type()
	if !d.expect(n, mappingNode, f, path, name) {
		return
	}
	v.Set(reflect.MakeMapWithSize(t, len(n.pairs)))
	for _, p := range n.pairs {
		sub := join(path, p.key)
		d.keys[sub] = p.keyAt
		element := reflect.New(t.Elem()).Elem()
		d.value(p.value, element, field{typ: t.Elem(), verbatim: true}, sub, join(name, p.key))
		v.SetMapIndex(reflect.ValueOf(p.key), element)
	}
}

// object reads a mapping with known keys.
func (d *decoder) object(n *node, v reflect.Value, f field, path, name string) {
	t := v.Type()
	if !d.expect(n, mappingNode, f, path, name) {
		return
	}
	for _, p := range n.pairs {
		if _, known := fieldNamed(t, p.key); !known {
			d.problem(p.keyAt, "unknown key %q in %s%s", p.key, name, meantKey(t, p.key))
		}
		d.keys[join(path, p.key)] = p.keyAt
	}
	for _, f := range fieldsOf(t) {
		sub, subName := join(path, f.key), f.key
		if path != "" {
			subName = join(name, f.key)
		}
		switch value := n.get(f.key); {
		case value != nil && (f.required || !value.isNull()):
			d.value(value, v.Field(f.index), f, sub, subName)
		case f.required:
			d.fail(n.at, sub, "%s: %s is missing: %s", name, f.key, f.doc)
		default:
			setAbsent(v.Field(f.index), f)
		}
	}
}

// setAbsent gives an absent key its default, and those below it theirs.
func setAbsent(v reflect.Value, f field) {
	t := v.Type()
	switch {
	case f.absent != "":
		if t.Kind() == reflect.Pointer {
			v.Set(reflect.New(t.Elem()))
			v = v.Elem()
		}
		tag := "str"
		switch v.Kind() {
		case reflect.Int, reflect.Uint64:
			tag = "int"
		case reflect.Float64:
			tag = "float"
		case reflect.Bool:
			tag = "bool"
		}
		if v.Type() == durationType {
			tag = "str"
		}
		if err := setWord(v, f.absent, tag, f); err != nil {
			panic("scenarios: default of " + f.key + ": " + err.Error())
		}
	case t.Kind() == reflect.Struct && !isWord(t):
		for _, sub := range fieldsOf(t) {
			setAbsent(v.Field(sub.index), sub)
		}
	}
}

// plain is the value as Go's own types.
func (n *node) plain() any {
	switch n.kind {
	case mappingNode:
		m := make(map[string]any, len(n.pairs))
		for _, p := range n.pairs {
			m[p.key] = p.value.plain()
		}
		return m
	case sequenceNode:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.plain()
		}
		return items
	}
	switch n.tag {
	case "null":
		return nil
	case "bool":
		return strings.EqualFold(n.text, "true")
	case "int":
		if i, err := strconv.Atoi(n.text); err == nil {
			return i
		}
	case "float":
		if x, err := strconv.ParseFloat(n.text, 64); err == nil {
			return x
		}
	}
	return n.text
}

func (d *decoder) thresholds(n *node, out *ThresholdList, path, name string) {
	if !d.expect(n, mappingNode, field{typ: thresholdType}, path, name) {
		return
	}
	for _, p := range n.pairs {
		metric, selector, err := result.ParseMetric(p.key)
		if err != nil {
			d.problem(p.keyAt, "%s: %s", name, err)
			continue
		}
		conditions := []*node{p.value}
		if p.value.kind == sequenceNode {
			conditions = p.value.items
		}
		if len(conditions) == 0 {
			d.problem(p.value.at, "%s.%s: at least one condition was expected, got an empty list", name, p.key)
		}
		for i, e := range conditions {
			c, ok := d.condition(e, metric, join(join(path, p.key), strconv.Itoa(i)), name+"."+p.key)
			if !ok {
				continue
			}
			c.Metric, c.Selector, c.Place = metric.Name, selector, result.Place{Line: e.at.Line, Column: e.at.Column}
			*out = append(*out, Threshold{Condition: c, at: e.at, keyAt: p.keyAt})
		}
	}
}

// condition reads one condition on a metric: a word such as p(99)<5s, or a
// mapping that has it under threshold.
func (d *decoder) condition(n *node, metric *result.Metric, path, name string) (c result.Condition, ok bool) {
	of := condition{Severity: string(result.Fail)}
	expression := n
	if n.kind == mappingNode {
		d.value(n, reflect.ValueOf(&of).Elem(), field{typ: conditionType}, path, name)
		if expression = n.get("threshold"); expression == nil || d.broken[join(path, "threshold")] {
			return c, false
		}
	}
	if expression.kind != scalarNode || expression.tag != "str" {
		d.problem(expression.at, "%s: a condition such as \"p(99)<5s\" was expected, got %s", name, expression.describe())
		return c, false
	}
	c, err := result.ParseCondition(expression.text)
	if err == nil {
		err = c.Fits(metric)
	}
	if err != nil {
		d.problem(expression.at, "%s: %s", name, quoted(expression.text, err))
		return c, false
	}
	if n.kind == mappingNode {
		if key, err := of.takes(&c, metric); err != nil {
			d.problem(d.nodes[join(path, key)].at, "%s.%s: %s", name, key, quoted(d.nodes[join(path, key)].text, err))
			return c, false
		}
	}
	return c, true
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
