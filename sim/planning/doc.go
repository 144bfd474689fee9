// Package planning answers what one asks of a cluster before it changes: what is
// free, how much more fits and which limit it meets first, what losing a zone or
// replacing the nodes does. Every answer is looked up in simulated fleets.
package planning
