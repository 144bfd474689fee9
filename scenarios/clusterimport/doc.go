// Package clusterimport makes a scenario with a snapshot of a cluster from what
// its people have at hand: what kubectl and the AWS CLI print, offline. Each
// file is recognised by what is in it. What a scenario cannot say, and what is
// assumed because no file says it, is listed and never dropped in silence.
//
// Environments of pods hold secrets in real files: nothing here decodes them.
// Only the container aws-node of the DaemonSet aws-node has one.
package clusterimport

import "fmt"

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
