package iproute2

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ipamsim/sim/hostnet"
)

// IP is what `ip` prints in a namespace, with arguments that it reads as
// the real one does: objects and their lists by any prefix of their names,
// with -json or in text, and with the filters that matter here. An error is
// what the real one would say on stderr, or that it is not known here.
func IP(v hostnet.View, args []string) (string, error) {
	asJSON, four := false, false
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		switch args[0] {
		case "-j", "-json":
			asJSON = true
		case "-4":
			four = true
		default:
			return "", fmt.Errorf("ip %s is not known here", args[0])
		}
	}
	object, args := "", words(args)
	if len(args) > 0 {
		object = args[0]
		args = args[1:]
	}
	get := len(args) > 0 && args[0] == "get"
	if len(args) > 0 && !get && isList(args[0]) {
		args = args[1:]
	}
	q, kind := query{args: args}, unabbreviated(object)
	switch {
	case kind == "route" && get:
		q.args = args[1:]
		return routeGet(v, &q, asJSON)
	case kind == "address" && !four:
		return "", fmt.Errorf("IPv6 is not modelled: ask for ip -4 addr")
	}
	text, json, known := q.list(v, kind)
	if !known {
		return "", fmt.Errorf("ip %s is not known here", object)
	}
	if q.err == nil && len(q.args) > 0 {
		q.err = fmt.Errorf("ip: %q is not known here", q.args[0])
	}
	if asJSON {
		text = json
	}
	return text, q.err
}

// list is what there is of a kind of object, in text and as JSON.
func (q *query) list(v hostnet.View, kind string) (text, json string, known bool) {
	switch kind {
	case "route":
		list := q.routes(v)
		text, json = routeText(list), routeJSON(list)
	case "rule":
		list := q.rules(v.Rules)
		text, json = ruleText(list), ruleJSON(list)
	case "link":
		list := q.links(v.Links)
		text, json = linkText(list), linkJSON(list)
	case "address":
		list := q.links(v.Links)
		text, json = addressText(list), addressJSON(list)
	case "neighbour":
		list := q.neighbours(v.Neighbours)
		text, json = neighbourText(list), neighbourJSON(list)
	default:
		return "", "", false
	}
	return text, json, true
}

// objects in the order in which `ip` tries them.
var objects = []string{"address", "route", "rule", "neighbour", "neighbor", "link"}

func unabbreviated(object string) string {
	for _, o := range objects {
		if object != "" && strings.HasPrefix(o, object) {
			return strings.Replace(o, "bor", "bour", 1)
		}
	}
	return ""
}

func isList(word string) bool {
	return strings.HasPrefix("list", word) || strings.HasPrefix("show", word) || word == "lst" || word == "ls"
}

// words without empty ones.
func words(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(w string) bool { return w == "" })
}

// query reads the arguments of one command. It remembers the first mistake.
type query struct {
	args []string
	err  error
}

// after takes a keyword and its value, if they come next.
func (q *query) after(keywords ...string) (value string, ok bool) {
	if len(q.args) == 0 || !slices.Contains(keywords, q.args[0]) {
		return "", false
	}
	if len(q.args) == 1 {
		q.err = fmt.Errorf("ip: a value was expected behind %s", q.args[0])
		q.args = nil
		return "", false
	}
	value = q.args[1]
	q.args = q.args[2:]
	return value, true
}

// prefix reads an address with or without a length.
func (q *query) prefix(text string) netip.Prefix {
	if text == "default" || text == "all" {
		return everywhere
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Is4() {
		return single(a)
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() {
		q.fail(fmt.Errorf("ip: an IPv4 address or prefix was expected rather than %q", text))
		return everywhere
	}
	return p
}

var everywhere = netip.PrefixFrom(netip.IPv4Unspecified(), 0)

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func (q *query) fail(err error) {
	if q.err == nil {
		q.err = err
	}
	q.args = nil
}

// within says whether a prefix is a part of another.
func within(part, whole netip.Prefix) bool {
	return part.IsValid() && part.Bits() >= whole.Bits() && whole.Contains(part.Addr())
}

// rules are those that the filters leave: of `from` and `to`, a rule has to
// be about a part of that.
func (q *query) rules(list []hostnet.Rule) []hostnet.Rule {
	list = slices.Clone(list)
	keep := func(which func(hostnet.Rule) bool) {
		list = slices.DeleteFunc(list, func(r hostnet.Rule) bool { return !which(r) })
	}
	for len(q.args) > 0 {
		if text, ok := q.after("from"); ok {
			p := q.prefix(text)
			keep(func(r hostnet.Rule) bool { return within(r.From, p) || p == everywhere })
		} else if text, ok := q.after("table", "lookup"); ok {
			keep(func(r hostnet.Rule) bool { return r.Table == named(text) })
		} else if text, ok := q.after("pref", "priority", "preference", "order"); ok {
			n, err := strconv.Atoi(text)
			if err != nil {
				q.fail(fmt.Errorf("ip: a priority was expected rather than %q", text))
			}
			keep(func(r hostnet.Rule) bool { return r.Priority == n })
		} else {
			text, _ := q.to()
			p := q.prefix(text)
			keep(func(r hostnet.Rule) bool { return within(r.To, p) || p == everywhere })
		}
	}
	return list
}

// to takes a destination, whose keyword may be left out.
func (q *query) to() (text string, ok bool) {
	if text, ok := q.after("to", "dst"); ok {
		return text, ok
	}
	if len(q.args) == 0 {
		return "", false
	}
	text = q.args[0]
	q.args = q.args[1:]
	return text, true
}

// routes are those that the filters leave, without what `ip` does not say
// again.
func (q *query) routes(v hostnet.View) (list []hostnet.Route) {
	table, kept, dev, scope := "main", func(hostnet.Route) bool { return true }, "", ""
	for len(q.args) > 0 {
		if text, ok := q.after("table"); ok {
			table = named(text)
		} else if text, ok := q.after("dev", "oif"); ok {
			dev = text
		} else if text, ok := q.after("scope"); ok {
			scope = text
		} else {
			kept = q.selector()
		}
	}
	for _, t := range inOrder(v.Tables) {
		if t.Name != table && table != "all" {
			continue
		}
		for _, r := range t.Routes {
			if !kept(r) || dev != "" && r.Dev != dev || scope != "" && r.Scope != scope && (r.Scope != "" || scope != "global") {
				continue
			}
			if dev != "" {
				r.Dev = ""
			}
			if scope != "" {
				r.Scope = ""
			}
			if table == "all" && t.Name != "main" {
				r.Table = t.Name
			}
			list = append(list, r)
		}
	}
	return list
}

// selector is a destination: exactly that, everything in it (root), or
// everything that it is in (match).
func (q *query) selector() func(hostnet.Route) bool {
	if len(q.args) > 1 && q.args[0] == "to" {
		q.args = q.args[1:]
	}
	if text, ok := q.after("root"); ok {
		p := q.prefix(text)
		return func(r hostnet.Route) bool { return within(r.Dst, p) }
	}
	if text, ok := q.after("match"); ok {
		p := q.prefix(text)
		return func(r hostnet.Route) bool { return within(p, r.Dst) }
	}
	text, exact := q.after("exact")
	if !exact {
		text, _ = q.to()
	}
	p := q.prefix(text)
	return func(r hostnet.Route) bool { return r.Dst == p }
}

// inOrder are the tables as the kernel dumps them: by number, of which main
// and local have the last two.
func inOrder(tables []hostnet.RouteTable) []hostnet.RouteTable {
	var last [2]hostnet.RouteTable
	var list []hostnet.RouteTable
	for _, t := range tables {
		switch t.Name {
		case "main":
			last[0] = t
		case "local":
			last[1] = t
		default:
			list = append(list, t)
		}
	}
	return append(list, last[:]...)
}

// named is a table by the name that `ip` has for it.
func named(table string) string {
	if n, err := strconv.ParseUint(table, 0, 16); err == nil {
		return hostnet.TableName(uint16(n))
	}
	return table
}

func (q *query) links(list []hostnet.Link) []hostnet.Link {
	if len(q.args) == 0 {
		return list
	}
	name, ok := q.after("dev")
	if !ok {
		name, _ = q.to()
	}
	for _, l := range list {
		if l.Name == name {
			return []hostnet.Link{l}
		}
	}
	//lint:ignore ST1005 the words of ip
	q.fail(fmt.Errorf("Device %q does not exist.", name))
	return nil
}

func (q *query) neighbours(list []hostnet.Neighbour) []hostnet.Neighbour {
	if len(q.args) == 0 {
		return list
	}
	text, _ := q.to()
	p := q.prefix(text)
	return slices.DeleteFunc(slices.Clone(list), func(n hostnet.Neighbour) bool { return !p.Contains(n.Address) })
}
