package queryapi

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

var instanceTypes = &describing[types.InstanceTypeInfo]{
	action: ec2model.DescribeInstanceTypes, set: "instanceTypeSet", ids: "InstanceType", least: leastPage, most: pageOf100, page: pageOf100,
	now: func(s *Service, names []string) (list []types.InstanceTypeInfo, err error) {
		var unknown []string
		if len(names) == 0 {
			names = s.account.Types().Names()
		}
		for _, name := range names {
			l, ok := s.account.Types().Limits(name)
			if !ok {
				unknown = append(unknown, shortened(name))
				continue
			}
			list = append(list, TypeInfo(name, l))
		}
		if len(unknown) > 0 {
			return nil, ec2model.NewError("InvalidInstanceType", "The following supplied instance types do not exist: ["+commas(unknown)+"]")
		}
		return list, nil
	},
	key: func(t types.InstanceTypeInfo) string { return string(t.InstanceType) },
	values: map[string]func(*Service, types.InstanceTypeInfo) []string{
		"bare-metal":    func(_ *Service, t types.InstanceTypeInfo) []string { return []string{strconv.FormatBool(*t.BareMetal)} },
		"hypervisor":    func(_ *Service, t types.InstanceTypeInfo) []string { return []string{string(t.Hypervisor)} },
		"instance-type": func(_ *Service, t types.InstanceTypeInfo) []string { return []string{string(t.InstanceType)} },
		"memory-info.size-in-mib": func(_ *Service, t types.InstanceTypeInfo) (list []string) {
			if t.MemoryInfo != nil {
				list = append(list, strconv.FormatInt(*t.MemoryInfo.SizeInMiB, 10))
			}
			return list
		},
		"network-info.ipv4-addresses-per-interface": func(_ *Service, t types.InstanceTypeInfo) []string {
			return []string{strconv.Itoa(int(*t.NetworkInfo.Ipv4AddressesPerInterface))}
		},
		"network-info.maximum-network-interfaces": func(_ *Service, t types.InstanceTypeInfo) []string {
			return []string{strconv.Itoa(int(*t.NetworkInfo.MaximumNetworkInterfaces))}
		},
		"processor-info.supported-architecture": func(_ *Service, t types.InstanceTypeInfo) []string {
			return []string{string(t.ProcessorInfo.SupportedArchitectures[0])}
		},
		"vcpu-info.default-vcpus": func(_ *Service, t types.InstanceTypeInfo) (list []string) {
			if t.VCpuInfo != nil {
				list = append(list, strconv.Itoa(int(*t.VCpuInfo.DefaultVCpus)))
			}
			return list
		},
	},
}

func describeInstanceTypes(s *Service, p *param) send { return describe(s, p, instanceTypes) }

func commas(list []string) (text string) {
	for i, one := range list {
		if i > 0 {
			text += ", "
		}
		text += one
	}
	return text
}

// TypeInfo is an instance type as EC2 describes it, as far as its network, its CPU
// and its memory go.
func TypeInfo(name string, l ec2model.InstanceLimits) types.InstanceTypeInfo {
	t := types.InstanceTypeInfo{
		InstanceType: types.InstanceType(name), BareMetal: new(l.BareMetal), SupportedUsageClasses: []types.UsageClassType{types.UsageClassTypeOnDemand, types.UsageClassTypeSpot},
		ProcessorInfo: &types.ProcessorInfo{SupportedArchitectures: []types.ArchitectureType{types.ArchitectureType(architectureOf(name))}},
		NetworkInfo: &types.NetworkInfo{
			MaximumNetworkInterfaces: new(int32(l.ENIs)), Ipv4AddressesPerInterface: new(int32(l.IPv4PerENI)), Ipv6AddressesPerInterface: new(int32(l.IPv4PerENI)),
			DefaultNetworkCardIndex: new(int32(l.DefaultCard)), MaximumNetworkCards: new(int32(max(1, len(l.NetworkCards)))),
		},
	}
	if l.Hypervisor != "" && l.Hypervisor != "unknown" {
		t.Hypervisor = types.InstanceTypeHypervisor(l.Hypervisor)
	}
	if l.VCPU > 0 {
		t.VCpuInfo = &types.VCpuInfo{DefaultVCpus: new(int32(l.VCPU))}
	}
	if l.MemoryMiB > 0 {
		t.MemoryInfo = &types.MemoryInfo{SizeInMiB: new(int64(l.MemoryMiB))}
	}
	for i, most := range l.NetworkCards {
		t.NetworkInfo.NetworkCards = append(t.NetworkInfo.NetworkCards, types.NetworkCardInfo{NetworkCardIndex: new(int32(i)), MaximumNetworkInterfaces: new(int32(most))})
	}
	return t
}

var offerings = &describing[types.InstanceTypeOffering]{
	action: ec2model.DescribeInstanceTypeOfferings, set: "instanceTypeOfferingSet", least: leastPage, most: pageOf1000, page: pageOf1000,
	key: func(o types.InstanceTypeOffering) string { return string(o.InstanceType) + " " + *o.Location },
	values: map[string]func(*Service, types.InstanceTypeOffering) []string{
		"instance-type": func(_ *Service, o types.InstanceTypeOffering) []string { return []string{string(o.InstanceType)} },
		"location":      func(_ *Service, o types.InstanceTypeOffering) []string { return []string{*o.Location} },
	},
}

// describeInstanceTypeOfferings says that every type is offered everywhere: the
// account knows of no place that lacks one.
func describeInstanceTypeOfferings(s *Service, p *param) send {
	kind := types.LocationType(p.oneOf("LocationType", "region", "availability-zone", "availability-zone-id"))
	d := *offerings
	d.now = func(s *Service, _ []string) (list []types.InstanceTypeOffering, err error) {
		var places []string
		switch kind {
		case types.LocationTypeRegion:
			places = []string{s.options.Region}
		default:
			for _, z := range s.zones() {
				places = append(places, map[types.LocationType]string{types.LocationTypeAvailabilityZone: *z.ZoneName, types.LocationTypeAvailabilityZoneId: *z.ZoneId}[kind])
			}
		}
		slices.Sort(places)
		for _, name := range s.account.Types().Names() {
			for k := range places {
				list = append(list, types.InstanceTypeOffering{InstanceType: types.InstanceType(name), LocationType: kind, Location: &places[k]})
			}
		}
		return list, nil
	}
	return describe(s, p, &d)
}

var statuses = &describing[*types.Instance]{
	action: ec2model.DescribeInstanceStatus, set: "instanceStatusSet", ids: "InstanceId", kind: instanceID, plural: "instancesSet", least: leastPage, most: pageOf1000,
	key:  func(i *types.Instance) string { return *i.InstanceId },
	tags: func(i *types.Instance) []types.Tag { return i.Tags },
	values: map[string]func(*Service, *types.Instance) []string{
		"availability-zone":   func(_ *Service, i *types.Instance) []string { return []string{*i.Placement.AvailabilityZone} },
		"instance-state-name": func(s *Service, i *types.Instance) []string { return []string{string(s.instance(i).State.Name)} },
		"instance-status.status": func(s *Service, i *types.Instance) []string {
			return []string{string(s.statusOf(i).InstanceStatus.Status)}
		},
		"system-status.status": func(s *Service, i *types.Instance) []string {
			return []string{string(s.statusOf(i).SystemStatus.Status)}
		},
		"instance-state-code": func(s *Service, i *types.Instance) []string {
			return []string{strconv.Itoa(int(*s.instance(i).State.Code))}
		},
		"instance-status.reachability": func(s *Service, i *types.Instance) []string {
			return []string{string(s.statusOf(i).InstanceStatus.Details[0].Status)}
		},
	},
	add: func(s *Service, b *body, set string, list []*types.Instance) {
		shapes := make([]types.InstanceStatus, len(list))
		for k, i := range list {
			shapes[k] = s.statusOf(i)
		}
		b.add(set, shapes)
	},
}

// describeInstanceStatus lists running instances, and others where it is asked
// to.
func describeInstanceStatus(s *Service, p *param) send {
	all := p.flag("IncludeAllInstances", false)
	d := *statuses
	d.now = func(s *Service, ids []string) ([]*types.Instance, error) {
		list, err := s.instancesNow(ids)
		if all {
			return list, err
		}
		return slices.DeleteFunc(list, func(i *types.Instance) bool { return s.instance(i).State.Name != types.InstanceStateNameRunning }), err
	}
	return describe(s, p, &d)
}

// statusOf an instance: its checks are passed as soon as it runs, which takes
// minutes of real ones.
func (s *Service) statusOf(i *types.Instance) types.InstanceStatus {
	shape := s.instance(i)
	summary, detail := types.SummaryStatusOk, types.StatusTypePassed
	switch shape.State.Name {
	case types.InstanceStateNamePending:
		summary, detail = types.SummaryStatusInitializing, types.StatusTypeInitializing
	case types.InstanceStateNameRunning:
	default:
		summary, detail = types.SummaryStatusNotApplicable, types.StatusTypeInsufficientData
	}
	checks := &types.InstanceStatusSummary{Status: summary, Details: []types.InstanceStatusDetails{{Name: types.StatusNameReachability, Status: detail}}}
	return types.InstanceStatus{
		InstanceId: i.InstanceId, AvailabilityZone: i.Placement.AvailabilityZone, InstanceState: shape.State, InstanceStatus: checks, SystemStatus: checks,
	}
}
