package result

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
)

// SchemaID is the identifier in the schema of results.
const SchemaID = "urn:ipamsim:result:v2"

// Sources are this package's own, for schemas of documents that its types are in.
//
//go:embed *.go
var Sources embed.FS

// Schema is the JSON Schema (2020-12) of a Result's JSON.
func Schema() []byte {
	return document(reflect.TypeFor[Result](), SchemaID, "ipamsim result", SchemaVersion)
}

// RowsSchema is the JSON Schema of a line of a sweep's.
func RowsSchema() []byte {
	return document(reflect.TypeFor[Row](), "urn:ipamsim:row:v1", "a row of ipamsim sweep", rowSchema)
}

// TuningsSchema is the JSON Schema of what a search has found.
func TuningsSchema() []byte {
	return document(reflect.TypeFor[Tuning](), "urn:ipamsim:tuning:v1", "ipamsim tuning", TuningSchema)
}

func document(root reflect.Type, id, title, version string) []byte {
	return schema.Of(schema.Document{ID: id, Title: title, Root: root, Version: version,
		Sources: map[string]fs.FS{root.PkgPath(): Sources},
		Types:   map[reflect.Type][]string{reflect.TypeFor[Seconds](): {"number", "null"}}})
}
