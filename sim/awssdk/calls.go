package awssdk

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// DescribeNetworkInterfaces asks for interfaces by ID, all in one answer.
func (c *Client) DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error) {
	out, err := c.describeNetworkInterfaces(ec2model.DescribeNetworkInterfacesInput{NetworkInterfaceIDs: ids})
	return out.NetworkInterfaces, err
}

func (c *Client) describeNetworkInterfaces(in ec2model.DescribeNetworkInterfacesInput) (ec2model.DescribeNetworkInterfacesOutput, error) {
	return do(c, ec2model.DescribeNetworkInterfaces, (*ec2model.Account).DescribeNetworkInterfaces, in)
}

// Names and page size of the VPC CNI's search for leaked interfaces
// (pkg/awsutils/awsutils.go, getLeakedENIs).
const (
	tagInstanceID  = "node.k8s.amazonaws.com/instance_id"
	tagClusterName = "cluster.k8s.amazonaws.com/name"
	leakedPageSize = 1000
	leakedPagesMax = 100 // ours: twenty times the default quota of interfaces
)

// leakedFilters are those of the search, the narrowest first, for that is the
// order in which they are looked at. They are of one piece: each node of a
// fleet has its own.
func leakedFilters(vpcID, clusterName string) []types.Filter {
	f := &struct {
		names, values [4]string
		list          [4]types.Filter
	}{
		names:  [4]string{"status", "vpc-id", "tag-key", "tag:" + tagClusterName},
		values: [4]string{string(types.NetworkInterfaceStatusAvailable), vpcID, tagInstanceID, clusterName},
	}
	for i := range f.list {
		f.list[i] = types.Filter{Name: &f.names[i], Values: f.values[i : i+1 : i+1]}
	}
	if clusterName == "" {
		return f.list[:3]
	}
	return f.list[:]
}

// DescribeLeakedNetworkInterfaces finds the interfaces of a VPC that carry a
// VPC CNI's tag and are attached to nothing; of one cluster, unless its name
// is empty. Each page is an operation of its own. An error on any page loses
// all, and more than a hundred pages are an error.
func (c *Client) DescribeLeakedNetworkInterfaces(vpcID, clusterName string) ([]*types.NetworkInterface, error) {
	in := ec2model.DescribeNetworkInterfacesInput{MaxResults: leakedPageSize, Filters: leakedFilters(vpcID, clusterName)}
	var found []*types.NetworkInterface
	for range leakedPagesMax {
		out, err := c.describeNetworkInterfaces(in)
		if err != nil {
			return nil, err
		}
		found = append(found, out.NetworkInterfaces...)
		if out.NextToken == "" {
			return found, nil
		}
		in.NextToken = out.NextToken
	}
	return nil, fmt.Errorf("DescribeNetworkInterfaces: more than %d pages of leaked interfaces", leakedPagesMax)
}

// DescribeSubnets lists the subnets of a VPC in an Availability Zone.
func (c *Client) DescribeSubnets(vpcID, availabilityZone string) ([]*types.Subnet, error) {
	type place struct{ vpcID, zone string }
	send := func(a *ec2model.Account, caller ec2model.Caller, in place, done func([]*types.Subnet, error)) time.Duration {
		return a.DescribeSubnets(caller, in.vpcID, in.zone, done)
	}
	return do(c, ec2model.DescribeSubnets, send, place{vpcID, availabilityZone})
}

// DescribeInstance asks for one instance.
func (c *Client) DescribeInstance(id string) (*types.Instance, error) {
	found, err := do(c, ec2model.DescribeInstances, (*ec2model.Account).DescribeInstances, []string{id})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("DescribeInstances returned %d instances for %s", len(found), id)
	}
	return found[0], nil
}

// CreateTags adds tags to a resource, over those with equal keys.
func (c *Client) CreateTags(id string, tags []types.Tag) error {
	type change struct {
		ids  []string
		tags []types.Tag
	}
	send := func(a *ec2model.Account, caller ec2model.Caller, in change, done func(ec2model.Nothing, error)) time.Duration {
		return a.CreateTags(caller, in.ids, in.tags, done)
	}
	_, err := do(c, ec2model.CreateTags, send, change{[]string{id}, tags})
	return err
}

// CreateNetworkInterface makes an interface with all its addresses: a number
// of secondary ones, or of /28 prefixes.
func (c *Client) CreateNetworkInterface(description, subnetID string, ips, prefixes int, tags []types.Tag) (*types.NetworkInterface, error) {
	in := ec2model.CreateNetworkInterfaceInput{
		SubnetID: subnetID, Description: description, Tags: tags,
		SecondaryPrivateIPAddressCount: ips, IPv4PrefixCount: prefixes,
	}
	return do(c, ec2model.CreateNetworkInterface, (*ec2model.Account).CreateNetworkInterface, in)
}

// AttachNetworkInterface attaches an interface at a device index of a
// network card.
func (c *Client) AttachNetworkInterface(eni, instance string, device, card int) (attachmentID string, err error) {
	in := ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: eni, InstanceID: instance, DeviceIndex: device, NetworkCardIndex: card}
	return do(c, ec2model.AttachNetworkInterface, (*ec2model.Account).AttachNetworkInterface, in)
}

// DetachNetworkInterface begins a detachment, not forced. The interface is
// free some time after the answer.
func (c *Client) DetachNetworkInterface(attachmentID string) error {
	in := ec2model.DetachNetworkInterfaceInput{AttachmentID: attachmentID}
	_, err := do(c, ec2model.DetachNetworkInterface, (*ec2model.Account).DetachNetworkInterface, in)
	return err
}

// DeleteNetworkInterface deletes a detached interface.
func (c *Client) DeleteNetworkInterface(eni string) error {
	_, err := do(c, ec2model.DeleteNetworkInterface, (*ec2model.Account).DeleteNetworkInterface, eni)
	return err
}

// ModifySecurityGroups replaces an interface's security groups.
func (c *Client) ModifySecurityGroups(eni string, groups []string) error {
	return c.modify(ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: eni, Groups: groups})
}

// ModifyDeleteOnTermination says whether an attached interface goes with its
// instance.
func (c *Client) ModifyDeleteOnTermination(eni, attachmentID string, on bool) error {
	return c.modify(ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: eni, AttachmentID: attachmentID, DeleteOnTermination: &on})
}

func (c *Client) modify(in ec2model.ModifyNetworkInterfaceAttributeInput) error {
	_, err := do(c, ec2model.ModifyNetworkInterfaceAttribute, (*ec2model.Account).ModifyNetworkInterfaceAttribute, in)
	return err
}

// AssignPrivateIPAddresses asks for a number of secondary addresses.
func (c *Client) AssignPrivateIPAddresses(eni string, count int) ([]netip.Addr, error) {
	out, err := c.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: count})
	return out.Addresses, err
}

// AssignIPv4Prefixes asks for a number of /28 prefixes.
func (c *Client) AssignIPv4Prefixes(eni string, count int) ([]netip.Prefix, error) {
	out, err := c.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, IPv4PrefixCount: count})
	return out.Prefixes, err
}

func (c *Client) assign(in ec2model.AssignPrivateIPAddressesInput) (ec2model.AssignPrivateIPAddressesOutput, error) {
	return do(c, ec2model.AssignPrivateIpAddresses, (*ec2model.Account).AssignPrivateIPAddresses, in)
}

// UnassignPrivateIPAddresses gives secondary addresses back.
func (c *Client) UnassignPrivateIPAddresses(eni string, ips []netip.Addr) error {
	return c.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, PrivateIPAddresses: ips})
}

// UnassignIPv4Prefixes gives prefixes back.
func (c *Client) UnassignIPv4Prefixes(eni string, prefixes []netip.Prefix) error {
	return c.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, IPv4Prefixes: prefixes})
}

func (c *Client) unassign(in ec2model.UnassignPrivateIPAddressesInput) error {
	_, err := do(c, ec2model.UnassignPrivateIpAddresses, (*ec2model.Account).UnassignPrivateIPAddresses, in)
	return err
}

// RunInstances launches equal instances in one subnet, all or none, and
// returns their IDs.
func (c *Client) RunInstances(in ec2model.RunInstancesInput) ([]string, error) {
	return do(c, ec2model.RunInstances, (*ec2model.Account).RunInstances, in)
}

// CreateFleet launches instances over several subnets, as many as there is
// room for; what is missing is in the output, not in the error.
func (c *Client) CreateFleet(in ec2model.CreateFleetInput) (ec2model.CreateFleetOutput, error) {
	return do(c, ec2model.CreateFleet, (*ec2model.Account).CreateFleet, in)
}

// TerminateInstances ends instances.
func (c *Client) TerminateInstances(ids []string) error {
	_, err := do(c, ec2model.TerminateInstances, (*ec2model.Account).TerminateInstances, ids)
	return err
}
