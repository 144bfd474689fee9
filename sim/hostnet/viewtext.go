package hostnet

import (
	"fmt"
	"net/netip"
	"strings"
)

// IPLink is what `ip link` prints.
func (v View) IPLink() string {
	var b strings.Builder
	for _, l := range v.Links {
		brd := broadcastMAC
		if l.Loopback {
			brd = noMAC
		}
		fmt.Fprintf(&b, "%s mode DEFAULT group default %s\n    link/%s %s brd %s%s\n", l.head(), l.queue(), l.kind(), l.MAC, brd, l.Peer)
	}
	return b.String()
}

// IPAddr is what `ip -4 addr` prints: links without an IPv4 address are left
// out.
func (v View) IPAddr() string {
	var b strings.Builder
	for _, l := range v.Links {
		if len(l.Addresses) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s group default %s%s\n", l.head(), l.queue(), l.Peer)
		for _, a := range l.Addresses {
			brd := ""
			if a.Broadcast.IsValid() {
				brd = " brd " + a.Broadcast.String()
			}
			fmt.Fprintf(&b, "    inet %v%s scope %s %s\n       valid_lft forever preferred_lft forever\n", a.Local, brd, a.Scope, l.Name)
		}
	}
	return b.String()
}

// IPRoute is what `ip route show table` prints of a table. It is empty too
// where nobody ever wrote to the table: then the real one says on stderr that
// "FIB table does not exist", and its list in JSON is not closed.
func (v View) IPRoute(table string) string { return routesText(v.routes(table)) }

func routesText(list []Route) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%v \n", r)
	}
	return b.String()
}

// IPRule is what `ip rule` prints.
func (v View) IPRule() string {
	var b strings.Builder
	for _, r := range v.Rules {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// IPNeigh is what `ip neigh` prints.
func (v View) IPNeigh() string {
	var b strings.Builder
	for _, e := range v.Neighbours {
		fmt.Fprintf(&b, "%v dev %s lladdr %s %s \n", e.Address, e.Dev, e.MAC, e.State)
	}
	return b.String()
}

func (v View) routes(table string) []Route {
	for _, t := range v.Tables {
		if t.Name == table {
			return t.Routes
		}
	}
	return nil
}

const broadcastMAC = "ff:ff:ff:ff:ff:ff"

// head is what `ip link` and `ip addr` begin with.
func (l Link) head() string {
	name := l.Name
	if l.Peer != nil {
		name = fmt.Sprintf("%s@if%d", name, l.Peer.Index)
	}
	return fmt.Sprintf("%d: %s: <%s> mtu %d qdisc %s state %s", l.Index, name, strings.Join(l.flags(), ","), l.MTU, l.Qdisc, l.state())
}

func (l Link) flags() []string {
	flags := []string{"BROADCAST", "MULTICAST"}
	if l.Loopback {
		flags = []string{"LOOPBACK"}
	}
	if l.Up {
		flags = append(flags, "UP", "LOWER_UP")
	}
	return flags
}

func (l Link) state() string {
	switch {
	case !l.Up:
		return "DOWN"
	case l.Loopback:
		return "UNKNOWN"
	}
	return "UP"
}

func (l Link) kind() string {
	if l.Loopback {
		return "loopback"
	}
	return "ether"
}

func (l Link) queue() string {
	if l.Queue == 0 {
		return ""
	}
	return fmt.Sprintf("qlen %d", l.Queue)
}

// String is how `ip` ends the line of a veth.
func (p *Peer) String() string {
	switch {
	case p == nil:
		return ""
	case p.Namespace != "":
		return " link-netns " + p.Namespace
	}
	return fmt.Sprintf(" link-netnsid %d", p.ID)
}

// String is the rule as `ip rule` prints it.
func (r Rule) String() string { return fmt.Sprintf("%d:\t%s", r.Priority, r.action()) }

// action is the rule without its priority.
func (r Rule) action() string {
	text := "from " + host(r.From)
	if r.To.IsValid() {
		text += " to " + host(r.To)
	}
	if r.Mark != 0 {
		text += fmt.Sprintf(" fwmark %#x", r.Mark)
		if r.Mark != allBits {
			text += fmt.Sprintf("/%#x", r.Mark)
		}
	}
	return text + " lookup " + r.Table
}

const allBits = 1<<32 - 1 // a mask that `ip` leaves out

// host is a prefix without the length of a single address.
func host(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return "all"
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}
