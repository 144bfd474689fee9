package clusterexport

import (
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/ec2model/queryapi"
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
)

// account is the owner of everything: the number that the AWS documentation has
// in its examples.
const account = "111122223333"

// aws is what the AWS CLI prints.
func (c *cluster) aws() []File {
	files := []File{
		listed("subnets.json", "aws ec2 describe-subnets --output json", "Subnets", nil, nil, c.subnets()),
		listed("interfaces.json", "aws ec2 describe-network-interfaces --output json", "NetworkInterfaces", nil, nil, c.interfaces()),
		listed("instances.json", "aws ec2 describe-instances --output json", "Reservations", nil, nil, c.instances()),
		one("vpc.json", "aws ec2 describe-vpcs --output json", object{"Vpcs": []any{c.vpc()}}),
	}
	if names, rows := c.types(); len(names) > 0 {
		files = append(files, one("instance-types.json", "aws ec2 describe-instance-types --instance-types "+strings.Join(names, " ")+" --output json", object{"InstanceTypes": rows}))
	}
	for _, s := range c.Account.Subnets() {
		if list := c.reservations(&s); len(list) > 0 {
			files = append(files, one("reservations-"+s.Name+".json", "aws ec2 get-subnet-cidr-reservations --subnet-id "+s.ID+" --output json",
				object{"SubnetIpv4CidrReservations": list, "SubnetIpv6CidrReservations": []any{}}))
		}
	}
	return files
}

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

// tags in the order of their keys.
func tags(m map[string]string) (list []types.Tag) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, tag(k, m[k]))
	}
	return list
}

func (c *cluster) subnets() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, s := range c.Account.Subnets() {
			row := types.Subnet{
				SubnetId: &s.ID, VpcId: new(c.Account.VPCID()), OwnerId: new(account), SubnetArn: new("arn:aws:ec2:us-east-1:" + account + ":subnet/" + s.ID),
				AvailabilityZone: &s.AZ, CidrBlock: new(s.CIDR.String()), AvailableIpAddressCount: new(int32(s.Free)), State: types.SubnetStateAvailable,
				Tags: append(tags(c.subnetOf(&s).Tags), tag("Name", s.Name)),
			}
			if !yield(plain(row)) {
				return
			}
		}
	}
}

func (c *cluster) vpc() any {
	blocks := c.Account.VPCCIDRs()
	v := types.Vpc{
		VpcId: new(c.Account.VPCID()), OwnerId: new(account), State: types.VpcStateAvailable, InstanceTenancy: types.TenancyDefault,
		CidrBlock: new(blocks[0].String()), Tags: []types.Tag{tag("Name", c.name)},
	}
	for i, b := range blocks {
		v.CidrBlockAssociationSet = append(v.CidrBlockAssociationSet, types.VpcCidrBlockAssociation{
			AssociationId: new(fmt.Sprintf("vpc-cidr-assoc-%017x", i+1)), CidrBlock: new(b.String()), CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
		})
	}
	return plain(v)
}

// types are the instance types of which only the scenario knows.
func (c *cluster) types() (names []string, rows []any) {
	for _, name := range slices.Sorted(maps.Keys(c.Account.Types())) {
		l, _ := c.Account.Types().Limits(name)
		names, rows = append(names, name), append(rows, plain(queryapi.TypeInfo(name, l)))
	}
	return names, rows
}

func (c *cluster) reservations(s *ec2model.SubnetState) (list []any) {
	for i, r := range c.subnetOf(s).Reservations {
		list = append(list, plain(types.SubnetCidrReservation{
			SubnetCidrReservationId: new(fmt.Sprintf("scr-%s%02x", s.ID[len("subnet-")+2:], i)), SubnetId: &s.ID, Cidr: new(r.CIDR.String()),
			ReservationType: types.SubnetCidrReservationType(r.Type), OwnerId: new(account),
		}))
	}
	return list
}

// instances are those that run, each in a reservation of its own.
func (c *cluster) instances() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, id := range c.Account.InstanceIDs() {
			i, ok := c.Account.Instance(id)
			if !ok {
				continue
			}
			i.ImageId = new("ami-" + id[len("i-"):])
			if m := c.nodeOf[id]; m != nil && m.Node.Launched != des.Never {
				i.LaunchTime = new(c.Epoch.Add(m.Node.Launched).Truncate(time.Second))
			}
			i.Tags = append(c.instanceTags(c.nodeOf[id]), i.Tags...)
			reservation := types.Reservation{ReservationId: new("r-" + id[len("i-"):]), OwnerId: new(account), Instances: []types.Instance{i}}
			if !yield(plain(reservation)) {
				return
			}
		}
	}
}

// instanceTags are those that EKS, and Karpenter or the managed node group, give
// an instance of the cluster.
func (c *cluster) instanceTags(m *machine.Machine) []types.Tag {
	list := []types.Tag{tag("eks:cluster-name", c.name), tag("kubernetes.io/cluster/"+c.name, "owned")}
	if m == nil { // it boots
		return list
	}
	if group := m.Node.Group.Name; c.managed[group] {
		return append(list, tag("karpenter.sh/nodepool", group))
	}
	return append(list, tag("eks:nodegroup-name", m.Node.Group.Name))
}

// findBranches finds on which trunks the branch interfaces are, and which
// interface has a branch's address.
func (c *cluster) findBranches() {
	for _, m := range c.Machines {
		branches := c.Account.Branches(m.Node.Instance.ID)
		if len(branches) == 0 {
			continue
		}
		for d := range c.Account.Devices(m.Node.Instance.ID) {
			if i, ok := c.Account.Interface(d.Interface); ok && i.InterfaceType == types.NetworkInterfaceTypeTrunk {
				for _, a := range branches {
					c.trunkOf[a] = d.Interface
				}
				break
			}
		}
	}
	if len(c.trunkOf) == 0 {
		return
	}
	for _, id := range c.Account.InterfaceIDs() {
		if i, ok := c.Account.Interface(id); ok && i.InterfaceType == types.NetworkInterfaceTypeBranch {
			c.branchOf[address(&i)] = id
		}
	}
}

// address of an interface; not valid of an EFA-only one, which has none.
func address(i *types.NetworkInterface) netip.Addr {
	if i.PrivateIpAddress == nil {
		return netip.Addr{}
	}
	return netip.MustParseAddr(*i.PrivateIpAddress)
}

// interfaces are the account's: of nodes, their branches, leaked ones, and those
// of others.
func (c *cluster) interfaces() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, id := range c.Account.InterfaceIDs() {
			i, ok := c.Account.Interface(id)
			if ok && !yield(plain(c.complete(i))) {
				return
			}
		}
		for k := range c.others {
			if !yield(plain(c.others[k].shape(c, k))) {
				return
			}
		}
	}
}

// complete adds what EC2 says besides what the model needs.
func (c *cluster) complete(i types.NetworkInterface) types.NetworkInterface {
	i.OwnerId, i.RequesterManaged, i.SourceDestCheck = new(account), new(false), new(true)
	if trunk := c.trunkOf[address(&i)]; trunk != "" {
		i.TagSet = append(slices.Clone(i.TagSet), tag("vpcresources.k8s.aws/trunk-eni-id", trunk), tag("eks:eni:owner", "eks-vpc-resource-controller"))
	}
	return i
}
