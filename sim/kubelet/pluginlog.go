package kubelet

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

// What the runtime and the shipped manifest have for every pod. No agent for
// network policies is modelled: its mode is the shipped one, its calls succeed.
const (
	pluginPath    = "/opt/cni/bin"
	interfaceName = "eth0"
	socketPath    = "/var/run/aws-node/ipamd.sock"
	policyMode    = "standard" // NETWORK_POLICY_ENFORCING_MODE of config/master/aws-k8s-cni.yaml
)

// ContainerID is a sandbox's name in the form of a container runtime's: 64
// hexadecimal digits, random on a real node.
func ContainerID(sandbox string) string {
	sum := sha256.Sum256([]byte(sandbox))
	return hex.EncodeToString(sum[:])
}

// Netns is where containerd mounts a sandbox's network namespace. Its name
// ends in a UUID, random on a real node.
func Netns(sandbox string) string { return "/var/run/netns/cni-" + uuid(sandbox) }

// uuid is the SHA-256 of a text in the form of a UUID.
func uuid(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// logs says whether anybody reads the plugin's log.
func (p *Pod) logs() bool { return p.kubelet.opts.OnLog != nil }

func (p *Pod) log(l pluginLine, args ...any) {
	if len(args) > 0 {
		l.Message = fmt.Sprintf(l.Message, args...)
	}
	p.kubelet.opts.OnLog(p, l)
}

// logAdd writes what an ADD writes before it asks ipamd.
func (p *Pod) logAdd() {
	if !p.logs() {
		return
	}
	p.log(lineLogger)
	p.log(lineAdd, p.request("")...)
	p.log(lineAddPrevious, nil)
	p.log(lineMTU, p.config().PodMTU)
	p.log(lineMultiNIC, false)
	p.log(lineAddDial, socketPath) // even with nobody at its other end: the dial does not wait
}

// logAnswer writes what ipamd's answer to the ADD leads to, up to the first
// step of the wiring.
func (p *Pod) logAnswer(err error) {
	if !p.logs() {
		return
	}
	id := ContainerID(p.sandbox)
	switch {
	case err == nil:
		c := p.config()
		p.log(lineAddReply, id, interfaceName, addReply(&c, p.Address, p.Device))
		p.log(lineSetup, hostnet.VethName(c.VethPrefix, p.Key), interfaceName, p.netns(), cidr(p.Address), hostnet.Table(p.Device), c.PodMTU)
	case errors.Is(err, ipamd.ErrNoAddress):
		p.log(lineNoAddress, id)
	default:
		p.log(lineAddError, id, rpcError(err))
	}
}

// logWired writes the steps that were made and how the ADD ended. replaced
// says that an older veth of the pod had to go first. A plugin that is killed
// writes no end.
func (p *Pod) logWired(err error, replaced bool) {
	if !p.logs() {
		return
	}
	c := p.config()
	veth := hostnet.VethName(c.VethPrefix, p.Key)
	if replaced {
		p.log(lineOldVeth, veth)
	}
	if reached(err, hostnet.StepHostRoute) {
		p.log(lineRoute, cidr(p.Address), veth, "main")
	}
	if reached(err, hostnet.StepToRule) {
		p.log(lineToRule, cidr(p.Address), "main")
	}
	if p.Device != 0 && reached(err, hostnet.StepFromRule) {
		p.log(lineFromRule, cidr(p.Address), hostnet.Table(p.Device))
	}
	if errors.Is(err, hostnet.ErrKilled) {
		return
	}
	p.log(lineDummy, fmt.Sprintf("{Name:%s Mac:0 Mtu:0 Sandbox:%d SocketPath: PciID:}", hostnet.VethName("dummy", p.Key), p.Device))
	if err != nil {
		p.log(lineSetupFailed, ContainerID(p.sandbox), refusal(err, veth, p.Address, p.Device))
	} else {
		p.log(linePolicyAdd, true)
	}
}

// logNotUndone writes that a failed set-up could not give its address back.
func (p *Pod) logNotUndone(err error) {
	if p.logs() && err != nil {
		p.log(lineNotUndone, ContainerID(p.sandbox), rpcError(err))
	}
}

// logDel writes what a DEL writes before it asks ipamd.
func (p *Pod) logDel() {
	if !p.logs() {
		return
	}
	p.log(lineLogger)
	result := ""
	if p.hasResult() {
		result = p.result()
		p.log(lineDelPrevious, p.printedResult())
	} else {
		p.log(lineDelPrevious, nil)
	}
	p.log(lineDel, p.request(result)...)
	p.log(lineDelDial, socketPath)
}

// logDelAnswer writes ipamd's answer to the DEL.
func (p *Pod) logDelAnswer(address netip.Addr, device int, err error) {
	if !p.logs() {
		return
	}
	if err != nil {
		p.log(lineNotFound, ContainerID(p.sandbox))
		return
	}
	namespace, name := p.names()
	p.log(lineDelReply, name, namespace, ContainerID(p.sandbox),
		fmt.Sprintf("Success:true IPAllocationMetadata:{%s} NetworkPolicyMode:%q", allocation(address, device), policyMode))
	p.log(lineTeardown, cidr(address), hostnet.Table(device))
}

// logUnwired writes the steps of a teardown that were made, and its end.
func (p *Pod) logUnwired(address netip.Addr, device int, err error) {
	if !p.logs() {
		return
	}
	p.logUnwiring(address, device, err)
	switch {
	case errors.Is(err, hostnet.ErrKilled):
	case err != nil:
		p.log(lineTeardownFailed, ContainerID(p.sandbox), refusal(err, "", address, device))
	default:
		p.log(linePolicyDel, true)
	}
}

func (p *Pod) logUnwiring(address netip.Addr, device int, err error) {
	if reached(err, hostnet.StepDelToRule) {
		p.log(lineToRuleGone, cidr(address), "main")
	}
	if device != 0 && reached(err, hostnet.StepDelFromRule) {
		p.log(lineFromRuleGone, cidr(address), hostnet.Table(device))
	}
	if err == nil {
		p.log(lineRouteGone, cidr(address), "main")
	}
}

// logWithoutAnswer writes that the DEL has found nobody, and the beginning of
// the teardown by the result of the ADD.
func (p *Pod) logWithoutAnswer() {
	if !p.logs() {
		return
	}
	p.log(lineDelError, ContainerID(p.sandbox), ErrDial)
	if p.hasResult() {
		p.log(lineTeardownResult, cidr(p.Address), hostnet.Table(p.Device))
	} else {
		p.log(lineNoResult)
		p.log(lineNotByResult, p.about()...)
	}
}

// logByResult writes the steps and the end of that teardown.
func (p *Pod) logByResult(err error) {
	if !p.logs() {
		return
	}
	p.logUnwiring(p.Address, p.Device, err)
	switch {
	case errors.Is(err, hostnet.ErrKilled):
	case err != nil:
		p.log(lineByResultFailed, refusal(err, "", p.Address, p.Device))
		p.log(lineNotByResult, p.about()...)
	default:
		p.log(lineByResult, p.about()...)
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
	case err == ErrDial:
		return err.Error()
	case errors.Is(err, ipamd.ErrUnknownSandbox):
		return "rpc error: code = Unknown desc = datastore: " + ipamd.ErrUnknownSandbox.Error()
	}
	return "rpc error: code = Unknown desc = " + err.Error()
}
