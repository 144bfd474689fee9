package clusterimport

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/internal/input"
)

// The rows of the AWS CLI are read into the SDK's types, whose fields are named
// as the CLI's keys. Times are passed over: their form depends on the CLI's
// settings, and recorded answers have objects in their place.

type subnet struct{ types.Subnet }

type vpc struct{ types.Vpc }

type cidrReservation struct{ types.SubnetCidrReservation }

type networkInterface struct {
	types.NetworkInterface
	Attachment *attachment

	address   netip.Addr   // its own; not valid of one without IPv4
	secondary []netip.Addr // in their order
	prefixes  []netip.Prefix
}

type attachment struct {
	types.NetworkInterfaceAttachment
	AttachTime skipped
}

type instance struct {
	types.Instance
	LaunchTime, UsageOperationUpdateTime, BlockDeviceMappings, NetworkInterfaces skipped
}

// scalingGroup is a group of aws autoscaling describe-auto-scaling-groups.
type scalingGroup struct {
	AutoScalingGroupName string
	MaxSize              int
	VPCZoneIdentifier    string // subnets, with commas between
	Tags                 []types.Tag
}

// nodegroup is a group of aws eks describe-nodegroup.
type nodegroup struct {
	NodegroupName string
	ScalingConfig struct{ MinSize, MaxSize, DesiredSize int }
	InstanceTypes []string
	Subnets       []string
	CapacityType  string
	AmiType       string
}

// aws takes a row of what the AWS CLI prints.
func (f *file) aws(p *passage, from int64, kind rowKind, text []byte) error {
	r := awsRow{f, p, from, text}
	switch kind {
	case subnetRow:
		return enterRow(r, &f.subnets, "the subnet", (*subnet).fault, func(x *subnet) string { return *x.SubnetId })
	case interfaceRow:
		return enterRow(r, &f.interfaces, "the interface", (*networkInterface).resolve, func(x *networkInterface) string { return *x.NetworkInterfaceId })
	case vpcRow:
		return enterRow(r, &f.vpcs, "the VPC", (*vpc).fault, func(x *vpc) string { return *x.VpcId })
	case cidrReservationRow:
		return enterRow(r, &f.reservations, "the reservation", (*cidrReservation).fault, func(x *cidrReservation) string { return *x.SubnetCidrReservationId })
	case groupRow:
		return enterRow(r, &f.scaling, "the Auto Scaling group", nil, func(x *scalingGroup) string { return x.AutoScalingGroupName })
	case reservationRow:
		var of struct{ Instances []*instance }
		if err := decode(p, from, text, &of); err != nil {
			return err
		}
		for _, i := range of.Instances {
			if err := f.addInstance(p, from, i); err != nil {
				return err
			}
		}
	case instanceRow:
		x := new(instance)
		if err := decode(p, from, text, x); err != nil {
			return err
		}
		return f.addInstance(p, from, x)
	case typeRow:
		f.types = append(f.types, append([]byte(nil), text...))
	case trailRow:
		f.takenFor, f.note = "events of CloudTrail", "nothing is taken from it: it says what was called, and not what the cluster is"
	}
	return nil
}

// awsRow is a row as a file has it.
type awsRow struct {
	file *file
	at   *passage
	from int64
	text []byte
}

// enterRow reads a row and puts it into its table, unless fault, if there is one, says what
// it lacks.
func enterRow[T any](r awsRow, t *table[T], what string, fault, id func(*T) string) error {
	x := new(T)
	if err := decode(r.at, r.from, r.text, x); err != nil {
		return err
	}
	if fault != nil {
		if why := fault(x); why != "" {
			return r.at.at(r.from, why)
		}
	}
	return add(r.file, t, what, id(x), x)
}

func (v *vpc) fault() string {
	if v.VpcId == nil {
		return "a VPC without VpcId"
	}
	return ""
}

func (r *cidrReservation) fault() string {
	if r.Cidr == nil || r.SubnetId == nil || r.SubnetCidrReservationId == nil {
		return "a reservation without SubnetCidrReservationId, SubnetId or Cidr"
	}
	return ""
}

func (f *file) addInstance(p *passage, from int64, x *instance) error {
	if x.InstanceId == nil {
		return p.at(from, "an instance without InstanceId")
	}
	return add(f, &f.instances, "the instance", *x.InstanceId, x)
}

// nodegroup takes what aws eks describe-nodegroup prints.
func (f *file) nodegroup(p *passage, from int64, text []byte) error {
	x := new(nodegroup)
	if err := decode(nil, 0, text, x); err != nil {
		return err
	}
	if x.NodegroupName == "" {
		return p.at(from, "a node group without nodegroupName")
	}
	f.takenFor = "aws eks describe-nodegroup"
	return add(f, &f.nodegroups, "the node group", x.NodegroupName, x)
}

// fault says what is wrong with a subnet, or nothing.
func (s *subnet) fault() string {
	switch {
	case s.SubnetId == nil:
		return "a subnet without SubnetId"
	case s.CidrBlock == nil || s.AvailableIpAddressCount == nil || s.AvailabilityZone == nil:
		return *s.SubnetId + ": a subnet with CidrBlock, AvailabilityZone and AvailableIpAddressCount was expected: --query leaves too little"
	}
	block, err := netip.ParsePrefix(*s.CidrBlock)
	switch {
	case err != nil || !block.Addr().Is4() || block.Masked() != block:
		return *s.SubnetId + ": " + *s.CidrBlock + " is no IPv4 block"
	case block.Bits() < 16 || block.Bits() > 28:
		return sprintf("%s: %s is a /%d, and subnets of AWS are /16 to /28: this is no real subnet", *s.SubnetId, block, block.Bits())
	case int(*s.AvailableIpAddressCount) > usable(block) || *s.AvailableIpAddressCount < 0:
		return sprintf("%s: %d addresses are said to be available, and %s has %d that can be", *s.SubnetId, *s.AvailableIpAddressCount, block, usable(block))
	}
	return ""
}

// usable is how many addresses of a subnet can be given out: AWS reserves five.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func usable(block netip.Prefix) int { return 1<<(32-block.Bits()) - 5 }

func (s *subnet) block() netip.Prefix { return netip.MustParsePrefix(*s.CidrBlock) }

// resolve reads an interface's addresses. It says what is wrong with them, or
// nothing.
func (i *networkInterface) resolve() string {
	if i.NetworkInterfaceId == nil || i.SubnetId == nil {
		return "an interface without NetworkInterfaceId or SubnetId"
	}
	for _, a := range i.PrivateIpAddresses {
		if a.PrivateIpAddress == nil {
			continue
		}
		addr, err := netip.ParseAddr(*a.PrivateIpAddress)
		switch {
		case err != nil || !addr.Is4():
			return *i.NetworkInterfaceId + ": " + *a.PrivateIpAddress + " is no IPv4 address"
		case a.Primary != nil && *a.Primary:
			i.address = addr
		default:
			i.secondary = append(i.secondary, addr)
		}
	}
	if !i.address.IsValid() && i.PrivateIpAddress != nil {
		if addr, err := netip.ParseAddr(*i.PrivateIpAddress); err == nil && addr.Is4() {
			i.address = addr
		}
	}
	if !i.address.IsValid() && len(i.secondary) > 0 {
		i.address, i.secondary = i.secondary[0], i.secondary[1:]
	}
	for _, p := range i.Ipv4Prefixes {
		if p.Ipv4Prefix == nil {
			continue
		}
		block, err := netip.ParsePrefix(*p.Ipv4Prefix)
		if err != nil || !block.Addr().Is4() || block.Bits() != 28 {
			return *i.NetworkInterfaceId + ": " + *p.Ipv4Prefix + " is no /28 block"
		}
		i.prefixes = append(i.prefixes, block)
	}
	return ""
}

// holds is how many addresses of its subnet an interface takes.
func (i *networkInterface) holds() int {
	n := len(i.secondary) + 16*len(i.prefixes)
	if i.address.IsValid() {
		n++
	}
	return n
}

// instanceID of the instance that it is on, or nothing.
func (i *networkInterface) instanceID() string {
	if i.Attachment == nil || i.Attachment.InstanceId == nil {
		return ""
	}
	return *i.Attachment.InstanceId
}

// device and card where it is attached.
func (i *networkInterface) device() (device, card int) {
	if a := i.Attachment; a != nil {
		if a.DeviceIndex != nil {
			device = int(*a.DeviceIndex)
		}
		if a.NetworkCardIndex != nil {
			card = int(*a.NetworkCardIndex)
		}
	}
	return device, card
}

// tag of an interface, or nothing. TagSet is the CLI's name of an interface's
// tags, and the SDK's.
func (i *networkInterface) tag(key string) string { return tagOf(i.TagSet, key) }

func tagOf(tags []types.Tag, key string) string {
	for _, t := range tags {
		if t.Key != nil && *t.Key == key && t.Value != nil {
			return *t.Value
		}
	}
	return ""
}

func (i *networkInterface) description() string { return text(i.Description) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// trunk says whether an interface is that of security groups for pods.
func (i *networkInterface) trunk() bool {
	return i.InterfaceType == types.NetworkInterfaceTypeTrunk || strings.HasPrefix(i.description(), "aws-k8s-trunk-eni")
}

// branch says whether it is a branch of one.
func (i *networkInterface) branch() bool {
	return i.InterfaceType == types.NetworkInterfaceTypeBranch || strings.HasPrefix(i.description(), "aws-k8s-branch-eni") || i.tag("vpcresources.k8s.aws/trunk-eni-id") != ""
}

// efa says whether it is an Elastic Fabric Adapter with an ENA device.
func (i *networkInterface) efa() bool { return i.InterfaceType == types.NetworkInterfaceTypeEfa }

// efaOnly says whether it is one without, which has no address.
func (i *networkInterface) efaOnly() bool {
	return i.InterfaceType == types.NetworkInterfaceTypeEfaOnly && !i.address.IsValid()
}

var errNone = &input.Error{Message: "nothing was handed in: " + commandHint}
