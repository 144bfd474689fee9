// Package hostnet is what the CNI plugin and ipamd leave in a node's kernel:
// the pods' veths with what is set up in the pod, their /32 routes, policy
// rules, one routing table per secondary interface, and the translation of
// what leaves the VPC; and where a packet goes through them.
//
// All of it is written by the real sequences of steps, any of which may be
// refused or not be reached; see Step. What is kept is facts, not packets: a
// pod costs 32 bytes, with its route and its rules, and a lookup asks the rules
// that speak of a packet in the order in which the kernel would. Names, MAC
// addresses and texts are made when somebody looks.
//
// The state is that which the VPC CNI v1.23.1 leaves for IPv4, in the default
// and in the external SNAT mode (pkg/networkutils and
// cmd/routed-eni-cni-plugin/driver). Not modelled: security groups for pods,
// several network cards, IPv6, and what others do to the same kernel, except
// for the faults of a scenario.
package hostnet
