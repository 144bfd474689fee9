package scenarios

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"ipamsim/ec2model"
)

// Candidate is one way to go on with a path=value that is being typed.
type Candidate struct {
	Text string // all of it, not only what is missing
	Doc  string // may be empty
}

// CompleteSet is how what was typed of a path=value may go on, one key at a
// time: by the names and indices of the file, and by the keys of the
// language. Without a file it knows the language alone.
func CompleteSet(f *File, typed string) []Candidate {
	tree := &node{kind: mappingNode}
	if f != nil {
		tree = f.tree
	}
	path, value, hasValue := strings.Cut(typed, "=")
	begun, last := "", path
	if dot := lastDot(path); dot >= 0 {
		begun, last = path[:dot+1], path[dot+1:]
	}
	var segments []string
	if begun != "" {
		var err error
		if segments, err = splitPath(strings.TrimSuffix(begun, ".")); err != nil {
			return nil
		}
	}
	at := spot{tree, field{typ: scenarioType}}
	for _, s := range segments {
		var ok bool
		if at, ok = at.down(s); !ok {
			return nil
		}
	}
	var out []Candidate
	if hasValue {
		if at, ok := at.down(strings.ReplaceAll(last, `\.`, ".")); ok {
			for _, v := range at.values() {
				if strings.HasPrefix(v, value) {
					out = append(out, Candidate{path + "=" + v, ""})
				}
			}
		}
		return out
	}
	for _, next := range at.keys() {
		if strings.HasPrefix(next.Text, last) {
			out = append(out, Candidate{begun + next.Text, next.Doc})
		}
	}
	return out
}

// lastDot is the index of the last dot that parts keys, or -1.
func lastDot(path string) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' && (i == 0 || path[i-1] != '\\') {
			return i
		}
	}
	return -1
}

// spot is a place of the language and what the file has there, or nil.
type spot struct {
	n *node
	f field
}

// down is the place that a key, a name or an index leads to.
func (p spot) down(segment string) (spot, bool) {
	child := p.child(segment)
	switch t := deref(p.f.typ); {
	case isWord(t) || t == overridesType || t == thresholdType:
		return spot{}, false
	case t.Kind() == reflect.Slice:
		return spot{child, field{typ: t.Elem()}}, child != nil
	case t.Kind() == reflect.Map:
		f := field{typ: t.Elem()}
		if p.f.names == "cni" {
			f.enum = cniWords(segment)
		}
		return spot{child, f}, true
	default:
		f, known := fieldNamed(t, segment)
		return spot{child, f}, known
	}
}

func (p spot) child(segment string) *node {
	switch {
	case p.n == nil:
		return nil
	case p.n.kind == sequenceNode:
		if i := findEntry(p.n, segment); i >= 0 {
			return p.n.items[i]
		}
		return nil
	}
	return p.n.get(segment)
}

// keys are what may follow, each with the sign that comes after it: a dot
// where more must follow, = where a value does.
func (p spot) keys() (out []Candidate) {
	add := func(key string, t reflect.Type, doc string) {
		sign := "="
		if t = deref(t); !isWord(t) {
			sign = "."
		}
		out = append(out, Candidate{strings.ReplaceAll(key, ".", `\.`) + sign, doc})
	}
	t := deref(p.f.typ)
	switch {
	case isWord(t) || t == overridesType || t == thresholdType:
	case t.Kind() == reflect.Slice && p.n != nil:
		for i, item := range p.n.items {
			name := word(item.get("name"))
			if name == "" {
				name = strconv.Itoa(i)
			}
			add(name, t.Elem(), "")
		}
	case t.Kind() == reflect.Map && p.f.names == "cni":
		add(fromKey, t.Elem(), fromDoc)
		for _, v := range CNIVariables {
			add(v.Name, t.Elem(), v.Doc)
		}
	case t.Kind() == reflect.Map && namesOf(p.f.names) != nil:
		for _, name := range namesOf(p.f.names) {
			add(name, t.Elem(), "")
		}
	case t.Kind() == reflect.Map && p.n != nil:
		for _, pair := range p.n.pairs {
			add(pair.key, t.Elem(), "")
		}
	case t.Kind() == reflect.Struct:
		for _, f := range fieldsOf(t) {
			if t == scenarioType && slices.Contains(unsettable, f.key) {
				continue
			}
			add(f.key, f.typ, f.doc)
		}
	}
	return out
}

// cniWords are those that a variable of aws-node may be, when there are only so many.
func cniWords(variable string) []string {
	i := slices.IndexFunc(CNIVariables, func(v CNIVariable) bool { return v.Name == variable })
	if i < 0 || CNIVariables[i].kind != cniSwitch {
		return nil
	}
	return []string{"true", "false"}
}

// values are the words that a value may be, when there are only so many.
func (p spot) values() []string {
	switch {
	case p.f.typ == nil || !isWord(deref(p.f.typ)):
	case p.f.enum != nil:
		return p.f.enum
	case deref(p.f.typ).Kind() == reflect.Bool:
		return []string{"true", "false"}
	case p.f.names == "action":
		return actionNames()
	case p.f.names == "instance":
		return ec2model.InstanceTypes()
	}
	return nil
}
