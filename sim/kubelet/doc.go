// Package kubelet is what happens on one node: a pod's way from bound to
// running and from stopped to gone, with the sandbox, the ADD and the DEL of a
// CNI [Plugin], kubelet's retries and the image; and the start of the node's
// own address daemon up to the moment the node is Ready. Whose plugin and
// whose daemon they are is for others to know.
//
// A [Pod] is a state machine on plain events, because there are very many of
// them. An [Agent] is the aws-node container, whose process blocks, because
// the real one does.
//
// All durations are in [Timings]; [Timings.Constants] lists them with their sources.
package kubelet
