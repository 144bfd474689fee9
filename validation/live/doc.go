// Package live holds the whole simulated ipamd to the whole real one: it drives
// the daemon of amazon-vpc-cni-k8s, as its authors have released it, on the same
// modelled EC2, through the same scenarios at the same virtual times, and lets
// the judge of package validation compare what both have asked of EC2, what their
// pools held and which pods got an address.
//
// The daemon itself is built in a module of its own, real/, so that its
// dependencies never reach the users of ipamsim. What is here drives it and has
// none of them. It wants Linux, iptables, and network namespaces.
//
//	make real-daemon                        # at the root: the set of scenarios
//	make real-daemon SCENARIO=FILE          # one of ipamsim's own scenarios
//	REAL=1 go test .                        # here
package live
