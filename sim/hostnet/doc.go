// Package hostnet is what the CNI plugin and ipamd leave in a node's kernel:
// the pods' veths, their /32 routes, policy rules and one routing table per
// secondary interface; and where a packet goes through them.
//
// It holds facts, not packets: a pod costs a few dozen bytes, and a lookup
// walks the rules in the order in which the kernel would.
//
// The rules are those that the VPC CNI v1.23.1 writes for IPv4, in the
// default and in the external SNAT mode (pkg/networkutils/network.go and
// cmd/routed-eni-cni-plugin/driver). Not modelled: security groups for pods,
// several network cards, IPv6.
package hostnet
