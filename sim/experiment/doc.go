// Package experiment runs one scenario many times: over a grid of values, on
// several machines, and again from where it was interrupted. A row of numbers is
// all that is kept of a run.
package experiment
