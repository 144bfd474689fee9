package ec2model

import (
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// CreateNetworkInterface makes an interface with its primary address, and all
// of the secondary addresses or prefixes asked for, or none of it.
func (a *Account) CreateNetworkInterface(caller Caller, in CreateNetworkInterfaceInput, done func(*types.NetworkInterface, error)) (answered time.Duration) {
	return request(a, caller, CreateNetworkInterface, cost{}, in, done)
}

func (in CreateNetworkInterfaceInput) check(a *Account) *Error {
	s, err := a.subnetOf(in.SubnetID)
	if err == nil {
		err = checkTags(nil, in.Tags)
	}
	if err == nil {
		err = a.roomForInterface(s, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount)
	}
	if err == nil {
		err = in.choice().checkNew(a, s)
	}
	return err
}

func (in CreateNetworkInterfaceInput) choice() choice {
	return choice{in.Address, in.Addresses, in.Prefixes, in.SecondaryPrivateIPAddressCount + in.IPv4PrefixCount}
}

func (in CreateNetworkInterfaceInput) apply(a *Account, _ Caller) (*types.NetworkInterface, *Error) {
	e, err := a.newChosen(a.subnetByID[in.SubnetID], in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount, in.choice())
	if err != nil {
		return nil, err
	}
	e.description, e.tags = in.Description, tagsFrom(in.Tags)
	a.setGroups(e, in.Groups)
	return a.describe(e), nil
}

// AttachNetworkInterface attaches an available interface to a free place of
// an instance in the same Availability Zone. It answers the attachment's ID.
func (a *Account) AttachNetworkInterface(caller Caller, in AttachNetworkInterfaceInput, done func(string, error)) (answered time.Duration) {
	return request(a, caller, AttachNetworkInterface, cost{}, in, done)
}

func (in AttachNetworkInterfaceInput) check(a *Account) *Error {
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

func (in AttachNetworkInterfaceInput) apply(a *Account, by Caller) (string, *Error) {
	e, i := a.eni(in.NetworkInterfaceID), a.instance(in.InstanceID)
	a.attach(e, i, in.DeviceIndex, in.NetworkCardIndex)
	a.changed(i, by, false)
	return e.at.id(), nil
}

// roomToAttach finds what forbids an attachment.
func (a *Account) roomToAttach(e *eni, i *instance, device, card int) *Error {
	switch {
	case e.status(a.clock.Now()) != types.NetworkInterfaceStatusAvailable:
		return reject(CodeNetworkInterfaceInUse, "the network interface '%s' is in use", e.id())
	case e.subnet.az != i.subnet.az:
		return reject(CodeInvalidParameterCombination, "the network interface '%s' and the instance '%s' are in different availability zones", e.id(), i.id)
	case card < 0 || card >= max(1, len(i.kind.NetworkCards)):
		return reject(CodeInvalidParameterValue, "the instance '%s' has no network card %d", i.id, card)
	case len(i.enis) >= i.kind.ENIs || len(i.kind.NetworkCards) > 0 && i.onCard(card) >= i.kind.NetworkCards[card]:
		return reject(CodeAttachmentLimitExceeded, "the instance '%s' of type %s has its %d network interfaces", i.id, i.kind.name, len(i.enis))
	case device < 0 || device > math.MaxInt16 || i.device(device, card) != nil:
		return reject(CodeInvalidParameterValue, "the instance '%s' has no free device %d on network card %d", i.id, device, card)
	case e.slots() > i.kind.IPv4PerENI:
		return reject(CodeInterfaceAddressLimitExceeded, "the network interface '%s' has %d addresses, more than the type %s allows", e.id(), e.slots(), i.kind.name)
	case len(e.held.prefixes()) > 0 && i.kind.Hypervisor == xen:
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
	return reject(CodeUnsupportedOperation, "the type %s of the instance '%s' does not support prefixes", i.kind.name, i.id)
}

// DetachNetworkInterface ends an attachment. The interface leaves the
// instance at once and is available when the profile's DetachTime is over.
func (a *Account) DetachNetworkInterface(caller Caller, in DetachNetworkInterfaceInput, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, DetachNetworkInterface, cost{}, in, done)
}

func (in DetachNetworkInterfaceInput) check(a *Account) *Error {
	e := a.attached(in.AttachmentID)
	switch {
	case e == nil:
		return reject(CodeAttachmentNotFound, "the attachment '%s' does not exist", in.AttachmentID)
	case e.at.instance.isPrimary(e):
		return reject(CodeOperationNotPermitted, "the primary network interface of an instance cannot be detached")
	}
	return nil
}

func (in DetachNetworkInterfaceInput) apply(a *Account, by Caller) (Nothing, *Error) {
	e := a.attached(in.AttachmentID)
	i := e.at.instance
	a.detach(e, a.profile.DetachTime.Sample(a.lags.detach))
	a.changed(i, by, true)
	return Nothing{}, nil
}

// DeleteNetworkInterface deletes an available interface and frees its
// addresses.
func (a *Account) DeleteNetworkInterface(caller Caller, id string, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, DeleteNetworkInterface, cost{}, deleteInterface{id}, done)
}

type deleteInterface struct{ id string }

func (in deleteInterface) check(a *Account) *Error {
	e, err := a.interfaceOf(in.id)
	if err != nil {
		return err
	}
	if e.status(a.clock.Now()) != types.NetworkInterfaceStatusAvailable {
		return reject(CodeInvalidParameterValue, "the network interface '%s' is currently in use", in.id)
	}
	return nil
}

func (in deleteInterface) apply(a *Account, _ Caller) (Nothing, *Error) {
	a.delete(a.eni(in.id))
	return Nothing{}, nil
}

// ModifyNetworkInterfaceAttribute sets the security groups of an interface or
// the DeleteOnTermination of its attachment, one of the two.
func (a *Account) ModifyNetworkInterfaceAttribute(caller Caller, in ModifyNetworkInterfaceAttributeInput, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, ModifyNetworkInterfaceAttribute, cost{}, in, done)
}

func (in ModifyNetworkInterfaceAttributeInput) check(a *Account) *Error {
	e, err := a.interfaceOf(in.NetworkInterfaceID)
	switch {
	case err != nil:
		return err
	case (in.DeleteOnTermination != nil) == (len(in.Groups) > 0):
		return reject(CodeInvalidParameterCombination, "exactly one attribute can be modified at a time")
	case in.DeleteOnTermination != nil && a.attached(in.AttachmentID) != e:
		return reject(CodeAttachmentNotFound, "the attachment '%s' of the network interface '%s' does not exist", in.AttachmentID, e.id())
	}
	return nil
}

func (in ModifyNetworkInterfaceAttributeInput) apply(a *Account, _ Caller) (Nothing, *Error) {
	e := a.eni(in.NetworkInterfaceID)
	e.shape = nil
	switch {
	case in.DeleteOnTermination != nil:
		e.at.deleteOnTermination = *in.DeleteOnTermination
	default:
		a.setGroups(e, in.Groups)
	}
	return Nothing{}, nil
}

// setGroups gives an interface security groups. Those who have the VPC's default
// one share it.
func (a *Account) setGroups(e *eni, ids []string) {
	e.groups = a.groups
	if len(ids) > 0 && !slices.Equal(ids, *a.groups) {
		e.groups = new(slices.Clone(ids))
	}
}
