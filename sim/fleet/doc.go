// Package fleet is one replication of one variant: an account, a cluster on it, nodes, and what
// disturbs them.
package fleet
