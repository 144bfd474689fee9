package ec2model

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// mostPerPage is the largest page of a describe; Constants has the source.
const mostPerPage = 1000

// DescribeNetworkInterfaces answers the interfaces that match all filters: of
// those with the given IDs, in that order, or of all, in the order of
// creation. One unknown ID rejects the request. Values of filters are compared
// exactly, without wildcards. The answers share memory with the account: do
// not modify them.
func (a *Account) DescribeNetworkInterfaces(caller Caller, in DescribeNetworkInterfacesInput, done func(DescribeNetworkInterfacesOutput, error)) (answered time.Duration) {
	c := cost{unfiltered: a.unfiltered(len(in.NetworkInterfaceIDs), len(in.Filters), in.MaxResults)}
	return request(a, caller, DescribeNetworkInterfaces, c, in, done)
}

func (in DescribeNetworkInterfacesInput) check(a *Account) *Error {
	if in.MaxResults < 0 || in.MaxResults > mostPerPage {
		return reject(CodeInvalidParameterValue, "a page can have up to %d results", mostPerPage)
	}
	if len(in.NetworkInterfaceIDs) > 0 && (in.MaxResults > 0 || in.NextToken != "") {
		return reject(CodeInvalidParameterCombination, "IDs and pages cannot be asked for in one request")
	}
	if in.NextToken != "" {
		if number, ok := numberOf(interfaceKind, in.NextToken); !ok || number >= len(a.enis) {
			return reject(CodeInvalidNextToken, "the token '%s' is not valid", in.NextToken)
		}
	}
	for _, f := range in.Filters {
		if f.Name == nil || !knownFilter(*f.Name) {
			return reject(CodeInvalidParameterValue, "a filter is not known")
		}
	}
	for _, id := range in.NetworkInterfaceIDs {
		if _, err := a.interfaceOf(id); err != nil {
			return err
		}
	}
	return nil
}

func (in DescribeNetworkInterfacesInput) apply(a *Account, _ Caller) (DescribeNetworkInterfacesOutput, *Error) {
	if len(in.NetworkInterfaceIDs) > 0 {
		return a.describeByID(in), nil
	}
	return a.describePage(in), nil
}

// unfiltered says whether a describe draws from the bucket of requests that
// name neither filters nor a page.
func (a *Account) unfiltered(ids, filters, page int) bool {
	return filters == 0 && page == 0 && (ids == 0 || a.profile.StrictIDs)
}

func (a *Account) describeByID(in DescribeNetworkInterfacesInput) (out DescribeNetworkInterfacesOutput) {
	tests := testsOf(make([]test, 0, usualFilters), in.Filters)
	for _, id := range in.NetworkInterfaceIDs {
		if e := a.eni(id); a.passes(e, tests) {
			out.NetworkInterfaces = append(out.NetworkInterfaces, a.describe(e))
		}
	}
	return out
}

func (a *Account) describePage(in DescribeNetworkInterfacesInput) (out DescribeNetworkInterfacesOutput) {
	start := 1
	if in.NextToken != "" { // the interface that it names may be gone by now
		start, _ = numberOf(interfaceKind, in.NextToken)
	}
	list := a.enis[start:]
	if onlyLoose(in.Filters) {
		at, _ := slices.BinarySearchFunc(a.loose, holder(start), byNumber)
		list = a.loose[at:]
		out.NetworkInterfaces = make([]*types.NetworkInterface, 0, min(len(list), mostPerPage))
	}
	tests := testsOf(make([]test, 0, usualFilters), in.Filters)
	for _, e := range list {
		if e == nil || !a.passes(e, tests) {
			continue
		}
		if in.MaxResults > 0 && len(out.NetworkInterfaces) == in.MaxResults {
			out.NextToken = e.id()
			break
		}
		out.NetworkInterfaces = append(out.NetworkInterfaces, a.describe(e))
	}
	return out
}

// onlyLoose says whether the filters pass no attached interface. Each node of
// a large fleet asks for leaked ones every hour, and there are few.
func onlyLoose(filters []types.Filter) bool {
	return slices.ContainsFunc(filters, func(f types.Filter) bool {
		return *f.Name == "status" && !slices.Contains(f.Values, string(types.NetworkInterfaceStatusInUse))
	})
}

const tagFilter = "tag:"

// knownFilters say whether an interface has one of the values.
var knownFilters = map[string]func(a *Account, e *eni, values []string) bool{
	"status": func(a *Account, e *eni, values []string) bool {
		return slices.Contains(values, string(e.status(a.clock.Now())))
	},
	"vpc-id": func(a *Account, _ *eni, values []string) bool { return slices.Contains(values, a.vpcID) },
	"attachment.instance-id": func(_ *Account, e *eni, values []string) bool {
		return e.attached && slices.Contains(values, e.at.instance.id)
	},
	"tag-key": func(_ *Account, e *eni, values []string) bool {
		return slices.ContainsFunc(e.tags, func(t tag) bool { return slices.Contains(values, t.key) })
	},
}

func knownFilter(name string) bool {
	return knownFilters[name] != nil || strings.HasPrefix(name, tagFilter)
}

// test is a filter whose name has been understood, once and not for each
// interface.
type test struct {
	has    func(a *Account, e *eni, values []string) bool // nil for a tag's value
	key    string                                         // of the tag
	values []string
}

// usualFilters are as many as requests have.
const usualFilters = 4

func testsOf(list []test, filters []types.Filter) []test {
	for _, f := range filters {
		list = append(list, test{has: knownFilters[*f.Name], key: strings.TrimPrefix(*f.Name, tagFilter), values: f.Values})
	}
	return list
}

// passes says of an interface whether it passes all tests, with any value of
// each.
func (a *Account) passes(e *eni, tests []test) bool {
	for i := range tests {
		t := &tests[i]
		if t.has != nil {
			if !t.has(a, e, t.values) {
				return false
			}
		} else if k := tagIndex(e.tags, t.key); k < 0 || !slices.Contains(t.values, e.tags[k].value) {
			return false
		}
	}
	return true
}

// describe is an interface in the SDK's shape. That of one that is attached
// to nothing is kept until it changes: every node of a fleet asks for all of
// those, to find leaked ones.
func (a *Account) describe(e *eni) *types.NetworkInterface {
	status := e.status(a.clock.Now())
	if e.attached {
		return a.shapeOf(e, status)
	}
	if e.shape == nil || e.shape.Status != status {
		e.shape = a.shapeOf(e, status)
	}
	return e.shape
}

// described is a shape in one piece with the texts and numbers that it points
// to.
type described struct {
	types.NetworkInterface
	types.NetworkInterfaceAttachment
	id, mac, attachment    string
	addresses              []string
	device, card           int32
	deleteOnTermination    bool
	primary, notThePrimary bool
}

func (a *Account) shapeOf(e *eni, status types.NetworkInterfaceStatus) *types.NetworkInterface {
	d := &described{id: e.id(), mac: e.mac(), primary: true}
	if e.addressed() {
		d.addresses = make([]string, 1+len(e.held.addresses()))
	}
	shape := &d.NetworkInterface
	*shape = types.NetworkInterface{
		NetworkInterfaceId: &d.id, MacAddress: &d.mac, SubnetId: &e.subnet.id, VpcId: &a.vpcID,
		AvailabilityZone: &e.subnet.az, Description: &e.description, Status: status,
		InterfaceType: sorts[e.sort], TagSet: sdkTags(e.tags), Groups: groups(*e.groups),
		PrivateIpAddresses: make([]types.NetworkInterfacePrivateIpAddress, len(d.addresses)),
	}
	for k := range d.addresses {
		shape.PrivateIpAddress = &d.addresses[0]
		o, primary := e.primary, &d.primary
		if k > 0 {
			o, primary = e.held.addresses()[k-1], &d.notThePrimary
		}
		d.addresses[k] = e.subnet.addr(int(o)).String()
		shape.PrivateIpAddresses[k] = types.NetworkInterfacePrivateIpAddress{Primary: primary, PrivateIpAddress: &d.addresses[k]}
	}
	for _, o := range e.held.prefixes() {
		shape.Ipv4Prefixes = append(shape.Ipv4Prefixes, types.Ipv4PrefixSpecification{Ipv4Prefix: new(e.subnet.block(int(o)).String())})
	}
	attachmentStatus := types.AttachmentStatusAttached
	switch status {
	case types.NetworkInterfaceStatusAvailable:
		return shape
	case types.NetworkInterfaceStatusInUse:
		if !e.attached { // a branch
			return shape
		}
	case types.NetworkInterfaceStatusDetaching:
		attachmentStatus = types.AttachmentStatusDetaching
	}
	d.attachment, d.device, d.card, d.deleteOnTermination = e.at.id(), int32(e.at.device), int32(e.at.card), e.at.deleteOnTermination
	d.NetworkInterfaceAttachment = types.NetworkInterfaceAttachment{
		AttachmentId: &d.attachment, InstanceId: &e.at.instance.id, Status: attachmentStatus,
		DeviceIndex: &d.device, NetworkCardIndex: &d.card, DeleteOnTermination: &d.deleteOnTermination,
	}
	shape.Attachment = &d.NetworkInterfaceAttachment
	return shape
}

func groups(ids []string) []types.GroupIdentifier {
	list := make([]types.GroupIdentifier, len(ids))
	for k := range ids {
		list[k].GroupId = &ids[k]
	}
	return list
}

// DescribeInstances answers running instances in the order of the IDs, all of
// them when there are none. Terminated instances are not found: EC2 lists
// them for about an hour, which no client of this model relies on.
func (a *Account) DescribeInstances(caller Caller, ids []string, done func([]*types.Instance, error)) (answered time.Duration) {
	c := cost{unfiltered: a.unfiltered(len(ids), 0, 0)}
	return request(a, caller, DescribeInstances, c, describeInstances{ids}, done)
}

type describeInstances struct{ ids []string }

func (in describeInstances) check(a *Account) *Error {
	for _, id := range in.ids {
		if _, err := a.instanceOf(id); err != nil {
			return err
		}
	}
	return nil
}

func (in describeInstances) apply(a *Account, _ Caller) ([]*types.Instance, *Error) {
	wanted := in.ids
	if len(wanted) == 0 {
		wanted = a.InstanceIDs()
	}
	out := make([]*types.Instance, 0, len(wanted))
	for _, id := range wanted {
		out = append(out, a.describeInstance(a.instance(id)))
	}
	return out, nil
}

func (a *Account) describeInstance(i *instance) *types.Instance {
	out := &types.Instance{
		InstanceId: &i.id, InstanceType: types.InstanceType(i.kind.name), SubnetId: &i.subnet.id, VpcId: &a.vpcID, Tags: sdkTags(i.tags),
		Placement:         &types.Placement{AvailabilityZone: &i.subnet.az},
		State:             &types.InstanceState{Code: new(int32(16)), Name: types.InstanceStateNameRunning},
		NetworkInterfaces: make([]types.InstanceNetworkInterface, 0, len(i.enis)),
	}
	for _, e := range i.enis {
		var address *string
		if e.addressed() {
			address = new(e.subnet.addr(int(e.primary)).String())
		}
		if i.isPrimary(e) {
			out.PrivateIpAddress = address
		}
		out.NetworkInterfaces = append(out.NetworkInterfaces, types.InstanceNetworkInterface{
			NetworkInterfaceId: new(e.id()), MacAddress: new(e.mac()), SubnetId: &e.subnet.id, VpcId: &a.vpcID, Description: &e.description,
			Groups: groups(*e.groups), PrivateIpAddress: address, InterfaceType: new(string(sorts[e.sort])), Status: types.NetworkInterfaceStatusInUse,
			Attachment: &types.InstanceNetworkInterfaceAttachment{
				AttachmentId: new(e.at.id()), DeviceIndex: new(int32(e.at.device)), NetworkCardIndex: new(int32(e.at.card)),
				DeleteOnTermination: new(e.at.deleteOnTermination), Status: types.AttachmentStatusAttached,
			},
		})
	}
	return out
}

// DescribeSubnets answers the subnets of a VPC in an Availability Zone, in
// the order of the configuration. An empty argument matches all.
func (a *Account) DescribeSubnets(caller Caller, vpcID, az string, done func([]*types.Subnet, error)) (answered time.Duration) {
	return request(a, caller, DescribeSubnets, cost{}, describeSubnets{vpcID, az}, done)
}

type describeSubnets struct{ vpcID, az string }

func (in describeSubnets) check(*Account) *Error { return nil }

func (in describeSubnets) apply(a *Account, _ Caller) ([]*types.Subnet, *Error) {
	matches := func(s *subnet) bool {
		return (in.vpcID == "" || in.vpcID == a.vpcID) && (in.az == "" || in.az == s.az)
	}
	n := 0
	for _, s := range a.subnets {
		if matches(s) {
			n++
		}
	}
	out := make([]*types.Subnet, 0, n)
	for _, s := range a.subnets {
		if matches(s) {
			out = append(out, a.describeSubnet(s))
		}
	}
	return out, nil
}

// describeSubnet is a subnet in the SDK's shape, kept until it changes: each
// new interface of each node asks for all of a zone.
func (a *Account) describeSubnet(s *subnet) *types.Subnet {
	if s.shape == nil || int(*s.shape.AvailableIpAddressCount) != s.free {
		s.shape = &types.Subnet{
			SubnetId: &s.id, VpcId: &a.vpcID, AvailabilityZone: &s.az, CidrBlock: &s.text,
			AvailableIpAddressCount: new(int32(s.free)), State: types.SubnetStateAvailable, Tags: sdkTags(s.tags),
		}
	}
	return s.shape
}
