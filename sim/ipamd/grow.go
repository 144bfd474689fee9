package ipamd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// epoch gives virtual time a date, for the createdAt tag.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const maxDevices = 100 // device indexes that are looked at

// allocateENI gets a new interface with its addresses from EC2, waits until
// metadata shows it, and enters it.
func (d *Daemon) allocateENI() error {
	if d.customNetworking && d.settings.ENIConfigSubnetID == "" {
		return errors.New("failed to get pod ENI config")
	}
	n := min(d.targets().Wanted(d.stock()), d.slots())
	if n <= 0 {
		return nil
	}
	id, err := d.createAndAttach(n)
	if err != nil {
		d.failed(err)
		if insufficient(err) {
			d.lastInsufficient = d.now()
		}
		return err
	}
	seen, err := d.waitForENI(id, n)
	if err != nil {
		return err
	}
	d.grew()
	return d.setup(seen)
}

// createAndAttach returns the new interface's ID. When the last step fails
// and its clean-up succeeds, v1.23.1 returns no error and no ID: the caller
// then waits in vain for an interface without a name.
func (d *Daemon) createAndAttach(n int) (string, error) {
	id, err := d.createENI(n)
	if err != nil {
		return "", fmt.Errorf("failed to create ENI: %w", err)
	}
	attachment, err := d.attachENI(id)
	if err != nil {
		_ = d.deleteENI(id) // if this fails too, the interface has leaked
		return "", fmt.Errorf("error attaching ENI: %w", err)
	}
	if err := d.host.EC2.ModifyDeleteOnTermination(id, attachment, true); err != nil {
		d.failed(err)
		if err := d.freeENI(id); err != nil {
			return "", fmt.Errorf("unable to change the ENI's attribute: %w", err)
		}
		return "", nil
	}
	return id, nil
}

func (d *Daemon) attachENI(id string) (attachment string, err error) {
	self, err := d.host.EC2.DescribeInstance(d.identity.InstanceID)
	if err != nil {
		return "", err
	}
	device, ok := freeDevice(self)
	if !ok {
		return "", errors.New("no available device number")
	}
	return d.host.EC2.AttachNetworkInterface(id, d.identity.InstanceID, device, 0)
}

// freeDevice is the lowest unused device index of network card 0.
func freeDevice(self types.Instance) (int, bool) {
	var used [maxDevices]bool
	for _, n := range self.NetworkInterfaces {
		a := n.Attachment
		if a == nil || a.NetworkCardIndex != nil && *a.NetworkCardIndex != 0 {
			continue
		}
		if i := int(*a.DeviceIndex); i < maxDevices {
			used[i] = true
		}
	}
	for i := range used {
		if !used[i] {
			return i, true
		}
	}
	return 0, false
}

// createENI tries the subnets in turn: with discovery all valid ones by free
// addresses, moving on at any error; else the primary interface's subnet, or
// the ENIConfig's.
func (d *Daemon) createENI(n int) (string, error) {
	subnets, err := d.subnetsForENI()
	if err != nil {
		return "", err
	}
	for _, subnet := range subnets {
		var created types.NetworkInterface
		if created, err = d.createCall(subnet, n); err == nil {
			return *created.NetworkInterfaceId, nil
		}
	}
	return "", err
}

func (d *Daemon) createCall(subnet string, n int) (types.NetworkInterface, error) {
	n = min(n, d.settings.IPv4Limit-1)
	tags := maps.Clone(d.wanted)
	tags[tagCreatedAt] = epoch.Add(d.now()).Format(time.RFC3339)
	description := descriptionPrefix + d.identity.InstanceID
	if d.prefixDelegation {
		return d.host.EC2.CreateNetworkInterface(description, subnet, 0, n, tagList(tags))
	}
	return d.host.EC2.CreateNetworkInterface(description, subnet, n, 0, tagList(tags))
}

func (d *Daemon) subnetsForENI() ([]string, error) {
	if d.customNetworking {
		return []string{d.settings.ENIConfigSubnetID}, nil
	}
	primary := []string{d.identity.SubnetID}
	if !d.subnetDiscovery {
		if excluded, err := d.subnetExcluded(d.identity.SubnetID); err == nil && excluded {
			return nil, errors.New("primary subnet is excluded and subnet discovery is disabled")
		}
		return primary, nil
	}
	all, err := d.subnets()
	if err != nil {
		// Meant to fall back to the primary subnet, but the look at its tags
		// needs the call that has just failed.
		excluded, err := d.subnetExcluded(d.identity.SubnetID)
		if err != nil {
			return nil, fmt.Errorf("failed to check if primary subnet is excluded: %w", err)
		}
		if excluded {
			return nil, errors.New("primary subnet is excluded")
		}
		return primary, nil
	}
	var valid []string
	for _, s := range all {
		if d.subnetValid(s) {
			valid = append(valid, *s.SubnetId)
		}
	}
	if len(valid) == 0 {
		return nil, errors.New("no valid subnets available for ENI creation")
	}
	return valid, nil
}

// subnets of the node's VPC and zone, most free addresses first.
func (d *Daemon) subnets() ([]types.Subnet, error) {
	list, err := d.host.EC2.DescribeSubnets(d.identity.VPCID, d.identity.AvailabilityZone)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b types.Subnet) int {
		return int(*b.AvailableIpAddressCount) - int(*a.AvailableIpAddressCount)
	})
	return list, nil
}

// subnetValid reads the tags: "0" never; none only the primary subnet; any
// other value yes, unless the subnet is tagged for other clusters only.
func (d *Daemon) subnetValid(s types.Subnet) bool {
	tags := tagMap(s.Tags)
	switch tags[tagSubnet] {
	case "0":
		return false
	case "":
		return *s.SubnetId == d.identity.SubnetID
	}
	return d.subnetOfCluster(tags)
}

// subnetExcluded says whether pods must not use a subnet's addresses. One
// that EC2 does not list is not excluded.
func (d *Daemon) subnetExcluded(id string) (bool, error) {
	all, err := d.subnets()
	if err != nil {
		d.failed(err)
		return false, fmt.Errorf("failed to get VPC subnets: %v", err) // the code is lost on the way, as in the real daemon
	}
	for _, s := range all {
		if *s.SubnetId == id {
			tags := tagMap(s.Tags)
			value := tags[tagSubnet]
			return value == "0" || value != "" && !d.subnetOfCluster(tags), nil
		}
	}
	return false, nil
}

func (d *Daemon) subnetOfCluster(tags map[string]string) bool {
	if d.clusterName == "" {
		return true
	}
	if _, ours := tags[tagSubnetOf+d.clusterName]; ours {
		return true
	}
	for key := range tags {
		if strings.HasPrefix(key, tagSubnetOf) {
			return false
		}
	}
	return true
}

var (
	errNotSeen = errors.New("ENI is not found")
	errNoneYet = errors.New("no secondary addresses found")
	errSomeYet = errors.New("not all secondary addresses found")
)

// waitForENI sweeps metadata until the interface is there with its n
// addresses or prefixes. After the last try it makes do with some: one
// address, or two prefixes.
func (d *Daemon) waitForENI(id string, n int) (Interface, error) {
	var seen Interface
	err := d.retry(waitBackoff, func() error {
		list, err := d.seen()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(i Interface) bool { return i.ID == id })
		if i < 0 {
			return errNotSeen
		}
		count := len(list[i].PrivateIPs) - 1
		if d.prefixDelegation {
			count = len(list[i].IPv4Prefixes)
		}
		if count < 1 {
			return errNoneYet
		}
		seen = list[i]
		if count < n {
			return errSomeYet
		}
		return nil
	})
	if err == errSomeYet && (!d.prefixDelegation || len(seen.IPv4Prefixes) > 1) {
		return seen, nil
	}
	if err != nil {
		return Interface{}, fmt.Errorf("giving up trying to retrieve ENIs from metadata service: %w", err)
	}
	return seen, nil
}
