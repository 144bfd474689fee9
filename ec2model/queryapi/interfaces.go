package queryapi

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// mostOfOneKind bounds counts in requests, so that sums do not overflow; the
// account says what is too much of what.
const mostOfOneKind = math.MaxInt32

func createNetworkInterface(s *Service, p *param) send {
	in := ec2model.CreateNetworkInterfaceInput{
		SubnetID: p.need("SubnetId"), Description: p.text("Description"), Groups: groupIDs(p),
		SecondaryPrivateIPAddressCount: p.number("SecondaryPrivateIpAddressCount", 0, mostOfOneKind, 0),
		IPv4PrefixCount:                p.number("Ipv4PrefixCount", 0, mostOfOneKind, 0),
		Tags:                           p.newTags("network-interface"),
		Address:                        p.address("PrivateIpAddress"),
	}
	p.namedAddresses(&in)
	p.oneOf("InterfaceType", "interface")
	p.pass("ClientToken")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.CreateNetworkInterface(caller, in, func(e *types.NetworkInterface, err error) {
			var b body
			if err == nil {
				shape := s.networkInterface(e)
				shape.Status = "pending" // as EC2 says of one that it has just made
				b.add("networkInterface", shape)
			}
			done(&b, err)
		})
	}
}

// namedAddresses are those of a request for an interface, which has them in lists
// of structures.
func (p *param) namedAddresses(in *ec2model.CreateNetworkInterfaceInput) {
	for _, a := range p.items("PrivateIpAddresses") {
		address := a.address("PrivateIpAddress")
		if a.flag("Primary", false) {
			if in.Address.IsValid() {
				p.fault.report(ec2model.CodeInvalidParameterCombination, "Only one primary private IP address can be specified.")
			}
			in.Address = address
		} else if address.IsValid() {
			in.Addresses = append(in.Addresses, address)
		}
	}
	for _, c := range p.items("Ipv4Prefix") {
		if c := c.prefix("Ipv4Prefix"); c.IsValid() {
			in.Prefixes = append(in.Prefixes, c)
		}
	}
}

// groupIDs are the security groups of a request.
func groupIDs(p *param) []string {
	ids := p.texts("SecurityGroupId")
	for _, id := range ids {
		if !isGroupID(id) {
			p.fault.report("InvalidGroup.NotFound", "The security group '%s' does not exist", shortened(id))
		}
	}
	return ids
}

// isGroupID says whether a text has the form of a security group's ID: 8 digits
// of old, 17 now.
func isGroupID(id string) bool {
	digits, ok := strings.CutPrefix(id, "sg-")
	return ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == ""
}

func attachNetworkInterface(s *Service, p *param) send {
	in := ec2model.AttachNetworkInterfaceInput{
		NetworkInterfaceID: p.id("NetworkInterfaceId", interfaceID), InstanceID: p.id("InstanceId", instanceID),
		DeviceIndex: p.number("DeviceIndex", 0, math.MaxInt16, 0), NetworkCardIndex: p.number("NetworkCardIndex", 0, math.MaxInt8, 0),
	}
	p.need("DeviceIndex")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.AttachNetworkInterface(caller, in, func(id string, err error) {
			var b body
			b.add("attachmentId", id)
			b.add("networkCardIndex", in.NetworkCardIndex)
			done(&b, err)
		})
	}
}

func detachNetworkInterface(s *Service, p *param) send {
	in := ec2model.DetachNetworkInterfaceInput{AttachmentID: p.need("AttachmentId")}
	p.flag("Force", false)
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.DetachNetworkInterface(caller, in, done)
	})
}

func deleteNetworkInterface(s *Service, p *param) send {
	id := p.id("NetworkInterfaceId", interfaceID)
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.DeleteNetworkInterface(caller, id, done)
	})
}

func modifyNetworkInterfaceAttribute(s *Service, p *param) send {
	in := ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: p.id("NetworkInterfaceId", interfaceID), Groups: groupIDs(p)}
	if p.given("Attachment") {
		at := p.part("Attachment")
		in.AttachmentID = at.need("AttachmentId")
		if at.need("DeleteOnTermination") != "" {
			in.DeleteOnTermination = new(at.flag("DeleteOnTermination", false))
		}
	}
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.ModifyNetworkInterfaceAttribute(caller, in, done)
	})
}

func assignPrivateIPAddresses(s *Service, p *param) send {
	in := ec2model.AssignPrivateIPAddressesInput{
		NetworkInterfaceID:             p.id("NetworkInterfaceId", interfaceID),
		SecondaryPrivateIPAddressCount: p.number("SecondaryPrivateIpAddressCount", 0, mostOfOneKind, 0),
		IPv4PrefixCount:                p.number("Ipv4PrefixCount", 0, mostOfOneKind, 0),
		Addresses:                      p.addresses("PrivateIpAddress"),
		Prefixes:                       p.prefixes("Ipv4Prefix"),
	}
	if p.flag("AllowReassignment", false) && len(in.Addresses)+len(in.Prefixes) > 0 {
		p.fault.report(ec2model.CodeUnsupportedOperation, "the modelled EC2 reassigns no addresses")
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.AssignPrivateIPAddresses(caller, in, func(out ec2model.AssignPrivateIPAddressesOutput, err error) {
			done(assigned(in.NetworkInterfaceID, out), err)
		})
	}
}

func assigned(id string, out ec2model.AssignPrivateIPAddressesOutput) *body {
	var b body
	b.add("networkInterfaceId", id)
	addresses := make([]types.AssignedPrivateIpAddress, len(out.Addresses))
	for i, a := range out.Addresses {
		addresses[i].PrivateIpAddress = new(a.String())
	}
	prefixes := make([]types.Ipv4PrefixSpecification, len(out.Prefixes))
	for i, c := range out.Prefixes {
		prefixes[i].Ipv4Prefix = new(c.String())
	}
	if len(addresses) > 0 {
		b.add("assignedPrivateIpAddressesSet", addresses)
	}
	if len(prefixes) > 0 {
		b.add("assignedIpv4PrefixSet", prefixes)
	}
	b.add("return", true)
	return &b
}

func unassignPrivateIPAddresses(s *Service, p *param) send {
	in := ec2model.UnassignPrivateIPAddressesInput{
		NetworkInterfaceID: p.id("NetworkInterfaceId", interfaceID),
		PrivateIPAddresses: p.addresses("PrivateIpAddress"), IPv4Prefixes: p.prefixes("Ipv4Prefix"),
	}
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.UnassignPrivateIPAddresses(caller, in, done)
	})
}

// networkInterface is an interface as it is answered: with what the account has
// no notion of.
func (s *Service) networkInterface(e *types.NetworkInterface) types.NetworkInterface {
	shape := *e // the account's is shared
	shape.OwnerId = &s.options.Owner
	shape.RequesterManaged, shape.SourceDestCheck = new(false), new(true)
	if e.PrivateIpAddress != nil { // an EFA-only one has none
		shape.PrivateDnsName = new(dnsName(*e.PrivateIpAddress, s.options.Region))
	}
	shape.Ipv6Addresses = []types.NetworkInterfaceIpv6Address{}
	shape.Groups = named(e.Groups)
	if shape.TagSet == nil {
		shape.TagSet = []types.Tag{}
	}
	shape.PrivateIpAddresses = slices.Clone(e.PrivateIpAddresses)
	for i := range shape.PrivateIpAddresses {
		shape.PrivateIpAddresses[i].PrivateDnsName = new(dnsName(*shape.PrivateIpAddresses[i].PrivateIpAddress, s.options.Region))
	}
	if e.Attachment != nil {
		at := *e.Attachment
		at.InstanceOwnerId = &s.options.Owner
		shape.Attachment = &at
	}
	return shape
}

// named gives groups names: the account knows their IDs only, and the first is
// the VPC's own, which is always called so.
func named(groups []types.GroupIdentifier) []types.GroupIdentifier {
	list := slices.Clone(groups)
	for i := range list {
		list[i].GroupName = new("default")
	}
	return list
}

// dnsName is the resource name of an address (EC2 user guide, "IP name"):
// us-east-1 is called otherwise.
func dnsName(address, region string) string {
	domain := "." + region + ".compute.internal"
	if region == "us-east-1" {
		domain = ".ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + domain
}

var interfaces = &describing[*types.NetworkInterface]{
	action: ec2model.DescribeNetworkInterfaces, set: "networkInterfaceSet", ids: "NetworkInterfaceId", kind: interfaceID, plural: "networkInterfaceIdSet",
	least: leastPage, most: pageOf1000,
	now: func(s *Service, ids []string) ([]*types.NetworkInterface, error) { return s.account.InterfacesNow(ids) },
	key: func(e *types.NetworkInterface) string { return *e.NetworkInterfaceId },
	add: func(s *Service, b *body, set string, list []*types.NetworkInterface) {
		shapes := make([]types.NetworkInterface, len(list))
		for i := range list {
			shapes[i] = s.networkInterface(list[i])
		}
		b.add(set, shapes)
	},
	tags:   func(e *types.NetworkInterface) []types.Tag { return e.TagSet },
	values: interfaceFilters,
}

func describeNetworkInterfaces(s *Service, p *param) send { return describe(s, p, interfaces) }

// interfaceFilters are those of the API reference that the model can answer.
var interfaceFilters = map[string]func(s *Service, e *types.NetworkInterface) []string{
	"addresses.private-ip-address": func(_ *Service, e *types.NetworkInterface) []string { return addressesOf(e) },
	"addresses.primary": func(_ *Service, e *types.NetworkInterface) []string {
		return []string{"true", "false"}[:min(2, len(e.PrivateIpAddresses))]
	},
	"attachment.attachment-id": ofAttachment(func(a *types.NetworkInterfaceAttachment) string { return *a.AttachmentId }),
	"attachment.delete-on-termination": ofAttachment(func(a *types.NetworkInterfaceAttachment) string {
		return strconv.FormatBool(*a.DeleteOnTermination)
	}),
	"attachment.device-index": ofAttachment(func(a *types.NetworkInterfaceAttachment) string { return strconv.Itoa(int(*a.DeviceIndex)) }),
	"attachment.instance-id":  ofAttachment(func(a *types.NetworkInterfaceAttachment) string { return *a.InstanceId }),
	"attachment.status":       ofAttachment(func(a *types.NetworkInterfaceAttachment) string { return string(a.Status) }),
	"availability-zone":       func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.AvailabilityZone} },
	"description":             func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.Description} },
	"group-id": func(_ *Service, e *types.NetworkInterface) (ids []string) {
		for _, g := range e.Groups {
			ids = append(ids, *g.GroupId)
		}
		return ids
	},
	"interface-type":       func(_ *Service, e *types.NetworkInterface) []string { return []string{string(e.InterfaceType)} },
	"mac-address":          func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.MacAddress} },
	"network-interface-id": func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.NetworkInterfaceId} },
	"owner-id":             func(s *Service, _ *types.NetworkInterface) []string { return []string{s.options.Owner} },
	"private-ip-address":   func(_ *Service, e *types.NetworkInterface) []string { return textOf(e.PrivateIpAddress) },
	"requester-managed":    func(*Service, *types.NetworkInterface) []string { return []string{"false"} },
	"status":               func(_ *Service, e *types.NetworkInterface) []string { return []string{string(e.Status)} },
	"subnet-id":            func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.SubnetId} },
	"vpc-id":               func(_ *Service, e *types.NetworkInterface) []string { return []string{*e.VpcId} },
}

func addressesOf(e *types.NetworkInterface) (list []string) {
	for _, a := range e.PrivateIpAddresses {
		list = append(list, *a.PrivateIpAddress)
	}
	return list
}

func ofAttachment(value func(*types.NetworkInterfaceAttachment) string) func(*Service, *types.NetworkInterface) []string {
	return func(_ *Service, e *types.NetworkInterface) []string {
		if e.Attachment == nil {
			return nil
		}
		return []string{value(e.Attachment)}
	}
}
