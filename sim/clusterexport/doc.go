// Package clusterexport writes a simulated cluster at a moment as kubectl and the
// AWS CLI would print a real one: nodes, pods and what keeps them, subnets,
// interfaces, instances. What reads a real cluster's files can be tried on these,
// an importer first of all.
//
// Names are the scenario's. What no model has (image digests, security groups'
// rules) is left out, as a reader must be ready for.
package clusterexport
