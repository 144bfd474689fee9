// Package promql holds the rules that findings print against Prometheus' own
// parser, in a module of its own so that nobody who builds ipamsim needs it.
package promql
