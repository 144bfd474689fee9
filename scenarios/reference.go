package scenarios

import (
	"bytes"
	"embed"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/result"
)

// Reference is the reference of the language in Markdown, made from the types
// that the reader reads into.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString(prose("head") + "\n")
	for _, s := range reference() {
		s.write(&b, s.rows)
	}
	return b.Bytes()
}

// ReferenceTo is what the reference says of a word: the section of that title,
// of the others the rows that are called so, and the sections of what stands
// under those. A path such as vpc.subnets is the word at its end, where the path
// leads to. What is called so nowhere is looked for among the values of keys, and
// among what others call them. Capitals do not matter. The error suggests what was meant.
func ReferenceTo(path string) ([]byte, error) {
	var b bytes.Buffer
	sections, word, err := along(path)
	if err != nil {
		return nil, err
	}
	called := section.called
	if !slices.ContainsFunc(sections, func(s section) bool { return strings.EqualFold(s.title, word) || s.called(word) != nil }) {
		called = section.speakingOf
	}
	held := map[string]bool{} // titles that are printed whole
	for _, s := range sections {
		for _, r := range called(s, word) {
			held[r.holds] = true
		}
	}
	for _, s := range sections {
		if strings.EqualFold(s.title, word) {
			held[s.title] = true
		} else if rows := called(s, word); len(rows) > 0 && !held[s.title] {
			s.prose = ""
			s.write(&b, rows)
		}
	}
	for _, s := range reference() {
		if held[s.title] {
			s.write(&b, s.rows)
		}
	}
	if b.Len() == 0 {
		return nil, fmt.Errorf("the reference does not know %q%s", path, words.DidYouMean(word, wordsOf(sections)))
	}
	return bytes.TrimPrefix(b.Bytes(), []byte("\n")), nil
}

// along follows a path to its last word, and is the sections that the word may
// stand in: all of them when it is alone.
func along(path string) (sections []section, word string, err error) {
	sections = reference()
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		var held, known []string
		for _, s := range sections {
			for _, r := range s.rows {
				known = append(known, r.key)
			}
			for _, r := range s.called(part) {
				held = append(held, r.holds)
			}
		}
		if len(held) == 0 {
			return nil, "", fmt.Errorf("the reference does not know %q in %s%s", part, path, words.DidYouMean(part, known))
		}
		sections = slices.DeleteFunc(reference(), func(s section) bool { return !slices.Contains(held, s.title) })
	}
	return sections, parts[len(parts)-1], nil
}

// ReferenceWords are what ReferenceTo knows, sorted: the titles of sections,
// keys, kinds of faults, metrics and variables.
func ReferenceWords() []string { return wordsOf(reference()) }

func wordsOf(sections []section) []string {
	var known []string
	for _, s := range sections {
		known = append(known, s.title)
		for _, r := range s.rows {
			known = append(known, r.key)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

//go:embed prose/*.md
var proseFiles embed.FS

// prose is what a person wrote for a section.
func prose(name string) string {
	text, err := proseFiles.ReadFile("prose/" + name + ".md")
	if err != nil {
		panic(err) // the names are constants
	}
	return strings.TrimSuffix(string(text), "\n")
}

// section is a part of the reference: prose, and a table with a row for each
// key.
type section struct {
	level string // its mark in Markdown
	title string
	prose string
	head  []string
	rows  []row
}

type row struct {
	key   string
	rest  []string // its cells beside the key
	holds string   // the title of the section of what its value is, or its entries are
	words []string // its values where they are a choice, and what others call it and them
}

func (s *section) write(b *bytes.Buffer, rows []row) {
	fmt.Fprintf(b, "\n%s %s\n", s.level, s.title)
	if s.prose != "" {
		fmt.Fprintf(b, "\n%s\n", s.prose)
	}
	if rows == nil {
		return
	}
	fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(s.head, " | "), strings.Repeat("---|", len(s.head)))
	for _, r := range rows {
		fmt.Fprintf(b, "| `%s` | %s |\n", r.key, strings.Join(r.rest, " | "))
	}
}

// called are the rows of a key.
func (s section) called(key string) []row {
	return s.where(func(r row) bool { return strings.EqualFold(r.key, key) })
}

// speakingOf are the rows of keys that others call by a word, or that have it as
// one of their values.
func (s section) speakingOf(word string) []row {
	return s.where(func(r row) bool {
		return slices.ContainsFunc(r.words, func(w string) bool { return strings.EqualFold(w, word) })
	})
}

func (s section) where(holds func(row) bool) []row {
	var rows []row
	for _, r := range s.rows {
		if holds(r) {
			rows = append(rows, r)
		}
	}
	return rows
}

// add appends a row.
func (s *section) add(key string, rest ...string) { s.rows = append(s.rows, row{key: key, rest: rest}) }

// reference is all sections in the order of the page.
func reference() []section {
	list := []section{{level: "##", title: "Values", prose: prose("values")}}
	for _, t := range structTypes(scenarioType, profileType) {
		list = append(list, typeSection(t))
		if t == faultType {
			list = append(list, faultKindSection())
		}
	}
	return append(list, metricSection(), section{level: "##", title: "Overrides", prose: prose("overrides")}, variableSection())
}

func typeSection(t reflect.Type) section {
	s := section{level: "##", title: titleOf(t), head: []string{"Key", "Value", "Default", "Meaning"}}
	for _, f := range fieldsOf(t) {
		absent := ""
		switch {
		case f.required:
			absent = "required"
		case f.absent != "":
			absent = "`" + f.absent + "`"
		}
		s.add(f.key, typeName(f.typ, f), absent, cell(f.doc))
		row := &s.rows[len(s.rows)-1]
		row.words = f.otherWords()
		if held, object := objectIn(f.typ); object {
			row.holds = titleOf(held)
		} else if f.names == "cni" {
			row.holds = variableTitle
		}
	}
	return s
}

// faultKindSection says what each kind of fault does and which keys it has.
func faultKindSection() section {
	s := section{level: "###", title: "The kinds of faults", prose: prose("faults"), head: []string{"Kind", "How", "Keys of its own", "What happens"}}
	for _, k := range faultKinds {
		how := "at once"
		if k.lasts {
			how = "lasts"
		}
		s.add(string(k.name), how, "`"+strings.Join(k.keys, "`, `")+"`", cell(k.doc))
	}
	return s
}

// cell is text that does not end a table's cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func metricSection() section {
	s := section{level: "##", title: "Thresholds and metrics", prose: prose("thresholds") + "\n\n" + poolings(), head: []string{"Metric", "Kind", "Labels", "Meaning", "Over several", "Of replications"}}
	for _, m := range result.Metrics {
		s.add(m.Name, m.Kind.String(), strings.Join(m.Labels, ", "), cell(m.Doc), m.Across, string(m.Pooled))
	}
	return s
}

// poolings says what the last column means.
func poolings() string {
	text := "With several replications a condition is about all of them, by the rule of the last column:\n"
	for _, p := range result.Poolings {
		text += fmt.Sprintf("\n- %s: %s", p.Rule, p.Doc)
	}
	text += "\n\nThat rule is the default because it has no blind spot: starts are judged together, a rare event is no zero, and a peak counts in whichever replication it was. With `over` a condition asks for another:\n"
	for _, p := range result.Overs {
		text += fmt.Sprintf("\n- %s: %s", p.Rule, p.Doc)
	}
	return text
}

const variableTitle = "CNI variables"

func variableSection() section {
	s := section{level: "##", title: variableTitle, prose: prose("variables"), head: []string{"Variable", "Default", "Modelled", "Meaning"}}
	for _, v := range CNIVariables {
		absent, modelled := "", "no"
		if v.Default != "" {
			absent = "`" + v.Default + "`"
		}
		switch {
		case v.Modelled:
			modelled = "yes"
		case !v.Addresses:
			modelled = "no need"
		}
		s.add(v.Name, absent, modelled, cell(v.Doc))
	}
	return s
}

// typeName is a type in the reference.
func typeName(t reflect.Type, f field) string {
	switch t = deref(t); t {
	case durationType:
		return "duration" + bounds(f)
	case windowType:
		return "duration-duration"
	case prefixType:
		return "CIDR"
	case cpuType:
		return "CPU"
	case memoryType:
		return "memory"
	case percentType:
		return fmt.Sprintf("%d to %d, or %[1]d%% to %[3]d%%", f.leastOf(), controlplane.MostPods, f.mostPercent())
	case thresholdType:
		return "[thresholds](#thresholds-and-metrics)"
	case overridesType:
		return "[overrides](#overrides)"
	}
	switch t.Kind() {
	case reflect.String:
		if f.enum != nil {
			return "`" + strings.Join(f.enum, "`, `") + "`"
		}
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "whole number" + bounds(f)
	case reflect.Float64:
		return "number" + bounds(f)
	case reflect.Slice:
		list := "list of " + typeName(t.Elem(), field{})
		if f.max != "" {
			list += ", at most " + f.max
		}
		return list
	case reflect.Map:
		return "mapping to " + typeName(t.Elem(), field{})
	}
	return "[" + titleOf(t) + "](#" + strings.ToLower(t.Name()) + ")"
}

func bounds(f field) string {
	switch {
	case f.min != "" && f.max != "":
		return ", " + f.min + " to " + f.max
	case f.min != "":
		return ", at least " + f.min
	case f.max != "":
		return ", at most " + f.max
	}
	return ""
}
