package scenarios

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/result"
)

// schemaID is the identifier in the schema.
const schemaID = "urn:ipamsim:scenario:v1"

// Patterns of the words that the reader parses itself.
const (
	durationWord   = `(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)`
	durationBody   = durationWord + `$`
	octet          = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	prefixText     = `^(` + octet + `\.){3}` + octet + `(/(3[0-2]|[12]?[0-9]))?$`
	selectorText   = `\s*(\{\s*[a-z]+\s*:[^{},]*[^{},\s][^{},]*(,\s*[a-z]+\s*:[^{},]*[^{},\s][^{},]*)*\})?\s*$`
	conditionValue = `\s*(<=|>=|==|!=|<|>)\s*-?[0-9]+(\.[0-9]+)?\s*`
)

// conditionText is the pattern of a condition on a metric of each kind.
var conditionText = map[result.MetricKind]string{
	result.Trend:   `^\s*(avg|min|med|max|p\s*\(\s*([0-9]{1,2}|100)(\.[0-9]+)?\s*\))` + conditionValue + `(s|ms|m)?\s*$`,
	result.Counter: `^\s*count` + conditionValue + `$`,
	result.Gauge:   `^\s*value` + conditionValue + `$`,
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal is json.Marshal that leaves < and > as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// Schema is the JSON Schema (2020-12) of the language, made from the types
// that the reader reads into.
func Schema() []byte {
	types := structTypes(scenarioType)
	return schemaOf(schemaID, "ipamsim scenario", types[0], append(schemaDefs(types[1:]), conditionDefs()...))
}

// profileSchemaID is the identifier in the schema of profiles.
const profileSchemaID = "urn:ipamsim:profile:v1"

// ProfileSchema is the JSON Schema (2020-12) of a profile.
func ProfileSchema() []byte {
	types := structTypes(profileType)
	return schemaOf(profileSchemaID, "ipamsim profile", types[0], schemaDefs(types[1:]))
}

func schemaOf(id, title string, t reflect.Type, defs object) []byte {
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", id},
		{"title", title},
	}
	root = append(root, objectSchema(t)...)
	root = append(root, member{"$defs", defs})
	data, err := marshal(root)
	if err != nil {
		panic(err) // strings, numbers and maps only
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		panic(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// structTypes are the mappings of documents of the language in the order of the
// reference, each once.
func structTypes(roots ...reflect.Type) []reflect.Type {
	var types []reflect.Type
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		t, object := objectIn(t)
		if !object || seen[t] {
			return
		}
		seen[t] = true
		types = append(types, t)
		for _, f := range fieldsOf(t) {
			visit(f.typ)
		}
	}
	for _, root := range roots {
		visit(root)
	}
	return types
}

func schemaDefs(types []reflect.Type) object {
	var defs object
	for _, t := range types {
		defs = append(defs, member{titleOf(t), append(object{{"title", titleOf(t)}}, objectSchema(t)...)})
	}
	return defs
}

// conditionDefs are the conditions on metrics of each kind.
func conditionDefs() (defs object) {
	for _, kind := range result.Kinds {
		word := object{{"type", "string"}, {"pattern", conditionText[kind]}}
		more := object{{"$ref", "#/$defs/" + titleOf(conditionType)}, {"properties", object{{"threshold", word}}}}
		condition := object{{"anyOf", []any{word, more}}}
		defs = append(defs, member{kind.String() + "Conditions", object{
			{"anyOf", []any{condition, object{{"type", "array"}, {"minItems", 1}, {"items", condition}}}},
		}})
	}
	return defs
}

// titleOf is what a type is called where people read.
func titleOf(t reflect.Type) string { return strings.ToUpper(t.Name()[:1]) + t.Name()[1:] }

func objectSchema(t reflect.Type) object {
	var properties object
	required := []string{}
	for _, f := range fieldsOf(t) {
		s := append(object{{"description", f.doc}}, valueSchema(f.typ, f)...)
		if f.required {
			required = append(required, f.key)
		} else {
			s = nullable(s)
		}
		if f.absent != "" {
			s = append(s, member{"default", typedDefault(f)})
		}
		properties = append(properties, member{f.key, s})
	}
	out := object{{"type", "object"}, {"additionalProperties", false}}
	if len(required) > 0 {
		out = append(out, member{"required", required})
	}
	return append(out, member{"properties", properties})
}

// nullable lets an optional key stand without a value, as the reader does.
func nullable(s object) object {
	out := object{}
	for _, m := range s {
		switch m.key {
		case "type":
			m.value = []any{m.value, "null"}
		case "enum":
			m.value = append(append([]any{}, m.value.([]any)...), nil)
		case "anyOf":
			m.value = append(append([]any{}, m.value.([]any)...), object{{"type", "null"}})
		case "$ref":
			m = member{"anyOf", []any{object{m}, object{{"type", "null"}}}}
		}
		out = append(out, m)
	}
	return out
}

func typedDefault(f field) any {
	switch deref(f.typ).Kind() {
	case reflect.Bool, reflect.Int, reflect.Uint64, reflect.Float64:
		return json.RawMessage(f.absent)
	}
	return f.absent
}

// valueSchema is the schema of a value of a type.
func valueSchema(t reflect.Type, f field) object {
	t = deref(t)
	if s := languageSchema(t, f); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.String:
		return stringSchema(f)
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int:
		return rangeSchema(object{{"type", "integer"}}, f)
	case reflect.Uint64:
		if f.min == "" {
			f.min = "0"
		}
		return rangeSchema(object{{"type", "integer"}, {"maximum", json.Number("18446744073709551615")}}, f)
	case reflect.Float64:
		return rangeSchema(object{{"type", "number"}}, f)
	case reflect.Slice:
		s := object{{"type", "array"}, {"items", valueSchema(t.Elem(), field{names: f.names})}}
		if f.min != "" {
			s = append(s, member{"minItems", json.Number(f.min)})
		}
		return append(s, member{"maxItems", json.Number(strconv.Itoa(mostEntries(f)))})
	case reflect.Map:
		return mapSchema(t, f)
	}
	return object{{"$ref", "#/$defs/" + titleOf(t)}}
}

// languageSchema is the schema of a value of one of the language's own types, nil
// for those of Go.
func languageSchema(t reflect.Type, f field) object {
	switch t {
	case durationType:
		sign := `^\+?`
		if f.negative {
			sign = `^[-+]?`
		}
		return object{{"anyOf", []any{
			object{{"type", "string"}, {"pattern", sign + durationBody}}, object{{"const", 0}}}}}
	case windowType:
		return object{{"type", "string"}, {"pattern", windowText}}
	case prefixType:
		return object{{"type", "string"}, {"pattern", prefixText}}
	case cpuType:
		return object{{"anyOf", []any{
			object{{"type", "string"}, {"pattern", cpuPattern.String()}}, object{{"type", "number"}, {"minimum", 0}}}}}
	case memoryType:
		return object{{"anyOf", []any{
			object{{"type", "string"}, {"pattern", memoryPattern.String()}}, object{{"const", 0}}}}}
	case percentType:
		return object{{"anyOf", []any{
			object{{"type", "string"}, {"pattern", controlplane.IntOrPercentPattern.String()}},
			object{{"type", "integer"}, {"minimum", f.leastOf()}, {"maximum", controlplane.MostPods}}}}}
	case thresholdType:
		return thresholdSchema()
	case overridesType:
		return object{{"type", "object"}}
	}
	return nil
}

func stringSchema(f field) object {
	s := object{{"type", "string"}}
	switch {
	case f.enum != nil:
		s = append(s, member{"enum", anySlice(f.enum)})
	case f.names == "action":
		s = append(s, member{"enum", anySlice(actionNames())})
	case f.names == "instance":
		s = append(s, member{"anyOf", []any{object{{"enum", anySlice(ec2model.InstanceTypes())}}, object{{"pattern", typePattern}}}}) // ec2.instanceTypes may describe more
	case f.pattern != nil:
		s = append(s, member{"pattern", f.pattern.String()})
	case f.required:
		s = append(s, member{"minLength", 1})
	}
	return s
}

func anySlice(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

func rangeSchema(s object, f field) object {
	if f.min != "" {
		s = append(s, member{"minimum", json.Number(f.min)})
	}
	if f.max != "" {
		s = append(s, member{"maximum", json.Number(f.max)})
	}
	return s
}

// mapSchema is a mapping whose keys are names of something.
func mapSchema(t reflect.Type, f field) object {
	var element any = valueSchema(t.Elem(), field{})
	if t.Elem().Kind() == reflect.String {
		element = object{{"type", []any{"string", "number", "boolean"}}}
	}
	s := object{{"type", "object"}}
	switch f.names {
	case "action", "resourceAction":
		s = append(s, member{"propertyNames", object{{"enum", anySlice(namesOf(f.names))}}})
	case "cni":
		properties := object{{fromKey, object{{"description", fromDoc}, {"type", "string"}}}}
		for _, v := range CNIVariables {
			doc := v.Doc
			if v.Default != "" {
				doc += " Default " + v.Default + "."
			}
			properties = append(properties, member{v.Name, object{{"description", doc}, {"type", []any{"string", "number", "boolean"}}}})
		}
		return append(s, member{"additionalProperties", false}, member{"properties", properties})
	}
	return append(s, member{"additionalProperties", element})
}

// thresholdSchema knows every metric, with and without a selector.
func thresholdSchema() object {
	var properties, patterns object
	for _, m := range result.Metrics {
		properties = append(properties, member{m.Name, object{{"description", m.Doc}, {"$ref", "#/$defs/" + m.Kind.String() + "Conditions"}}})
	}
	for _, kind := range result.Kinds {
		var names []string
		for _, m := range result.Metrics {
			if m.Kind == kind {
				names = append(names, m.Name)
			}
		}
		patterns = append(patterns, member{`^\s*(` + strings.Join(names, "|") + `)` + selectorText,
			object{{"$ref", "#/$defs/" + kind.String() + "Conditions"}}})
	}
	return object{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}, {"patternProperties", patterns}}
}
