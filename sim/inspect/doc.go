// Package inspect is one moment of a run: nodes, pods and packets as an engineer on the machine would
// see them.
package inspect
