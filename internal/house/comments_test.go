package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A comment that begins with the name of what it stands before has that name as
// it is written: one that differs is of a name that is no more.
func TestCommentsBeginWithNamesAsTheyAreWritten(t *testing.T) {
	files := token.NewFileSet()
	seen := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				seen += begins(t, files, d.Doc, d.Name)
			case *ast.GenDecl:
				if name := only(d); name != nil {
					seen += begins(t, files, d.Doc, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 1000 {
		t.Errorf("only %d comments begin with a name", seen)
	}
}

// only is what a declaration declares, if that is one thing.
func only(d *ast.GenDecl) *ast.Ident {
	if len(d.Specs) != 1 || d.Lparen != token.NoPos {
		return nil
	}
	switch s := d.Specs[0].(type) {
	case *ast.TypeSpec:
		return s.Name
	case *ast.ValueSpec:
		if len(s.Names) == 1 {
			return s.Names[0]
		}
	}
	return nil
}

// Names of more than one word are told from English by a capital inside.
var (
	firstWord = regexp.MustCompile(`^\w+`)
	compound  = regexp.MustCompile(`[a-z][A-Z]`)
)

// begins counts a comment that begins with its name.
func begins(t *testing.T, files *token.FileSet, doc *ast.CommentGroup, name *ast.Ident) int {
	t.Helper()
	first := firstWord.FindString(doc.Text())
	switch {
	case first == name.Name:
		return 1
	case first == strings.ToUpper(first): // JSON is English, too
	case strings.EqualFold(first, name.Name), compound.MatchString(first):
		t.Errorf("%s: the comment on %s begins with %s", files.Position(name.Pos()), name.Name, first)
	}
	return 0
}
