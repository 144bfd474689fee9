package result

import (
	"bytes"
	"embed"
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// SchemaID is the identifier in the schema.
const SchemaID = "urn:ipamsim:result:v2"

// sources are this package's own: what a type and a field mean is said beside
// them, and nowhere else.
//
//go:embed *.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Result's JSON, made from the types
// and from what is written beside them.
func Schema() []byte {
	w := schemaWriter{words: readWords(), seen: map[reflect.Type]bool{}}
	root := w.object(reflect.TypeFor[Result]())
	root.Dialect, root.ID, root.Title = "https://json-schema.org/draft/2020-12/schema", SchemaID, "ipamsim result"
	root.Properties[0].value.Const = SchemaVersion
	for len(w.open) > 0 {
		t := w.open[0]
		w.open = w.open[1:]
		root.Defs = append(root.Defs, property{t.Name(), w.object(t)})
	}
	text, err := unescaped(root)
	if err != nil {
		panic(err) // strings and lists only
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		panic(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// schema is a JSON Schema, as far as one is needed here.
type schema struct {
	Dialect       string     `json:"$schema,omitempty"`
	ID            string     `json:"$id,omitempty"`
	Title         string     `json:"title,omitempty"`
	Description   string     `json:"description,omitempty"`
	Type          any        `json:"type,omitempty"`
	Ref           string     `json:"$ref,omitempty"`
	Const         string     `json:"const,omitempty"`
	Enum          []string   `json:"enum,omitempty"`
	Minimum       *int       `json:"minimum,omitempty"`
	Items         *schema    `json:"items,omitempty"`
	PropertyNames *schema    `json:"propertyNames,omitempty"`
	Additional    any        `json:"additionalProperties,omitempty"` // false or a schema
	Required      []string   `json:"required,omitempty"`
	Properties    properties `json:"properties,omitempty"`
	Defs          properties `json:"$defs,omitempty"`
}

// properties keep their order.
type properties []property

type property struct {
	key   string
	value *schema
}

// MarshalJSON writes an object.
func (p properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, each := range p {
		out.WriteByte("{,"[min(i, 1)])
		text, err := unescaped(each.value)
		if err != nil {
			return nil, err
		}
		out.WriteString(strconv.Quote(each.key) + ":")
		out.Write(text)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// unescaped is JSON that leaves < and > as they are.
func unescaped(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}

// schemaWriter goes through the types.
type schemaWriter struct {
	words map[string]*wordsOf
	seen  map[reflect.Type]bool
	open  []reflect.Type // that are referred to, and not written yet
}

func (w *schemaWriter) object(t reflect.Type) *schema {
	s := &schema{Description: w.words[t.Name()].about, Type: "object", Additional: false}
	w.fields(t, s)
	return s
}

// fields adds a type's to an object; those of an embedded type are the
// object's own.
func (w *schemaWriter) fields(t reflect.Type, s *schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			s.Description += " " + w.words[f.Type.Name()].about
			w.fields(f.Type, s)
			continue
		case !f.IsExported() || key == "-":
			continue
		}
		value := w.value(f.Type)
		if value.Description = w.words[t.Name()].fields[f.Name]; value.Description == "" && value.Ref == "" {
			value.Description = w.words[f.Type.Name()].says()
		}
		if options != "omitempty" {
			s.Required = append(s.Required, key)
			if f.Type.Kind() == reflect.Pointer {
				value.Type = []any{value.Type, "null"}
			}
		}
		s.Properties = append(s.Properties, property{key, value})
	}
}

func (w *schemaWriter) value(t reflect.Type) *schema {
	zero := 0
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return &schema{Type: "object"}
	case t == reflect.TypeFor[Seconds]():
		return &schema{Type: []any{"number", "null"}}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return &schema{Type: "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.value(t.Elem())
	case reflect.String:
		return &schema{Type: "string", Enum: w.words[t.Name()].values()}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int:
		return &schema{Type: "integer"}
	case reflect.Uint64:
		return &schema{Type: "integer", Minimum: &zero}
	case reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Slice:
		return &schema{Type: "array", Items: w.value(t.Elem())}
	case reflect.Map:
		s := &schema{Type: "object", Additional: w.value(t.Elem())}
		if names := w.value(t.Key()); names.Enum != nil {
			s.PropertyNames = names
		}
		return s
	case reflect.Struct:
		if !w.seen[t] {
			w.seen[t] = true
			w.open = append(w.open, t)
		}
		return &schema{Ref: "#/$defs/" + t.Name()}
	}
	panic("result: the schema has no word for " + t.String())
}

// wordsOf a type are what is written beside it.
type wordsOf struct {
	about     string
	fields    map[string]string
	constants []string // values of the type
}

// says and values are empty of a type of Go's own.
func (w *wordsOf) says() string {
	if w == nil {
		return ""
	}
	return w.about
}

func (w *wordsOf) values() []string {
	if w == nil {
		return nil
	}
	return w.constants
}

// readWords reads the sources.
func readWords() map[string]*wordsOf {
	words := map[string]*wordsOf{}
	of := func(name string) *wordsOf {
		if words[name] == nil {
			words[name] = &wordsOf{fields: map[string]string{}}
		}
		return words[name]
	}
	for _, decl := range declarations() {
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				w := of(spec.Name.Name)
				w.about = oneLine(spec.Doc.Text() + decl.Doc.Text())
				if fields, is := spec.Type.(*ast.StructType); is {
					w.readFields(spec.Name.Name, fields)
				}
			case *ast.ValueSpec:
				name, typed := spec.Type.(*ast.Ident)
				if !typed || decl.Tok != token.CONST {
					continue
				}
				for _, value := range spec.Values {
					if literal, is := value.(*ast.BasicLit); is && literal.Kind == token.STRING {
						text, _ := strconv.Unquote(literal.Value)
						of(name.Name).constants = append(of(name.Name).constants, text)
					}
				}
			}
		}
	}
	return words
}

// declarations are those of the sources, without the tests.
func declarations() (list []*ast.GenDecl) {
	files, err := sources.ReadDir(".")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := sources.ReadFile(f.Name())
		if err != nil {
			panic(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err) // they are compiled
		}
		for _, d := range file.Decls {
			if d, is := d.(*ast.GenDecl); is {
				list = append(list, d)
			}
		}
	}
	return list
}

// readFields takes what is written above and behind fields. Where what stands
// above calls a field by its name in Go, the key stands instead.
func (w *wordsOf) readFields(typeName string, t *ast.StructType) {
	keys, names := map[string]string{}, []string{}
	for _, f := range t.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		for _, name := range f.Names {
			keys[name.Name], names = key, append(names, name.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	called := regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
	asKeys := func(text string) string {
		return called.ReplaceAllStringFunc(text, func(name string) string {
			if name == typeName {
				return name
			}
			return keys[name]
		})
	}
	w.about = asKeys(w.about)
	for _, f := range t.Fields.List {
		for _, name := range f.Names {
			w.fields[name.Name] = oneLine(asKeys(f.Doc.Text()) + f.Comment.Text())
		}
	}
}

// oneLine joins the lines of a comment.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
