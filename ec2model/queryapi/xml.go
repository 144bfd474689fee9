package queryapi

import (
	_ "embed"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// namespace of the answers (API version 2016-11-15).
const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// elementsCSV says under which name the wire carries a member of a shape. The
// SDK's types have the members, and not these names. Derived from botocore
// 1.43.11, data/ec2/2016-11-15/service-2.json: locationName of the members of
// all shapes that are reached from the answers.
//
//go:embed data/elements.csv
var elementsCSV string

// elements are the rows of the table by shape and member.
var elements = sync.OnceValue(func() map[[2]string]string {
	records, err := csv.NewReader(strings.NewReader(elementsCSV)).ReadAll()
	if err != nil {
		panic("queryapi: data/elements.csv: " + err.Error())
	}
	table := make(map[[2]string]string, len(records))
	for _, r := range records[1:] {
		table[[2]string{r[0], r[1]}] = r[2]
	}
	return table
})

// element of a list, unless a list has an own name for it.
const item = "item"

// body is the inside of an answer. An element that is absent is not written; a
// list that is empty and not nil is written empty, as EC2 does with some.
type body struct{ text strings.Builder }

// add writes a value under a name.
func (b *body) add(name string, value any) { b.value(name, reflect.ValueOf(value)) }

func (b *body) value(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		return
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			b.value(name, v.Elem())
		}
		return
	case reflect.Slice:
		if !v.IsNil() {
			b.list(name, v)
		}
		return
	case reflect.Struct:
		if t, is := v.Interface().(time.Time); is {
			b.leaf(name, t.UTC().Format("2006-01-02T15:04:05.000Z"))
			return
		}
		b.open(name)
		b.members(v)
		b.close(name)
		return
	}
	if text := scalar(v); text != "" || v.Kind() != reflect.String || v.Type() == reflect.TypeFor[string]() {
		b.leaf(name, text)
	} // an enum without a value is absent
}

func (b *body) list(name string, v reflect.Value) {
	b.open(name)
	for k := range v.Len() {
		b.value(item, v.Index(k))
	}
	b.close(name)
}

// members writes the fields of a shape of the SDK.
func (b *body) members(v reflect.Value) {
	t := v.Type()
	for k := range t.NumField() {
		f := t.Field(k)
		if !f.IsExported() || v.Field(k).IsZero() {
			continue
		}
		name, ok := elements()[[2]string{t.Name(), f.Name}]
		if !ok {
			panic(fmt.Sprintf("queryapi: data/elements.csv has no %s.%s", t.Name(), f.Name))
		}
		b.value(name, v.Field(k))
	}
}

// scalar is a value without parts as EC2 writes it.
func scalar(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	}
	panic(fmt.Sprintf("queryapi: no way to write a %s", v.Type()))
}

func (b *body) leaf(name, text string) {
	b.open(name)
	_ = xml.EscapeText(&b.text, []byte(text))
	b.close(name)
}

func (b *body) open(name string)  { b.text.WriteString("<" + name + ">") }
func (b *body) close(name string) { b.text.WriteString("</" + name + ">") }

const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// document is a whole answer to an action.
func document(action, requestID string, b *body) []byte {
	root := action + "Response"
	return []byte(declaration + "<" + root + ` xmlns="` + namespace + `"><requestId>` + requestID + "</requestId>" + b.text.String() + "</" + root + ">")
}

// errorDocument is a rejection, which has a form of its own.
func errorDocument(code, message, requestID string) []byte {
	var b body
	b.leaf("Code", code)
	b.leaf("Message", message)
	return []byte(declaration + "<Response><Errors><Error>" + b.text.String() + "</Error></Errors><RequestID>" + requestID + "</RequestID></Response>")
}
