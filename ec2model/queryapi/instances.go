package queryapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

var instances = &describing[*types.Instance]{
	action: ec2model.DescribeInstances, set: "reservationSet", ids: "InstanceId", kind: instanceID, plural: "instancesSet",
	least: leastPage, most: pageOf1000,
	now: (*Service).instancesNow,
	key: func(i *types.Instance) string { return *i.InstanceId },
	add: func(s *Service, b *body, set string, list []*types.Instance) {
		shapes := make([]types.Reservation, len(list))
		for k := range list {
			shapes[k] = s.reservation([]*types.Instance{list[k]})
		}
		b.add(set, shapes)
	},
	tags: func(i *types.Instance) []types.Tag { return i.Tags },
	values: map[string]func(s *Service, i *types.Instance) []string{
		"architecture":      func(s *Service, i *types.Instance) []string { return []string{string(s.instance(i).Architecture)} },
		"availability-zone": func(_ *Service, i *types.Instance) []string { return []string{*i.Placement.AvailabilityZone} },
		"image-id":          func(s *Service, i *types.Instance) []string { return textOf(s.instance(i).ImageId) },
		"instance-id":       func(_ *Service, i *types.Instance) []string { return []string{*i.InstanceId} },
		"instance-state-code": func(s *Service, i *types.Instance) []string {
			return []string{strconv.Itoa(int(*s.instance(i).State.Code))}
		},
		"instance-state-name": func(s *Service, i *types.Instance) []string { return []string{string(s.instance(i).State.Name)} },
		"instance-type":       func(_ *Service, i *types.Instance) []string { return []string{string(i.InstanceType)} },
		"network-interface.network-interface-id": func(_ *Service, i *types.Instance) (ids []string) {
			for _, e := range i.NetworkInterfaces {
				ids = append(ids, *e.NetworkInterfaceId)
			}
			return ids
		},
		"owner-id":           func(s *Service, _ *types.Instance) []string { return []string{s.options.Owner} },
		"private-ip-address": func(_ *Service, i *types.Instance) []string { return textOf(i.PrivateIpAddress) },
		"private-dns-name": func(s *Service, i *types.Instance) []string {
			if i.PrivateIpAddress == nil { // a terminated one has none
				return nil
			}
			return []string{dnsName(*i.PrivateIpAddress, s.options.Region)}
		},
		"subnet-id": func(_ *Service, i *types.Instance) []string { return textOf(i.SubnetId) },
		"vpc-id":    func(_ *Service, i *types.Instance) []string { return textOf(i.VpcId) },
	},
}

// textOf is what may be absent, as a filter compares it.
func textOf(text *string) []string {
	if text == nil {
		return nil
	}
	return []string{*text}
}

func describeInstances(s *Service, p *param) send { return describe(s, p, instances) }

// reservation is instances as they were launched together. The account does not
// keep who was: each is described with one of its own, of the same number.
func (s *Service) reservation(list []*types.Instance) types.Reservation {
	r := types.Reservation{
		ReservationId: new("r-" + (*list[0].InstanceId)[len("i-"):]), OwnerId: &s.options.Owner,
		Groups: []types.GroupIdentifier{}, Instances: make([]types.Instance, len(list)),
	}
	for k, i := range list {
		r.Instances[k] = s.instance(i)
	}
	return r
}

// instance is one as it is answered: with what the account has no notion of.
func (s *Service) instance(i *types.Instance) types.Instance {
	shape, placement := *i, *i.Placement
	shape.Placement = &placement // what has departed is described again
	if at, ok := s.account.LaunchedAt(*i.InstanceId); ok {
		shape.LaunchTime = new(s.date(at))
		if s.clock.Now() < at+pendingFor {
			shape.State = state(types.InstanceStateNamePending)
		}
	}
	o := s.metadataOptions(*i.InstanceId)
	shape.ImageId, shape.MetadataOptions = new(imageID), o.shape()
	shape.AmiLaunchIndex, shape.ClientToken = new(int32(0)), new("")
	shape.PrivateDnsName, shape.PublicDnsName = new(""), new("")
	if i.PrivateIpAddress != nil { // a terminated one has none
		shape.PrivateDnsName = new(dnsName(*i.PrivateIpAddress, s.options.Region))
	}
	shape.Placement.Tenancy = types.TenancyDefault
	shape.Placement.GroupName = new("")
	shape.SourceDestCheck, shape.EbsOptimized, shape.EnaSupport = new(true), new(false), new(true)
	shape.Architecture, shape.VirtualizationType = architectureOf(string(i.InstanceType)), types.VirtualizationTypeHvm
	shape.RootDeviceName, shape.RootDeviceType = new("/dev/xvda"), types.DeviceTypeEbs
	shape.Monitoring = &types.Monitoring{State: types.MonitoringStateDisabled}
	shape.BlockDeviceMappings = []types.InstanceBlockDeviceMapping{}
	shape.NetworkInterfaces = slices.Clone(i.NetworkInterfaces)
	for k := range shape.NetworkInterfaces {
		e := &shape.NetworkInterfaces[k]
		e.OwnerId, e.SourceDestCheck = &s.options.Owner, new(true)
		if e.PrivateIpAddress != nil { // an EFA-only one has none
			e.PrivateDnsName = new(dnsName(*e.PrivateIpAddress, s.options.Region))
		}
		e.Groups = named(e.Groups)
		if k == 0 {
			shape.SecurityGroups = e.Groups
		}
	}
	return shape
}

// stateCodes are those of the API reference, InstanceState.
var stateCodes = map[types.InstanceStateName]int32{
	types.InstanceStateNamePending: 0, types.InstanceStateNameRunning: 16, types.InstanceStateNameShuttingDown: 32, types.InstanceStateNameTerminated: 48,
}

func state(name types.InstanceStateName) *types.InstanceState {
	return &types.InstanceState{Code: new(stateCodes[name]), Name: name}
}

// architectureOf a type: the families of Graviton have a g after their number
// (EC2 user guide, "Instance type naming conventions"), a1 is the first.
func architectureOf(instanceType string) types.ArchitectureValues {
	family, _, _ := strings.Cut(instanceType, ".")
	k := strings.IndexAny(family, "0123456789")
	if family == "a1" || k >= 0 && strings.Contains(strings.TrimLeft(family[k:], "0123456789"), "g") {
		return types.ArchitectureValuesArm64
	}
	return types.ArchitectureValuesX8664
}
