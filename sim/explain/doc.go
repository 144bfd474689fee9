// Package explain is one pod's start: where the time went, whose side it is, and what one would
// find of it on a real cluster.
package explain
