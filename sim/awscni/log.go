package awscni

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

// What the runtime and the shipped manifest have for every pod. No agent for
// network policies is modelled: its mode is the shipped one, its calls succeed.
const (
	pluginPath    = "/opt/cni/bin"
	interfaceName = "eth0"
	socketPath    = "/var/run/aws-node/ipamd.sock"
	policyMode    = "standard" // NETWORK_POLICY_ENFORCING_MODE of config/master/aws-k8s-cni.yaml
)

// logs says whether anybody reads the plugin's log.
func (c *Plugin) logs() bool { return c.opts.OnLog != nil }

func (c *Plugin) log(p *kubelet.Pod, l ipamd.Line, args ...any) {
	if len(args) > 0 {
		l.Message = fmt.Sprintf(l.Message, args...)
	}
	l.Caller = ipamd.Caller(c.opts.Release, l.Caller)
	c.opts.OnLog(p, l)
}

// logAdd writes what an ADD writes before it asks ipamd.
func (c *Plugin) logAdd(p *kubelet.Pod) {
	if !c.logs() {
		return
	}
	c.log(p, lineLogger)
	c.log(p, lineAdd, c.request(p, "")...)
	c.log(p, lineAddPrevious, nil)
	c.log(p, lineMTU, c.config().PodMTU)
	c.log(p, lineMultiNIC, false)
	c.log(p, lineAddDial, socketPath) // even with nobody at its other end: the dial does not wait
}

// logAnswer writes what ipamd's answer to the ADD leads to, up to the first
// step of the wiring.
func (c *Plugin) logAnswer(p *kubelet.Pod, err error) {
	if !c.logs() {
		return
	}
	id := container(p)
	switch {
	case err == nil:
		config := c.config()
		c.log(p, lineAddReply, id, interfaceName, addReply(&config, p.Address(), p.Device()))
		c.log(p, lineSetup, hostnet.VethName(config.VethPrefix, p.Key), interfaceName, p.Netns(), cidr(p.Address()), hostnet.Table(p.Device()), config.PodMTU)
	case errors.Is(err, ipamd.ErrNoAddress):
		c.log(p, lineNoAddress, id)
	default:
		c.log(p, lineAddError, id, rpcError(err))
	}
}

// logWired writes the steps that were made and how the ADD ended. replaced
// says that an older veth of the pod had to go first. A plugin that is killed
// writes no end.
func (c *Plugin) logWired(p *kubelet.Pod, err error, replaced bool) {
	if !c.logs() {
		return
	}
	veth := hostnet.VethName(c.config().VethPrefix, p.Key)
	if replaced {
		c.log(p, lineOldVeth, veth)
	}
	if reached(err, hostnet.StepHostRoute) {
		c.log(p, lineRoute, cidr(p.Address()), veth, "main")
	}
	if reached(err, hostnet.StepToRule) {
		c.log(p, lineToRule, cidr(p.Address()), "main")
	}
	if p.Device() != 0 && reached(err, hostnet.StepFromRule) {
		c.log(p, lineFromRule, cidr(p.Address()), hostnet.Table(p.Device()))
	}
	if errors.Is(err, hostnet.ErrKilled) {
		return
	}
	c.log(p, lineDummy, fmt.Sprintf("{Name:%s Mac:0 Mtu:0 Sandbox:%d SocketPath: PciID:}", hostnet.VethName("dummy", p.Key), p.Device()))
	if err != nil {
		c.log(p, lineSetupFailed, container(p), refusal(err, veth, p.Address(), p.Device()))
	} else {
		c.log(p, linePolicyAdd, true)
	}
}

// logNotUndone writes that a failed set-up could not give its address back.
func (c *Plugin) logNotUndone(p *kubelet.Pod, err error) {
	if c.logs() && err != nil {
		c.log(p, lineNotUndone, container(p), rpcError(err))
	}
}

// logDel writes what a DEL writes before it asks ipamd.
func (c *Plugin) logDel(p *kubelet.Pod) {
	if !c.logs() {
		return
	}
	c.log(p, lineLogger)
	result := ""
	if p.HasResult() {
		result = c.result(p)
		c.log(p, lineDelPrevious, c.printedResult(p))
	} else {
		c.log(p, lineDelPrevious, nil)
	}
	c.log(p, lineDel, c.request(p, result)...)
	c.log(p, lineDelDial, socketPath)
}

// logDelAnswer writes ipamd's answer to the DEL.
func (c *Plugin) logDelAnswer(p *kubelet.Pod, address netip.Addr, device int, err error) {
	if !c.logs() {
		return
	}
	if err != nil {
		c.log(p, lineNotFound, container(p))
		return
	}
	namespace, name := names(p)
	c.log(p, lineDelReply, name, namespace, container(p),
		fmt.Sprintf("Success:true IPAllocationMetadata:{%s} NetworkPolicyMode:%q", allocation(address, device), policyMode))
	c.log(p, lineTeardown, cidr(address), hostnet.Table(device))
}

// logUnwired writes the steps of a teardown that were made, and its end.
func (c *Plugin) logUnwired(p *kubelet.Pod, address netip.Addr, device int, err error) {
	if !c.logs() {
		return
	}
	c.logUnwiring(p, address, device, err)
	switch {
	case errors.Is(err, hostnet.ErrKilled):
	case err != nil:
		c.log(p, lineTeardownFailed, container(p), refusal(err, "", address, device))
	default:
		c.log(p, linePolicyDel, true)
	}
}

func (c *Plugin) logUnwiring(p *kubelet.Pod, address netip.Addr, device int, err error) {
	if reached(err, hostnet.StepDelToRule) {
		c.log(p, lineToRuleGone, cidr(address), "main")
	}
	if device != 0 && reached(err, hostnet.StepDelFromRule) {
		c.log(p, lineFromRuleGone, cidr(address), hostnet.Table(device))
	}
	if err == nil {
		c.log(p, lineRouteGone, cidr(address), "main")
	}
}

// logWithoutAnswer writes that the DEL has found nobody, and the beginning of
// the teardown by the result of the ADD.
func (c *Plugin) logWithoutAnswer(p *kubelet.Pod) {
	if !c.logs() {
		return
	}
	c.log(p, lineDelError, container(p), errDial)
	if p.HasResult() {
		c.log(p, lineTeardownResult, cidr(p.Address()), hostnet.Table(p.Device()))
	} else {
		c.log(p, lineNoResult)
		c.log(p, lineNotByResult, about(p)...)
	}
}

// logByResult writes the steps and the end of that teardown.
func (c *Plugin) logByResult(p *kubelet.Pod, err error) {
	if !c.logs() {
		return
	}
	c.logUnwiring(p, p.Address(), p.Device(), err)
	switch {
	case errors.Is(err, hostnet.ErrKilled):
	case err != nil:
		c.log(p, lineByResultFailed, refusal(err, "", p.Address(), p.Device()))
		c.log(p, lineNotByResult, about(p)...)
	default:
		c.log(p, lineByResult, about(p)...)
	}
}

// reached says whether a step was made when err ended the sequence that it
// belongs to.
func reached(err error, step hostnet.Step) bool {
	var refused *hostnet.RefusedError
	var killed *hostnet.KilledError
	switch {
	case errors.As(err, &refused):
		return step < refused.Step
	case errors.As(err, &killed):
		return step < killed.Step
	}
	return true
}

// refusal is the kernel's refusal of a step with what the real error says
// about whom.
func refusal(err error, veth string, address netip.Addr, device int) string {
	var refused *hostnet.RefusedError
	if !errors.As(err, &refused) {
		return err.Error()
	}
	about := ""
	switch refused.Step {
	case hostnet.StepHostRoute:
		about = fmt.Sprintf(", containerAddr=%s, hostVeth=%s, rtTable=main", cidr(address), veth)
	case hostnet.StepToRule, hostnet.StepDelToRule:
		about = fmt.Sprintf(", containerAddr=%s, rtTable=main", cidr(address))
	case hostnet.StepFromRule, hostnet.StepDelFromRule:
		about = fmt.Sprintf(", containerAddr=%s, rtTable=%d", cidr(address), hostnet.Table(device))
	}
	text := err.Error()
	cause := strings.LastIndex(text, ": ")
	return text[:cause] + about + text[cause:]
}

// rpcError is a failure of a call as gRPC hands it to the plugin.
func rpcError(err error) string {
	switch {
	case err == errDial:
		return err.Error()
	case errors.Is(err, ipamd.ErrUnknownSandbox):
		return "rpc error: code = Unknown desc = datastore: " + ipamd.ErrUnknownSandbox.Error()
	}
	return "rpc error: code = Unknown desc = " + err.Error()
}
