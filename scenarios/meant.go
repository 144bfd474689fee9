package scenarios

import (
	"reflect"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
)

// mostPlaces bounds the objects that are named for a key that stands beside them
// and not in them: with more of them none is more likely meant than another.
const mostPlaces = 2

// meantKey says what a key that t does not have may have meant, as the end of a
// message: what others call so, a slip of the fingers, or an object of t that has
// the key. Where it looks like nothing, it lists what there is.
func meantKey(t reflect.Type, key string) string {
	for _, f := range fieldsOf(t) {
		if slices.Contains(f.also, key) {
			return words.Meant([]string{f.key})
		}
	}
	if near := words.Near(key, keysOf(t)); len(near) > 0 {
		return words.Meant(near)
	}
	if places := placesOf(t, key); 1 <= len(places) && len(places) <= mostPlaces {
		return "; it is a key of " + words.Or(places)
	}
	if places := holdersOf(key); 1 <= len(places) && len(places) <= mostPlaces {
		return "; it is a key of " + words.Or(places)
	}
	return "; known are " + words.And(keysOf(t))
}

// placesOf are the keys of t whose values have a key: those of an object, or
// where there are none those whose entries have it.
func placesOf(t reflect.Type, key string) []string {
	var objects, lists []string
	for _, f := range fieldsOf(t) {
		switch inner, has := holds(f, key); {
		case !has:
		case inner == deref(f.typ):
			objects = append(objects, f.key)
		default:
			lists = append(lists, f.key)
		}
	}
	if len(objects) > 0 {
		return objects
	}
	return lists
}

// holds tells whether what a field's value is, or holds as entries, has a key, and
// of which type that is.
func holds(f field, key string) (inner reflect.Type, has bool) {
	if f.names == "cni" {
		return f.typ, isVariable(key)
	}
	inner, object := objectIn(f.typ)
	if object {
		_, has = fieldNamed(inner, key)
	}
	return inner, has
}

func isVariable(key string) bool {
	_, is := cniVariable(key)
	return is
}

// theFile is what the object is called that is the whole scenario.
const theFile = "the file itself"

// holdersOf are the paths of all objects of the language that have a key, or call
// it otherwise: those that hold it in its own name first of all.
func holdersOf(key string) []string {
	var own, others []string
	walkObjects(scenarioType, theFile, map[reflect.Type]bool{}, func(t reflect.Type, path string) {
		for _, f := range fieldsOf(t) {
			switch {
			case f.key == key:
				own = append(own, path)
			case f.names == "cni" && isVariable(key):
				own = append(own, join(path, f.key))
			case slices.Contains(f.also, key):
				others = append(others, path+", where it is called "+f.key)
			}
		}
	})
	if len(own) > 0 {
		return own
	}
	return others
}

// walkObjects visits an object type and those that it holds, each once, with the
// path to it.
func walkObjects(t reflect.Type, path string, seen map[reflect.Type]bool, visit func(t reflect.Type, path string)) {
	if seen[t] {
		return
	}
	seen[t] = true
	visit(t, path)
	for _, f := range fieldsOf(t) {
		if inner, object := objectIn(f.typ); object {
			below := f.key
			if path != theFile {
				below = join(path, f.key)
			}
			walkObjects(inner, below, seen, visit)
		}
	}
}

// meantWord says what a word that is none of a field's may have meant, as the end
// of a message.
func meantWord(text string, f field) string {
	if f.names == "release" {
		if nearest, _ := ipamd.NearestRelease(text); nearest != "" {
			return "; the nearest is " + nearest
		}
		return ""
	}
	for _, m := range f.means {
		if theirs, ours, _ := strings.Cut(m, "="); strings.EqualFold(theirs, text) {
			return words.Meant([]string{ours})
		}
	}
	return words.DidYouMean(text, f.enum)
}

// meantShape says how to write a value of one shape where another was expected, as
// the end of a message, or nothing where that is not known.
func meantShape(n *node, kind nodeKind, f field) string {
	t := deref(f.typ)
	switch {
	case f.like != "":
		return ": write it like " + f.like
	case n.isNull():
	case kind == sequenceNode && n.kind == mappingNode && hasName(t.Elem()):
		return ": write each entry as - name: NAME"
	case kind == sequenceNode && n.kind == scalarNode && isWord(t.Elem()):
		return ": write [" + n.text + "]"
	case kind == mappingNode && n.kind == scalarNode && t.Kind() == reflect.Struct:
		if f, ok := takes(t, n); ok {
			return ": write {" + f.key + ": " + n.text + "}"
		}
	}
	return ""
}

// takes is the field of an object that a word stands for where it is written in
// the object's place: one that has it as a choice, or the first where it takes it.
func takes(t reflect.Type, word *node) (f field, ok bool) {
	fields := fieldsOf(t)
	for _, f := range fields {
		if slices.Contains(f.enum, word.text) {
			return f, true
		}
	}
	inner := deref(fields[0].typ)
	return fields[0], isWord(inner) && setWord(reflect.New(inner).Elem(), word.text, word.tag, fields[0]) == nil
}
