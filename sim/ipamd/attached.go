package ipamd

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Tags of the VPC CNI.
const (
	tagInstance  = "node.k8s.amazonaws.com/instance_id"
	tagCreatedAt = "node.k8s.amazonaws.com/createdAt"
	tagNoManage  = "node.k8s.amazonaws.com/no_manage"
	tagCluster   = "cluster.k8s.amazonaws.com/name"
	tagOwner     = "eks:eni:owner"
	ownerCNI     = "amazon-vpc-cni"
	tagSubnet    = "kubernetes.io/role/cni"
	tagSubnetOf  = "cni.networking.k8s.aws/cluster/"

	descriptionPrefix = "aws-K8S-"
)

// attached is what metadata and EC2 say about a node's interfaces.
type attached struct {
	// As metadata has them: those that EC2 confirmed, in the picker's order, or
	// with IMDSOnly all, in metadata's.
	interfaces []Interface
	tags       map[string]tagSet
}

const describeTries = 12

// quotedID finds the interface that EC2's message says it does not know.
var quotedID = regexp.MustCompile(`'([a-zA-Z0-9-]+)'`)

// seen is one sweep over metadata. The real daemon does not read the prefixes
// of the primary interface under custom networking.
func (d *Daemon) seen(visit func(Interface)) error {
	return d.host.Metadata.Interfaces(func(i Interface) {
		if d.CustomNetworking && i.ID == d.identity.PrimaryENI {
			i.IPv4Prefixes = nil
		}
		visit(i)
	})
}

// keep is the interface with lists of its own.
func (i Interface) keep() Interface {
	i.PrivateIPs, i.IPv4Prefixes = slices.Clone(i.PrivateIPs), slices.Clone(i.IPv4Prefixes)
	return i
}

// sweep lists what is seen. Old releases besides ask EC2 about each interface:
// what that says counts, addresses and tags.
func (d *Daemon) sweep() (list []Interface, tags map[string]tagSet, err error) {
	err = d.seen(func(i Interface) { list = append(list, i.keep()) })
	if err != nil || !d.release.describesEach {
		return list, nil, err
	}
	tags = map[string]tagSet{}
	for i := range list {
		answer, err := d.host.EC2.DescribeNetworkInterfaces([]string{list[i].ID})
		if err != nil {
			return nil, nil, fmt.Errorf("get attached ENIs: failed to retrieve ENI metadata for ENI: %s: %w", list[i].MAC, err)
		}
		d.noteAdapters(answer)
		list[i].PrivateIPs = addressesOf(answer[0])
		tags[list[i].ID] = answer[0].TagSet
	}
	return list, tags, nil
}

// noteAdapters remembers Elastic Fabric Adapters. None can be attached to an
// instance that runs, so that what is known of them only grows.
func (d *Daemon) noteAdapters(list []*types.NetworkInterface) {
	for _, n := range list {
		switch n.InterfaceType {
		case types.NetworkInterfaceTypeEfa, types.NetworkInterfaceTypeEfaOnly:
			if d.adapters == nil {
				d.adapters = map[string]types.NetworkInterfaceType{}
			}
			d.adapters[*n.NetworkInterfaceId] = n.InterfaceType
		}
	}
}

// addressesOf are an interface's addresses, the primary one first. An EFA-only one
// has none.
func addressesOf(n *types.NetworkInterface) []netip.Addr {
	if len(n.PrivateIpAddresses) == 0 {
		return nil
	}
	list := make([]netip.Addr, 1, len(n.PrivateIpAddresses))
	for _, a := range n.PrivateIpAddresses {
		if address := netip.MustParseAddr(*a.PrivateIpAddress); a.Primary != nil && *a.Primary {
			list[0] = address
		} else {
			list = append(list, address)
		}
	}
	return list
}

// describeAll sweeps metadata and asks EC2 for exactly the interfaces seen
// there. An interface that EC2 does not know is dropped at once; other errors
// are tried again after next to no pause.
func (d *Daemon) describeAll(at place) (attached, error) {
	list, tags, err := d.sweep()
	if err != nil {
		return attached{}, fmt.Errorf("DescribeAllENIs: failed to get local ENI metadata: %w", err)
	}
	if d.release.describesEach {
		return attached{interfaces: list, tags: tags}, nil
	}
	if d.IMDSOnly {
		return attached{interfaces: list}, nil
	}
	var answer []*types.NetworkInterface
	for try := 0; try < describeTries && len(list) > 0; try++ {
		answer, err = d.host.EC2.DescribeNetworkInterfaces(ids(list))
		if err == nil {
			break
		}
		if d.logs() {
			d.log(lineDescribeFailed.from(at), ids(list), err)
		}
		if code(err) == codeNotFound {
			d.metrics.failed(opDescribeInterfaces, err) // here it counts
			d.metrics.apiFailed(outOfSync, err)
			if gone := quotedID.FindStringSubmatch(err.Error()); gone != nil {
				log2(d, lineNotInEC2.from(at), err, gone[1])
				list = slices.DeleteFunc(list, func(i Interface) bool { return i.ID == gone[1] })
			}
			continue
		}
		d.sleep(RetryPause, time.Duration(try)*describePause)
	}
	if err != nil {
		return attached{}, err
	}
	d.noteAdapters(answer)
	slices.SortFunc(list, byID)
	found := attached{interfaces: d.inPickedOrder(list), tags: make(map[string]tagSet, len(answer))}
	for _, n := range answer {
		found.tags[*n.NetworkInterfaceId] = n.TagSet
	}
	for _, i := range list {
		if len(i.PrivateIPs) == 0 && d.adapters[i.ID] != types.NetworkInterfaceTypeEfaOnly {
			log1(d, lineNoAddresses.from(at), i.ID)
			return attached{}, errors.New("DescribeAllENIs: No IPv4 and IPv6 addresses found")
		}
	}
	return found, nil
}

// markUnmanaged decides which interfaces are left alone: by the no_manage
// tag, else by our instance tag, else by MANAGE_UNTAGGED_ENI. An answer
// without any tags leaves the decision as it was.
func (d *Daemon) markUnmanaged(found attached, at place) {
	if len(found.tags) == 0 {
		return
	}
	d.unmanaged = nil
	for _, i := range found.interfaces {
		tags := found.tags[i.ID]
		noManage, tagged := tags.get(tagNoManage)
		managed := d.ManageUntagged
		switch {
		case i.ID == d.identity.PrimaryENI:
			managed = true
		case tagged:
			managed = noManage != "true"
		case tags.value(tagInstance) == d.identity.InstanceID:
			managed = true
		}
		if !managed {
			log1(d, lineUnmanaged.from(at), i.ID)
			d.unmanaged = append(d.unmanaged, i.ID)
		}
	}
}

// leaves says why an interface is left alone, as the line that the log has of it,
// or noLine. takesSlot says whether it counts among those that the daemon's
// network card may carry.
func (d *Daemon) leaves(i *Interface) (why line, takesSlot bool) {
	switch {
	case slices.Contains(d.unmanaged, i.ID):
		return lineSkipped, i.NetworkCard == networkCard
	case i.NetworkCard != networkCard:
		return lineSkippedCard, false
	case d.adapters[i.ID] == types.NetworkInterfaceTypeEfaOnly:
		return lineSkippedEFA, true
	}
	return noLine, false
}

// managed filters interfaces, and counts the others: those on the daemon's card
// take slots. The gauge has those of all cards, as the real one.
func (d *Daemon) managed(list []Interface, at place) []Interface {
	d.unmanagedAttached = 0
	filtered := 0
	var kept []Interface
	for k := range list {
		i := &list[k]
		why, takesSlot := d.leaves(i)
		switch why {
		case noLine:
			kept = append(kept, *i)
		case lineSkipped:
			log1(d, lineSkipped.from(at), i.ID)
			filtered++
		case lineSkippedCard:
			log2(d, why.from(at), i.ID, i.NetworkCard)
		case lineSkippedEFA:
			log2(d, why.from(at), i.ID, i.NetworkCard)
			filtered++
		}
		if takesSlot {
			d.unmanagedAttached++
		}
	}
	d.metrics.maxENIs = int32(d.MaxENI - filtered)
	d.metrics.maxIPs = int32(d.MaxIPsPerENI) * d.metrics.maxENIs
	return kept
}

// tags are those that every interface of ours carries.
func (d *Daemon) tags() tagSet { return d.InterfaceTags(d.identity.InstanceID) }

// InterfaceTags are the tags of an interface that a daemon has had for long.
func (c *Config) InterfaceTags(instance string) []types.Tag {
	tags := make(tagSet, 0, 4+len(c.ExtraTags)).with(tagInstance, instance)
	if c.ClusterName != "" {
		tags = tags.with(tagCluster, c.ClusterName).with(tagOwner, ownerCNI)
	}
	for key, value := range c.ExtraTags { // any order: the set is sorted
		tags = tags.with(key, value)
	}
	return tags
}

// tag adds what is missing or differs; nothing to add makes no call.
func (d *Daemon) tag(id string, has tagSet, at place) error {
	missing := slices.DeleteFunc(d.tags(), func(t types.Tag) bool {
		now, ok := has.get(*t.Key)
		return ok && now == *t.Value
	})
	if len(missing) == 0 {
		return nil
	}
	if d.logs() {
		d.log(lineTagging.from(at), id, missing.all())
	}
	return d.retry(tagBackoff, func() error {
		err := d.host.EC2.CreateTags(id, missing)
		if err != nil {
			log1(d, lineTagFailed, id)
			return err
		}
		log1(d, lineTagged, id)
		return nil
	})
}

// ErrNoLink is Network.SetupENI's failure when no link has the interface's
// MAC: at start-up the interface is then skipped without more tries.
var ErrNoLink = errors.New("failed to find the link which uses MAC address")

// setup enters an attached interface and its addresses. In v1.23.1 a failing
// look at its subnet leaves it in the store, without addresses and before the
// host is wired; a later reconcile adds the addresses all the same. Later
// releases go on as if the subnet was not excluded.
func (d *Daemon) setup(i Interface, at place) error {
	if len(i.PrivateIPs) == 0 { // an EFA-only one, which IMDSOnly cannot tell
		return fmt.Errorf("failed to set up ENI %s network: setupENINetwork: invalid IPv4 CIDR block: ", i.ID)
	}
	log1(d, lineAddENI, i.ID)
	e := d.store.addENI(&eni{
		id: i.ID, subnetID: i.SubnetID, device: int32(i.DeviceIndex), addedAt: d.now(), lastFreed: never,
		primary: i.ID == d.identity.PrimaryENI, primaryIP: ipOf(i.PrivateIPs[0]), efa: d.adapters[i.ID] == types.NetworkInterfaceTypeEfa,
	})
	if d.SubnetDiscovery {
		excluded, err := d.subnetExcluded(i.SubnetID)
		if err != nil {
			log3(d, lineExcludeFailed, i.ID, i.SubnetID, err)
			if d.release.setupNeedsExclusionCheck {
				return fmt.Errorf("checking to excluded configured subnet, error: %w", err)
			}
			if d.logs() {
				d.log(lineSubnetEvent, "Warning", "SubnetExclusionCheckFailed", fmt.Sprintf(notExcluded, i.ID, i.SubnetID, err))
			}
		}
		if excluded {
			log3(d, lineExcluded, e.kindName(), i.ID, i.SubnetID)
			log1(d, lineExclusion, i.ID)
		}
		e.excluded = e.excluded || excluded
	}
	if !e.primary {
		if d.logs() {
			d.log(lineNetwork, i.PrivateIPs[0], i.MAC, i.SubnetCIDR, routeTable(i.DeviceIndex), networkCard)
		}
		if err := d.host.Network.SetupENI(i.DeviceIndex, i.PrivateIPs[0], i.SubnetCIDR); err != nil {
			d.removeENI(i.ID, afterFailedSetup)
			return fmt.Errorf("failed to set up ENI %s network: %w", i.ID, err)
		}
	}
	log2(d, lineENIHas.from(at), len(i.PrivateIPs), len(i.IPv4Prefixes))
	d.enter(e, i)
	return nil
}

// notExcluded is the message of the event.
const notExcluded = "subnet-exclusion check failed for ENI %s (subnet %s), treating as not excluded: %v"

// enter adds what metadata lists on an interface, both kinds in any mode.
func (d *Daemon) enter(e *eni, i Interface) {
	e.cidrs = slices.Grow(e.cidrs, len(i.PrivateIPs)-1+len(i.IPv4Prefixes))
	for _, a := range i.PrivateIPs[1:] {
		d.addCIDR(e, block{ipOf(a), single}, entering)
	}
	d.logPool(entering)
	for _, p := range i.IPv4Prefixes {
		d.addCIDR(e, blockOf(p), entering)
	}
	d.logPool(entering.of(prefix))
}

// addCIDR enters a CIDR. It is called for each address of a node.
func (d *Daemon) addCIDR(e *eni, b block, at place) {
	at = at.of(b.kind)
	if !d.logs() {
		d.store.addCIDR(e, b)
		return
	}
	d.log(lineAddCIDR.from(at), b, e.id)
	if d.store.addCIDR(e, b) {
		d.log(lineAddedCIDR.from(at), e.id, b)
	} else {
		d.log(lineKnownCIDR.from(at))
	}
}

// removeENI takes an interface out by force.
func (d *Daemon) removeENI(id string, at place) {
	if d.logs() {
		d.logForced(id, at)
	}
	e := d.store.find(id)
	d.store.removeENI(id, true)
	if d.logs() && e != nil {
		d.log(lineRemovedENI.from(at), id, len(e.cidrs), d.store.total, d.store.assigned(), d.store.running.prefixes)
	}
}

func ids(list []Interface) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].ID
	}
	return out
}

func byID(a, b Interface) int {
	if a.ID < b.ID {
		return -1
	}
	if a.ID > b.ID {
		return 1
	}
	return 0
}
