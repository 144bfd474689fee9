package ec2model

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The operations in this file change the account at once and without API
// traffic, as somebody else would who does not matter to the buckets: the
// state before a run, disturbances, and foreign hands in a recording. They
// obey the same limits as the API and return the same *Error, and the hosts
// of the instances that they touch are told; see OnInstanceChange.

// nobodyCaller is no instance, so that every host takes the change for
// somebody else's.
const nobodyCaller Caller = ""

// AssignAddresses assigns count secondary addresses to an interface.
func (a *Account) AssignAddresses(interfaceID string, count int) ([]netip.Addr, error) {
	e, err := a.interfaceOf(interfaceID)
	if err == nil {
		err = a.roomToAssign(e, count, 0, choice{})
	}
	if err != nil {
		return nil, err
	}
	return a.assign(e, count, 0, nobodyCaller).Addresses, nil
}

// AssignPrefixes assigns count /28 prefixes to an interface.
func (a *Account) AssignPrefixes(interfaceID string, count int) ([]netip.Prefix, error) {
	e, err := a.interfaceOf(interfaceID)
	if err == nil {
		err = a.roomToAssign(e, 0, count, choice{})
	}
	if err != nil {
		return nil, err
	}
	return a.assign(e, 0, count, nobodyCaller).Prefixes, nil
}

// UnassignHighest takes the count numerically highest secondary addresses, or
// as many as there are, from an interface and returns them.
func (a *Account) UnassignHighest(interfaceID string, count int) ([]netip.Addr, error) {
	e, err := a.interfaceOf(interfaceID)
	if err != nil {
		return nil, err
	}
	if count < 0 {
		return nil, reject(CodeInvalidParameterValue, "%d addresses", count)
	}
	sorted := slices.Sorted(slices.Values(e.held.addresses()))
	gone := sorted[len(sorted)-min(count, len(sorted)):]
	if len(gone) > 0 {
		a.remove(e, nil, gone)
		a.changed(e.instance(), nobodyCaller, true)
	}
	return e.subnet.appendAddrs(nil, gone), nil
}

// AttachNew makes an interface with secondary addresses or prefixes and tags
// in a subnet and attaches it to the lowest free device of an instance's
// default network card. It returns the interface's ID.
func (a *Account) AttachNew(instanceID, subnetID string, count, prefixes int, tags []types.Tag) (string, error) {
	i, err := a.instanceOf(instanceID)
	if err != nil {
		return "", err
	}
	s, err := a.subnetOf(subnetID)
	if err == nil {
		err = checkTags(nil, tags)
	}
	if err != nil {
		return "", err
	}
	e, err := a.newInterface(s, count, prefixes)
	if err != nil {
		return "", err
	}
	e.tags = tagsFrom(tags)
	device := 0
	for i.device(device, i.kind.DefaultCard) != nil {
		device++
	}
	if err := a.roomToAttach(e, i, device, i.kind.DefaultCard); err != nil {
		a.delete(e)
		return "", err
	}
	a.attach(e, i, device, i.kind.DefaultCard)
	a.changed(i, nobodyCaller, false)
	return e.id(), nil
}

// RemoveInterface detaches an interface, when it is attached, and deletes it.
// An instance's primary interface cannot be removed.
func (a *Account) RemoveInterface(interfaceID string) error {
	e, err := a.interfaceOf(interfaceID)
	if err != nil {
		return err
	}
	i := e.instance()
	if i != nil && i.isPrimary(e) {
		return reject(CodeOperationNotPermitted, "the primary network interface of an instance cannot be detached")
	}
	if i != nil {
		a.detach(e, 0)
	}
	a.delete(e)
	a.changed(i, nobodyCaller, true)
	return nil
}

// FreezeMetadata makes an instance's metadata keep showing what it shows now,
// less the hidden secondary interfaces that were created last, until
// ThawMetadata. Of several that overlap the first decides what is shown. The
// primary interface is never hidden, and an unknown instance is ignored.
func (a *Account) FreezeMetadata(instanceID string, hidden int) {
	i := a.instance(instanceID)
	switch {
	case i == nil:
		return
	case i.frozen != nil:
		i.frozen.times++
		return
	}
	picture := slices.Clone(i.present(a.clock.Now()))
	for k := len(picture) - 1; k >= 0 && hidden > 0; k-- {
		if !picture[k].primary {
			picture = slices.Delete(picture, k, k+1)
			hidden--
		}
	}
	i.frozen = &frozen{times: 1, picture: picture}
	a.changed(i, nobodyCaller, false)
}

// ThawMetadata ends one FreezeMetadata; after the last one metadata shows the
// present, as far as its lag has let it through. It may be called once per
// FreezeMetadata, and for an instance that is gone.
func (a *Account) ThawMetadata(instanceID string) {
	i := a.instance(instanceID)
	if i == nil || i.frozen == nil {
		return
	}
	if i.frozen.times--; i.frozen.times == 0 {
		i.frozen = nil
		a.changed(i, nobodyCaller, false)
	}
}

// CloseSubnet makes EC2 give nothing in a subnet, until OpenSubnet: launches
// there fail for want of capacity, and interfaces are not created nor
// addresses assigned. What is there stays, and can be described, detached and
// given back.
func (a *Account) CloseSubnet(subnetID string) error {
	s, err := a.subnetOf(subnetID)
	if err != nil {
		return err
	}
	s.closed++
	return nil
}

// OpenSubnet ends one CloseSubnet; the subnet is open after the last one.
func (a *Account) OpenSubnet(subnetID string) error {
	s, err := a.subnetOf(subnetID)
	if err != nil {
		return err
	}
	s.closed = max(0, s.closed-1)
	return nil
}

// SetTags sets tags on an interface, an instance or a subnet, and keeps its
// other tags.
func (a *Account) SetTags(id string, tags []types.Tag) error {
	old, err := a.tagsOf(id)
	if err == nil {
		err = checkTags(*old, tags)
	}
	if err != nil {
		return err
	}
	a.setTags(id, tags)
	return nil
}

// Occupy lets others take the count highest free addresses of a subnet, all
// of them when count is negative. It returns how many they took.
func (a *Account) Occupy(subnetID string, count int) (int, error) {
	s, err := a.subnetOf(subnetID)
	if err != nil {
		return 0, err
	}
	if count < 0 {
		count = s.free
	}
	taken := s.occupy(count, 0, Highest, nil)
	a.mark(uint64(taken))
	s.note()
	return taken, nil
}

// Vacate lets others give back their count lowest addresses of a subnet, all
// of them when count is negative. It returns how many they gave.
func (a *Account) Vacate(subnetID string, count int) (int, error) {
	s, err := a.subnetOf(subnetID)
	if err != nil {
		return 0, err
	}
	if count < 0 {
		count = s.held[othersAddress]
	}
	given := s.vacate(count)
	a.mark(uint64(given))
	s.note()
	return given, nil
}
