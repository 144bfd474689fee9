package limits

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
)

//go:embed limits.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a list of rows.
func Schema() []byte {
	root := reflect.TypeFor[[]Row]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:limits:v1", Title: "ipamsim limits", Root: root,
		Sources: map[string]fs.FS{root.Elem().PkgPath(): sources}})
}
