// Package compare says what is different between two results of one scenario, and
// what of that is no chance: replication by replication in the same random worlds.
//
// A stored result becomes a Baseline, which is what has to be kept of it: the
// figures that each replication has, and of what they are. Compare makes a
// Comparison of two of them, and knows nothing of runs.
package compare
