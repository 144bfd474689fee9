package queryapi

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

var subnets = &describing[*types.Subnet]{
	action: ec2model.DescribeSubnets, set: "subnetSet", ids: "SubnetId", plural: "subnetSet",
	least: leastPage, most: pageOf1000,
	now: func(s *Service, ids []string) ([]*types.Subnet, error) { return s.account.SubnetsNow(ids) },
	key: func(n *types.Subnet) string { return *n.SubnetId },
	add: func(s *Service, b *body, set string, list []*types.Subnet) {
		shapes := make([]types.Subnet, len(list))
		for i := range list {
			shapes[i] = s.subnet(list[i])
		}
		b.add(set, shapes)
	},
	tags: func(n *types.Subnet) []types.Tag { return n.Tags },
	values: map[string]func(s *Service, n *types.Subnet) []string{
		"availability-zone":    func(_ *Service, n *types.Subnet) []string { return []string{*n.AvailabilityZone} },
		"availability-zone-id": func(s *Service, n *types.Subnet) []string { return []string{s.zoneID(*n.AvailabilityZone)} },
		"available-ip-address-count": func(_ *Service, n *types.Subnet) []string {
			return []string{strconv.Itoa(int(*n.AvailableIpAddressCount))}
		},
		"cidr":           func(_ *Service, n *types.Subnet) []string { return []string{*n.CidrBlock} },
		"cidr-block":     func(_ *Service, n *types.Subnet) []string { return []string{*n.CidrBlock} },
		"default-for-az": func(*Service, *types.Subnet) []string { return []string{"false"} },
		"owner-id":       func(s *Service, _ *types.Subnet) []string { return []string{s.options.Owner} },
		"state":          func(_ *Service, n *types.Subnet) []string { return []string{string(n.State)} },
		"subnet-id":      func(_ *Service, n *types.Subnet) []string { return []string{*n.SubnetId} },
		"vpc-id":         func(_ *Service, n *types.Subnet) []string { return []string{*n.VpcId} },
	},
}

func describeSubnets(s *Service, p *param) send { return describe(s, p, subnets) }

// subnet is one as it is answered: with what the account has no notion of.
func (s *Service) subnet(n *types.Subnet) types.Subnet {
	shape := *n // the account's is shared
	shape.OwnerId = &s.options.Owner
	shape.AvailabilityZoneId = new(s.zoneID(*n.AvailabilityZone))
	shape.DefaultForAz, shape.MapPublicIpOnLaunch, shape.AssignIpv6AddressOnCreation = new(false), new(false), new(false)
	shape.Ipv6CidrBlockAssociationSet = []types.SubnetIpv6CidrBlockAssociation{}
	shape.SubnetArn = new("arn:aws:ec2:" + s.options.Region + ":" + s.options.Owner + ":subnet/" + *n.SubnetId)
	if shape.Tags == nil {
		shape.Tags = []types.Tag{}
	}
	return shape
}

// zoneID is the ID of an Availability Zone. Real ones differ by account; here
// zone a is 1, b is 2 and so on.
func (s *Service) zoneID(zone string) string {
	number := 1
	if last := zone[len(zone)-1]; 'a' <= last && last <= 'z' {
		number += int(last - 'a')
	}
	return s.options.Region + "-az" + strconv.Itoa(number)
}
