// Package iproute2 shows a namespace of package hostnet as iproute2 6.1 does,
// to the byte, in text and in JSON, and answers what one asks `ip`.
package iproute2

import (
	"fmt"
	"strings"

	"ipamsim/sim/hostnet"
)

// linkText is what `ip link` prints.
func linkText(list []hostnet.Link) string {
	var b strings.Builder
	for _, l := range list {
		brd := broadcastMAC
		if l.Loopback {
			brd = noMAC
		}
		fmt.Fprintf(&b, "%s mode DEFAULT group default %s\n    link/%s %s brd %s%s\n", head(l), queue(l), kind(l), l.MAC, brd, end(l.Peer))
	}
	return b.String()
}

// addressText is what `ip -4 addr` prints: links without an IPv4 address are
// left out.
func addressText(list []hostnet.Link) string {
	var b strings.Builder
	for _, l := range list {
		if len(l.Addresses) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s group default %s%s\n", head(l), queue(l), end(l.Peer))
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

// routeText is what `ip route show table` prints of a table. It is empty too
// where nobody ever wrote to the table: then the real one says on stderr that
// "FIB table does not exist", and its list in JSON is not closed.
func routeText(list []hostnet.Route) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%v \n", r)
	}
	return b.String()
}

// ruleText is what `ip rule` prints.
func ruleText(list []hostnet.Rule) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// neighbourText is what `ip neigh` prints.
func neighbourText(list []hostnet.Neighbour) string {
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%v dev %s lladdr %s %s \n", e.Address, e.Dev, e.MAC, e.State)
	}
	return b.String()
}

const (
	broadcastMAC = "ff:ff:ff:ff:ff:ff"
	noMAC        = "00:00:00:00:00:00" // the loopback's broadcast
)

// head is what `ip link` and `ip addr` begin with.
func head(l hostnet.Link) string {
	name := l.Name
	if l.Peer != nil {
		name = fmt.Sprintf("%s@if%d", name, l.Peer.Index)
	}
	return fmt.Sprintf("%d: %s: <%s> mtu %d qdisc %s state %s", l.Index, name, strings.Join(flags(l), ","), l.MTU, l.Qdisc, state(l))
}

func flags(l hostnet.Link) []string {
	flags := []string{"BROADCAST", "MULTICAST"}
	if l.Loopback {
		flags = []string{"LOOPBACK"}
	}
	if l.Up {
		flags = append(flags, "UP", "LOWER_UP")
	}
	return flags
}

func state(l hostnet.Link) string {
	switch {
	case !l.Up:
		return "DOWN"
	case l.Loopback:
		return "UNKNOWN"
	}
	return "UP"
}

func kind(l hostnet.Link) string {
	if l.Loopback {
		return "loopback"
	}
	return "ether"
}

func queue(l hostnet.Link) string {
	if l.Queue == 0 {
		return ""
	}
	return fmt.Sprintf("qlen %d", l.Queue)
}

// end is how `ip` ends the line of a veth.
func end(p *hostnet.Peer) string {
	switch {
	case p == nil:
		return ""
	case p.Namespace != "":
		return " link-netns " + p.Namespace
	}
	return fmt.Sprintf(" link-netnsid %d", p.ID)
}
