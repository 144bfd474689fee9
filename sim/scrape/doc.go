// Package scrape collects from a simulated cluster what Prometheus would have
// collected from a real one: of each node the metrics of its ipamd, what
// kube-state-metrics says of pods, and the numbers that the alert rules of
// findings count on a node; beside them the simulator's own.
//
// Dashboards and alert rules that exist can be tried on a simulated outage with it.
package scrape
