package awscni

import "ipamsim/sim/ipamd"

// The lines of the plugin of amazon-vpc-cni-k8s v1.23.1 that the model writes:
// level, caller and format as the real log has them, from
// cmd/routed-eni-cni-plugin/cni.go and driver/driver.go below it.
//
// As in the daemon's log, the caller is the place that called the function
// around the log call.
//
// Left out are the lines about what the model has no notion of: pods on trunk
// interfaces or with several addresses, IPv6, malformed requests, the other
// plugins of the chain.

var lines []ipamd.Line

// line is a line without its arguments.
func line(level, caller, format string) ipamd.Line {
	l := ipamd.Line{Level: level, Caller: caller, Message: format}
	lines = append(lines, l)
	return l
}

// Lines lists what the plugin may write: level, caller and, as the message,
// the format.
func Lines() []ipamd.Line { return lines }

const (
	calledAdd = "routed-eni-cni-plugin/cni.go:149" // by cmdAdd
	calledDel = "routed-eni-cni-plugin/cni.go:370" // by cmdDel

	// The two ways to the teardown: with ipamd's answer, and with the result
	// of the ADD.
	calledTeardown = "routed-eni-cni-plugin/cni.go:495"
	calledByResult = "routed-eni-cni-plugin/cni.go:664"
)

// ADD: add, dialIPAMD, and the driver's SetupPodNetwork, setupVeth and
// setupIPBasedContainerRouteRules.
var (
	lineLogger      = line("info", "routed-eni-cni-plugin/cni.go:131", "Constructed new logger instance")
	lineAdd         = line("info", calledAdd, "Received CNI add request: ContainerID(%s) Netns(%s) IfName(%s) Args(%s) Path(%s) argsStdinData(%s)")
	lineAddPrevious = line("debug", calledAdd, "Prev Result: %v\n")
	lineMTU         = line("debug", calledAdd, "MTU value set is %d:")
	lineMultiNIC    = line("debug", calledAdd, "pod requires multi-nic attachment: %t")
	lineAddDial     = line("debug", "routed-eni-cni-plugin/cni.go:190", "Connected to IPAMD via Unix socket: %s")
	lineAddError    = line("error", calledAdd, "Error received from AddNetwork grpc call for containerID %s: %v")
	lineNoAddress   = line("error", calledAdd, "Failed to assign an IP address to container %s")
	lineAddReply    = line("info", calledAdd, "Received add network response from ipamd for container %s interface %s: %+v")
	lineSetup       = line("debug", "routed-eni-cni-plugin/cni.go:288", "SetupPodNetwork: hostVethName=%s, contVethName=%s, netnsPath=%s, ipAddr=%v, routeTableNumber=%d, mtu=%d")
	lineOldVeth     = line("debug", "driver/driver.go:288", "Successfully deleted old hostVeth %s")
	lineRoute       = line("debug", "driver/driver.go:298", "Successfully setup container route, containerAddr=%s, hostVeth=%s, rtTable=%v")
	lineToRule      = line("debug", "driver/driver.go:298", "Successfully setup toContainer rule, containerAddr=%s, rtTable=%v")
	lineFromRule    = line("debug", "driver/driver.go:298", "Successfully setup fromContainer rule, containerAddr=%s, rtTable=%v")
	lineDummy       = line("debug", calledAdd, "Using dummy interface: %v")
	lineSetupFailed = line("error", calledAdd, "Failed SetupPodNetwork for container %s: %v")
	lineNotUndone   = line("error", calledAdd, "Error received from DelNetwork grpc call for container %s: %v")
	linePolicyAdd   = line("debug", calledAdd, "Network Policy agent for EnforceNpToPod returned Success : %v")
)

// DEL: del, teardownPodNetworkWithPrevResult, and the driver's
// TeardownPodNetwork and teardownIPBasedContainerRouteRules.
var (
	lineDelPrevious    = line("debug", calledDel, "Prev Result: %v\n")
	lineDel            = line("info", calledDel, "Received CNI del request: ContainerID(%s) Netns(%s) IfName(%s) Args(%s) Path(%s) argsStdinData(%s)")
	lineDelDial        = line("debug", "routed-eni-cni-plugin/cni.go:407", "Connected to IPAMD via Unix socket: %s")
	lineNotFound       = line("info", calledDel, "Container %s not found")
	lineDelError       = line("error", calledDel, "Error received from DelNetwork gRPC call for container %s: %v")
	lineNoResult       = line("info", "routed-eni-cni-plugin/cni.go:452", "PrevResult not available for pod. Pod may have already been deleted.")
	lineByResultFailed = line("error", "routed-eni-cni-plugin/cni.go:452", "Failed to teardown pod network: %v")
	lineByResult       = line("info", calledDel, "Handled pod teardown using prevResult: ContainerID(%s) Netns(%s) IfName(%s) PodNamespace(%s) PodName(%s)")
	lineNotByResult    = line("info", calledDel, "Could not teardown pod using prevResult: ContainerID(%s) Netns(%s) IfName(%s) PodNamespace(%s) PodName(%s)")
	lineDelReply       = line("info", calledDel, "Received del network response from ipamd for pod %s namespace %s sandbox %s: %+v")
	lineTeardown       = line("debug", calledTeardown, "TeardownPodNetwork: containerAddr=%s, routeTable=%d")
	lineTeardownResult = line("debug", calledByResult, "TeardownPodNetwork: containerAddr=%s, routeTable=%d")
	lineToRuleGone     = line("debug", "driver/driver.go:319", "Successfully deleted toContainer rule, containerAddr=%s, rtTable=%v")
	lineFromRuleGone   = line("debug", "driver/driver.go:319", "Successfully deleted fromContainer rule, containerAddr=%s, rtTable=%v")
	lineRouteGone      = line("debug", "driver/driver.go:319", "Successfully deleted container route, containerAddr=%s, rtTable=%v")
	lineTeardownFailed = line("error", calledDel, "Failed on TeardownPodNetwork for container ID %s: %v")
	linePolicyDel      = line("debug", calledDel, "Network Policy agent for DeletePodNp returned Success : %v")
)
