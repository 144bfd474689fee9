// Package validation holds the simulated ipamd against recordings of the real
// one.
//
// A Trace is one recording: a scenario (instance type, environment, subnets,
// faults, pods) and what the real daemon did with it: every EC2 call, its
// pool's statistics over time and the outcome of every ADD and DEL. Run builds
// a world of one node from the scenario, with the same daemon and the same
// modelled EC2 that fleet runs use, and records the same things. Judge
// compares the two.
package validation
