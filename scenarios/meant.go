package scenarios

import (
	"reflect"
	"slices"

	"ipamsim/internal/words"
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
		_, has = cniVariable(key)
		return f.typ, has
	}
	inner, object := objectIn(f.typ)
	if object {
		_, has = fieldNamed(inner, key)
	}
	return inner, has
}
