package incident

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
)

//go:embed incident.go notexpressed.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Report's JSON.
func Schema() []byte {
	root := reflect.TypeFor[Report]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:validation:v1", Title: "ipamsim validate", Root: root, Version: schemaVersion, Sources: map[string]fs.FS{root.PkgPath(): sources}})
}
