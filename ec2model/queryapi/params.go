package queryapi

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// Codes of the EC2 API reference's list of errors that are the protocol's and
// not the account's:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
const (
	codeMissingParameter      = "MissingParameter"
	codeUnknownParameter      = "UnknownParameter"
	codeInvalidAction         = "InvalidAction"
	codeInvalidParameterValue = ec2model.CodeInvalidParameterValue
	codeInvalidNextToken      = ec2model.CodeInvalidNextToken
	codeMalformedQuery        = "MalformedQueryString"
	codeNoSuchVersion         = "NoSuchVersion"
	codeAuthFailure           = "AuthFailure"
	codeDryRun                = "DryRunOperation"
	codeInternal              = "InternalError"
)

// Bounds of one request: our own, far above what clients send.
const (
	mostParameters = 10_000  // names
	mostDepth      = 8       // parts of a name
	mostName       = 256     // bytes of a name
	mostText       = 1 << 16 // bytes of a value
)

// param is a parameter of a request, or a place above some: a request is a tree
// of names between dots, and lists are numbered from 1.
type param struct {
	path  string // from the root
	value string
	set   bool // it has a value of its own
	read  bool // somebody asked for the value
	parts map[string]*param
	fault *fault // shared by the tree
}

// fault is the first thing that is wrong with a request.
type fault struct{ err *ec2model.Error }

func (f *fault) report(code, format string, args ...any) {
	if f.err == nil {
		f.err = ec2model.NewError(code, fmt.Sprintf(format, args...))
	}
}

// parse makes the tree of a form. What is wrong is in its fault.
func parse(form url.Values) *param {
	root := &param{fault: &fault{}}
	if len(form) > mostParameters {
		root.fault.report(codeMalformedQuery, "a request can have %d parameters", mostParameters)
		return root
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values, parts := form[name], strings.Split(name, ".")
		switch {
		case len(name) > mostName || len(parts) > mostDepth || slices.Contains(parts, ""):
			root.fault.report(codeUnknownParameter, "The parameter %s is not recognized", shortened(name))
			return root
		case len(values) != 1:
			root.fault.report(codeInvalidParameterValue, "The parameter %s was given %d times", name, len(values))
			return root
		case len(values[0]) > mostText:
			root.fault.report(codeInvalidParameterValue, "The parameter %s is longer than %d bytes", name, mostText)
			return root
		}
		at := root
		for _, part := range parts {
			at = at.grow(part)
		}
		at.value, at.set = values[0], true
	}
	return root
}

func shortened(s string) string {
	if len(s) > mostName {
		return s[:mostName] + "..."
	}
	return s
}

func (p *param) grow(part string) *param {
	if p.parts == nil {
		p.parts = make(map[string]*param)
	}
	if p.parts[part] == nil {
		p.parts[part] = &param{path: p.below(part), fault: p.fault}
	}
	return p.parts[part]
}

func (p *param) below(part string) string {
	if p.path == "" {
		return part
	}
	return p.path + "." + part
}

// part is the parameter of that name, which may be absent.
func (p *param) part(name string) *param {
	if found := p.parts[name]; found != nil {
		return found
	}
	return &param{path: p.below(name), fault: p.fault}
}

// given says whether there is anything under the name.
func (p *param) given(name string) bool { return p.parts[name] != nil }

// text is the value of a parameter, empty when it is absent.
func (p *param) text(name string) string {
	at := p.part(name)
	at.read = true
	return at.value
}

// need is the value of a parameter that must be there.
func (p *param) need(name string) string {
	text := p.text(name)
	if text == "" {
		p.fault.report(codeMissingParameter, "The request must contain the parameter %s", p.below(name))
	}
	return text
}

// number is a whole number from least to most, or otherwise when it is absent.
func (p *param) number(name string, least, most, otherwise int) int {
	text := p.text(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Expected an integer.", text, p.below(name))
		return otherwise
	case n < least || n > most:
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Expecting a value from %d to %d.", text, p.below(name), least, most)
		return otherwise
	}
	return n
}

// flag is true or false, or otherwise when it is absent.
func (p *param) flag(name string, otherwise bool) bool {
	switch text := p.text(name); strings.ToLower(text) {
	case "":
	case "true":
		return true
	case "false":
		return false
	default:
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Expected true or false.", text, p.below(name))
	}
	return otherwise
}

// oneOf is one of some words, or the first of them when it is absent.
func (p *param) oneOf(name string, words ...string) string {
	text := p.text(name)
	if text == "" {
		return words[0]
	}
	if !slices.Contains(words, text) {
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Valid values: %s.", text, p.below(name), strings.Join(words, ", "))
	}
	return text
}

// items are the members of a list, in the order of their numbers.
func (p *param) items(name string) []*param {
	at := p.part(name)
	list := make([]numbered, 0, len(at.parts))
	for _, part := range slices.Sorted(maps.Keys(at.parts)) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > mostParameters {
			p.fault.report(codeUnknownParameter, "The parameter %s is not recognized", at.below(part))
			return nil
		}
		list = append(list, numbered{n, at.parts[part]})
	}
	slices.SortStableFunc(list, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	items := make([]*param, len(list))
	for i := range list {
		items[i] = list[i].param
	}
	return items
}

type numbered struct {
	number int
	param  *param
}

// texts are the values of a list.
func (p *param) texts(name string) []string {
	items := p.items(name)
	list := make([]string, 0, len(items))
	for _, i := range items {
		i.read = true
		list = append(list, i.value)
	}
	return list
}

// addresses are those of a list.
func (p *param) addresses(name string) (list []netip.Addr) {
	for _, i := range p.items(name) {
		if a := i.asAddress(); a.IsValid() {
			list = append(list, a)
		}
	}
	return list
}

// address is one, invalid when it is absent.
func (p *param) address(name string) netip.Addr { return p.part(name).asAddress() }

func (p *param) asAddress() (a netip.Addr) {
	if p.read = true; !p.set {
		return a
	}
	a, err := netip.ParseAddr(p.value)
	if err != nil || !a.Is4() {
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Invalid IPv4 address.", shortened(p.value), p.path)
		return netip.Addr{}
	}
	return a
}

// prefixes are those of a list.
func (p *param) prefixes(name string) (list []netip.Prefix) {
	for _, i := range p.items(name) {
		if c := i.asPrefix(); c.IsValid() {
			list = append(list, c)
		}
	}
	return list
}

// prefix is one, invalid when it is absent.
func (p *param) prefix(name string) netip.Prefix { return p.part(name).asPrefix() }

func (p *param) asPrefix() (c netip.Prefix) {
	if p.read = true; !p.set {
		return c
	}
	c, err := netip.ParsePrefix(p.value)
	if err != nil || !c.Addr().Is4() || c.Masked() != c {
		p.fault.report(codeInvalidParameterValue, "Value (%s) for parameter %s is invalid. Invalid IPv4 CIDR block.", shortened(p.value), p.path)
		return netip.Prefix{}
	}
	return c
}

// idKind is the form of the IDs of a kind of resource: the reference has a code
// for what is no such ID with some kinds, and not with others.
type idKind struct{ prefix, malformed string }

var (
	interfaceID = idKind{"eni-", "InvalidNetworkInterfaceId.Malformed"}
	instanceID  = idKind{"i-", "InvalidInstanceID.Malformed"}
)

// check reports what is no ID of the kind.
func (k idKind) check(p *param, id string) {
	digits, ok := strings.CutPrefix(id, k.prefix)
	if k.malformed != "" && (!ok || len(digits) != 8 && len(digits) != 17 || strings.Trim(digits, "0123456789abcdef") != "") {
		p.fault.report(k.malformed, "Invalid id: \"%s\" (expecting \"%s...\")", shortened(id), k.prefix)
	}
}

// id is that of a resource, which must be there.
func (p *param) id(name string, k idKind) string {
	id := p.need(name)
	if id != "" {
		k.check(p, id)
	}
	return id
}

// tags are those of a list of keys and values.
func (p *param) tags(name string) (list []types.Tag) {
	for _, t := range p.items(name) {
		tag := types.Tag{Key: new(t.text("Key"))}
		if t.given("Value") {
			tag.Value = new(t.text("Value"))
		}
		list = append(list, tag)
	}
	return list
}

// newTags are those that a TagSpecification gives to new resources of a type.
func (p *param) newTags(resource string, also ...string) (list []types.Tag) {
	for _, spec := range p.items("TagSpecification") {
		kind := spec.need("ResourceType")
		tags := spec.tags("Tag")
		switch {
		case kind == resource:
			list = append(list, tags...)
		case kind != "" && !slices.Contains(also, kind):
			p.fault.report(codeInvalidParameterValue, "'%s' is not a valid taggable resource type for this operation.", kind)
		}
	}
	return list
}

// pass reads parameters that change nothing here.
func (p *param) pass(names ...string) {
	for _, name := range names {
		p.part(name).readAll()
	}
}

func (p *param) readAll() {
	p.read = true
	for _, part := range p.parts { // any order: each is marked by itself
		part.readAll()
	}
}

// unread is the first parameter that nobody asked for, or nil.
func (p *param) unread() *param {
	if p.set && !p.read {
		return p
	}
	for _, name := range slices.Sorted(maps.Keys(p.parts)) {
		if found := p.parts[name].unread(); found != nil {
			return found
		}
	}
	return nil
}
