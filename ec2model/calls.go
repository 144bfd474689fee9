package ec2model

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// nothing is the output of actions that have none.
type nothing struct{}

func ignoring(done func(error)) func(nothing, error) {
	return func(_ nothing, err error) { done(err) }
}

// CreateNetworkInterface makes an interface with its primary address, and all
// of the secondary addresses or prefixes asked for, or none of it.
func (a *Account) CreateNetworkInterface(caller Caller, in CreateNetworkInterfaceInput, done func(types.NetworkInterface, error)) {
	check := func() *Error {
		s, err := a.subnetOf(in.SubnetID)
		if err == nil {
			err = checkTags(nil, in.Tags)
		}
		if err == nil {
			err = a.roomForInterface(s, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount)
		}
		return err
	}
	apply := func() (types.NetworkInterface, *Error) {
		if err := check(); err != nil {
			return types.NetworkInterface{}, err
		}
		e, err := a.newInterface(a.subnetByID[in.SubnetID], in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount)
		if err != nil {
			return types.NetworkInterface{}, err
		}
		e.description, e.tags = in.Description, mergeTags(nil, in.Tags)
		return a.describe(e), nil
	}
	request(a, caller, CreateNetworkInterface, cost{}, check, apply, done)
}

// AttachNetworkInterface attaches an available interface to a free place of
// an instance in the same Availability Zone. It answers the attachment's ID.
func (a *Account) AttachNetworkInterface(caller Caller, in AttachNetworkInterfaceInput, done func(string, error)) {
	check := func() *Error {
		e, err := a.interfaceOf(in.NetworkInterfaceID)
		if err != nil {
			return err
		}
		i, err := a.instanceOf(in.InstanceID)
		if err != nil {
			return err
		}
		return a.roomToAttach(e, i, in.DeviceIndex, in.NetworkCardIndex)
	}
	apply := func() (string, *Error) {
		if err := check(); err != nil {
			return "", err
		}
		i := a.instanceByID[in.InstanceID]
		at := a.attach(a.eniByID[in.NetworkInterfaceID], i, in.DeviceIndex, in.NetworkCardIndex)
		a.foreignChange(i, caller)
		return at.id, nil
	}
	request(a, caller, AttachNetworkInterface, cost{}, check, apply, done)
}

// roomToAttach finds what forbids an attachment.
func (a *Account) roomToAttach(e *eni, i *instance, device, card int) *Error {
	switch {
	case e.status(a.clock.Now()) != types.NetworkInterfaceStatusAvailable:
		return reject(CodeNetworkInterfaceInUse, "the network interface '%s' is in use", e.id)
	case e.subnet.az != i.subnet.az:
		return reject(CodeInvalidParameterCombination, "the network interface '%s' and the instance '%s' are in different availability zones", e.id, i.id)
	case card < 0 || card >= max(1, len(i.limits.NetworkCards)):
		return reject(CodeInvalidParameterValue, "the instance '%s' has no network card %d", i.id, card)
	case len(i.enis) >= i.limits.ENIs || len(i.limits.NetworkCards) > 0 && i.onCard(card) >= i.limits.NetworkCards[card]:
		return reject(CodeAttachmentLimitExceeded, "the instance '%s' of type %s has its %d network interfaces", i.id, i.kind, len(i.enis))
	case device < 0 || i.device(device, card) != nil:
		return reject(CodeInvalidParameterValue, "the instance '%s' has no free device %d on network card %d", i.id, device, card)
	case e.slots() > i.limits.IPv4PerENI:
		return reject(CodeInterfaceAddressLimitExceeded, "the network interface '%s' has %d addresses, more than the type %s allows", e.id, e.slots(), i.kind)
	case len(e.prefixes) > 0 && i.limits.Hypervisor == xen:
		return prefixesUnsupported(i)
	case a.nau+e.slots()+1 > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

// xen is the hypervisor that cannot carry prefixes: they are for Nitro
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html).
const xen = "xen"

func prefixesUnsupported(i *instance) *Error {
	return reject(CodeUnsupportedOperation, "the type %s of the instance '%s' does not support prefixes", i.kind, i.id)
}

// DetachNetworkInterface ends an attachment. The interface leaves the
// instance at once and is available when the profile's DetachTime is over,
// which Force cuts to nothing.
func (a *Account) DetachNetworkInterface(caller Caller, in DetachNetworkInterfaceInput, done func(error)) {
	check := func() *Error {
		e := a.attached(in.AttachmentID)
		switch {
		case e == nil:
			return reject(CodeAttachmentNotFound, "the attachment '%s' does not exist", in.AttachmentID)
		case e.at.instance.isPrimary(e):
			return reject(CodeOperationNotPermitted, "the primary network interface of an instance cannot be detached")
		}
		return nil
	}
	apply := func() (nothing, *Error) {
		if err := check(); err != nil {
			return nothing{}, err
		}
		e := a.attached(in.AttachmentID)
		i := e.at.instance
		settling := a.profile.DetachTime.Sample(a.lags.detach)
		if in.Force {
			settling = 0
		}
		a.detach(e, settling)
		a.foreignChange(i, caller)
		return nothing{}, nil
	}
	request(a, caller, DetachNetworkInterface, cost{}, check, apply, ignoring(done))
}

// attached finds the interface of an attachment, or nil.
func (a *Account) attached(attachmentID string) *eni { return a.byAttachment[attachmentID] }

// DeleteNetworkInterface deletes an available interface and frees its
// addresses.
func (a *Account) DeleteNetworkInterface(caller Caller, id string, done func(error)) {
	check := func() *Error {
		e, err := a.interfaceOf(id)
		if err != nil {
			return err
		}
		if e.status(a.clock.Now()) != types.NetworkInterfaceStatusAvailable {
			return reject(CodeInvalidParameterValue, "the network interface '%s' is currently in use", id)
		}
		return nil
	}
	apply := func() (nothing, *Error) {
		if err := check(); err != nil {
			return nothing{}, err
		}
		a.delete(a.eniByID[id])
		return nothing{}, nil
	}
	request(a, caller, DeleteNetworkInterface, cost{}, check, apply, ignoring(done))
}

// ModifyNetworkInterfaceAttribute sets the security groups of an interface or
// the DeleteOnTermination of its attachment, one of the two.
func (a *Account) ModifyNetworkInterfaceAttribute(caller Caller, in ModifyNetworkInterfaceAttributeInput, done func(error)) {
	check := func() *Error {
		e, err := a.interfaceOf(in.NetworkInterfaceID)
		switch {
		case err != nil:
			return err
		case (in.DeleteOnTermination != nil) == (len(in.Groups) > 0):
			return reject(CodeInvalidParameterCombination, "exactly one attribute can be modified at a time")
		case in.DeleteOnTermination != nil && (e.at == nil || e.at.id != in.AttachmentID):
			return reject(CodeAttachmentNotFound, "the attachment '%s' of the network interface '%s' does not exist", in.AttachmentID, e.id)
		}
		return nil
	}
	apply := func() (nothing, *Error) {
		if err := check(); err != nil {
			return nothing{}, err
		}
		e := a.eniByID[in.NetworkInterfaceID]
		e.shape = nil
		if in.DeleteOnTermination != nil {
			e.at.deleteOnTermination = *in.DeleteOnTermination
		} else {
			e.groups = slices.Clone(in.Groups)
		}
		return nothing{}, nil
	}
	request(a, caller, ModifyNetworkInterfaceAttribute, cost{}, check, apply, ignoring(done))
}

// CreateTags sets tags on an interface, an instance or a subnet.
func (a *Account) CreateTags(caller Caller, id string, tags []types.Tag, done func(error)) {
	check := func() *Error {
		old, err := a.tagsOf(id)
		if err != nil {
			return err
		}
		return checkTags(*old, tags)
	}
	apply := func() (nothing, *Error) {
		if err := check(); err != nil {
			return nothing{}, err
		}
		a.setTags(id, tags)
		return nothing{}, nil
	}
	request(a, caller, CreateTags, cost{}, check, apply, ignoring(done))
}

// tagsOf finds the tags of a resource.
func (a *Account) tagsOf(id string) (*[]types.Tag, *Error) {
	switch kind, _, _ := strings.Cut(id, "-"); kind {
	case "eni":
		e, err := a.interfaceOf(id)
		if err != nil {
			return nil, err
		}
		return &e.tags, nil
	case "i":
		i, err := a.instanceOf(id)
		if err != nil {
			return nil, err
		}
		return &i.tags, nil
	case "subnet":
		s, err := a.subnetOf(id)
		if err != nil {
			return nil, err
		}
		return &s.tags, nil
	}
	return nil, reject(CodeInvalidID, "the ID '%s' is not valid", id)
}

func (a *Account) setTags(id string, tags []types.Tag) {
	list, _ := a.tagsOf(id)
	*list = mergeTags(*list, tags)
	if e, ok := a.eniByID[id]; ok {
		e.shape = nil
	}
}

// mostTags per resource; Constants has the source.
const mostTags = 50

func checkTags(old, tags []types.Tag) *Error {
	for _, tag := range tags {
		if tag.Key == nil || *tag.Key == "" {
			return reject(CodeInvalidParameterValue, "a tag has no key")
		}
	}
	if len(mergeTags(old, tags)) > mostTags {
		return reject(CodeTagLimitExceeded, "a resource can have %d tags", mostTags)
	}
	return nil
}

// AssignPrivateIpAddresses assigns all of the secondary addresses or prefixes
// asked for to an interface, or none.
func (a *Account) AssignPrivateIpAddresses(caller Caller, in AssignPrivateIPAddressesInput, done func(AssignPrivateIPAddressesOutput, error)) {
	check := func() *Error {
		e, err := a.interfaceOf(in.NetworkInterfaceID)
		if err != nil {
			return err
		}
		return a.roomToAssign(e, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount)
	}
	apply := func() (AssignPrivateIPAddressesOutput, *Error) {
		if err := check(); err != nil {
			return AssignPrivateIPAddressesOutput{}, err
		}
		e := a.eniByID[in.NetworkInterfaceID]
		out := AssignPrivateIPAddressesOutput{
			Addresses: a.addSecondaries(e, in.SecondaryPrivateIPAddressCount),
			Prefixes:  a.addPrefixes(e, in.IPv4PrefixCount),
		}
		e.subnet.note()
		a.foreignChange(e.instance(), caller)
		return out, nil
	}
	request(a, caller, AssignPrivateIpAddresses, cost{}, check, apply, done)
}

// roomToAssign finds what forbids an assignment.
func (a *Account) roomToAssign(e *eni, count, prefixes int) *Error {
	slots, i := mostSlots(), e.instance()
	if i != nil {
		slots = i.limits.IPv4PerENI
	}
	switch {
	case count < 0 || prefixes < 0 || count+prefixes == 0:
		return reject(CodeInvalidParameterValue, "%d addresses and %d prefixes were asked for", count, prefixes)
	case count > 0 && prefixes > 0:
		return reject(CodeInvalidParameterCombination, "addresses and prefixes cannot be assigned in one request")
	case prefixes > 0 && i != nil && i.limits.Hypervisor == xen:
		return prefixesUnsupported(i)
	case e.slots()+count+prefixes > slots:
		return reject(CodePrivateIPAddressLimitExceeded, "the network interface '%s' can have %d addresses and has %d", e.id, slots, e.slots())
	case e.subnet.freeSingles() < count:
		return insufficientAddresses(e.subnet)
	case e.subnet.freeBlocks() < prefixes:
		return insufficientBlocks(e.subnet)
	case e.at != nil && a.nau+count+prefixes > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

// UnassignPrivateIpAddresses takes secondary addresses and prefixes from an
// interface, all of those named or none. They are free at once.
func (a *Account) UnassignPrivateIpAddresses(caller Caller, in UnassignPrivateIPAddressesInput, done func(error)) {
	check := func() *Error {
		e, err := a.interfaceOf(in.NetworkInterfaceID)
		switch {
		case err != nil:
			return err
		case len(in.PrivateIPAddresses)+len(in.IPv4Prefixes) == 0:
			return reject(CodeInvalidParameterValue, "no address is named")
		}
		return missing(e, in.PrivateIPAddresses, in.IPv4Prefixes)
	}
	apply := func() (nothing, *Error) {
		if err := check(); err != nil {
			return nothing{}, err
		}
		e := a.eniByID[in.NetworkInterfaceID]
		a.remove(e, in.PrivateIPAddresses, in.IPv4Prefixes)
		a.foreignChange(e.instance(), caller)
		return nothing{}, nil
	}
	request(a, caller, UnassignPrivateIpAddresses, cost{}, check, apply, ignoring(done))
}

// missing rejects what an interface does not have, and what is named twice.
func missing(e *eni, addrs []netip.Addr, prefixes []netip.Prefix) *Error {
	for k, addr := range addrs {
		if !slices.Contains(e.secondaries, addr) || slices.Contains(addrs[:k], addr) {
			return reject(CodeInvalidParameterValue, "the address %v is not assigned to the network interface '%s'", addr, e.id)
		}
	}
	for k, p := range prefixes {
		if !slices.Contains(e.prefixes, p) || slices.Contains(prefixes[:k], p) {
			return reject(CodeInvalidParameterValue, "the prefix %v is not assigned to the network interface '%s'", p, e.id)
		}
	}
	return nil
}
