// Package awscni is the CNI plugin of the VPC CNI, aws-cni of
// amazon-vpc-cni-k8s v1.23.1, as a node's container runtime runs it: an ADD asks
// ipamd for an address and wires the pod, a DEL takes both back. Its log has
// the lines of the real one.
package awscni
