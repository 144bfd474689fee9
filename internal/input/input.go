// Package input reads what users hand in: within bounds, and with the place
// of what is wrong in it.
package input

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"
)

// Error is what is wrong with a document, and where.
type Error struct {
	Line, Column int // from 1; a column counts characters; 0 where there is no place
	Message      string
}

// Error begins with the place if there is one.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// At is an error at a byte of a text.
func At(text []byte, offset int, message string) *Error {
	line, column := place(text, offset)
	return &Error{line, column, message}
}

// ReadAll reads what of that kind (a stored result) there is, if it has no more
// bytes than it may have. What has more is an *Error, and is not read further;
// a file that says so beforehand is not read at all.
func ReadAll(r io.Reader, most int, kind string) ([]byte, error) {
	if file, is := r.(interface{ Stat() (fs.FileInfo, error) }); is {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > int64(most) {
			return nil, &Error{Message: fmt.Sprintf("the file has %d MiB, more than the %d MiB that %s may have", info.Size()>>20, most>>20, kind)}
		}
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(text) > most {
		err = &Error{Message: fmt.Sprintf("more than %d MiB, the most that %s may have", most>>20, kind)}
	}
	return text, err
}

// DecodeJSON decodes a text that is one JSON value. Keys that are not known are
// passed over. The error is an *Error; its keys are those of the text, embedded
// types, whose fields are keys of what they stand in, left out.
func DecodeJSON(text []byte, into any, embedded ...string) error {
	err := json.Unmarshal(text, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)) && strings.Contains(syntax.Error(), "unexpected end"):
		return At(text, len(text), "the text ends in the middle: it was cut short")
	case errors.As(err, &syntax):
		return At(text, int(syntax.Offset)-1, "not JSON: "+syntax.Error())
	case errors.As(err, &kind):
		keys := slices.DeleteFunc(strings.Split(kind.Field, "."), func(key string) bool { return slices.Contains(embedded, key) })
		at := strings.Join(keys, ".")
		if at != "" {
			at += ": "
		}
		return At(text, int(kind.Offset)-1, fmt.Sprintf("%s%s was expected, found %s", at, wanted(kind.Type), kind.Value))
	}
	return &Error{Message: err.Error()}
}

// wanted names a type as JSON does.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
