package clusterexport

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/ami"
	cp "ipamsim/sim/cluster"
	"ipamsim/sim/machine"
)

// osImages are what nodes of a family say of their image.
var osImages = map[string]string{
	"AL2023": "Amazon Linux 2023.9.20251208", "AL2": "Amazon Linux 2", "Bottlerocket": "Bottlerocket OS 1.51.0 (aws-k8s-1.35)",
}

// nodes are those that have registered, and those outside of the VPC CNI whose
// addresses the scenario counts.
func (c *cluster) nodes() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, m := range c.ordered() {
			if !yield(c.node(m)) {
				return
			}
		}
		for k := range c.others {
			o := &c.others[k]
			switch o.holder {
			case "fargate":
				name := "fargate-ip-" + strings.ReplaceAll(o.addr.String(), ".", "-")
				if !yield(o.node(name, "aws:///"+o.subnet.AZ+"/"+o.number(k)+"/"+name, object{"eks.amazonaws.com/compute-type": "fargate", "kubernetes.io/os": "linux"})) {
					return
				}
			case "windows":
				if !yield(o.node("ip-"+strings.ReplaceAll(o.addr.String(), ".", "-"), "aws:///"+o.subnet.AZ+"/i-"+o.number(k), object{"kubernetes.io/os": "windows"})) {
					return
				}
			}
		}
	}
}

// node of somebody else.
func (o *other) node(name, provider string, labels object) object {
	labels["topology.kubernetes.io/zone"] = o.subnet.AZ
	return object{
		"apiVersion": "v1", "kind": "Node", "metadata": object{"name": name, "labels": labels}, "spec": object{"providerID": provider},
		"status": object{"addresses": []any{object{"type": "InternalIP", "address": o.addr.String()}}, "nodeInfo": object{"operatingSystem": labels["kubernetes.io/os"]}},
	}
}

func (c *cluster) node(m *machine.Machine) object {
	n, g := m.Node, &c.Scenario.NodeGroups[m.Node.Group.Place]
	spec := object{"providerID": "aws:///" + c.Zone(n.Instance.Subnet) + "/" + n.Instance.ID}
	keep := taints(g)
	if n.Unschedulable() {
		spec["unschedulable"] = true
		keep = append(keep, object{"effect": "NoSchedule", "key": "node.kubernetes.io/unschedulable"})
	}
	if len(keep) > 0 {
		spec["taints"] = keep
	}
	addresses := []any{object{"address": n.Name, "type": "Hostname"}}
	if own := c.ownAddress(n); own != "" {
		addresses = append([]any{object{"address": own, "type": "InternalIP"}}, addresses...)
	}
	room := n.Allocatable()
	amounts := object{"cpu": fmt.Sprintf("%dm", room.MilliCPU), "memory": fmt.Sprint(room.Memory), "pods": fmt.Sprint(n.MaxPods())}
	return object{
		"apiVersion": "v1", "kind": "Node", "spec": spec,
		"metadata": object{"name": n.Name, "labels": c.labels(m, g), "creationTimestamp": c.date(max(0, n.Registered))},
		"status": object{
			"addresses":   addresses,
			"allocatable": amounts, "capacity": amounts, "conditions": []any{object{"type": "Ready", "status": truth(n.State() == cp.Ready || n.State() == cp.Draining)}},
			"nodeInfo": object{"architecture": "amd64", "kubeletVersion": "v" + version(g) + ".0-eks-1a2b3c4", "operatingSystem": "linux", "osImage": osImages[g.AMIFamily]},
		},
	}
}

// ownAddress is a node's, or nothing when its instance is gone and nobody has
// noticed.
func (c *cluster) ownAddress(n *cp.Node) string {
	if own, ok := c.Account.Primary(n.Instance.ID); ok {
		return own.PrimaryIP.String()
	}
	return ""
}

// version of the kubelet of a group.
func version(g *scenarios.NodeGroup) string {
	f, _ := ami.Named(g.AMIFamily)
	return cmp.Or(g.KubernetesVersion, f.Kubernetes)
}

func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// labels of a node: kubelet's, those of who made it, and the group's own.
func (c *cluster) labels(m *machine.Machine, g *scenarios.NodeGroup) map[string]string {
	zone, capacity := c.Zone(m.Node.Instance.Subnet), "on-demand"
	if g.Spot() {
		capacity = "spot"
	}
	labels := map[string]string{
		"kubernetes.io/hostname": m.Node.Name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
		"node.kubernetes.io/instance-type": m.Node.Type(), "topology.kubernetes.io/zone": zone,
	}
	if c.managed[g.Name] {
		labels["karpenter.sh/nodepool"], labels["karpenter.sh/capacity-type"] = g.Name, capacity
	} else {
		labels["eks.amazonaws.com/nodegroup"], labels["eks.amazonaws.com/capacityType"] = g.Name, strings.ReplaceAll(strings.ToUpper(capacity), "-", "_")
	}
	maps.Copy(labels, g.Labels)
	return labels
}
