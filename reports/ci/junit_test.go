package ci

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/sim/suite"
)

// Whatever became of a suite, its JUnit is valid as Jenkins' xUnit plugin has it,
// its counts are those of its cases, no case has two outcomes, and a suite that has
// not passed has a case that has not.
func TestJUnitIsValidAndItsCountsAreThoseOfItsCases(t *testing.T) {
	schema := readSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		s := anySuite(t)
		var out bytes.Buffer
		if err := JUnit(&out, s); err != nil {
			t.Fatal(err)
		}
		root := parseXML(t, out.Bytes())
		for _, wrong := range schema.check(root) {
			t.Errorf("%s\n%s", wrong, out.String())
		}
		cases, bad := 0, 0
		for _, one := range root.children {
			n := map[string]int{}
			for _, c := range one.children {
				if c.name != "testcase" {
					continue
				}
				n["tests"]++
				outcomes := 0
				for _, is := range c.children {
					if kind := map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}[is.name]; kind != "" {
						n[kind]++
						outcomes++
						if is.attrs["message"] == "" || strings.Contains(is.attrs["message"], "\n") {
							t.Errorf("a message of one line was expected: %q", is.attrs["message"])
						}
					}
				}
				if outcomes > 1 {
					t.Errorf("a case with %d outcomes", outcomes)
				}
			}
			for _, kind := range []string{"tests", "failures", "errors", "skipped"} {
				if one.attrs[kind] != fmt.Sprint(n[kind]) {
					t.Errorf("%s of %s: %s, and there are %d", kind, one.attrs["name"], one.attrs[kind], n[kind])
				}
			}
			cases, bad = cases+n["tests"], bad+n["failures"]+n["errors"]
		}
		if cases == 0 {
			t.Error("no case at all")
		}
		if (bad > 0) != (s.Verdict != suite.Holds) && s.Verdict != suite.Interrupted {
			t.Errorf("%d of %d cases are failures or errors, and the verdict is %s", bad, cases, s.Verdict)
		}
	})
}

// element of a document.
type element struct {
	name     string
	attrs    map[string]string
	children []*element
	text     string
}

func parseXML(t *rapid.T, text []byte) *element {
	d := xml.NewDecoder(bytes.NewReader(text))
	top := &element{}
	stack := []*element{top}
	for {
		token, err := d.Token()
		if token == nil {
			if len(stack) != 1 || len(top.children) != 1 {
				t.Fatalf("not one whole element: %v\n%s", err, text)
			}
			return top.children[0]
		}
		last := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			last.children = append(last.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			last.text += string(token)
		}
	}
}

// xsd is a schema, as far as this one goes: elements with attributes, and with
// others that may come in any order.
type xsd struct {
	elements map[string]*xsdElement
	patterns map[string]*regexp.Regexp // of simple types
}

type xsdElement struct {
	attrs  map[string]xsdAttr
	within map[string]bool
	text   bool // it may have some
}

type xsdAttr struct {
	kind     string
	required bool
}

func readSchema(t *testing.T) *xsd {
	text, err := os.ReadFile("testdata/junit-10.xsd")
	if err != nil {
		t.Fatal(err)
	}
	type reference struct {
		Ref string `xml:"ref,attr"`
	}
	type attribute struct {
		Name string `xml:"name,attr"`
		Type string `xml:"type,attr"`
		Use  string `xml:"use,attr"`
	}
	var doc struct {
		Simple []struct {
			Name        string `xml:"name,attr"`
			Restriction struct {
				Pattern struct {
					Value string `xml:"value,attr"`
				} `xml:"pattern"`
			} `xml:"restriction"`
		} `xml:"simpleType"`
		Elements []struct {
			Name    string `xml:"name,attr"`
			Type    string `xml:"type,attr"`
			Complex struct {
				Mixed      bool        `xml:"mixed,attr"`
				Choice     []reference `xml:"choice>element"`
				Sequence   []reference `xml:"sequence>element"`
				InSequence []reference `xml:"sequence>choice>element"`
				Attributes []attribute `xml:"attribute"`
			} `xml:"complexType"`
		} `xml:"element"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	s := &xsd{map[string]*xsdElement{}, map[string]*regexp.Regexp{}}
	for _, simple := range doc.Simple {
		s.patterns[simple.Name] = regexp.MustCompile("^(" + simple.Restriction.Pattern.Value + ")$")
	}
	for _, e := range doc.Elements {
		x := &xsdElement{map[string]xsdAttr{}, map[string]bool{}, e.Type == "xs:string" || e.Complex.Mixed}
		for _, list := range [][]reference{e.Complex.Choice, e.Complex.Sequence, e.Complex.InSequence} {
			for _, r := range list {
				x.within[r.Ref] = true
			}
		}
		for _, a := range e.Complex.Attributes {
			x.attrs[a.Name] = xsdAttr{a.Type, a.Use == "required"}
		}
		s.elements[e.Name] = x
	}
	if len(s.elements) != 14 || !s.elements["testsuite"].attrs["failures"].required || !s.elements["testcase"].within["failure"] || !s.elements["failure"].text {
		t.Fatalf("the schema was not read: %v", s.elements)
	}
	return s
}

// check says what is wrong with an element and all within.
func (s *xsd) check(e *element) (wrong []string) {
	is := s.elements[e.name]
	if is == nil {
		return []string{"unknown element " + e.name}
	}
	for name, value := range e.attrs {
		a, known := is.attrs[name]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s has no attribute %s", e.name, name))
		} else if p := s.patterns[a.kind]; p != nil && !p.MatchString(value) {
			wrong = append(wrong, fmt.Sprintf("%s of %s is %q", name, e.name, value))
		}
	}
	for name, a := range is.attrs {
		if _, has := e.attrs[name]; a.required && !has {
			wrong = append(wrong, fmt.Sprintf("%s without %s", e.name, name))
		}
	}
	if !is.text && strings.TrimSpace(e.text) != "" {
		wrong = append(wrong, fmt.Sprintf("%s has text: %q", e.name, e.text))
	}
	for _, c := range e.children {
		if !is.within[c.name] {
			wrong = append(wrong, fmt.Sprintf("%s within %s", c.name, e.name))
		}
		wrong = append(wrong, s.check(c)...)
	}
	return wrong
}
