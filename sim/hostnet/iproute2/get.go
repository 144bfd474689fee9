package iproute2

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ipamsim/sim/hostnet"
)

// What the kernel answers to `ip route get` where there is no way.
var (
	errUnreachable = errors.New("RTNETLINK answers: Network is unreachable")
	errNoRoute     = errors.New("RTNETLINK answers: No route to host")
	// errReversePath is reverse-path filtering. Kernels after 6.12 answer
	// "Invalid argument".
	errReversePath = errors.New("RTNETLINK answers: Invalid cross-device link")
)

// lookup is the packet that `ip route get` asks about.
type lookup struct {
	dst, src netip.Addr
	iif      string
	mark     uint32
}

// found is the kernel's answer.
type found struct {
	hostnet.Route
	table string
	flags []string
}

// routeGet is `ip route get`: where the namespace would send a packet of its
// own, or with iif one that has come in there. What iptables and nftables do
// to packets is not asked, as by the real one.
func routeGet(v hostnet.View, q *query, asJSON bool) (string, error) {
	var l lookup
	for len(q.args) > 0 {
		if text, ok := q.after("from"); ok {
			l.src = q.prefix(text).Addr()
		} else if text, ok := q.after("iif"); ok {
			l.iif = text
		} else if text, ok := q.after("mark"); ok {
			mark, err := strconv.ParseUint(text, 0, 32)
			if err != nil {
				q.fail(fmt.Errorf("ip: a mark was expected rather than %q", text))
			}
			l.mark = uint32(mark)
		} else {
			text, _ := q.to()
			l.dst = q.prefix(text).Addr()
		}
	}
	switch {
	case q.err != nil:
		return "", q.err
	case !l.dst.IsValid() || l.dst.IsUnspecified():
		return "", errors.New("ip route get: an address was expected")
	}
	f, err := get(v, l)
	if err != nil {
		return "", err
	}
	if asJSON {
		return f.json(l), nil
	}
	return f.text(l), nil
}

// get asks the kernel.
func get(v hostnet.View, l lookup) (found, error) {
	if l.iif == "" {
		if l.src.IsValid() && !own(v, l.src) {
			return found{}, errUnreachable
		}
		f, ok := search(v, l)
		if !ok {
			return found{}, errUnreachable
		}
		return leaving(v, f, l), nil
	}
	in := slices.IndexFunc(v.Links, func(link hostnet.Link) bool { return link.Name == l.iif })
	switch {
	case in < 0:
		//lint:ignore ST1005 the words of ip
		return found{}, fmt.Errorf("Cannot find device %q", l.iif)
	case v.Translation == nil || !l.src.IsValid():
		return found{}, errors.New("ip route get … iif is known here on nodes, with the source behind from")
	}
	back, ok := search(v, lookup{dst: l.src, src: l.dst})
	if !ok || back.Type != hostnet.Unicast || back.Dev != l.iif && len(v.Links[in].Addresses) == 0 {
		return found{}, errReversePath
	}
	f, ok := search(v, l)
	if !ok {
		return found{}, errNoRoute
	}
	switch {
	case f.Type != hostnet.Unicast:
		f.Dev = v.Links[0].Name
	case f.Dev == l.iif:
		f.flags = append(f.flags, "redirect")
	}
	f.Src = netip.Addr{}
	return f, nil
}

// search goes through the rules.
func search(v hostnet.View, l lookup) (found, bool) {
	for _, r := range v.Rules {
		if r.From.IsValid() && !(l.src.IsValid() && r.From.Contains(l.src)) || r.To.IsValid() && !r.To.Contains(l.dst) || l.mark&r.Mark != r.Mark {
			continue
		}
		if route, ok := hostnet.FindRoute(v.Routes(r.Table), l.dst); ok {
			f := found{Route: route, table: r.Table}
			if route.Type != hostnet.Unicast {
				f.flags = append(f.flags, "local")
			}
			if route.Type == hostnet.Broadcast {
				f.flags = append(f.flags, "brd")
			}
			return f, true
		}
	}
	return found{}, false
}

// leaving gives a packet of the namespace's own its source.
func leaving(v hostnet.View, f found, l lookup) found {
	switch {
	case l.src.IsValid():
		f.Src = netip.Addr{}
	case !f.Src.IsValid():
		f.Src = source(v, f.Dev)
	}
	if f.Type == hostnet.Local {
		f.Dev = v.Links[0].Name
	}
	return f
}

// source is the address that a packet by a link gets: the link's, or where
// it has none the first of all.
func source(v hostnet.View, dev string) (address netip.Addr) {
	for _, link := range v.Links {
		for _, a := range link.Addresses {
			switch {
			case link.Name == dev:
				return a.Local.Addr()
			case !address.IsValid() && a.Scope == "global":
				address = a.Local.Addr()
			}
		}
	}
	return address
}

// own says whether an address is the namespace's.
func own(v hostnet.View, a netip.Addr) bool {
	return slices.ContainsFunc(v.Links, func(l hostnet.Link) bool {
		return slices.ContainsFunc(l.Addresses, func(own hostnet.Address) bool { return own.Local.Addr() == a })
	})
}

func (f found) text(l lookup) string {
	var b strings.Builder
	if f.Type != hostnet.Unicast {
		b.WriteString(f.Type.String() + " ")
	}
	b.WriteString(l.dst.String())
	add := func(word, value string) {
		if value != "" {
			b.WriteString(" " + word + " " + value)
		}
	}
	add("from", text(l.src))
	add("via", text(f.Via))
	add("dev", f.Dev)
	add("table", f.otherTable())
	add("src", text(f.Src))
	if l.mark != 0 {
		add("mark", fmt.Sprintf("%#x", l.mark))
	}
	if l.iif == "" {
		add("uid", "0")
	}
	b.WriteString(" \n    cache ")
	if len(f.flags) > 0 {
		b.WriteString("<" + strings.Join(f.flags, ",") + "> ")
	}
	if l.iif != "" {
		b.WriteString("iif " + l.iif + " ")
	}
	b.WriteString("\n")
	return b.String()
}

// otherTable is the table unless it is main, which `ip` leaves out.
func (f found) otherTable() string {
	if f.table == "main" {
		return ""
	}
	return f.table
}

func (f found) json(l lookup) string {
	o := gotObject{
		Dst: l.dst.String(), From: text(l.src), Via: text(f.Via), Dev: f.Dev, Table: f.otherTable(), Src: text(f.Src), Flags: []string{},
		Mark: l.mark, Cache: append([]string{}, f.flags...), In: l.iif,
	}
	if f.Type != hostnet.Unicast {
		o.Type = f.Type.String()
	}
	if l.iif == "" {
		o.UID = new(int)
	}
	return encoded([]gotObject{o})
}
