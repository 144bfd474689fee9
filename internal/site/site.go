package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed page.tmpl
var layout string

//go:embed site.css
var style []byte

// chapters are the parts of the navigation; a page is in the first one whose
// prefix its path has.
var chapters = []struct{ Name, prefix string }{
	{"Start", "README.md"},
	{"Stories", "docs/stories/"},
	{"Guides and reference", "docs/"},
	{"What stands behind it", "validation/"},
	{"For its developers", ""},
}

// site is all pages and the files that they link to.
type site struct {
	root  string
	pages []*page  // the README first
	files []string // paths in the clone
}

// read reads the pages of a clone: those at its root, and those of docs and
// validation.
func read(root string) (*site, error) {
	s := &site{root: root}
	for _, pattern := range []string{"README.md", "*.md", "docs/*.md", "docs/*/*.md", "validation/*.md"} {
		found, err := fs.Glob(os.DirFS(root), pattern)
		if err != nil {
			return nil, err
		}
		for _, source := range found {
			if s.page(source) != nil {
				continue
			}
			if err := s.add(source); err != nil {
				return nil, err
			}
		}
	}
	return s, s.follow()
}

// add makes a page of a file of the clone.
func (s *site) add(source string) error {
	content, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(source)))
	if err != nil {
		return err
	}
	p, err := parse(source, content)
	if err == nil {
		s.pages = append(s.pages, p)
	}
	return err
}

// page is the page of a file, or nil.
func (s *site) page(source string) *page {
	i := slices.IndexFunc(s.pages, func(p *page) bool { return p.source == source })
	if i < 0 {
		return nil
	}
	return s.pages[i]
}

// follow looks where each link leads, and takes the files along; one that is
// Markdown becomes a page, and is followed, too.
func (s *site) follow() error {
	var broken []error
	for i := 0; i < len(s.pages); i++ {
		p := s.pages[i]
		for _, l := range p.links {
			if err := s.reach(l); err != nil {
				broken = append(broken, fmt.Errorf("%s: the link %s: %w", p.source, l.written, err))
			}
		}
	}
	slices.Sort(s.files)
	s.files = slices.Compact(s.files)
	return errors.Join(broken...)
}

func (s *site) reach(l link) error {
	if to := s.page(l.file); to != nil {
		if l.heading != "" && !to.names[l.heading] {
			return fmt.Errorf("%s has no heading of that name", l.file)
		}
		return nil
	}
	if !fs.ValidPath(l.file) {
		return errors.New("it leads out of the clone")
	}
	at := filepath.Join(s.root, filepath.FromSlash(l.file))
	info, err := os.Stat(at)
	switch {
	case err != nil:
		return err
	case strings.HasSuffix(l.file, ".md"):
		return errors.Join(s.add(l.file), s.reach(l))
	case !info.IsDir():
		s.files = append(s.files, l.file)
		return nil
	}
	return s.folder(l.file)
}

// folder takes the files of one along, and makes a page that lists them where it has
// none: most web servers show no folder.
func (s *site) folder(dir string) error {
	list := "# Files of " + dir + "\n\n"
	err := fs.WalkDir(os.DirFS(s.root), dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			s.files = append(s.files, name)
			list += fmt.Sprintf("- [%[1]s](%[1]s)\n", strings.TrimPrefix(name, dir+"/"))
		}
		return err
	})
	if err != nil || s.page(dir+"/README.md") != nil {
		return err
	}
	p, err := parse(dir+"/README.md", []byte(list))
	if err == nil {
		p.listing = true
		s.pages = append(s.pages, p)
	}
	return err
}

// write writes the site into a folder.
func (s *site) write(dir string) error {
	look, err := template.New("page").Parse(layout)
	if err != nil {
		return err
	}
	if err := store(dir, "site.css", style); err != nil {
		return err
	}
	for _, p := range s.pages {
		var b bytes.Buffer
		if err := look.Execute(&b, s.shown(p)); err != nil {
			return err
		}
		if err := store(dir, p.place(), b.Bytes()); err != nil {
			return err
		}
	}
	for _, name := range s.files {
		content, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if err := store(dir, name, content); err != nil {
			return err
		}
	}
	return nil
}

func store(dir, name string, content []byte) error {
	to := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// shown is what the layout needs of a page.
type shown struct {
	Title    string
	Home     string // the way to the site's root
	Body     template.HTML
	Chapters []chapter
}

type chapter struct {
	Name  string
	Pages []entry
}

type entry struct {
	Title, To string
	Here      bool
}

func (s *site) shown(p *page) shown {
	v := shown{Title: p.Title, Home: strings.Repeat("../", strings.Count(p.place(), "/")), Body: template.HTML(p.body)}
	listed := map[*page]bool{}
	for _, c := range chapters {
		part := chapter{Name: c.Name}
		for _, other := range s.pages {
			if !listed[other] && !other.listing && strings.HasPrefix(other.source, c.prefix) {
				listed[other] = true
				part.Pages = append(part.Pages, entry{other.Title, v.Home + other.place(), other == p})
			}
		}
		if len(part.Pages) > 0 {
			v.Chapters = append(v.Chapters, part)
		}
	}
	return v
}
