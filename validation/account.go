package validation

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"ipamsim/ec2model"
)

// account is the VPC before the node is there.
func (s *Scenario) account() (ec2model.Config, error) {
	profile, err := s.profile()
	if err != nil {
		return ec2model.Config{}, err
	}
	config := ec2model.Config{Profile: profile}
	for i, subnet := range s.Subnets {
		cidr, err := netip.ParsePrefix(subnet.CIDR)
		if err != nil {
			return config, err
		}
		used := ec2model.UsedAddresses{Count: subnet.UsedAtRandom}
		for _, r := range subnet.InUse {
			first, last, err := parseRange(r)
			if err != nil {
				return config, err
			}
			for a := first; !last.Less(a); a = a.Next() {
				used.Explicit = append(used.Explicit, netip.PrefixFrom(a, 32))
			}
		}
		config.CIDRs = append(config.CIDRs, cidr)
		config.Subnets = append(config.Subnets, ec2model.SubnetConfig{
			Name: fmt.Sprint(i), CIDR: cidr, AZ: zone, Tags: tags(subnet.Tags), Used: []ec2model.UsedAddresses{used},
		})
	}
	return config, nil
}

// profile is how the scenario's EC2 behaves.
func (s *Scenario) profile() (ec2model.Profile, error) {
	profile := ec2model.DefaultProfile()
	if s.DefaultEC2 {
		return profile, nil
	}
	profile.Throttling = len(s.Tenants) > 0
	profile.Addresses, profile.Prefixes = ec2model.Lowest, ec2model.Lowest
	profile.InterfaceLag = ec2model.Fixed(milliseconds(s.MetadataLagMS))
	profile.AddressLag = profile.InterfaceLag
	profile.DetachTime = ec2model.Fixed(milliseconds(s.DetachSettleMS))
	profile.CreateSaysCidrBlocks = true   // the recorded EC2 did
	profile.UnassignIgnoresMissing = true // its list of errors has none for it
	for _, action := range ec2model.Actions() {
		profile.SetLatency(action, ec2model.Fixed(0))
	}
	for _, name := range slices.Sorted(maps.Keys(s.LatencyMS)) {
		action, ok := ec2model.ActionByName(name)
		if !ok {
			return profile, fmt.Errorf("latency_ms: unknown operation %q", name)
		}
		profile.SetLatency(action, ec2model.Fixed(milliseconds(s.LatencyMS[name])))
	}
	return profile, nil
}
