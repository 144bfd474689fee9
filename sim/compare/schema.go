package compare

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
	"ipamsim/sim/result"
)

//go:embed *.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Comparison's JSON.
func Schema() []byte {
	return document(reflect.TypeFor[Comparison](), "urn:ipamsim:comparison:v1", "ipamsim comparison", schemaVersion)
}

// BaselineSchema is the JSON Schema of a Baseline's.
func BaselineSchema() []byte {
	return document(reflect.TypeFor[Baseline](), "urn:ipamsim:baseline:v1", "ipamsim baseline", baselineSchema)
}

// CheckSchema is the JSON Schema of a Check's.
func CheckSchema() []byte {
	return document(reflect.TypeFor[Check](), "urn:ipamsim:check:v1", "ipamsim baseline check", checkSchema)
}

func document(root reflect.Type, id, title, version string) []byte {
	return schema.Of(schema.Document{ID: id, Title: title, Root: root, Version: version,
		Sources: map[string]fs.FS{root.PkgPath(): sources, reflect.TypeFor[result.Scenario]().PkgPath(): result.Sources},
		Types: map[reflect.Type][]string{
			reflect.TypeFor[Value]():   {"number", "string", "null"},
			reflect.TypeFor[Literal](): {"number", "string", "boolean", "array", "object", "null"},
		}})
}
