package queryapi

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

var instances = &describing[*types.Instance]{
	action: ec2model.DescribeInstances, set: "reservationSet", ids: "InstanceId", plural: "instancesSet",
	least: leastPage, most: pageOf1000,
	now: func(s *Service, ids []string) ([]*types.Instance, error) { return s.account.InstancesNow(ids) },
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
		"availability-zone":   func(_ *Service, i *types.Instance) []string { return []string{*i.Placement.AvailabilityZone} },
		"instance-id":         func(_ *Service, i *types.Instance) []string { return []string{*i.InstanceId} },
		"instance-state-code": func(_ *Service, i *types.Instance) []string { return []string{strconv.Itoa(int(*i.State.Code))} },
		"instance-state-name": func(_ *Service, i *types.Instance) []string { return []string{string(i.State.Name)} },
		"instance-type":       func(_ *Service, i *types.Instance) []string { return []string{string(i.InstanceType)} },
		"network-interface.network-interface-id": func(_ *Service, i *types.Instance) (ids []string) {
			for _, e := range i.NetworkInterfaces {
				ids = append(ids, *e.NetworkInterfaceId)
			}
			return ids
		},
		"owner-id":           func(s *Service, _ *types.Instance) []string { return []string{s.options.Owner} },
		"private-ip-address": func(_ *Service, i *types.Instance) []string { return []string{*i.PrivateIpAddress} },
		"private-dns-name": func(s *Service, i *types.Instance) []string {
			return []string{dnsName(*i.PrivateIpAddress, s.options.Region)}
		},
		"subnet-id": func(_ *Service, i *types.Instance) []string { return []string{*i.SubnetId} },
		"vpc-id":    func(_ *Service, i *types.Instance) []string { return []string{*i.VpcId} },
	},
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
	shape := *i
	shape.PrivateDnsName, shape.PublicDnsName = new(dnsName(*i.PrivateIpAddress, s.options.Region)), new("")
	shape.Placement.Tenancy = types.TenancyDefault
	shape.Placement.GroupName = new("")
	shape.SourceDestCheck, shape.EbsOptimized, shape.EnaSupport = new(true), new(false), new(true)
	shape.Architecture, shape.VirtualizationType = architectureOf(string(i.InstanceType)), types.VirtualizationTypeHvm
	shape.RootDeviceName, shape.RootDeviceType = new("/dev/xvda"), types.DeviceTypeEbs
	shape.Monitoring = &types.Monitoring{State: types.MonitoringStateDisabled}
	shape.BlockDeviceMappings = []types.InstanceBlockDeviceMapping{}
	for k := range shape.NetworkInterfaces {
		e := &shape.NetworkInterfaces[k]
		e.OwnerId, e.SourceDestCheck, e.InterfaceType = &s.options.Owner, new(true), new("interface")
		e.PrivateDnsName = new(dnsName(*e.PrivateIpAddress, s.options.Region))
		e.Groups = named(e.Groups)
		if k == 0 {
			shape.SecurityGroups = e.Groups
		}
	}
	return shape
}

func runInstances(s *Service, p *param) send {
	in := ec2model.RunInstancesInput{
		InstanceType: p.need("InstanceType"), SubnetID: p.text("SubnetId"),
		MinCount: p.number("MinCount", 1, mostInstances, 1), Count: p.number("MaxCount", 1, mostInstances, 1),
		Tags: p.newTags("instance", "network-interface", "volume", "spot-instances-request"),
	}
	p.need("ImageId")
	p.need("MinCount")
	p.need("MaxCount")
	groupIDs(p)
	p.pass("SecurityGroup", "KeyName", "UserData", "BlockDeviceMapping", "Monitoring", "EbsOptimized", "IamInstanceProfile", "ClientToken", "DisableApiTermination")
	if in.SubnetID == "" && p.fault.err == nil {
		p.fault.report("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.RunInstances(caller, in, func(ids []string, err error) {
			var b body
			if err == nil {
				list, _ := s.account.InstancesNow(ids)
				r := s.reservation(list)
				b.members(reflect.ValueOf(r))
			}
			done(&b, err)
		})
	}
}

// mostInstances of one request: our bound, as high as the largest fleet that
// the simulator knows.
const mostInstances = 100_000

func terminateInstances(s *Service, p *param) send {
	ids := p.texts("InstanceId")
	if len(ids) == 0 {
		p.fault.report(codeMissingParameter, "The request must contain the parameter InstanceId")
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.TerminateInstances(caller, ids, func(err error) {
			var b body
			changes := make([]types.InstanceStateChange, len(ids))
			for k := range ids {
				changes[k] = types.InstanceStateChange{InstanceId: &ids[k], PreviousState: state(types.InstanceStateNameRunning), CurrentState: state(types.InstanceStateNameShuttingDown)}
			}
			b.add("instancesSet", changes)
			done(&b, err)
		})
	}
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
