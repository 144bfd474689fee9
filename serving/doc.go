// Package serving opens a scenario to clients of its account: the fleet lives in
// step with the wall clock, with its nodes, background callers and faults, and
// the EC2 API and the instance metadata of its account are served over HTTP.
package serving
