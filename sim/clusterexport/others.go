package clusterexport

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// other is an address that others than the cluster's nodes hold.
type other struct {
	holder string // as the language calls it
	addr   netip.Addr
	subnet *ec2model.SubnetState
}

// unknown is who holds an address of whom nobody has said it: no list has an
// interface for it.
const unknown = "unknown"

// findOthers finds them in the books. Each gets an interface of its own.
func (c *cluster) findOthers() {
	states := c.Account.Subnets()
	for i := range states {
		s := &states[i]
		next := s.CIDR.Addr()
		c.Account.Occupants(i, func(_ int, by ec2model.Occupant) {
			addr := next
			next = next.Next()
			if holder := by.Name; by.Kind == ec2model.HeldByOthers && holder != unknown {
				if holder == "" {
					holder = "other"
				}
				c.others = append(c.others, other{holder, addr, s})
			}
		})
	}
}

// signs are how the interfaces of holders look: what their services write into
// the description, the kind, and who asks for them. DescribeNetworkInterfaces of
// real accounts, as published in issues and in the documentation of the services;
// %s is an ID.
// https://docs.aws.amazon.com/vpc/latest/userguide/using-eni-managed.html
var signs = map[string]struct {
	description string
	kind        types.NetworkInterfaceType
	requester   string
	tags        map[string]string
}{
	"control-plane": {"Amazon EKS %c", types.NetworkInterfaceTypeInterface, "", nil},
	"load-balancer": {"ELB net/lb/%s", types.NetworkInterfaceTypeNetworkLoadBalancer, "amazon-elb", nil},
	"nat":           {"Interface for NAT Gateway nat-%s", "nat_gateway", account, nil},
	"lambda":        {"AWS Lambda VPC ENI-function-%s", types.NetworkInterfaceTypeLambda, account, nil},
	"vpc-endpoint":  {"VPC Endpoint Interface vpce-%s", types.NetworkInterfaceTypeVpcEndpoint, account, nil},
	"database":      {"RDSNetworkInterface", types.NetworkInterfaceTypeInterface, "amazon-rds", nil},
	"file-system":   {"EFS mount target for fs-%s (fsmt-%s)", types.NetworkInterfaceTypeInterface, "amazon-efs", nil},
	"fargate":       {"", types.NetworkInterfaceTypeInterface, "", nil},
	"windows":       {"", types.NetworkInterfaceTypeInterface, "", nil},
	"branch":        {"aws-k8s-branch-eni", types.NetworkInterfaceTypeBranch, "", map[string]string{"vpcresources.k8s.aws/trunk-eni-id": "eni-%s"}},
	"other-cluster": {"aws-K8S-i-%s", types.NetworkInterfaceTypeInterface, "", map[string]string{"cluster.k8s.amazonaws.com/name": "another-%c", "node.k8s.amazonaws.com/instance_id": "i-%s"}},
	"leaked":        {"aws-K8S-i-%s", types.NetworkInterfaceTypeInterface, "", map[string]string{"node.k8s.amazonaws.com/instance_id": "i-%s"}},
	"other":         {"", types.NetworkInterfaceTypeInterface, "", nil},
}

// shape is the interface of the k-th other address.
func (o *other) shape(c *cluster, k int) types.NetworkInterface {
	id, sign := o.number(k), signs[o.holder]
	fill := strings.NewReplacer("%s", id, "%c", c.name).Replace
	i := types.NetworkInterface{
		NetworkInterfaceId: new("eni-" + id), SubnetId: &o.subnet.ID, VpcId: new(c.Account.VPCID()), AvailabilityZone: &o.subnet.AZ, OwnerId: new(account),
		Description: new(fill(sign.description)), InterfaceType: sign.kind, RequesterManaged: new(sign.requester != ""), Status: types.NetworkInterfaceStatusInUse,
		PrivateIpAddress: new(o.addr.String()), PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{{Primary: new(true), PrivateIpAddress: new(o.addr.String())}},
	}
	if sign.requester != "" {
		i.RequesterId = &sign.requester
	}
	if o.holder == "leaked" {
		i.Status = types.NetworkInterfaceStatusAvailable
	}
	for _, t := range tags(sign.tags) {
		i.TagSet = append(i.TagSet, tag(*t.Key, fill(*t.Value)))
	}
	if o.holder == "windows" {
		i.Attachment = &types.NetworkInterfaceAttachment{InstanceId: new("i-" + id), DeviceIndex: new(int32(0)), NetworkCardIndex: new(int32(0)), Status: types.AttachmentStatusAttached}
	}
	return i
}

// number is what IDs of the k-th other's have after their kind: none of the
// model's, which count from 1.
func (o *other) number(k int) string { return fmt.Sprintf("0f%015x", k+1) }
