package queryapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// vpcs is a list of one: an account has one VPC.
var vpcs = &describing[types.Vpc]{
	action: ec2model.DescribeVpcs, set: "vpcSet", ids: "VpcId", plural: "vpcSet", least: leastPage, most: pageOf1000,
	now: func(s *Service, ids []string) ([]types.Vpc, error) {
		for _, id := range ids {
			if id != s.account.VPCID() {
				return nil, ec2model.NewError("InvalidVpcID.NotFound", "The vpc ID '"+shortened(id)+"' does not exist")
			}
		}
		return []types.Vpc{s.vpc()}, nil
	},
	key:  func(v types.Vpc) string { return *v.VpcId },
	tags: func(v types.Vpc) []types.Tag { return v.Tags },
	values: map[string]func(*Service, types.Vpc) []string{
		"cidr": func(_ *Service, v types.Vpc) []string { return []string{*v.CidrBlock} },
		"cidr-block-association.cidr-block": func(_ *Service, v types.Vpc) (list []string) {
			for _, a := range v.CidrBlockAssociationSet {
				list = append(list, *a.CidrBlock)
			}
			return list
		},
		"is-default": neverDefault,
		"isDefault":  neverDefault, // an old name of it, which clients still use
		"owner-id":   func(_ *Service, v types.Vpc) []string { return []string{*v.OwnerId} },
		"state":      func(_ *Service, v types.Vpc) []string { return []string{string(v.State)} },
		"vpc-id":     func(_ *Service, v types.Vpc) []string { return []string{*v.VpcId} },
	},
}

func neverDefault(*Service, types.Vpc) []string { return []string{"false"} }

func describeVpcs(s *Service, p *param) send { return describe(s, p, vpcs) }

func (s *Service) vpc() types.Vpc {
	v := types.Vpc{
		VpcId: new(s.account.VPCID()), OwnerId: &s.options.Owner, State: types.VpcStateAvailable, IsDefault: new(false),
		InstanceTenancy: types.TenancyDefault, DhcpOptionsId: new("dopt-00000000000000001"), Tags: []types.Tag{},
	}
	for i, c := range s.account.VPCCIDRs() {
		v.CidrBlockAssociationSet = append(v.CidrBlockAssociationSet, types.VpcCidrBlockAssociation{
			AssociationId: new(fmt.Sprintf("vpc-cidr-assoc-%017x", i+1)), CidrBlock: new(c.String()), CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
		})
	}
	v.CidrBlock = v.CidrBlockAssociationSet[0].CidrBlock
	return v
}

var securityGroups = &describing[types.SecurityGroup]{
	action: ec2model.DescribeSecurityGroups, set: "securityGroupInfo", ids: "GroupId", plural: "securityGroupIdSet", least: leastPage, most: pageOf1000,
	now: func(s *Service, ids []string) ([]types.SecurityGroup, error) {
		for _, id := range ids {
			if id != s.account.SecurityGroupID() {
				return nil, ec2model.NewError("InvalidGroup.NotFound", "The security group '"+shortened(id)+"' does not exist")
			}
		}
		return []types.SecurityGroup{s.securityGroup()}, nil
	},
	key:  func(g types.SecurityGroup) string { return *g.GroupId },
	tags: func(g types.SecurityGroup) []types.Tag { return g.Tags },
	values: map[string]func(*Service, types.SecurityGroup) []string{
		"description": func(_ *Service, g types.SecurityGroup) []string { return []string{*g.Description} },
		"group-id":    func(_ *Service, g types.SecurityGroup) []string { return []string{*g.GroupId} },
		"group-name":  func(_ *Service, g types.SecurityGroup) []string { return []string{*g.GroupName} },
		"owner-id":    func(_ *Service, g types.SecurityGroup) []string { return []string{*g.OwnerId} },
		"vpc-id":      func(_ *Service, g types.SecurityGroup) []string { return []string{*g.VpcId} },
	},
}

func describeSecurityGroups(s *Service, p *param) send {
	if names := p.texts("GroupName"); len(names) > 0 {
		p.fault.report(codeInvalidParameterValue, "Security groups of a VPC are described by ID or filter, and this account has no default VPC")
	}
	return describe(s, p, securityGroups)
}

// securityGroup is the VPC's default one, the only one that the account knows,
// with the rules that every such group begins with.
func (s *Service) securityGroup() types.SecurityGroup {
	id := s.account.SecurityGroupID()
	return types.SecurityGroup{
		GroupId: &id, GroupName: new("default"), Description: new("default VPC security group"), OwnerId: &s.options.Owner, VpcId: new(s.account.VPCID()),
		IpPermissions:       []types.IpPermission{{IpProtocol: new("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &id, UserId: &s.options.Owner}}}},
		IpPermissionsEgress: []types.IpPermission{{IpProtocol: new("-1"), IpRanges: []types.IpRange{{CidrIp: new("0.0.0.0/0")}}}},
		Tags:                []types.Tag{},
	}
}

var zones = &describing[types.AvailabilityZone]{
	action: ec2model.DescribeAvailabilityZones, set: "availabilityZoneInfo", ids: "ZoneName",
	now: func(s *Service, names []string) (list []types.AvailabilityZone, err error) {
		all := s.zones()
		if len(names) == 0 {
			return all, nil
		}
		for _, name := range names {
			i := slices.IndexFunc(all, func(z types.AvailabilityZone) bool { return *z.ZoneName == name })
			if i < 0 {
				return nil, ec2model.NewError(codeInvalidParameterValue, "Invalid availability zone: ["+shortened(name)+"]")
			}
			list = append(list, all[i])
		}
		return list, nil
	},
	key: func(z types.AvailabilityZone) string { return *z.ZoneName },
	values: map[string]func(*Service, types.AvailabilityZone) []string{
		"opt-in-status": func(_ *Service, z types.AvailabilityZone) []string { return []string{string(z.OptInStatus)} },
		"region-name":   func(_ *Service, z types.AvailabilityZone) []string { return []string{*z.RegionName} },
		"state":         func(_ *Service, z types.AvailabilityZone) []string { return []string{string(z.State)} },
		"zone-id":       func(_ *Service, z types.AvailabilityZone) []string { return []string{*z.ZoneId} },
		"zone-name":     func(_ *Service, z types.AvailabilityZone) []string { return []string{*z.ZoneName} },
		"zone-type":     func(_ *Service, z types.AvailabilityZone) []string { return []string{*z.ZoneType} },
	},
}

func describeAvailabilityZones(s *Service, p *param) send {
	p.flag("AllAvailabilityZones", false) // there are no others
	return describe(s, p, zones)
}

// zones are those with a subnet, by name.
func (s *Service) zones() (list []types.AvailabilityZone) {
	for _, n := range s.account.Subnets() {
		if slices.ContainsFunc(list, func(z types.AvailabilityZone) bool { return *z.ZoneName == n.AZ }) {
			continue
		}
		list = append(list, types.AvailabilityZone{
			ZoneName: new(n.AZ), ZoneId: new(s.zoneID(n.AZ)), ZoneType: new("availability-zone"), RegionName: &s.options.Region, GroupName: new(s.options.Region + "-zg-1"),
			NetworkBorderGroup: &s.options.Region, State: types.AvailabilityZoneStateAvailable, OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
			Messages: []types.AvailabilityZoneMessage{},
		})
	}
	slices.SortFunc(list, func(a, b types.AvailabilityZone) int { return cmp.Compare(*a.ZoneName, *b.ZoneName) })
	return list
}

var regions = &describing[types.Region]{
	action: ec2model.DescribeRegions, set: "regionInfo", ids: "RegionName",
	now: func(s *Service, names []string) ([]types.Region, error) {
		for _, name := range names {
			if name != s.options.Region {
				return nil, ec2model.NewError(codeInvalidParameterValue, "Invalid region name: ["+shortened(name)+"]")
			}
		}
		return []types.Region{{RegionName: &s.options.Region, Endpoint: new("ec2." + s.options.Region + ".amazonaws.com"), OptInStatus: new("opt-in-not-required")}}, nil
	},
	key: func(r types.Region) string { return *r.RegionName },
	values: map[string]func(*Service, types.Region) []string{
		"endpoint":      func(_ *Service, r types.Region) []string { return []string{*r.Endpoint} },
		"opt-in-status": func(_ *Service, r types.Region) []string { return []string{*r.OptInStatus} },
		"region-name":   func(_ *Service, r types.Region) []string { return []string{*r.RegionName} },
	},
}

func describeRegions(s *Service, p *param) send {
	p.flag("AllRegions", false) // the account has one
	return describe(s, p, regions)
}

func getSubnetCIDRReservations(s *Service, p *param) send {
	subnet := p.need("SubnetId")
	d := &describing[types.SubnetCidrReservation]{
		action: ec2model.GetSubnetCidrReservations, set: "subnetIpv4CidrReservationSet", least: leastPage, most: pageOf1000, always: true,
		now: func(s *Service, _ []string) (list []types.SubnetCidrReservation, err error) {
			all, err := s.account.Reservations(subnet)
			for _, r := range all {
				list = append(list, s.reservationShape(r))
			}
			return list, err
		},
		key: func(r types.SubnetCidrReservation) string { return *r.SubnetCidrReservationId },
		values: map[string]func(*Service, types.SubnetCidrReservation) []string{
			"reservationType": func(_ *Service, r types.SubnetCidrReservation) []string { return []string{string(r.ReservationType)} },
			"subnet-id":       func(_ *Service, r types.SubnetCidrReservation) []string { return []string{*r.SubnetId} },
		},
		add: func(_ *Service, b *body, set string, list []types.SubnetCidrReservation) {
			b.add(set, list)
			b.add("subnetIpv6CidrReservationSet", []types.SubnetCidrReservation{})
		},
	}
	return describe(s, p, d)
}

func (s *Service) reservationShape(r ec2model.ReservationState) types.SubnetCidrReservation {
	return types.SubnetCidrReservation{
		SubnetCidrReservationId: new(r.ID), SubnetId: new(r.SubnetID), Cidr: new(r.CIDR.String()), Description: new(r.Description),
		OwnerId: &s.options.Owner, ReservationType: types.SubnetCidrReservationType(r.Type), Tags: []types.Tag{},
	}
}

func createSubnetCIDRReservation(s *Service, p *param) send {
	in := ec2model.CreateReservationInput{SubnetID: p.need("SubnetId"), Description: p.text("Description")}
	if p.need("Cidr") != "" {
		in.CIDR = p.prefix("Cidr")
	}
	p.need("ReservationType")
	in.Type = ec2model.ReservationType(p.oneOf("ReservationType", string(ec2model.ReservePrefix), string(ec2model.ReserveExplicit)))
	p.newTags("subnet-cidr-reservation")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.CreateSubnetCIDRReservation(caller, in, s.answerReservation("subnetCidrReservation", done))
	}
}

func deleteSubnetCIDRReservation(s *Service, p *param) send {
	id := p.need("SubnetCidrReservationId")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.DeleteSubnetCIDRReservation(caller, id, s.answerReservation("deletedSubnetCidrReservation", done))
	}
}

func (s *Service) answerReservation(element string, done func(*body, error)) func(ec2model.ReservationState, error) {
	return func(r ec2model.ReservationState, err error) {
		var b body
		if err == nil {
			b.add(element, s.reservationShape(r))
		}
		done(&b, err)
	}
}
