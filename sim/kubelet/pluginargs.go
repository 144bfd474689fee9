package kubelet

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ipamsim/sim/hostnet"
)

// What the runtime hands to the plugin, and what ipamd answers, as the
// plugin's log prints them.

// request are the arguments of a run of the plugin in the order of its first
// line. result is the result of the ADD, in JSON.
func (p *Pod) request(result string) []any {
	return []any{ContainerID(p.sandbox), p.netns(), interfaceName, p.arguments(), pluginPath, p.netconf(result)}
}

// about are the arguments of the lines that end a DEL without ipamd.
func (p *Pod) about() []any {
	namespace, name := p.names()
	return []any{ContainerID(p.sandbox), p.netns(), interfaceName, namespace, name}
}

// names are the pod's namespace, default unless its key has one, and its name.
func (p *Pod) names() (namespace, name string) {
	if namespace, name, ok := strings.Cut(p.Key, "/"); ok {
		return namespace, name
	}
	return "default", p.Key
}

// netns is the path of the sandbox's network namespace. It has gone when
// kubelet removes the dead sandbox.
func (p *Pod) netns() string {
	if p.stage == gone {
		return ""
	}
	return Netns(p.sandbox)
}

// arguments are CNI_ARGS. containerd's order of them is a random one.
func (p *Pod) arguments() string {
	namespace, name := p.names()
	return fmt.Sprintf("K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;IgnoreUnknown=1;K8S_POD_UID=%s",
		namespace, name, ContainerID(p.sandbox), uuid(p.Key+"@"+p.Times.Bound.String()))
}

// netconf is the plugin's configuration: its part of the shipped
// 10-aws.conflist with what libcni adds, keys in order. Of the annotations,
// kubelet's date kubernetes.io/config.seen is left out.
func (p *Pod) netconf(result string) string {
	c := p.config()
	if result != "" {
		result = `"prevResult":` + result + `,`
	}
	return `{"capabilities":{"io.kubernetes.cri.pod-annotations":true},"cniVersion":"0.4.0","mtu":"` + strconv.Itoa(c.PodMTU) +
		`","name":"aws-cni","pluginLogFile":"/var/log/aws-routed-eni/plugin.log","pluginLogLevel":"DEBUG","podSGEnforcingMode":"strict",` + result +
		`"runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"kubernetes.io/config.source":"api"}},"type":"aws-cni","vethPrefix":"` + c.VethPrefix + `"}`
}

// hasResult says whether libcni has the result of the sandbox's ADD: from its
// success until a DEL succeeds.
func (p *Pod) hasResult() bool { return p.stage == releasing }

// result is the result of the ADD as libcni hands it to a DEL.
func (p *Pod) result() string {
	return fmt.Sprintf(`{"cniVersion":"0.4.0","dns":{},"interfaces":[{"name":%q},{"mac":"%d","name":%q,"sandbox":%q},{"mac":"0","name":%q,"sandbox":"%d"}],"ips":[{"address":%q,"interface":1,"version":"4"}]}`,
		hostnet.VethName(p.config().VethPrefix, p.Key), hostnet.Table(p.Device), interfaceName, p.netns(), hostnet.VethName("dummy", p.Key), p.Device, cidr(p.Address))
}

// printedResult is the same as Go prints it, with the place in memory that it
// shows instead of the interface's number.
func (p *Pod) printedResult() string {
	return fmt.Sprintf("&{0.4.0 [{Name:%s Mac: Sandbox:} {Name:%s Mac:%d Sandbox:%s} {Name:%s Mac:0 Sandbox:%d}] [{Version:4 Interface:0xc000%s Address:{IP:%v Mask:ffffffff} Gateway:<nil>}] [] {[]  [] []}}",
		hostnet.VethName(p.config().VethPrefix, p.Key), interfaceName, hostnet.Table(p.Device), p.netns(), hostnet.VethName("dummy", p.Key), p.Device,
		ContainerID(p.sandbox)[:5]+"8", p.Address)
}

// addReply is ipamd's answer to an ADD in protobuf's text form. Its separators
// are one or two blanks, as each build of the real binary has it.
func addReply(c *hostnet.Config, address netip.Addr, device int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Success:true IPAllocationMetadata:{%s}", allocation(address, device))
	if c.ExternalSNAT {
		b.WriteString(" UseExternalSNAT:true")
	}
	for _, list := range [...][]netip.Prefix{c.VPCCIDRs, c.ExcludeSNATCIDRs} {
		for _, block := range list {
			fmt.Fprintf(&b, " VPCv4CIDRs:%q", block)
		}
	}
	fmt.Fprintf(&b, " NetworkPolicyMode:%q", policyMode)
	return b.String()
}

// allocation leaves zeros out, as protobuf does.
func allocation(address netip.Addr, device int) string {
	number := ""
	if device != 0 {
		number = fmt.Sprintf(" DeviceNumber:%d", device)
	}
	return fmt.Sprintf("IPv4Addr:%q%s RouteTableId:%d", address, number, hostnet.Table(device))
}

func cidr(a netip.Addr) string { return netip.PrefixFrom(a, a.BitLen()).String() }

// config is what the plugin goes by; the shipped one when nothing is wired.
func (p *Pod) config() hostnet.Config {
	if n := p.kubelet.opts.Network; n != nil {
		return n.Config()
	}
	return hostnet.Config{}.Environment(nil)
}
