package ipamd

import (
	"errors"
	"fmt"
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
	if d.CustomNetworking && d.host.ENIConfigSubnetID == "" {
		d.log(lineNoENIConfig)
		return errors.New("failed to get pod ENI config")
	}
	n := d.targets().wanted(d.compared())
	if !d.release.waitsUncapped {
		n = min(n, d.slots())
	}
	if d.logs() && d.PrefixDelegation {
		d.logWanted(onNewENI)
	}
	if n <= 0 {
		log1(d, lineNothingNeeded, n)
		return nil
	}
	id, err := d.createAndAttach(n)
	if err != nil {
		return d.allocateFailed(n, err)
	}
	if d.release.assignsAfterAttach {
		d.assignToNew(id, n)
	}
	d.inVain = id == ""
	seen, err := d.waitForENI(id, n)
	d.inVain = false
	if err != nil {
		d.metrics.ipamd(errWaitENI)
		log2(d, lineWaitFailed, networkCard, err)
		return err
	}
	d.grew()
	if err := d.setup(seen, onNewENI); err != nil {
		d.metrics.ipamd(errSetupENI)
		log2(d, lineNewSetupFailed, networkCard, err)
		return err
	}
	return nil
}

// assignToNew gives a new interface its addresses, in old releases that make it
// without. They go on when that fails.
func (d *Daemon) assignToNew(id string, n int) {
	_, err := d.assignCall(id, n, assigning.of(d.store.kind()))
	if err != nil && code(err) != codeLimit {
		d.failed(err)
		d.metrics.ipamd(errAllocAddresses)
		log2(d, lineAllocIPsFailed, n, err)
	}
}

// allocateFailed starts the pause after EC2 had nothing left.
func (d *Daemon) allocateFailed(n int, err error) error {
	d.failed(err)
	d.metrics.ipamd(errAllocENI)
	log1(d, lineAllocENIFailed, err)
	log2(d, lineAllocIPsFailed, n, err)
	d.logInsufficient(err, onNewENI)
	if insufficient(err) {
		d.metrics.ipamd(errAllocAddresses)
		d.log(lineAllocateFull)
		d.lastInsufficient = d.now()
	}
	return err
}

// createAndAttach returns the new interface's ID. When the last step fails
// and its clean-up succeeds, v1.23.1 returns no error and no ID: the caller
// then waits in vain for an interface without a name.
func (d *Daemon) createAndAttach(n int) (string, error) {
	id, err := d.createENI(n)
	if err != nil {
		return "", fmt.Errorf("AllocENI: failed to create ENI: %w", err)
	}
	attachment, err := d.attachENI(id)
	if err != nil {
		if d.deleteENI(id, ofUnattached) != nil { // the interface has leaked
			d.metrics.utilFailed("AllocENIDeleteErr", err)
			log1(d, lineUndoFailed, err)
		}
		return "", fmt.Errorf("AllocENI: error attaching ENI for network card %d: %w", networkCard, err)
	}
	if d.release.tagsAfterAttach {
		_ = d.tag(id, nil, onNewENI)
	}
	if err := d.host.EC2.ModifyDeleteOnTermination(id, attachment, true); err != nil {
		d.failed(err)
		if err := d.freeENI(id); err != nil {
			d.metrics.utilFailed("ENICleanupUponModifyNetworkErr", err)
			return "", fmt.Errorf("AllocENI: unable to change the ENI's attribute: %w", err)
		}
		return "", nil
	}
	log2(d, lineAttached, id, networkCard)
	return id, nil
}

func (d *Daemon) attachENI(id string) (attachment string, err error) {
	self, err := d.host.EC2.DescribeInstance(d.identity.InstanceID)
	if err != nil {
		log1(d, lineNoInstance, err)
		return "", fmt.Errorf("attachENI: failed to get a free device number: find a free device number for ENI: not able to retrieve instance data from EC2 control plane: %w", err)
	}
	device, ok := freeDevice(self)
	if !ok {
		return "", fmt.Errorf("attachENI: failed to get a free device number: awsGetFreeDeviceNumber: no available device number for network card %d", networkCard)
	}
	log2(d, lineFreeDevice, networkCard, device)
	attachment, err = d.host.EC2.AttachNetworkInterface(id, d.identity.InstanceID, device, networkCard)
	if err != nil {
		log2(d, lineAttachFailed, id, err)
		return "", fmt.Errorf("attachENI: failed to attach ENI for network card %d: %w", networkCard, err)
	}
	return attachment, nil
}

// freeDevice is the lowest unused device index of network card 0.
func freeDevice(self *types.Instance) (int, bool) {
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
	log1(d, lineNewENI, min(n, d.IPv4Limit-1))
	subnets, at, err := d.subnetsForENI()
	if err != nil {
		return "", err
	}
	for _, subnet := range subnets {
		if d.logs() && (at == byDiscovery || at == byENIConfig) {
			d.log(lineCreating, d.groups, subnet)
		}
		var created *types.NetworkInterface
		if created, err = d.createCall(subnet, n); err == nil {
			log1(d, lineCreated.from(at), *created.NetworkInterfaceId)
			return *created.NetworkInterfaceId, nil
		}
		log2(d, lineCreateFailed.from(at), err, subnet)
	}
	return "", fmt.Errorf("failed to create network interface: %w", err)
}

func (d *Daemon) createCall(subnet string, n int) (*types.NetworkInterface, error) {
	n = min(n, d.IPv4Limit-1)
	tags := d.tags().with(tagCreatedAt, epoch.Add(d.now()).Format(time.RFC3339))
	description := descriptionPrefix + d.identity.InstanceID
	switch {
	case d.release.tagsAfterAttach:
		return d.host.EC2.CreateNetworkInterface(description, subnet, 0, 0, nil)
	case d.release.assignsAfterAttach:
		return d.host.EC2.CreateNetworkInterface(description, subnet, 0, 0, tags)
	case d.PrefixDelegation:
		return d.host.EC2.CreateNetworkInterface(description, subnet, 0, n, tags)
	}
	return d.host.EC2.CreateNetworkInterface(description, subnet, n, 0, tags)
}

func (d *Daemon) subnetsForENI() (list []string, at place, err error) {
	if d.CustomNetworking {
		return []string{d.host.ENIConfigSubnetID}, byENIConfig, nil
	}
	primary := []string{d.identity.SubnetID}
	if d.release.noSubnetDiscovery {
		return primary, withoutDiscovery, nil
	}
	if !d.SubnetDiscovery {
		if excluded, err := d.subnetExcluded(d.identity.SubnetID); err == nil && excluded {
			return nil, once, noSubnetError("primary subnet is tagged with kubernetes.io/role/cni=0 and subnet discovery is disabled - no valid subnets available for ENI creation")
		}
		return primary, withoutDiscovery, nil
	}
	all, err := d.subnets()
	if err != nil {
		log1(d, lineSubnetsFailed, err)
		d.log(linePrimarySubnet)
		// Meant to fall back to the primary subnet, but the look at its tags
		// needs the call that has just failed.
		excluded, err := d.subnetExcluded(d.identity.SubnetID)
		if err != nil {
			//lint:ignore ST1005 the real daemon's words
			return nil, once, fmt.Errorf("Failed to check if primary subnet is excluded: %w. Quit ENI creation attempt.", err)
		}
		if excluded {
			return nil, once, noSubnetError("primary subnet is tagged with kubernetes.io/role/cni=0 - no valid subnets available for ENI creation")
		}
		return primary, byDefault, nil
	}
	var valid []string
	for _, s := range all {
		why := d.subnetInvalid(s)
		if d.logs() {
			d.logSubnet(*s.SubnetId, why)
		}
		if why == noLine {
			valid = append(valid, *s.SubnetId)
		}
	}
	if len(valid) == 0 {
		return nil, once, noSubnetError("no valid subnets available for ENI creation - all subnets are either not tagged or tagged with kubernetes.io/role/cni=0")
	}
	return valid, byDiscovery, nil
}

// subnets of the node's VPC and zone, most free addresses first.
func (d *Daemon) subnets() ([]*types.Subnet, error) {
	list, err := d.host.EC2.DescribeSubnets(d.identity.VPCID, d.identity.AvailabilityZone)
	if err != nil {
		return nil, fmt.Errorf("AllocENI: unable to describe subnets: %w", err)
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *types.Subnet) int {
		return int(*b.AvailableIpAddressCount) - int(*a.AvailableIpAddressCount)
	})
	return list, nil
}

// TagSubnet is the key of the tag by which subnet discovery goes: "0" keeps
// pods out of the subnet, any other value lets interfaces be made in it.
const TagSubnet = tagSubnet

// subnetInvalid is the line that says why a subnet is not used, none when it is.
// It reads the tags: "0" never; none only the primary subnet; any other value
// yes, unless the subnet is tagged for other clusters only.
func (d *Daemon) subnetInvalid(s *types.Subnet) line {
	tags := tagSet(s.Tags)
	switch tags.value(tagSubnet) {
	case "0":
		return lineSubnetTag0
	case "":
		if *s.SubnetId != d.identity.SubnetID {
			return lineSubnetNoTag
		}
		return noLine
	}
	if !d.subnetOfCluster(tags) {
		return lineSubnetOthers
	}
	return noLine
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
			tags := tagSet(s.Tags)
			value := tags.value(tagSubnet)
			return value == "0" || value != "" && !d.subnetOfCluster(tags), nil
		}
	}
	return false, nil
}

func (d *Daemon) subnetOfCluster(tags tagSet) bool {
	if d.ClusterName == "" {
		return true
	}
	if _, ours := tags.get(tagSubnetOf + d.ClusterName); ours {
		return true
	}
	return !slices.ContainsFunc(tags, func(t types.Tag) bool { return strings.HasPrefix(*t.Key, tagSubnetOf) })
}

var (
	errNotSeen = errors.New("ENI is not found")
	//lint:ignore ST1005 the real daemon's words
	errNoneYet = errors.New("No secondary IPs have been assigned to this ENI")
	//lint:ignore ST1005 the real daemon's words
	errSomeYet = errors.New("All secondary IPs not found")
)

// waitFixed is waitForENI of old releases: its addresses come from EC2, so that
// metadata need only list it.
func (d *Daemon) waitFixed(id string) (Interface, error) {
	for try := 1; ; try++ {
		list, _, err := d.sweep()
		if i := slices.IndexFunc(list, func(i Interface) bool { return i.ID == id }); err == nil && i >= 0 {
			return list[i], nil
		}
		if try == setupTries {
			d.metrics.ipamd(errWaitRetries)
			return Interface{}, errors.New("waitENIAttached: giving up trying to retrieve ENIs from metadata service")
		}
		d.sleep(MetadataPause, setupPause)
	}
}

// waitForENI sweeps metadata until the interface is there with its n
// addresses or prefixes. After the last try it makes do with some: one
// address, or two prefixes.
func (d *Daemon) waitForENI(id string, n int) (Interface, error) {
	if d.release.fixedWait {
		return d.waitFixed(id)
	}
	var seen Interface
	start, try := d.now(), 0
	err := d.retry(waitBackoff, func() error {
		try++
		var i Interface
		err := d.seen(func(one Interface) {
			if one.ID == id {
				i = one.keep()
			}
		})
		if err != nil {
			log3(d, lineSweepFailed, try, waitBackoff.tries, err)
			return err
		}
		if i.ID == "" {
			log2(d, lineNotYet, try, waitBackoff.tries)
			return errNotSeen
		}
		if d.logs() {
			d.log(lineSeen, id, len(i.PrivateIPs), len(i.IPv4Prefixes), 0)
		}
		count := len(i.PrivateIPs) - 1
		if d.PrefixDelegation {
			count = len(i.IPv4Prefixes)
		}
		if count < 1 {
			log1(d, lineNoneYet, id)
			return errNoneYet
		}
		seen = i
		if count < n {
			return errSomeYet
		}
		return nil
	})
	d.waited(d.since(start), err)
	if err == errSomeYet && (!d.PrefixDelegation || len(seen.IPv4Prefixes) > 1) {
		if d.logs() {
			d.logOnlySome(seen, n)
		}
		return seen, nil
	}
	if err != nil {
		return Interface{}, errors.New("waitForENIAndIPsAttached: giving up trying to retrieve ENIs from metadata service")
	}
	return seen, nil
}

// waited counts a wait as a call, as the real daemon does.
func (d *Daemon) waited(took time.Duration, err error) {
	if err != nil {
		d.metrics.rejected(waitAPI, "", took)
		return
	}
	d.metrics.waited.observe(took)
}
