package hostnet

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// Config is what the networks of one kind of node are set up with. Its
// switches are the daemon's environment; see Environment.
type Config struct {
	VPCCIDRs         []netip.Prefix // destinations that are never translated
	ExcludeSNATCIDRs []netip.Prefix // AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: nor are these
	ExternalServices []netip.Prefix // AWS_EXTERNAL_SERVICE_CIDRS: always by the primary interface
	ExternalSNAT     bool           // AWS_VPC_K8S_CNI_EXTERNALSNAT: the node translates nothing
	NoNodePort       bool           // AWS_VPC_CNI_NODE_PORT_SUPPORT=false
	RandomPorts      string         // AWS_VPC_K8S_CNI_RANDOMIZESNAT: prng, hashrandom or none
	Mark             uint32         // AWS_VPC_K8S_CNI_CONNMARK
	VethPrefix       string         // AWS_VPC_K8S_CNI_VETHPREFIX
	MTU              int            // AWS_VPC_ENI_MTU, in bytes
	PodMTU           int            // POD_MTU, in bytes
}

// Defaults of the daemon and the plugin (network.go).
const (
	defaultMTU        = 9001
	minMTU            = 576
	defaultVethPrefix = "eni"
	defaultMark       = 0x80
)

// Environment returns c with what the daemon reads from its environment, read
// as the daemon reads it: what it cannot read is the default.
func (c Config) Environment(env map[string]string) Config {
	c.ExternalSNAT = isOn(env["AWS_VPC_K8S_CNI_EXTERNALSNAT"], false)
	c.NoNodePort = !isOn(env["AWS_VPC_CNI_NODE_PORT_SUPPORT"], true)
	c.ExternalServices = cidrs(env["AWS_EXTERNAL_SERVICE_CIDRS"])
	c.ExcludeSNATCIDRs = nil
	if !c.ExternalSNAT {
		c.ExcludeSNATCIDRs = cidrs(env["AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS"])
	}
	c.RandomPorts = "prng"
	if v := env["AWS_VPC_K8S_CNI_RANDOMIZESNAT"]; v == "none" || v == "hashrandom" {
		c.RandomPorts = v
	}
	c.Mark = defaultMark
	if value, set := env["AWS_VPC_K8S_CNI_CONNMARK"]; set {
		if mark, err := strconv.ParseInt(value, 0, 64); err == nil && mark > 0 && mark <= math.MaxUint32 {
			c.Mark = uint32(mark)
		}
	}
	c.VethPrefix = defaultVethPrefix
	if prefix, set := env["AWS_VPC_K8S_CNI_VETHPREFIX"]; set {
		c.VethPrefix = prefix
	}
	c.MTU = mtu(env["AWS_VPC_ENI_MTU"], defaultMTU)
	c.PodMTU = mtu(env["POD_MTU"], c.MTU)
	return c
}

func isOn(value string, otherwise bool) bool {
	if value == "" {
		return otherwise
	}
	if on, err := strconv.ParseBool(value); err == nil {
		return on
	}
	return otherwise
}

func mtu(value string, otherwise int) int {
	if value == "" {
		return otherwise
	}
	if n, err := strconv.Atoi(value); err == nil && n >= minMTU && n <= defaultMTU {
		return n
	}
	return otherwise
}

// cidrs reads a list of IPv4 blocks and leaves out what is none.
func cidrs(list string) []netip.Prefix {
	var out []netip.Prefix
	if list == "" {
		return nil
	}
	for _, text := range strings.Split(list, ",") {
		if p, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil && p.Addr().Is4() {
			out = append(out, p.Masked())
		}
	}
	return out
}
