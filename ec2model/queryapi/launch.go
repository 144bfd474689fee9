package queryapi

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// mostInstances of one request: our bound, as high as the largest fleet that
// the simulator knows.
const mostInstances = 100_000

// ignored are parameters of a launch that change nothing that the account knows:
// it has no images, disks, keys or roles.
var ignored = []string{
	"BlockDeviceMapping", "ClientToken", "CreditSpecification", "DisableApiStop", "DisableApiTermination", "EbsOptimized", "EnclaveOptions",
	"IamInstanceProfile", "InstanceInitiatedShutdownBehavior", "KeyName", "MaintenanceOptions", "Monitoring", "PrivateDnsNameOptions", "SecurityGroup", "UserData",
}

// launchable are the resources that a launch may tag.
var launchable = []string{"network-interface", "volume", "spot-instances-request", "fleet", "launch-template"}

// launch is what a request or a template says of instances.
type launch struct {
	image, kind, subnet string
	spot, keep          bool
	tags                []types.Tag
	options             metadataOptions
	prefixes, addresses int // of the first interface
}

// launch reads it; over is what holds where the request says nothing.
func (p *param) launch(over launch) launch {
	l := over
	l.image, l.kind, l.subnet = or(p.text("ImageId"), l.image), or(p.text("InstanceType"), l.kind), or(p.text("SubnetId"), l.subnet)
	if tags := p.newTags("instance", launchable...); len(tags) > 0 {
		l.tags = tags
	}
	if p.given("InstanceMarketOptions") {
		market := p.part("InstanceMarketOptions")
		l.spot = market.oneOf("MarketType", "spot") == "spot"
		market.pass("SpotOptions")
	}
	if p.given("Placement") {
		placement := p.part("Placement")
		placement.pass("AvailabilityZone", "GroupName")
		placement.oneOf("Tenancy", "default")
	}
	l.options = p.part("MetadataOptions").options(l.options)
	groupIDs(p)
	p.firstInterface(&l)
	p.pass(ignored...)
	return l
}

func or(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}

// firstInterface reads the interface that instances are to have: one, new, as
// device 0.
func (p *param) firstInterface(l *launch) {
	items := p.items("NetworkInterface")
	if len(items) == 0 {
		return
	}
	e := items[0]
	if len(items) > 1 || e.number("DeviceIndex", 0, 0, 0) != 0 {
		p.fault.report(ec2model.CodeUnsupportedOperation, "the modelled EC2 launches instances with one network interface")
	}
	l.subnet = or(e.text("SubnetId"), l.subnet)
	l.keep = !e.flag("DeleteOnTermination", !l.keep)
	l.prefixes = e.number("Ipv4PrefixCount", 0, mostOfOneKind, l.prefixes)
	l.addresses = e.number("SecondaryPrivateIpAddressCount", 0, mostOfOneKind, l.addresses)
	groupIDs(e)
	e.pass("AssociatePublicIpAddress", "Description", "InterfaceType", "NetworkCardIndex")
}

func runInstances(s *Service, p *param) send {
	l := launch{options: usualOptions}
	if p.given("LaunchTemplate") {
		l = s.templateOf(p.part("LaunchTemplate"))
	}
	l = p.launch(l)
	p.need("MinCount")
	p.need("MaxCount")
	in := ec2model.RunInstancesInput{
		InstanceType: or(l.kind, defaultType), SubnetID: l.subnet, Spot: l.spot, Tags: l.tags, Keep: l.keep, Prefixes: l.prefixes, Addresses: l.addresses,
		MinCount: p.number("MinCount", 1, mostInstances, 1), Count: p.number("MaxCount", 1, mostInstances, 1),
	}
	switch {
	case l.image == "":
		p.fault.report(codeMissingParameter, "The request must contain the parameter ImageId")
	case l.subnet == "":
		p.fault.report("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.RunInstances(caller, in, func(ids []string, err error) {
			var b body
			if err == nil {
				s.launched(ids, l)
				list, _ := s.account.InstancesNow(ids)
				b.members(reflect.ValueOf(s.reservation(list)))
			}
			done(&b, err)
		})
	}
}

// defaultType of an instance (API reference, RunInstances).
const defaultType = "m1.small"

// launched keeps what of a launch the account has no notion of.
func (s *Service) launched(ids []string, l launch) {
	if l.options == usualOptions {
		return
	}
	for _, id := range ids {
		s.metadataOf[id] = l.options
	}
}
