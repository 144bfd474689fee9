package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"ipamsim/internal/words"
)

// override is a value for a place in the tree.
type override struct {
	path  string // nodeGroups.workers.cni.WARM_IP_TARGET
	at    Position
	value *node
}

// applyOverride sets or removes one value of the tree. The path must lead to
// a place of the language; missing mappings on the way are made.
func applyOverride(root *node, o override, problem, warning report) {
	segments, err := splitPath(o.path)
	if err != nil {
		problem(o.at, "%s: %s", o.path, err)
		return
	}
	w := walker{o: o, problem: problem, warning: warning}
	if o.value.isNull() {
		w.o.value = nil
	}
	w.walk(root, scenarioType, segments, "")
}

// splitPath cuts a path at its dots. A dot of a key is written \. and list
// entries are also called by [index].
func splitPath(path string) ([]string, error) {
	var segments []string
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			b.WriteByte(path[i])
		case c == '.':
			segments = append(segments, b.String())
			b.Reset()
		case c == '[':
			end := strings.IndexByte(path[i:], ']')
			if end < 0 {
				return nil, fmt.Errorf("a [ without its ]")
			}
			segments = append(segments, b.String())
			b.Reset()
			b.WriteString(path[i+1 : i+end])
			i += end
		default:
			b.WriteByte(c)
		}
	}
	segments = append(segments, b.String())
	for _, s := range segments {
		if s == "" {
			return nil, fmt.Errorf("not a path: write keys and names with a dot between them, such as nodeGroups.workers.count")
		}
	}
	return segments, nil
}

type walker struct {
	o       override
	problem report
	warning report
}

func (w *walker) fail(format string, args ...any) {
	w.problem(w.o.at, "%s: %s", w.o.path, fmt.Sprintf(format, args...))
}

// walk goes one segment down from n, a value of type t that is called name.
func (w *walker) walk(n *node, t reflect.Type, segments []string, name string) {
	t = deref(t)
	switch {
	case isWord(t) || t == overridesType:
		w.fail("%s is %s: there is no %q in it", name, expectation(t), segments[0])
	case t.Kind() == reflect.Slice && t != thresholdType:
		w.entry(n, t, segments, name)
	case t.Kind() == reflect.Struct:
		f, known := fieldNamed(t, segments[0])
		if former, was := fieldFormerly(t, segments[0]); was {
			w.warning(w.o.at, formerSpelling, segments[0], former.key)
			f, known, segments[0] = former, true, former.key
		}
		if !known {
			w.fail("there is no %q in %s%s", segments[0], orFile(name), meantKey(t, segments[0]))
			return
		}
		w.key(n, f.typ, segments, name)
	default:
		element := reflect.TypeFor[string]()
		if t.Kind() == reflect.Map {
			element = t.Elem()
		}
		w.key(n, element, segments, name)
	}
}

func orFile(name string) string {
	if name == "" {
		return "a scenario"
	}
	return name
}

// key goes into a mapping.
func (w *walker) key(n *node, t reflect.Type, segments []string, name string) {
	key := segments[0]
	if n.kind != mappingNode {
		return // of the wrong shape: reported where it stands
	}
	if len(segments) == 1 {
		if w.o.value == nil && t.Kind() == reflect.String && n.get(fromKey) != nil && key != fromKey {
			n.put(key, w.o.at, &node{tag: "null", at: w.o.at}) // the file has it, and it is not to be taken from there
			return
		}
		n.put(key, w.o.at, w.o.value)
		return
	}
	child := n.get(key)
	if child == nil || child.isNull() {
		if w.o.value == nil {
			child = &node{kind: mappingNode, at: w.o.at} // there is nothing to remove; the rest of the path is still checked
		} else {
			child = emptyOf(t, w.o.at)
			n.put(key, w.o.at, child)
		}
	}
	w.walk(child, t, segments[1:], join(name, key))
}

func emptyOf(t reflect.Type, at Position) *node {
	if t = deref(t); t.Kind() == reflect.Slice && t != thresholdType {
		return &node{kind: sequenceNode, at: at}
	}
	return &node{kind: mappingNode, at: at}
}

// entry goes into a list, by name or by index.
func (w *walker) entry(n *node, t reflect.Type, segments []string, name string) {
	if n.kind != sequenceNode {
		if n.kind == mappingNode && len(n.pairs) == 0 {
			w.fail("%s has no entries", name)
		}
		return
	}
	if segments[0] == newEntry {
		w.append(n, segments, name)
		return
	}
	i := findEntry(n, segments[0])
	if i < 0 {
		var names []string
		for _, item := range n.items {
			if s := item.get("name"); s != nil {
				names = append(names, s.text)
			}
		}
		switch {
		case len(names) > 0:
			w.fail("%s has no entry %q%s", name, segments[0], words.DidYouMeanOr(segments[0], names))
		default:
			w.fail("%s has no entry %q: it has %d, called by their index from 0", name, segments[0], len(n.items))
		}
		return
	}
	if len(segments) > 1 && n.items[i].gone {
		w.fail("%s[%d] was taken out by another override", name, i)
		return
	}
	if len(segments) > 1 {
		w.walk(n.items[i], t.Elem(), segments[1:], entryName(name, i, n.items[i]))
		return
	}
	if w.o.value == nil {
		n.items[i] = &node{at: w.o.at, gone: true}
		return
	}
	n.items[i] = w.o.value
}

// newEntry is the segment of a path that stands for an entry after the last
// one, so that what is called by its index keeps it.
const newEntry = "+"

// Appends says whether an override, as --set takes it, adds an entry to a list.
// Others change one place, where the last one for it counts.
func Appends(set string) bool {
	path, _, _ := strings.Cut(set, "=")
	segments, err := splitPath(strings.TrimSpace(path))
	return err == nil && segments[len(segments)-1] == newEntry
}

func (w *walker) append(n *node, segments []string, name string) {
	switch {
	case len(segments) > 1:
		w.fail("%s.%s is an entry that is not there yet: its whole value was expected, such as --set '%s.%s={...}'", name, newEntry, name, newEntry)
	case w.o.value == nil:
		w.fail("%s.%s adds an entry to %s: there is nothing to remove", name, newEntry, name)
	default:
		n.items = append(n.items, w.o.value)
	}
}

// findEntry is the index of the entry with a name, or of that index, or -1.
func findEntry(n *node, segment string) int {
	for i, item := range n.items {
		if name := item.get("name"); name != nil && name.kind == scalarNode && name.text == segment {
			return i
		}
	}
	if i, err := strconv.Atoi(segment); err == nil && i >= 0 && i < len(n.items) {
		return i
	}
	return -1
}
