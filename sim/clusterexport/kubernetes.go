package clusterexport

import (
	"io"
	"iter"
	"maps"
	"slices"

	cp "ipamsim/sim/cluster"
	"ipamsim/sim/machine"
)

// kubernetes is what kubectl prints, and ipamd's end points.
func (c *cluster) kubernetes() []File {
	list := func(name, command string, rows iter.Seq[any]) File {
		return listed(name, command, "items", object{"apiVersion": "v1"}, object{"kind": "List", "metadata": object{"resourceVersion": ""}}, rows)
	}
	files := []File{
		list("nodes.json", "kubectl get nodes -o json", c.nodes()),
		list("pods.json", "kubectl get pods -A -o json", c.pods()),
		one("aws-node.json", "kubectl get daemonset -n kube-system aws-node -o json", c.awsNode()),
		list("workloads.json", "kubectl get deployments,daemonsets,jobs -A -o json", slices.Values(c.workloads())),
	}
	if rows := c.eniConfigs(); len(rows) > 0 {
		files = append(files, list("eniconfigs.json", "kubectl get eniconfigs -o json", slices.Values(rows)))
	}
	if rows := c.karpenter(); len(rows) > 0 {
		files = append(files, list("karpenter.json", "kubectl get nodepools,ec2nodeclasses -o json", slices.Values(rows)))
	}
	if resting := c.resting(); len(resting) > 0 {
		files = append(files, File{"enis.json", "curl -s http://localhost:61679/v1/enis", func(w io.Writer) error { return enis(w, resting) }})
	}
	return files
}

// cniImage is the image of aws-node, up to its release.
const cniImage = "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:"

// awsNode is the DaemonSet, as the manifest and the scenario have its settings.
func (c *cluster) awsNode() object {
	environment := c.environment()
	var env []any
	for _, k := range slices.Sorted(maps.Keys(environment)) {
		env = append(env, object{"name": k, "value": environment[k]})
	}
	n := len(c.Machines)
	return object{
		"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": object{"name": "aws-node", "namespace": "kube-system", "labels": object{"k8s-app": "aws-node"}},
		"spec": object{"template": object{"spec": object{"hostNetwork": true, "tolerations": []any{object{"operator": "Exists"}}, "containers": []any{
			object{"name": "aws-node", "image": cniImage + c.release(), "env": env},
		}}}},
		"status": object{"currentNumberScheduled": n, "desiredNumberScheduled": n, "updatedNumberScheduled": n},
	}
}

// workloads are the objects that keep the pods.
func (c *cluster) workloads() (rows []any) {
	for _, w := range c.Cluster.Workloads() {
		meta := object{"name": w.Name, "namespace": "default"}
		template := object{"metadata": object{"labels": object{"app": w.Name}}, "spec": c.podSpec(w)}
		doc := object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
			"spec": object{"replicas": w.Desired(), "selector": object{"matchLabels": object{"app": w.Name}}, "template": template}}
		switch w.Kind {
		case cp.DaemonSet:
			doc["kind"] = "DaemonSet"
			delete(doc["spec"].(object), "replicas")
		case cp.Deployment:
		default:
			doc["apiVersion"], doc["kind"], doc["spec"] = "batch/v1", "Job", object{"template": template}
		}
		rows = append(rows, doc)
	}
	return rows
}

// eniConfigs are those of custom networking, named after their zones.
func (c *cluster) eniConfigs() (rows []any) {
	subnets := map[string]string{}
	for i := range c.Scenario.NodeGroups {
		for zone, subnet := range c.Scenario.NodeGroups[i].ENIConfig {
			if _, has := subnets[zone]; !has {
				subnets[zone] = subnet
			}
		}
	}
	for _, zone := range slices.Sorted(maps.Keys(subnets)) {
		id, _ := c.Account.SubnetID(subnets[zone])
		rows = append(rows, object{"apiVersion": "crd.k8s.amazonaws.com/v1alpha1", "kind": "ENIConfig", "metadata": object{"name": zone},
			"spec": object{"subnet": id, "securityGroups": []any{c.Account.SecurityGroupID()}}})
	}
	return rows
}

// karpenter are a NodePool and an EC2NodeClass for each group that it makes nodes
// for.
func (c *cluster) karpenter() (rows []any) {
	for i := range c.Scenario.NodeGroups {
		g := &c.Scenario.NodeGroups[i]
		if !c.managed[g.Name] {
			continue
		}
		requirements := []any{
			object{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": g.Types()},
			object{"key": "karpenter.sh/capacity-type", "operator": "In", "values": []any{g.CapacityType}},
		}
		spec := object{"nodeClassRef": object{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": g.Name}, "requirements": requirements}
		if list := taints(g); len(list) > 0 {
			spec["taints"] = list
		}
		rows = append(rows, object{"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": object{"name": g.Name}, "spec": object{
			"disruption": c.disruption(), "template": object{"metadata": object{"labels": g.Labels}, "spec": spec},
		}})
	}
	for i := range c.Scenario.NodeGroups {
		g := &c.Scenario.NodeGroups[i]
		if !c.managed[g.Name] {
			continue
		}
		var terms []any
		for _, s := range c.Account.Subnets() {
			if len(g.Subnets) == 0 || slices.Contains(g.Subnets, s.Name) {
				terms = append(terms, object{"id": s.ID})
			}
		}
		spec := object{"amiFamily": g.AMIFamily, "subnetSelectorTerms": terms}
		if g.MaxPods != nil {
			spec["kubelet"] = object{"maxPods": *g.MaxPods}
		}
		rows = append(rows, object{"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": object{"name": g.Name}, "spec": spec})
	}
	return rows
}

// disruption is what the scenario's autoscaler does with nodes that it does not
// need.
func (c *cluster) disruption() object {
	a := c.Scenario.Autoscaler
	d := object{"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "0s"}
	if a.ScaleDownAfter != nil {
		d["consolidateAfter"] = a.ScaleDownAfter.String()
	}
	if a.Utilization != nil && *a.Utilization == 0 {
		d["consolidationPolicy"] = "WhenEmpty"
	}
	if a.ScaleDown != nil && !*a.ScaleDown {
		d["consolidateAfter"] = "Never"
	}
	return d
}

// resting are the nodes that have addresses in cooldown: their ipamd's end point
// alone tells of those. The daemons of a snapshot begin to serve at its time 0,
// which may be the moment.
func (c *cluster) resting() (list []*machine.Machine) {
	for _, m := range c.ordered() {
		begins := m.Node.Existing != nil && c.Kernel.Now() <= c.WarmUp
		if m.Agent != nil && (m.Agent.Serving() || begins) && len(m.Daemon.Cooling()) > 0 {
			list = append(list, m)
		}
	}
	return list
}

// enis are the documents of nodes, one after another.
func enis(w io.Writer, nodes []*machine.Machine) error {
	for _, m := range nodes {
		if err := write(w, m.Daemon.Introspect(), ""); err != nil {
			return err
		}
	}
	return nil
}
