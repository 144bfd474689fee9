// Command node runs one real ipamd of the VPC CNI through one scenario, in
// virtual time, and writes down what it did.
//
// It reads a live.Job from its standard input and writes a validation.Recording to its
// standard output. It must be alone in its network namespace and may mount: what
// starts it gives it both. The daemon runs as its main function would start it,
// in a bubble of testing/synctest; the modelled EC2, its query API and the
// instance metadata service are in the same bubble and are reached through pipes.
// The daemon's loops never end, so that the process ends with the run.
package main
