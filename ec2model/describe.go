package ec2model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// mostPerPage is the largest page of a describe; Constants has the source.
const mostPerPage = 1000

// DescribeNetworkInterfaces answers the interfaces that match all filters: of
// those with the given IDs, in that order, or of all, in the order of
// creation. One unknown ID rejects the request. Values of filters are compared
// exactly, without wildcards. The answers share memory with the account: do
// not modify them.
func (a *Account) DescribeNetworkInterfaces(caller Caller, in DescribeNetworkInterfacesInput, done func(DescribeNetworkInterfacesOutput, error)) {
	check := func() *Error {
		if in.MaxResults < 0 || in.MaxResults > mostPerPage {
			return reject(CodeInvalidParameterValue, "a page can have up to %d results", mostPerPage)
		}
		if len(in.NetworkInterfaceIDs) > 0 && (in.MaxResults > 0 || in.NextToken != "") {
			return reject(CodeInvalidParameterCombination, "IDs and pages cannot be asked for in one request")
		}
		if in.NextToken != "" {
			if _, ok := a.position(in.NextToken); !ok {
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
	apply := func() (DescribeNetworkInterfacesOutput, *Error) {
		if len(in.NetworkInterfaceIDs) > 0 {
			return a.describeByID(in), nil
		}
		return a.describePage(in), nil
	}
	c := cost{unfiltered: a.unfiltered(len(in.NetworkInterfaceIDs), len(in.Filters), in.MaxResults)}
	request(a, caller, DescribeNetworkInterfaces, c, check, apply, done)
}

// unfiltered says whether a describe draws from the bucket of requests that
// name neither filters nor a page.
func (a *Account) unfiltered(ids, filters, page int) bool {
	return filters == 0 && page == 0 && (ids == 0 || a.profile.StrictIDs)
}

func (a *Account) describeByID(in DescribeNetworkInterfacesInput) (out DescribeNetworkInterfacesOutput) {
	for _, id := range in.NetworkInterfaceIDs {
		if e := a.eniByID[id]; matches(a, e, in.Filters) {
			out.NetworkInterfaces = append(out.NetworkInterfaces, a.describe(e))
		}
	}
	return out
}

func (a *Account) describePage(in DescribeNetworkInterfacesInput) (out DescribeNetworkInterfacesOutput) {
	start := 1
	if in.NextToken != "" {
		start, _ = a.position(in.NextToken)
	}
	list := a.enis[start:]
	if onlyLoose(in.Filters) {
		at, _ := slices.BinarySearchFunc(a.loose, holder(start), byNumber)
		list = a.loose[at:]
	}
	for _, e := range list {
		if e == nil || !matches(a, e, in.Filters) {
			continue
		}
		if in.MaxResults > 0 && len(out.NetworkInterfaces) == in.MaxResults {
			out.NextToken = e.id
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

// position is where the page that a token names starts. The interface that it
// names may be gone by then.
func (a *Account) position(token string) (int, bool) {
	number, ok := parseID("eni-", token)
	return number, ok && number < len(a.enis)
}

const tagFilter = "tag:"

// knownFilters say whether an interface has one of the values.
var knownFilters = map[string]func(a *Account, e *eni, values []string) bool{
	"status": func(a *Account, e *eni, values []string) bool {
		return slices.Contains(values, string(e.status(a.clock.Now())))
	},
	"vpc-id": func(a *Account, _ *eni, values []string) bool { return slices.Contains(values, a.vpcID) },
	"attachment.instance-id": func(_ *Account, e *eni, values []string) bool {
		return e.at != nil && slices.Contains(values, e.at.instance.id)
	},
	"tag-key": func(_ *Account, e *eni, values []string) bool {
		return slices.ContainsFunc(e.tags, func(t types.Tag) bool { return slices.Contains(values, *t.Key) })
	},
}

func knownFilter(name string) bool {
	return knownFilters[name] != nil || strings.HasPrefix(name, tagFilter)
}

// matches says whether an interface passes all filters, any value of each.
func matches(a *Account, e *eni, filters []types.Filter) bool {
	for _, f := range filters {
		if !matchesOne(a, e, *f.Name, f.Values) {
			return false
		}
	}
	return true
}

func matchesOne(a *Account, e *eni, name string, values []string) bool {
	if has := knownFilters[name]; has != nil {
		return has(a, e, values)
	}
	key := strings.TrimPrefix(name, tagFilter)
	return slices.ContainsFunc(e.tags, func(t types.Tag) bool {
		return *t.Key == key && slices.Contains(values, tagValue(t))
	})
}

func tagValue(t types.Tag) string {
	if t.Value == nil {
		return ""
	}
	return *t.Value
}

// describe is an interface in the SDK's shape, kept until it changes.
func (a *Account) describe(e *eni) types.NetworkInterface {
	status := e.status(a.clock.Now())
	if e.shape == nil || e.shape.Status != status {
		e.shape = a.shapeOf(e, status)
	}
	return *e.shape
}

func (a *Account) shapeOf(e *eni, status types.NetworkInterfaceStatus) *types.NetworkInterface {
	shape := &types.NetworkInterface{
		NetworkInterfaceId: &e.id, MacAddress: &e.mac, SubnetId: &e.subnet.id, VpcId: &a.vpcID,
		AvailabilityZone: &e.subnet.az, Description: &e.description, Status: status,
		InterfaceType: types.NetworkInterfaceTypeInterface, TagSet: e.tags,
		PrivateIpAddress: new(e.primary.String()),
	}
	for k := range e.groups {
		shape.Groups = append(shape.Groups, types.GroupIdentifier{GroupId: &e.groups[k]})
	}
	addresses := make([]types.NetworkInterfacePrivateIpAddress, 0, 1+len(e.secondaries))
	addresses = append(addresses, types.NetworkInterfacePrivateIpAddress{Primary: new(true), PrivateIpAddress: shape.PrivateIpAddress})
	for _, addr := range e.secondaries {
		addresses = append(addresses, types.NetworkInterfacePrivateIpAddress{Primary: new(false), PrivateIpAddress: new(addr.String())})
	}
	shape.PrivateIpAddresses = addresses
	for _, p := range e.prefixes {
		shape.Ipv4Prefixes = append(shape.Ipv4Prefixes, types.Ipv4PrefixSpecification{Ipv4Prefix: new(p.String())})
	}
	at, attachmentStatus := e.at, types.AttachmentStatusAttached
	if status == types.NetworkInterfaceStatusDetaching {
		at, attachmentStatus = e.detaching, types.AttachmentStatusDetaching
	}
	if at != nil {
		shape.Attachment = &types.NetworkInterfaceAttachment{
			AttachmentId: &at.id, InstanceId: &at.instance.id, Status: attachmentStatus,
			DeviceIndex: new(int32(at.device)), NetworkCardIndex: new(int32(at.card)), DeleteOnTermination: new(at.deleteOnTermination),
		}
	}
	return shape
}

// DescribeInstances answers running instances in the order of the IDs, all of
// them when there are none. Terminated instances are not found: EC2 lists
// them for about an hour, which no client of this model relies on.
func (a *Account) DescribeInstances(caller Caller, ids []string, done func([]types.Instance, error)) {
	check := func() *Error {
		for _, id := range ids {
			if _, err := a.instanceOf(id); err != nil {
				return err
			}
		}
		return nil
	}
	apply := func() ([]types.Instance, *Error) {
		wanted := ids
		if len(wanted) == 0 {
			wanted = a.InstanceIDs()
		}
		out := make([]types.Instance, 0, len(wanted))
		for _, id := range wanted {
			out = append(out, a.describeInstance(a.instanceByID[id]))
		}
		return out, nil
	}
	c := cost{unfiltered: a.unfiltered(len(ids), 0, 0)}
	request(a, caller, DescribeInstances, c, check, apply, done)
}

func (a *Account) describeInstance(i *instance) types.Instance {
	out := types.Instance{
		InstanceId: &i.id, InstanceType: types.InstanceType(i.kind), SubnetId: &i.subnet.id, VpcId: &a.vpcID, Tags: i.tags,
		Placement:         &types.Placement{AvailabilityZone: &i.subnet.az},
		State:             &types.InstanceState{Code: new(int32(16)), Name: types.InstanceStateNameRunning},
		NetworkInterfaces: make([]types.InstanceNetworkInterface, 0, len(i.enis)),
	}
	for _, e := range i.enis {
		shape := a.describe(e)
		if i.isPrimary(e) {
			out.PrivateIpAddress = shape.PrivateIpAddress
		}
		out.NetworkInterfaces = append(out.NetworkInterfaces, types.InstanceNetworkInterface{
			NetworkInterfaceId: &e.id, MacAddress: &e.mac, SubnetId: &e.subnet.id, VpcId: &a.vpcID, Description: &e.description,
			Groups: shape.Groups, PrivateIpAddress: shape.PrivateIpAddress, Status: types.NetworkInterfaceStatusInUse,
			Attachment: &types.InstanceNetworkInterfaceAttachment{
				AttachmentId: &e.at.id, DeviceIndex: shape.Attachment.DeviceIndex, NetworkCardIndex: shape.Attachment.NetworkCardIndex,
				DeleteOnTermination: shape.Attachment.DeleteOnTermination, Status: types.AttachmentStatusAttached,
			},
		})
	}
	return out
}

// DescribeSubnets answers the subnets of a VPC in an Availability Zone, in
// the order of the configuration. An empty argument matches all.
func (a *Account) DescribeSubnets(caller Caller, vpcID, az string, done func([]types.Subnet, error)) {
	check := func() *Error { return nil }
	apply := func() ([]types.Subnet, *Error) {
		var out []types.Subnet
		for _, s := range a.subnets {
			if vpcID != "" && vpcID != a.vpcID || az != "" && az != s.az {
				continue
			}
			out = append(out, types.Subnet{
				SubnetId: &s.id, VpcId: &a.vpcID, AvailabilityZone: &s.az, CidrBlock: new(s.cidr.String()),
				AvailableIpAddressCount: new(int32(s.free)), State: types.SubnetStateAvailable, Tags: s.tags,
			})
		}
		return out, nil
	}
	request(a, caller, DescribeSubnets, cost{}, check, apply, done)
}

// parseID reads the number of an ID that was made from a counter.
func parseID(kind, id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, kind)
	n, err := strconv.ParseInt(digits, 16, 64)
	return int(n), ok && err == nil && n > 0
}
