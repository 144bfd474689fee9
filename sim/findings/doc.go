// Package findings is failure modes in words, from what was measured and the scenario.
package findings
