package scenarios

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ipamsim/sim/controlplane"
)

// field is one key of the language, as the tags of a struct field tell it.
type field struct {
	key      string
	formerly string   // an older spelling, which is read with a warning
	also     []string // what others call it, for a message that says what was meant
	means    []string // what others call its values, each as THEIRS=OURS, for the same
	like     string   // a value as one writes it, for a message about another shape
	doc      string
	absent   string // value of an absent key
	enum     []string
	pattern  *regexp.Regexp
	min, max string // of a number or a duration; of a list, min entries
	required bool
	negative bool   // a duration that may be below zero
	verbatim bool   // text that is taken as written, numbers and truth values too
	names    string // what its value, or its keys, are names of: action, resourceAction, cni, fault, instance, release
	typ      reflect.Type
	index    int
}

// maxEntries bounds every list that has no bound of its own. Entries are
// compared with each other, each with all before it; no account has a thousand
// subnets, which is five times the quota of a VPC.
const maxEntries = 1000

// mostEntries is how many entries a list may have.
func mostEntries(f field) int {
	if n, err := strconv.Atoi(f.max); err == nil {
		return n
	}
	return maxEntries
}

// nameRule is what the pattern of names means.
const nameRule = "a name has lower-case letters, digits and hyphens inside, at most 63"

// fieldsByType remembers the fields of each type: tags are text, and reading them
// was most of what reading a scenario took.
var fieldsByType sync.Map // of reflect.Type to []field

// fieldsOf are the keys of a struct type, in the order of the reference.
// Everybody gets the same slice.
func fieldsOf(t reflect.Type) []field {
	if fields, ok := fieldsByType.Load(t); ok {
		return fields.([]field)
	}
	fields, _ := fieldsByType.LoadOrStore(t, readFields(t))
	return fields.([]field)
}

func readFields(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		out := field{
			key:      key,
			formerly: f.Tag.Get("formerly"),
			also:     strings.Fields(f.Tag.Get("also")),
			means:    strings.Fields(f.Tag.Get("means")),
			like:     f.Tag.Get("like"),
			doc:      f.Tag.Get("doc"),
			absent:   f.Tag.Get("default"),
			min:      f.Tag.Get("min"),
			max:      f.Tag.Get("max"),
			required: f.Tag.Get("required") == "true",
			negative: f.Tag.Get("negative") == "true",
			names:    f.Tag.Get("names"),
			typ:      f.Type,
			index:    i,
		}
		if e := f.Tag.Get("enum"); e != "" {
			out.enum = strings.Split(e, ",")
		}
		if out.names == "fault" {
			for _, kind := range FaultKinds() {
				out.enum = append(out.enum, string(kind))
			}
		}
		if p := f.Tag.Get("pattern"); p != "" {
			out.pattern = regexp.MustCompile(p)
		}
		fields = append(fields, out)
	}
	return fields
}

// otherWords are the words beside its key that a field goes by: its values where
// they are a choice, and what others call it and them.
func (f field) otherWords() []string {
	list := slices.Concat(f.enum, f.also)
	for _, m := range f.means {
		theirs, _, _ := strings.Cut(m, "=")
		list = append(list, theirs)
	}
	return list
}

// leastOf is the least number of pods, 1 unless the field says that none will do.
func (f field) leastOf() int {
	if f.min == "0" {
		return 0
	}
	return 1
}

// mostPercent is the highest percentage of a number of pods or a share of them: all,
// unless the field says another one.
func (f field) mostPercent() int {
	if f.max == "" {
		return controlplane.AllPercent
	}
	n, err := strconv.Atoi(f.max)
	if err != nil {
		panic("scenarios: the bound of " + f.key + " is no percentage")
	}
	return n
}

func fieldNamed(t reflect.Type, key string) (field, bool) {
	for _, f := range fieldsOf(t) {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// fieldFormerly is the field that was once called by a key.
func fieldFormerly(t reflect.Type, key string) (field, bool) {
	for _, f := range fieldsOf(t) {
		if f.formerly != "" && f.formerly == key {
			return f, true
		}
	}
	return field{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.key)
	}
	return keys
}

// The types of values that are written as one word, and the two mappings that
// are read in their own way.
var (
	durationType  = reflect.TypeFor[Duration]()
	prefixType    = reflect.TypeFor[Prefix]()
	cpuType       = reflect.TypeFor[CPU]()
	memoryType    = reflect.TypeFor[Memory]()
	percentType   = reflect.TypeFor[IntOrPercent]()
	thresholdType = reflect.TypeFor[ThresholdList]()
	overridesType = reflect.TypeFor[map[string]any]()
	scenarioType  = reflect.TypeFor[Scenario]()
	faultType     = reflect.TypeFor[Fault]()
)

// deref is the type behind a pointer.
func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isWord reports whether values of a type are written as a scalar.
func isWord(t reflect.Type) bool {
	switch deref(t) {
	case durationType, prefixType, cpuType, memoryType, percentType:
		return true
	}
	switch deref(t).Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return true
	}
	return false
}

// objectIn is the type of the objects that a type's values are, or hold as entries.
func objectIn(t reflect.Type) (object reflect.Type, ok bool) {
	if t == thresholdType {
		t = conditionType
	}
	for t = deref(t); t.Kind() == reflect.Slice || t.Kind() == reflect.Map; {
		t = deref(t.Elem())
	}
	return t, t.Kind() == reflect.Struct && !isWord(t)
}

// expectation names a type in messages.
func expectation(t reflect.Type) string {
	switch t = deref(t); t {
	case durationType:
		return "a duration such as 5s or 1h30m"
	case prefixType:
		return "an IPv4 block such as 10.0.0.0/16"
	case cpuType:
		return "an amount of CPU such as 2 or 250m"
	case memoryType:
		return "an amount of memory such as 512Mi"
	case percentType:
		return "a number of pods such as 2 or a percentage such as 10%"
	case thresholdType:
		return "a mapping of metrics to conditions"
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "a mapping"
}
