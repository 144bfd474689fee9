// Package oracle holds sim/ipamd's book of interfaces and addresses to the
// real one: its tests drive pkg/ipamd/datastore of amazon-vpc-cni-k8s beside
// it, with the same random operations at the same virtual times, and compare
// all that can be seen of both after each one.
//
// It is a module of its own so that the dependencies of the real daemon never
// reach the users of ipamsim. It runs on Linux, as the real daemon does:
//
//	make conformance                     # at the root: 10,000 sequences
//	go test .                            # here: 100 sequences
//	go test . -rapid.seed=N              # the sequences of a failed run again
//
// The real datastore picks interfaces, CIDRs and used addresses in map order,
// which no seed reaches. The oracle lets it pick, works out from its state
// what it picked among, and gives our book a picker that must be asked the
// same questions and answers as the real one did.
package oracle
