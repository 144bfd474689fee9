package planning

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
	"ipamsim/sim/result"
)

//go:embed plan.go limit.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Plan's JSON.
func Schema() []byte {
	root := reflect.TypeFor[Plan]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:plan:v1", Title: "ipamsim plan", Root: root, Version: schemaVersion,
		Sources: map[string]fs.FS{root.PkgPath(): sources, reflect.TypeFor[result.Scenario]().PkgPath(): result.Sources}})
}
