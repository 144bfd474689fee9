package queryapi

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// describing is what the describes of a kind of thing have in common.
type describing[T any] struct {
	action  ec2model.Action
	set     string                                          // element of the list
	ids     string                                          // parameter of the IDs; empty is none
	kind    idKind                                          // of them
	plural  string                                          // that parameter in the message that IDs and pages do not go together; empty: they do
	least   int                                             // of MaxResults; the API reference has it with each action
	most    int                                             // 0: it has no pages
	page    int                                             // size where none is asked for; 0 is all
	always  bool                                            // now may fail without IDs, too
	now     func(s *Service, ids []string) ([]T, error)     // sorted by key, or in the order of the IDs
	key     func(T) string                                  // unique
	values  map[string]func(s *Service, thing T) []string   // by filter
	tags    func(T) []types.Tag                             // nil: it has none
	add     func(s *Service, b *body, set string, list []T) // nil: a plain list
	checked func(s *Service, p *param)                      // more parameters, or nil
}

// mostFilterValues per request (EC2 API reference, "Filter": "a maximum of 200
// filter values").
const mostFilterValues = 200

// describe reads such a request.
func describe[T any](s *Service, p *param, d *describing[T]) send {
	var ids []string
	if d.ids != "" {
		for _, id := range p.texts(d.ids) {
			if d.kind.check(p, id); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if d.checked != nil {
		d.checked(s, p)
	}
	tests := d.tests(p)
	size := 0
	if d.most > 0 {
		size = p.number("MaxResults", d.least, d.most, 0)
	}
	after := d.cursor(p)
	if len(ids) > 0 && d.plural != "" && (size > 0 || after != "") {
		p.fault.report(ec2model.CodeInvalidParameterCombination, "The parameter %s cannot be used with the parameter maxResults", d.plural)
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		broad := s.account.Broad(len(ids), len(tests), size)
		check := func() *ec2model.Error {
			if len(ids) == 0 && !d.always {
				return nil
			}
			_, err := d.now(s, ids)
			return rejection(err)
		}
		s.account.Ask(caller, d.action, broad, check, func(err error) {
			if err != nil {
				done(nil, err)
				return
			}
			list, _ := d.now(s, ids)
			list = slices.DeleteFunc(slices.Clone(list), func(thing T) bool { return !d.passes(s, thing, tests) })
			done(d.answer(s, list, size, after), nil)
		})
	}
}

func rejection(err error) *ec2model.Error {
	if e, is := err.(*ec2model.Error); is {
		return e
	}
	return nil
}

// answer is a page of the list.
func (d *describing[T]) answer(s *Service, list []T, size int, after string) *body {
	if size == 0 {
		size = d.page
	}
	if after != "" {
		list = slices.DeleteFunc(list, func(thing T) bool { return d.key(thing) <= after })
	}
	next := ""
	if size > 0 && len(list) > size {
		list = list[:size]
		next = base64.RawURLEncoding.EncodeToString([]byte(d.set + ":" + d.key(list[size-1])))
	}
	var b body
	if list == nil {
		list = []T{}
	}
	if d.add != nil {
		d.add(s, &b, d.set, list)
	} else {
		b.add(d.set, list)
	}
	if next != "" {
		b.add("nextToken", next)
	}
	return &b
}

// cursor is the key after which a page begins.
func (d *describing[T]) cursor(p *param) string {
	if d.most == 0 {
		return ""
	}
	token := p.text("NextToken")
	if token == "" {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	set, key, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || set != d.set || key == "" {
		p.fault.report(codeInvalidNextToken, "The token '%s' is invalid", shortened(token))
		return ""
	}
	return key
}

// filter is one of a request.
type filter[T any] struct {
	of     func(s *Service, thing T) []string
	values []string
}

// tests are the filters of a request.
func (d *describing[T]) tests(p *param) (tests []filter[T]) {
	values := 0
	for _, f := range p.items("Filter") {
		name := f.need("Name")
		t := filter[T]{values: f.texts("Value"), of: d.values[name]}
		if values += len(t.values); values > mostFilterValues {
			p.fault.report("FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", mostFilterValues)
		}
		if t.of == nil && d.tags != nil {
			t.of = d.tagFilter(name)
		}
		if t.of == nil && name != "" {
			p.fault.report(codeInvalidParameterValue, "The filter '%s' is invalid", shortened(name))
		}
		if len(t.values) == 0 && name != "" {
			p.fault.report(codeInvalidParameterValue, "The filter '%s' has no value", shortened(name))
		}
		tests = append(tests, t)
	}
	return tests
}

// tagFilter is a filter on tags, or nil.
func (d *describing[T]) tagFilter(name string) func(*Service, T) []string {
	wanted, one := strings.CutPrefix(name, "tag:")
	if !one && name != "tag-key" && name != "tag-value" {
		return nil
	}
	return func(_ *Service, thing T) (list []string) {
		for _, t := range d.tags(thing) {
			switch {
			case one && *t.Key == wanted, name == "tag-value":
				list = append(list, *t.Value)
			case name == "tag-key":
				list = append(list, *t.Key)
			}
		}
		return list
	}
}

// passes says of a thing whether it has a value of each filter.
func (d *describing[T]) passes(s *Service, thing T, tests []filter[T]) bool {
	for _, t := range tests {
		has := t.of(s, thing)
		if !slices.ContainsFunc(t.values, func(pattern string) bool {
			return slices.ContainsFunc(has, func(value string) bool { return matches(pattern, value) })
		}) {
			return false
		}
	}
	return true
}

// matches compares a value with a filter's: * is any text, ? any character, and
// a backslash takes the meaning from what follows.
func matches(pattern, text string) bool {
	star, mark := -1, 0
	i, k := 0, 0
	for k < len(text) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, k
			i++
			continue
		case i < len(pattern) && pattern[i] == '?':
			i, k = i+1, k+1
			continue
		case i+1 < len(pattern) && pattern[i] == '\\' && pattern[i+1] == text[k]:
			i, k = i+2, k+1
			continue
		case i < len(pattern) && pattern[i] == text[k] && pattern[i] != '\\':
			i, k = i+1, k+1
			continue
		case star < 0:
			return false
		}
		mark++
		i, k = star+1, mark
	}
	return strings.Trim(pattern[i:], "*") == ""
}
