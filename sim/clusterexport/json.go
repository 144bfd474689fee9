package clusterexport

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"time"
)

const indent = "    " // as kubectl and the AWS CLI have it

// write is a value as JSON, with a line's end.
func write(w io.Writer, v any, prefix string) error {
	text, err := json.MarshalIndent(v, prefix, indent)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// lister writes an object of which one member is a long list.
type lister struct {
	out   *bufio.Writer
	begun bool
	err   error
}

func (l *lister) text(s string) {
	if l.err == nil {
		_, l.err = l.out.WriteString(s)
	}
}

// value writes a value whose further lines are so far to the right.
func (l *lister) value(v any, prefix string) {
	text, err := json.MarshalIndent(v, prefix, indent)
	if l.err == nil {
		l.err = err
	}
	l.text(string(text))
}

func (l *lister) key(name string) {
	if l.begun {
		l.text(",\n")
	} else {
		l.text("{\n")
	}
	l.begun = true
	l.text(indent + `"` + name + `": `)
}

func (l *lister) members(o object) {
	for _, k := range slices.Sorted(maps.Keys(o)) {
		l.key(k)
		l.value(o[k], indent)
	}
}

func (l *lister) list(name string, rows iter.Seq[any]) {
	l.key(name)
	first := true
	for row := range rows {
		if first {
			l.text("[\n" + indent + indent)
		} else {
			l.text(",\n" + indent + indent)
		}
		first = false
		l.value(row, indent+indent)
		if l.err != nil {
			return
		}
	}
	if first {
		l.text("[]")
		return
	}
	l.text("\n" + indent + "]")
}

func (l *lister) end() { l.text("\n}\n") }

// plain is a value of the SDK's types as the AWS CLI prints it: under the names
// of the fields, without what is not set.
func plain(v any) any { return plainValue(reflect.ValueOf(v)) }

func plainValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plainValue(v.Elem())
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return dated(t)
		}
		o := object{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				o[f.Name] = plainValue(v.Field(i))
			}
		}
		return o
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainValue(v.Index(i))
		}
		return list
	}
	return v.Interface()
}

// dated is a time as the AWS CLI prints it.
func dated(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

// kubeTime is a time as Kubernetes has it.
func kubeTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
