package scenarios

import "reflect"

// renameFormer gives keys of a value of type t that are spelt as they once
// were their names of today, with a warning. Where both spellings stand, the
// old one is left, as a key that nobody knows.
func renameFormer(n *node, t reflect.Type, warning report) {
	switch t = deref(t); {
	case isWord(t) || t == thresholdType || t == overridesType:
	case t.Kind() == reflect.Slice:
		for _, item := range n.items {
			renameFormer(item, t.Elem(), warning)
		}
	case t.Kind() == reflect.Map:
		for _, p := range n.pairs {
			renameFormer(p.value, t.Elem(), warning)
		}
	default:
		for i := range n.pairs {
			p := &n.pairs[i]
			if f, former := fieldFormerly(t, p.key); former && n.get(f.key) == nil {
				warning(p.keyAt, formerSpelling, p.key, f.key)
				p.key = f.key
			}
			if f, known := fieldNamed(t, p.key); known {
				renameFormer(p.value, f.typ, warning)
			}
		}
	}
}

const formerSpelling = "%s is spelt %s now; the old spelling is still read"
