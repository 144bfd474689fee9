package main

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// page is one Markdown file.
type page struct {
	source string // its path in the clone, with slashes: docs/plan.md
	Title  string // of the first heading
	body   []byte
	names  map[string]bool // of its headings, that links may name
	links  []link          // to other files of the clone

	listing bool // the files of a folder, and of no file: no part of the navigation
}

// link is a relative link as it is written, and to what file and heading.
type link struct{ written, file, heading string }

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(html.WithUnsafe()), // our own pages: anchors and comments of generated files
)

// parse makes a page of its text.
func parse(source string, content []byte) (*page, error) {
	p := &page{source: source, names: map[string]bool{}}
	tree := markdown.Parser().Parse(text.NewReader(content))
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			p.heading(n, content)
		case *ast.Link:
			n.Destination = p.target(n.Destination)
		case *ast.Image:
			n.Destination = p.target(n.Destination)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, err
	}
	if p.Title == "" {
		return nil, fmt.Errorf("%s has no heading", source)
	}
	var body bytes.Buffer
	if err := markdown.Renderer().Render(&body, content, tree); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	p.body = body.Bytes()
	return p, nil
}

// heading takes note of a heading. Its name is the one that GitHub gives it,
// because the same links have to work there.
func (p *page) heading(n *ast.Heading, content []byte) {
	words := plain(n, content)
	if p.Title == "" {
		p.Title = words
	}
	name := anchor(words)
	for i, base := 1, name; p.names[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	p.names[name] = true
	n.SetAttributeString("id", []byte(name))
}

// plain is the text of a node without its marks.
func plain(n ast.Node, content []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(content))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// anchor is the name that GitHub gives a heading: small letters, digits,
// hyphens and underscores, spaces as hyphens, nothing else.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', r >= '0' && r <= '9', r >= 'a' && r <= 'z', r > 127:
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// target is where a link leads in the site. Pages end in .html there.
func (p *page) target(written []byte) []byte {
	file, heading, _ := strings.Cut(string(written), "#")
	if strings.Contains(file, "://") || strings.HasPrefix(file, "mailto:") {
		return written
	}
	l := link{written: string(written), file: p.source, heading: heading}
	if file != "" {
		l.file = path.Join(path.Dir(p.source), file)
	}
	p.links = append(p.links, l)
	if !strings.HasSuffix(file, ".md") {
		return written
	}
	to := strings.TrimSuffix(file, ".md") + ".html"
	if base := path.Base(file); base == "README.md" {
		to = strings.TrimSuffix(file, base) + "index.html"
	}
	if heading != "" {
		to += "#" + heading
	}
	return []byte(to)
}

// place is the path of the page in the site.
func (p *page) place() string {
	dir, base := path.Split(p.source)
	if base == "README.md" {
		return dir + "index.html"
	}
	return strings.TrimSuffix(p.source, ".md") + ".html"
}
