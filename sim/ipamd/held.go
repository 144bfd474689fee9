package ipamd

import "net/netip"

// Held visits what the daemon's book has: single addresses as /32, and prefixes.
func (d *Daemon) Held(visit func(netip.Prefix)) {
	for _, e := range d.store.enis {
		for i := range e.cidrs {
			visit(e.cidrs[i].cidr())
		}
	}
}
