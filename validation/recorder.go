package validation

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// recorder is an EC2 client that writes down every call in the terms of the
// traces, in the order in which the calls start.
type recorder struct {
	client   ipamd.EC2
	kernel   *des.Kernel
	subnets  []string // IDs, in the scenario's order
	calls    []Call
	ids      []string // of interfaces, by ordinal
	ordinals map[string]ordinal
	attached map[string]string    // attachment ID to interface ID
	slots    func(eni string) int // addresses and prefixes that EC2 has on an interface
}

func newRecorder(k *des.Kernel) *recorder {
	return &recorder{kernel: k, ordinals: map[string]ordinal{}, attached: map[string]string{}}
}

// created gives a new interface the next ordinal.
func (r *recorder) created(id string) {
	r.ordinals[id] = ordinal(len(r.ids))
	r.ids = append(r.ids, id)
}

// interfaceOf is the interface with an ordinal, if one was ever created.
func (r *recorder) interfaceOf(o ordinal) (id string, ok bool) {
	if o < 0 || int(o) >= len(r.ids) {
		return "", false
	}
	return r.ids[o], true
}

func (r *recorder) ordinal(id string) ordinal {
	if o, ok := r.ordinals[id]; ok {
		return o
	}
	return noENI
}

// begin enters a call that runs, and returns its place in the list.
func (r *recorder) begin(op string, eni ordinal, what string, asked int) int {
	r.calls = append(r.calls, Call{StartMS: roundToMS(r.kernel.Now()), EndMS: -1, Op: op, ENI: eni, What: what, Asked: asked})
	return len(r.calls) - 1
}

// end completes a call. What it got does not count if it failed.
func (r *recorder) end(call, got int, err error) {
	c := &r.calls[call]
	c.EndMS, c.Got = roundToMS(r.kernel.Now()), got
	if err != nil {
		c.Got, c.Err = 0, errorCode(err)
	}
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
	what := "ips"
	if prefixes > 0 {
		what = "prefixes"
	}
	if len(r.subnets) > 1 {
		for i, id := range r.subnets {
			if id == subnetID {
				what = fmt.Sprintf("%s,subnet=%d", what, i)
			}
		}
	}
	call := r.begin("CreateNetworkInterface", noENI, what, ips+prefixes)
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
