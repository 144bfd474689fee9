package hostnet

import (
	"fmt"
	"net/netip"
	"slices"
)

// Translation is how the node's kernel translates what leaves the VPC, and by
// which marks it leads such packets to the primary interface
// (updateHostIptablesRules in network.go, nftables_connmark.go). It is the
// VPC CNI's part alone; kube-proxy's is not modelled.
type Translation struct {
	NAT, Mangle []string // lines of iptables-save
	Connmark    []string // lines of the table `ip aws-cni` of nftables, which external SNAT does without
	// Sysctls are what the init container has set for the primary interface.
	Sysctls []string
}

func (n *Network) translation() *Translation {
	t := &Translation{}
	if !n.setUp {
		return t
	}
	t.NAT, t.Mangle = n.config.natChains(n.primaryIP()), n.config.mangleChain()
	t.Sysctls = []string{fmt.Sprintf("net.ipv4.conf.%s.rp_filter = 2", LinkName(0))}
	if !n.config.ExternalSNAT {
		t.Connmark = n.config.connmarkTable()
	}
	return t
}

// natChains are the chain that translates and the way to it. Its exceptions
// are inserted at its head one after another, and so stand in reverse. With
// external SNAT it is made and stays empty.
func (c *Config) natChains(primaryIP netip.Addr) []string {
	lines := []string{":AWS-SNAT-CHAIN-0 - [0:0]"}
	if c.ExternalSNAT {
		return lines
	}
	var exceptions []string
	except := func(p netip.Prefix, comment string) {
		dst := ""
		if p.Bits() > 0 {
			dst = fmt.Sprintf("-d %v ", p)
		}
		line := fmt.Sprintf("-A AWS-SNAT-CHAIN-0 %s-m comment --comment %q -j RETURN", dst, comment)
		if !slices.Contains(exceptions, line) {
			exceptions = slices.Insert(exceptions, 0, line)
		}
	}
	for _, p := range c.VPCCIDRs {
		except(p, "AWS SNAT CHAIN")
	}
	for _, p := range c.ExcludeSNATCIDRs {
		except(p, "AWS SNAT CHAIN EXCLUSION")
	}
	random := map[string]string{"prng": " --random-fully", "hashrandom": " --random"}[c.RandomPorts]
	lines = append(lines, `-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0`)
	lines = append(lines, exceptions...)
	return append(lines, fmt.Sprintf(
		`-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source %v%s`, primaryIP, random))
}

// mangleChain marks the connections that come in by the primary interface,
// and gives the packets of pods the marks of their connections.
func (c *Config) mangleChain() []string {
	const comment = `-m comment --comment "AWS, primary ENI"`
	restore := func(links string) string {
		return fmt.Sprintf("-A PREROUTING -i %s+ %s -j CONNMARK --restore-mark --nfmask %#x --ctmask %#x", links, comment, c.Mark, c.Mark)
	}
	var lines []string
	if !c.NoNodePort {
		lines = append(lines, fmt.Sprintf("-A PREROUTING -i %s %s -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark %#x/%#x", LinkName(0), comment, c.Mark, c.Mark))
	}
	if !c.NoNodePort || !c.ExternalSNAT {
		lines = append(lines, restore(c.VethPrefix))
	}
	if !c.NoNodePort {
		lines = append(lines, restore("vlan"))
	}
	return lines
}

// connmarkTable marks what pods send out of the VPC. The plugin writes the
// exceptions in no order of its own; this is that of the chain that
// translates.
func (c *Config) connmarkTable() []string {
	var exceptions []string
	for _, p := range append(slices.Clone(c.VPCCIDRs), c.ExcludeSNATCIDRs...) {
		line := fmt.Sprintf("\t\tcounter packets 0 bytes 0 ip daddr %s return", host(p))
		if !slices.Contains(exceptions, line) {
			exceptions = slices.Insert(exceptions, 0, line)
		}
	}
	masked := "ct mark"
	if c.Mark != allBits {
		masked = fmt.Sprintf("ct mark & 0x%08x", c.Mark)
	}
	return slices.Concat([]string{
		"table ip aws-cni {",
		"\tchain nat-prerouting {",
		"\t\ttype nat hook prerouting priority dstnat + 10; policy accept;",
		"\t\tfib daddr type local return",
		fmt.Sprintf("\t\tiifname %q counter packets 0 bytes 0 jump snat-mark", c.VethPrefix+"*"),
		"\t\tcounter packets 0 bytes 0 meta mark set " + masked,
		"\t}",
		"",
		"\tchain snat-mark {",
	}, exceptions, []string{
		fmt.Sprintf("\t\tcounter packets 0 bytes 0 ct mark set ct mark | 0x%08x", c.Mark),
		"\t}",
		"}",
	})
}
