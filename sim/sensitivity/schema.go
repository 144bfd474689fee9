package sensitivity

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
	"ipamsim/sim/result"
)

//go:embed analysis.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of an Analysis' JSON.
func Schema() []byte {
	root := reflect.TypeFor[Analysis]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:sensitivity:v1", Title: "ipamsim sensitivity", Root: root, Version: schemaVersion,
		Sources: map[string]fs.FS{root.PkgPath(): sources, reflect.TypeFor[result.Scenario]().PkgPath(): result.Sources}})
}
