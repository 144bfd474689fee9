package kubelet

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

// pluginLine is a line without its arguments.
type pluginLine = ipamd.Line

var pluginLines []pluginLine

func pluginLog(level, caller, format string) pluginLine {
	l := pluginLine{Level: level, Caller: caller, Message: format}
	pluginLines = append(pluginLines, l)
	return l
}

// PluginLines lists what the plugin may write: level, caller and, as the
// message, the format.
func PluginLines() []ipamd.Line { return pluginLines }

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
	lineLogger      = pluginLog("info", "routed-eni-cni-plugin/cni.go:131", "Constructed new logger instance")
	lineAdd         = pluginLog("info", calledAdd, "Received CNI add request: ContainerID(%s) Netns(%s) IfName(%s) Args(%s) Path(%s) argsStdinData(%s)")
	lineAddPrevious = pluginLog("debug", calledAdd, "Prev Result: %v\n")
	lineMTU         = pluginLog("debug", calledAdd, "MTU value set is %d:")
	lineMultiNIC    = pluginLog("debug", calledAdd, "pod requires multi-nic attachment: %t")
	lineAddDial     = pluginLog("debug", "routed-eni-cni-plugin/cni.go:190", "Connected to IPAMD via Unix socket: %s")
	lineAddError    = pluginLog("error", calledAdd, "Error received from AddNetwork grpc call for containerID %s: %v")
	lineNoAddress   = pluginLog("error", calledAdd, "Failed to assign an IP address to container %s")
	lineAddReply    = pluginLog("info", calledAdd, "Received add network response from ipamd for container %s interface %s: %+v")
	lineSetup       = pluginLog("debug", "routed-eni-cni-plugin/cni.go:288", "SetupPodNetwork: hostVethName=%s, contVethName=%s, netnsPath=%s, ipAddr=%v, routeTableNumber=%d, mtu=%d")
	lineOldVeth     = pluginLog("debug", "driver/driver.go:288", "Successfully deleted old hostVeth %s")
	lineRoute       = pluginLog("debug", "driver/driver.go:298", "Successfully setup container route, containerAddr=%s, hostVeth=%s, rtTable=%v")
	lineToRule      = pluginLog("debug", "driver/driver.go:298", "Successfully setup toContainer rule, containerAddr=%s, rtTable=%v")
	lineFromRule    = pluginLog("debug", "driver/driver.go:298", "Successfully setup fromContainer rule, containerAddr=%s, rtTable=%v")
	lineDummy       = pluginLog("debug", calledAdd, "Using dummy interface: %v")
	lineSetupFailed = pluginLog("error", calledAdd, "Failed SetupPodNetwork for container %s: %v")
	lineNotUndone   = pluginLog("error", calledAdd, "Error received from DelNetwork grpc call for container %s: %v")
	linePolicyAdd   = pluginLog("debug", calledAdd, "Network Policy agent for EnforceNpToPod returned Success : %v")
)

// DEL: del, teardownPodNetworkWithPrevResult, and the driver's
// TeardownPodNetwork and teardownIPBasedContainerRouteRules.
var (
	lineDelPrevious    = pluginLog("debug", calledDel, "Prev Result: %v\n")
	lineDel            = pluginLog("info", calledDel, "Received CNI del request: ContainerID(%s) Netns(%s) IfName(%s) Args(%s) Path(%s) argsStdinData(%s)")
	lineDelDial        = pluginLog("debug", "routed-eni-cni-plugin/cni.go:407", "Connected to IPAMD via Unix socket: %s")
	lineNotFound       = pluginLog("info", calledDel, "Container %s not found")
	lineDelError       = pluginLog("error", calledDel, "Error received from DelNetwork gRPC call for container %s: %v")
	lineNoResult       = pluginLog("info", "routed-eni-cni-plugin/cni.go:452", "PrevResult not available for pod. Pod may have already been deleted.")
	lineByResultFailed = pluginLog("error", "routed-eni-cni-plugin/cni.go:452", "Failed to teardown pod network: %v")
	lineByResult       = pluginLog("info", calledDel, "Handled pod teardown using prevResult: ContainerID(%s) Netns(%s) IfName(%s) PodNamespace(%s) PodName(%s)")
	lineNotByResult    = pluginLog("info", calledDel, "Could not teardown pod using prevResult: ContainerID(%s) Netns(%s) IfName(%s) PodNamespace(%s) PodName(%s)")
	lineDelReply       = pluginLog("info", calledDel, "Received del network response from ipamd for pod %s namespace %s sandbox %s: %+v")
	lineTeardown       = pluginLog("debug", calledTeardown, "TeardownPodNetwork: containerAddr=%s, routeTable=%d")
	lineTeardownResult = pluginLog("debug", calledByResult, "TeardownPodNetwork: containerAddr=%s, routeTable=%d")
	lineToRuleGone     = pluginLog("debug", "driver/driver.go:319", "Successfully deleted toContainer rule, containerAddr=%s, rtTable=%v")
	lineFromRuleGone   = pluginLog("debug", "driver/driver.go:319", "Successfully deleted fromContainer rule, containerAddr=%s, rtTable=%v")
	lineRouteGone      = pluginLog("debug", "driver/driver.go:319", "Successfully deleted container route, containerAddr=%s, rtTable=%v")
	lineTeardownFailed = pluginLog("error", calledDel, "Failed on TeardownPodNetwork for container ID %s: %v")
	linePolicyDel      = pluginLog("debug", calledDel, "Network Policy agent for DeletePodNp returned Success : %v")
)
