// Package machine is what is inside of a node: kubelet, the VPC CNI's plugin and daemon, and the host's
// network.
package machine
