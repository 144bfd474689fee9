package clusterimport

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
)

//go:embed report.go holders.go backtest.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Report's JSON.
func Schema() []byte {
	root := reflect.TypeFor[Report]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:import:v1", Title: "ipamsim import", Root: root,
		Sources: map[string]fs.FS{root.PkgPath(): sources}})
}
