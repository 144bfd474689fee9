package clusterimport_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// made is a cluster that a test makes up, and what its files say.
type made struct {
	subnets    []*madeSubnet
	nodes      []any
	pods       []any
	interfaces []any
	instances  []any
	daemon     any
	holds      map[string]int // by node
	next       int            // numbers IDs
}

// madeSubnet hands out its addresses.
type madeSubnet struct {
	id, az string
	block  netip.Prefix
	taken  map[netip.Addr]bool
	low    netip.Addr // the next single one
	high   int        // blocks that have been taken from the end
	hidden int        // held by nobody that a file names
}

type object = map[string]any

// number is the next one of an ID.
func (m *made) number() string {
	m.next++
	return fmt.Sprintf("%017x", m.next)
}

func newMade(blocks ...string) *made {
	m := &made{holds: map[string]int{}}
	for i, b := range blocks {
		block := netip.MustParsePrefix(b)
		low := block.Addr()
		for range 4 {
			low = low.Next()
		}
		m.subnets = append(m.subnets, &madeSubnet{id: "subnet-" + fmt.Sprintf("%017x", i+1), az: "us-west-2" + string(rune('a'+i%3)), block: block, taken: map[netip.Addr]bool{}, low: low})
	}
	m.settings("v1.23.1", object{"WARM_ENI_TARGET": "1", "WARM_PREFIX_TARGET": "1"})
	return m
}

func (s *madeSubnet) one() netip.Addr {
	a := s.low
	s.low = a.Next()
	s.taken[a] = true
	return a
}

// prefix is a /28 from the subnet's end, the last one aside.
func (s *madeSubnet) prefix() netip.Prefix {
	s.high++
	at := s.block.Addr().As4()
	n := uint32(at[0])<<24 | uint32(at[1])<<16 | uint32(at[2])<<8 | uint32(at[3])
	n += 1<<(32-s.block.Bits()) - 16*uint32(s.high+1)
	first := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	p := netip.PrefixFrom(first, 28)
	for a := first; p.Contains(a); a = a.Next() {
		s.taken[a] = true
	}
	return p
}

func (s *madeSubnet) free() int { return 1<<(32-s.block.Bits()) - 5 - len(s.taken) - s.hidden }

// iface adds an interface with some addresses and prefixes, and returns those.
func (m *made) iface(s *madeSubnet, singles, prefixes int, more object) (object, []netip.Addr, []netip.Prefix) {
	own := s.one()
	list := []any{object{"Primary": true, "PrivateIpAddress": own.String()}}
	var addrs []netip.Addr
	for range singles {
		a := s.one()
		addrs = append(addrs, a)
		list = append(list, object{"Primary": false, "PrivateIpAddress": a.String()})
	}
	var blocks []netip.Prefix
	var rows []any
	for range prefixes {
		p := s.prefix()
		blocks = append(blocks, p)
		rows = append(rows, object{"Ipv4Prefix": p.String()})
	}
	x := object{"NetworkInterfaceId": "eni-" + m.number(), "SubnetId": s.id, "VpcId": "vpc-1", "AvailabilityZone": s.az, "Status": "in-use", "InterfaceType": "interface",
		"Description": "", "PrivateIpAddress": own.String(), "PrivateIpAddresses": list, "TagSet": []any{}}
	if len(rows) > 0 {
		x["Ipv4Prefixes"] = rows
	}
	for k, v := range more {
		x[k] = v
	}
	m.interfaces = append(m.interfaces, x)
	return x, addrs, blocks
}

func tagList(pairs ...string) (list []any) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, object{"Key": pairs[i], "Value": pairs[i+1]})
	}
	return list
}

// madeNode is a node while it is made.
type madeNode struct {
	*made
	name, instance string
	subnet         *madeSubnet
	devices        int
	free           []netip.Addr
	object         object
}

func (m *made) node(name, instanceType string, s *madeSubnet, pods int, labels object) *madeNode {
	n := &madeNode{made: m, name: name, instance: "i-" + m.number(), subnet: s}
	all := object{"node.kubernetes.io/instance-type": instanceType, "topology.kubernetes.io/zone": s.az, "kubernetes.io/os": "linux"}
	for k, v := range labels {
		all[k] = v
	}
	n.object = object{"apiVersion": "v1", "kind": "Node", "metadata": object{"name": name, "labels": all},
		"spec": object{"providerID": "aws:///" + s.az + "/" + n.instance},
		"status": object{"allocatable": object{"cpu": "1930m", "memory": "7220184Ki", "pods": fmt.Sprint(pods)}, "nodeInfo": object{"kubeletVersion": "v1.33.1-eks-1a2b3c4", "osImage": "Amazon Linux 2023.7.20250512", "operatingSystem": "linux"},
			"addresses": []any{object{"type": "Hostname", "address": name}}}}
	m.nodes = append(m.nodes, n.object)
	m.instances = append(m.instances, object{"InstanceId": n.instance, "InstanceType": instanceType, "LaunchTime": "2026-03-30T12:02:32+00:00", "ImageId": "ami-1",
		"BlockDeviceMappings": []any{object{"Ebs": object{"AttachTime": "2026-03-30T12:02:33+00:00"}}}, "Tags": tagList("kubernetes.io/cluster/made", "owned")})
	return n
}

// attach gives the node an interface. trunk ones have no addresses for pods.
func (n *madeNode) attach(s *madeSubnet, singles, prefixes int, more object) object {
	attachment := object{"InstanceId": n.instance, "DeviceIndex": n.devices, "NetworkCardIndex": 0, "Status": "attached", "AttachTime": "2026-03-30T12:02:33+00:00", "DeleteOnTermination": true}
	n.devices++
	x, addrs, blocks := n.iface(s, singles, prefixes, more)
	x["Attachment"] = attachment
	if x["InterfaceType"] != "trunk" {
		n.free = append(n.free, addrs...)
		for _, b := range blocks {
			for a := b.Addr(); b.Contains(a); a = a.Next() {
				n.free = append(n.free, a)
			}
		}
	}
	n.holds[n.name] += 1 + singles + 16*prefixes
	return x
}

// pod runs a pod on the node, with an address unless it is on the host's network.
func (n *madeNode) pod(namespace, ownerKind, owner string, more object) object {
	spec := object{"nodeName": n.name, "containers": []any{object{"name": "app", "image": "app:1", "env": []any{object{"name": "PASSWORD", "value": "hunter2"}},
		"resources": object{"requests": object{"cpu": "50m", "memory": "64Mi"}}}}}
	status := object{"phase": "Running"}
	for k, v := range more {
		spec[k] = v
	}
	if spec["hostNetwork"] != true {
		status["podIP"] = n.free[0].String()
		n.free = n.free[1:]
	}
	meta := object{"name": owner + "-" + n.number(), "namespace": namespace}
	if ownerKind != "" {
		meta["ownerReferences"] = []any{object{"kind": ownerKind, "name": owner, "controller": true}}
	}
	x := object{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}
	n.pods = append(n.pods, x)
	return x
}

func (m *made) settings(version string, env object) {
	var list []any
	for k, v := range env {
		list = append(list, object{"name": k, "value": v})
	}
	m.daemon = object{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": object{"name": "aws-node", "namespace": "kube-system"}, "spec": object{"template": object{"spec": object{"containers": []any{
		object{"name": "aws-eks-nodeagent", "image": "agent:v1.4.1", "env": []any{object{"name": "WARM_IP_TARGET", "value": "77"}}},
		object{"name": "aws-node", "image": "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:" + version, "env": list}}}}}}
}

// files are what kubectl and the AWS CLI print of it.
func (m *made) files() map[string]string {
	var subnets []any
	var blocks []any
	for _, s := range m.subnets {
		subnets = append(subnets, object{"SubnetId": s.id, "VpcId": "vpc-1", "CidrBlock": s.block.String(), "AvailabilityZone": s.az, "AvailableIpAddressCount": s.free()})
		blocks = append(blocks, object{"CidrBlock": s.block.String(), "CidrBlockState": object{"State": "associated"}})
	}
	return map[string]string{
		"nodes.json":      text(object{"apiVersion": "v1", "items": m.nodes, "kind": "List", "metadata": object{"resourceVersion": ""}}),
		"pods.json":       text(object{"apiVersion": "v1", "items": m.pods, "kind": "List"}),
		"aws-node.json":   text(m.daemon),
		"subnets.json":    text(object{"Subnets": subnets}),
		"interfaces.json": text(object{"NetworkInterfaces": m.interfaces}),
		"instances.json":  text(object{"Reservations": []any{object{"Instances": m.instances}}}),
		"vpc.json":        text(object{"Vpcs": []any{object{"VpcId": "vpc-1", "CidrBlock": m.subnets[0].block.String(), "CidrBlockAssociationSet": blocks}}}),
	}
}

func text(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetIndent("", "    ")
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}
