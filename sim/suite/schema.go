package suite

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
	"ipamsim/sim/result"
)

//go:embed document.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Suite's JSON.
func Schema() []byte {
	root := reflect.TypeFor[Suite]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:test:v1", Title: "ipamsim test", Root: root, Version: schemaVersion,
		Sources: map[string]fs.FS{root.PkgPath(): sources, reflect.TypeFor[result.Finding]().PkgPath(): result.Sources},
		Types:   map[reflect.Type][]string{reflect.TypeFor[result.Seconds](): {"number", "null"}}})
}
