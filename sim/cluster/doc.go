// Package cluster is the Kubernetes side of a fleet: workloads that want
// pods, a scheduler that binds them, node groups and autoscalers that add and
// remove nodes, and a node's life up to Ready.
//
// What is below it is behind two small interfaces: Cloud launches and
// terminates instances, Machine is what happens inside a node once it has
// registered. The cluster knows nothing of addresses: like the real scheduler
// it counts pods against max pods, CPU and memory, and nothing else.
//
// The clock has two readings. Kernel time 0 is the start of the warm-up, and
// every timestamp on a Pod or Node is kernel time. Scenario time 0 is the end
// of the warm-up, and every time in a Config is scenario time.
package cluster
