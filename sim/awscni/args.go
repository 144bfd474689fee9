package awscni

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
)

// What the runtime hands to the plugin, and what ipamd answers, as the
// plugin's log prints them.

// request are the arguments of a run of the plugin in the order of its first
// line. result is the result of the ADD, in JSON.
func (c *Plugin) request(p *kubelet.Pod, result string) []any {
	return []any{container(p), p.Netns(), interfaceName, arguments(p), pluginPath, c.netconf(result)}
}

func container(p *kubelet.Pod) string { return kubelet.ContainerID(p.Sandbox()) }

// about are the arguments of the lines that end a DEL without ipamd.
func about(p *kubelet.Pod) []any {
	namespace, name := names(p)
	return []any{container(p), p.Netns(), interfaceName, namespace, name}
}

// names are the pod's namespace, default unless its key has one, and its name.
func names(p *kubelet.Pod) (namespace, name string) {
	if namespace, name, ok := strings.Cut(p.Key, "/"); ok {
		return namespace, name
	}
	return "default", p.Key
}

// arguments are CNI_ARGS. containerd's order of them is a random one.
func arguments(p *kubelet.Pod) string {
	namespace, name := names(p)
	return fmt.Sprintf("K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;IgnoreUnknown=1;K8S_POD_UID=%s",
		namespace, name, container(p), p.UID())
}

// netconf is the plugin's configuration: its part of the shipped
// 10-aws.conflist with what libcni adds, keys in order. Of the annotations,
// kubelet's date kubernetes.io/config.seen is left out.
func (c *Plugin) netconf(result string) string {
	config := c.config()
	if result != "" {
		result = `"prevResult":` + result + `,`
	}
	return `{"capabilities":{"io.kubernetes.cri.pod-annotations":true},"cniVersion":"0.4.0","mtu":"` + strconv.Itoa(config.PodMTU) +
		`","name":"aws-cni","pluginLogFile":"/var/log/aws-routed-eni/plugin.log","pluginLogLevel":"DEBUG","podSGEnforcingMode":"strict",` + result +
		`"runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"kubernetes.io/config.source":"api"}},"type":"aws-cni","vethPrefix":"` + config.VethPrefix + `"}`
}

// result is the result of the ADD as libcni hands it to a DEL.
func (c *Plugin) result(p *kubelet.Pod) string {
	return fmt.Sprintf(`{"cniVersion":"0.4.0","dns":{},"interfaces":[{"name":%q},{"mac":"%d","name":%q,"sandbox":%q},{"mac":"0","name":%q,"sandbox":"%d"}],"ips":[{"address":%q,"interface":1,"version":"4"}]}`,
		hostnet.VethName(c.config().VethPrefix, p.Key), hostnet.Table(p.Device()), interfaceName, p.Netns(), hostnet.VethName("dummy", p.Key), p.Device(), cidr(p.Address()))
}

// printedResult is the same as Go prints it, with the place in memory that it
// shows instead of the interface's number.
func (c *Plugin) printedResult(p *kubelet.Pod) string {
	return fmt.Sprintf("&{0.4.0 [{Name:%s Mac: Sandbox:} {Name:%s Mac:%d Sandbox:%s} {Name:%s Mac:0 Sandbox:%d}] [{Version:4 Interface:0xc000%s Address:{IP:%v Mask:ffffffff} Gateway:<nil>}] [] {[]  [] []}}",
		hostnet.VethName(c.config().VethPrefix, p.Key), interfaceName, hostnet.Table(p.Device()), p.Netns(), hostnet.VethName("dummy", p.Key), p.Device(),
		container(p)[:5]+"8", p.Address())
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
func (c *Plugin) config() hostnet.Config {
	if n := c.opts.Network; n != nil {
		return n.Config()
	}
	return hostnet.Config{}.Environment(nil)
}
