// Package wire runs the real daemon's own binary, and the real plugin's, against
// the account of `ipamsim serve`, over HTTP, a unix socket and netlink, in real
// time: pods come and go, the pool grows and shrinks, the daemon restarts and
// changes over to prefixes. What both leave in the kernel of their namespace is
// held beside what `ipamsim inspect` shows of a simulated node of the same kind.
//
// It is a smoke test of what the runs in virtual time leave out: gRPC and the
// plugin, sockets, the process and its clock.
//
//	make real-binary         # at the root; about four minutes, little CPU
package wire
