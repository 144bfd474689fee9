// Package schema writes JSON Schemas of documents from the Go types that they are
// made of and from what is written beside these.
package schema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Document is what a schema is of.
type Document struct {
	ID    string // such as urn:ipamsim:result:v2
	Title string
	Root  reflect.Type // of the whole: a struct, or a slice of them
	// Version is the only value that the root's first key has; empty where the
	// document has no version.
	Version string
	// Sources are the packages of the types: what a type and a field mean is said
	// there, and nowhere else. By the package's path.
	Sources map[string]fs.FS
	// Types are JSON's types of Go types that are written in their own way.
	Types map[reflect.Type][]string
}

// Of is the JSON Schema (2020-12) of a document. Every object is closed. It panics
// for types that it has no word for: they are the program's own.
func Of(d Document) []byte {
	w := writer{document: &d, words: map[string]map[string]*wordsOf{}, seen: map[string]reflect.Type{}}
	for path, source := range d.Sources { // any order: each is by itself
		w.words[path] = readWords(source)
	}
	root := &schema{}
	switch d.Root.Kind() {
	case reflect.Slice:
		root.Type, root.Items = "array", w.value(d.Root.Elem())
	default:
		root = w.object(d.Root)
	}
	root.Dialect, root.ID, root.Title = "https://json-schema.org/draft/2020-12/schema", d.ID, d.Title
	if d.Version != "" {
		root.Properties[0].value.Const = d.Version
	}
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
	AnyOf         []*schema  `json:"anyOf,omitempty"`
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

// writer goes through the types.
type writer struct {
	document *Document
	words    map[string]map[string]*wordsOf // by the package's path and the type's name
	seen     map[string]reflect.Type        // by name
	open     []reflect.Type                 // that are referred to, and not written yet
}

// of is what is written beside a type; nil for one of Go's own.
func (w *writer) of(t reflect.Type) *wordsOf { return w.words[t.PkgPath()][t.Name()] }

func (w *writer) object(t reflect.Type) *schema {
	s := &schema{Description: w.of(t).about, Type: "object", Additional: false}
	w.fields(t, s)
	return s
}

// fields adds a type's to an object; those of an embedded type are the
// object's own.
func (w *writer) fields(t reflect.Type, s *schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			s.Description += " " + w.of(f.Type).about
			w.fields(f.Type, s)
			continue
		case !f.IsExported() || key == "-":
			continue
		}
		value := w.value(f.Type)
		if value.Description = w.of(t).fields[f.Name]; value.Description == "" && value.Ref == "" {
			value.Description = w.of(f.Type).says()
		}
		if options != "omitempty" {
			s.Required = append(s.Required, key)
			if f.Type.Kind() == reflect.Pointer {
				value = orNull(value)
			}
		}
		s.Properties = append(s.Properties, property{key, value})
	}
}

// orNull is a value that may be null besides. What it is about stays in front.
func orNull(s *schema) *schema {
	if s.Ref == "" && s.Enum == nil {
		s.Type = []any{s.Type, "null"}
		return s
	}
	about := s.Description
	s.Description = ""
	return &schema{Description: about, AnyOf: []*schema{s, {Type: "null"}}}
}

// value is what a type is written as. Raw JSON is an object where it is a field's,
// and a number, a truth value or a string among several of a map.
func (w *writer) value(t reflect.Type) *schema {
	zero := 0
	switch own := w.document.Types[t]; {
	case own != nil:
		return &schema{Type: own}
	case t == reflect.TypeFor[json.RawMessage]():
		return &schema{Type: "object"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return &schema{Type: "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.value(t.Elem())
	case reflect.String:
		return &schema{Type: "string", Enum: w.of(t).values()}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer"}
	case reflect.Uint64:
		return &schema{Type: "integer", Minimum: &zero}
	case reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Slice:
		return &schema{Type: "array", Items: w.value(t.Elem())}
	case reflect.Map:
		value := w.value(t.Elem())
		switch elem := t.Elem(); {
		case elem == reflect.TypeFor[json.RawMessage]():
			value = &schema{Type: []string{"number", "boolean", "string"}}
		case elem.Kind() == reflect.Pointer && elem.Elem().Kind() != reflect.Struct:
			value = orNull(value)
		}
		s := &schema{Type: "object", Additional: value}
		if names := w.value(t.Key()); names.Enum != nil {
			s.PropertyNames = names
		}
		return s
	case reflect.Struct:
		switch known := w.seen[t.Name()]; {
		case known != nil && known != t:
			panic("schema: two types are called " + t.Name())
		case known == nil:
			w.seen[t.Name()] = t
			w.open = append(w.open, t)
		}
		return &schema{Ref: "#/$defs/" + t.Name()}
	}
	panic("schema: there is no word for " + t.String())
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

// readWords reads the sources of a package.
func readWords(sources fs.FS) map[string]*wordsOf {
	words := map[string]*wordsOf{}
	of := func(name string) *wordsOf {
		if words[name] == nil {
			words[name] = &wordsOf{fields: map[string]string{}}
		}
		return words[name]
	}
	for _, decl := range declarations(sources) {
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
func declarations(sources fs.FS) (list []*ast.GenDecl) {
	files, err := fs.ReadDir(sources, ".")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(sources, f.Name())
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
