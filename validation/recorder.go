package validation

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/ipamd"
)

// recorder is an EC2 client that writes down every call in the terms of the
// traces, in the order in which the calls start.
type recorder struct {
	*ledger
	client ipamd.EC2
	tries  int // requests of the last operation that is over
}

// over hears of each operation of the SDK at its end.
func (r *recorder) over(c awssdk.Call) { r.tries = c.Attempts - 1 }

// end completes a call with the requests that it has taken.
func (r *recorder) end(call, got int, err error) {
	r.ledger.end(call, got, err)
	r.calls[call].Tries, r.tries = r.tries, 0
}

func errorCode(err error) string {
	if code, ok := ec2model.CodeOf(err); ok {
		return code
	}
	return err.Error()
}

func (r *recorder) DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error) {
	eni := noENI
	if len(ids) == 1 {
		eni = r.ordinal(ids[0])
	}
	call := r.begin("DescribeNetworkInterfaces", eni, "", len(ids))
	list, err := r.client.DescribeNetworkInterfaces(ids)
	r.end(call, len(list), err)
	for i := range list {
		if at := list[i].Attachment; at != nil {
			r.attached[*at.AttachmentId] = *list[i].NetworkInterfaceId
		}
	}
	return list, err
}

func (r *recorder) DescribeLeakedNetworkInterfaces(vpcID, clusterName string) ([]*types.NetworkInterface, error) {
	call := r.begin("DescribeNetworkInterfaces", noENI, "filter", 0)
	list, err := r.client.DescribeLeakedNetworkInterfaces(vpcID, clusterName)
	r.end(call, len(list), err)
	return list, err
}

func (r *recorder) DescribeSubnets(vpcID, zone string) ([]*types.Subnet, error) {
	call := r.begin("DescribeSubnets", noENI, "", 0)
	list, err := r.client.DescribeSubnets(vpcID, zone)
	r.end(call, len(list), err)
	return list, err
}

func (r *recorder) DescribeInstance(id string) (*types.Instance, error) {
	call := r.begin("DescribeInstances", noENI, "", 1)
	instance, err := r.client.DescribeInstance(id)
	if err != nil {
		r.end(call, 0, err)
		return nil, err
	}
	r.end(call, len(instance.NetworkInterfaces), nil)
	return instance, nil
}

func (r *recorder) CreateTags(id string, tags []types.Tag) error {
	call := r.begin("CreateTags", r.ordinal(id), "", len(tags))
	err := r.client.CreateTags(id, tags)
	r.end(call, len(tags), err)
	return err
}

func (r *recorder) CreateNetworkInterface(description, subnetID string, ips, prefixes int, tags []types.Tag) (*types.NetworkInterface, error) {
	call := r.begin("CreateNetworkInterface", noENI, r.whatOfCreate(subnetID, prefixes > 0), ips+prefixes)
	made, err := r.client.CreateNetworkInterface(description, subnetID, ips, prefixes, tags)
	if err != nil {
		r.end(call, 0, err)
		return nil, err
	}
	got := len(made.Ipv4Prefixes)
	if prefixes == 0 {
		got = len(made.PrivateIpAddresses) - 1
	}
	r.end(call, got, nil)
	r.created(*made.NetworkInterfaceId)
	r.calls[call].ENI = r.ordinal(*made.NetworkInterfaceId)
	return made, nil
}

func (r *recorder) AttachNetworkInterface(eni, instance string, device, card int) (string, error) {
	call := r.begin("AttachNetworkInterface", r.ordinal(eni), fmt.Sprintf("device=%d", device), 1)
	attachment, err := r.client.AttachNetworkInterface(eni, instance, device, card)
	r.end(call, 1, err)
	return attachment, err
}

func (r *recorder) DetachNetworkInterface(attachment string) error {
	call := r.begin("DetachNetworkInterface", r.ordinal(r.attached[attachment]), "", 1)
	err := r.client.DetachNetworkInterface(attachment)
	r.end(call, 1, err)
	return err
}

func (r *recorder) DeleteNetworkInterface(eni string) error {
	call := r.begin("DeleteNetworkInterface", r.ordinal(eni), "", 1)
	err := r.client.DeleteNetworkInterface(eni)
	r.end(call, 1, err)
	return err
}

func (r *recorder) ModifySecurityGroups(eni string, groups []string) error {
	call := r.begin("ModifyNetworkInterfaceAttribute", r.ordinal(eni), "groups", len(groups))
	err := r.client.ModifySecurityGroups(eni, groups)
	r.end(call, len(groups), err)
	return err
}

func (r *recorder) ModifyDeleteOnTermination(eni, attachment string, on bool) error {
	call := r.begin("ModifyNetworkInterfaceAttribute", r.ordinal(eni), "delete_on_termination", 1)
	err := r.client.ModifyDeleteOnTermination(eni, attachment, on)
	r.end(call, 1, err)
	return err
}

func (r *recorder) AssignPrivateIPAddresses(eni string, count int) ([]netip.Addr, error) {
	call := r.begin("AssignPrivateIpAddresses", r.ordinal(eni), "ips", count)
	list, err := r.client.AssignPrivateIPAddresses(eni, count)
	r.end(call, len(list), err)
	return list, err
}

func (r *recorder) AssignIPv4Prefixes(eni string, count int) ([]netip.Prefix, error) {
	call := r.begin("AssignPrivateIpAddresses", r.ordinal(eni), "prefixes", count)
	list, err := r.client.AssignIPv4Prefixes(eni, count)
	r.end(call, len(list), err)
	return list, err
}

func (r *recorder) UnassignPrivateIPAddresses(eni string, ips []netip.Addr) error {
	call := r.begin("UnassignPrivateIpAddresses", r.ordinal(eni), "ips", len(ips))
	before := r.slots(eni)
	err := r.client.UnassignPrivateIPAddresses(eni, ips)
	r.end(call, before-r.slots(eni), err)
	return err
}

func (r *recorder) UnassignIPv4Prefixes(eni string, prefixes []netip.Prefix) error {
	call := r.begin("UnassignPrivateIpAddresses", r.ordinal(eni), "prefixes", len(prefixes))
	before := r.slots(eni)
	err := r.client.UnassignIPv4Prefixes(eni, prefixes)
	r.end(call, before-r.slots(eni), err)
	return err
}
