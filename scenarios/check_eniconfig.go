package scenarios

import (
	"slices"
	"strings"

	"ipamsim/internal/words"
)

const customNetworking = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"

// checkENIConfig checks custom networking: each zone of the group's nodes
// needs a subnet of its own zone for pods.
func (c *checker) checkENIConfig(path, name string, g *NodeGroup) {
	on := g.wishes().CustomNetworking
	zones := c.zonesOf(g)
	for _, zone := range sortedKeys(g.ENIConfig) {
		at := path + "." + zone
		if !c.usable("%s", at) || !c.known(at, "subnet", g.ENIConfig[zone], c.subnetNames()) {
			continue
		}
		if actual := c.subnet(g.ENIConfig[zone]).AZ; actual != "" && actual != zone {
			c.problem(c.at("%s", at), "%s: the subnet %q is in Availability Zone %s, not in %s: an interface cannot be attached across zones", name, g.ENIConfig[zone], actual, zone)
		} else if !slices.Contains(zones, zone) {
			c.warning(c.keyAt(at), "%s: no subnet of the group's nodes is in Availability Zone %s", name, zone)
		}
	}
	if len(g.ENIConfig) > 0 && !on {
		c.warning(c.keyAt(path), "%s: %s is not true in cni: eniConfig has no effect", name, customNetworking)
	}
	if !on {
		return
	}
	group := strings.TrimSuffix(path, ".eniConfig")
	switchAt := c.keyAt(group + ".cni." + customNetworking)
	var missing []string
	for _, zone := range zones {
		if g.ENIConfig[zone] == "" {
			missing = append(missing, zone)
		}
	}
	if len(missing) > 0 {
		c.warning(switchAt, "%s: %s is true and there is no subnet for Availability Zone %s: nodes there never get Ready", name, customNetworking, words.And(missing))
	}
	if len(g.Subnets) > 0 {
		return
	}
	for _, zone := range sortedKeys(g.ENIConfig) {
		if c.subnet(g.ENIConfig[zone]) != nil {
			c.warning(c.at("%s", group), "%s: nodes are spread over all subnets, those for pods too: give the group's subnets", strings.TrimSuffix(name, ".eniConfig"))
			return
		}
	}
}

// zonesOf are the Availability Zones of a group's nodes, in the order of the
// subnets.
func (c *checker) zonesOf(g *NodeGroup) []string {
	names := g.Subnets
	if len(names) == 0 {
		names = c.subnetNames()
	}
	var zones []string
	for _, n := range names {
		if s := c.subnet(n); s != nil && s.AZ != "" && !slices.Contains(zones, s.AZ) {
			zones = append(zones, s.AZ)
		}
	}
	return zones
}

// subnet is the one with a name, or nil.
func (c *checker) subnet(name string) *Subnet {
	for i := range c.s.VPC.Subnets {
		if c.s.VPC.Subnets[i].Name == name {
			return &c.s.VPC.Subnets[i]
		}
	}
	return nil
}
