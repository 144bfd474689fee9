package clusterexport

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"ipamsim/scenarios"
	cp "ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
)

// ordered are the machines in the order of their groups and numbers.
func (c *cluster) ordered() []*machine.Machine {
	list := slices.Clone(c.Machines)
	slices.SortFunc(list, func(a, b *machine.Machine) int {
		if d := a.Node.Group.Place - b.Node.Group.Place; d != 0 {
			return d
		}
		return a.Node.Ordinal - b.Node.Ordinal
	})
	return list
}

// pods are all that have not ended, and those of the system on each node.
func (c *cluster) pods() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, p := range c.Cluster.Pods() {
			if p.State() != cp.Ended && !yield(c.pod(p)) {
				return
			}
		}
		for _, m := range c.ordered() {
			for _, name := range []string{"aws-node", "kube-proxy"} {
				if !yield(c.systemPod(name, m)) {
					return
				}
			}
		}
	}
}

func (c *cluster) pod(p *cp.Pod) object {
	w := p.Workload
	meta := object{"name": p.Name(), "namespace": "default", "creationTimestamp": c.date(p.Created), "labels": object{"app": w.Name}, "ownerReferences": []any{owner(w)}}
	if p.State() == cp.Stopping && p.Deleted != des.Never {
		meta["deletionTimestamp"] = c.date(p.Deleted)
	}
	spec, status := c.podSpec(w), object{"phase": "Pending"}
	doc := object{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}
	if p.Node == nil {
		return doc
	}
	spec["nodeName"] = p.Node.Name
	own := c.ownAddress(p.Node)
	if p.State() >= cp.Running {
		status["phase"] = "Running"
	}
	switch addr := p.Address(); {
	case w.HostNetwork:
		addressed(status, own, own)
	case addr.IsValid():
		addressed(status, own, addr.String())
		if id := c.branchOf[addr]; id != "" {
			meta["annotations"] = object{"vpc.amazonaws.com/pod-eni": fmt.Sprintf(`[{"eniId":%q,"privateIp":%q}]`, id, addr.String())}
		}
	}
	return doc
}

// addressed enters the addresses of a pod and its node, as far as there are any.
func addressed(status object, host, pod string) {
	if host != "" {
		status["hostIP"] = host
	}
	if pod != "" {
		status["podIP"], status["podIPs"] = pod, []any{object{"ip": pod}}
	}
}

// podSpec is what the pods of a workload ask for.
func (c *cluster) podSpec(w *cp.Workload) object {
	requests := object{}
	if w.Requests.MilliCPU > 0 {
		requests["cpu"] = fmt.Sprintf("%dm", w.Requests.MilliCPU)
	}
	if w.Requests.Memory > 0 {
		requests["memory"] = fmt.Sprint(w.Requests.Memory)
	}
	spec := object{"containers": []any{object{"name": w.Name, "image": w.Name + ":latest", "resources": object{"requests": requests}}}}
	if w.HostNetwork {
		spec["hostNetwork"] = true
	}
	c.placement(spec, w.Name)
	var spreads []any
	for _, s := range w.Spread {
		key, when := "topology.kubernetes.io/zone", "DoNotSchedule"
		if s.Hosts {
			key = "kubernetes.io/hostname"
		}
		if s.Soft {
			when = "ScheduleAnyway"
		}
		spreads = append(spreads, object{"maxSkew": s.MaxSkew, "topologyKey": key, "whenUnsatisfiable": when, "labelSelector": object{"matchLabels": object{"app": w.Name}}})
	}
	if len(spreads) > 0 {
		spec["topologySpreadConstraints"] = spreads
	}
	return spec
}

// placement enters where the pods of a workload may go.
func (c *cluster) placement(spec object, name string) {
	i := slices.IndexFunc(c.Scenario.Workloads, func(w scenarios.Workload) bool { return w.Name == name })
	w := &c.Scenario.Workloads[i]
	if len(w.NodeSelector) > 0 {
		spec["nodeSelector"] = w.NodeSelector
	}
	var terms, tolerations []any
	for _, t := range w.NodeAffinity {
		var expressions []any
		for _, e := range t.Expressions {
			x := object{"key": e.Key, "operator": e.Operator}
			if len(e.Values) > 0 {
				x["values"] = e.Values
			}
			expressions = append(expressions, x)
		}
		terms = append(terms, object{"matchExpressions": expressions})
	}
	if len(terms) > 0 {
		spec["affinity"] = object{"nodeAffinity": object{"requiredDuringSchedulingIgnoredDuringExecution": object{"nodeSelectorTerms": terms}}}
	}
	if w.Tolerant {
		tolerations = append(tolerations, object{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoSchedule"})
	}
	for _, t := range w.Tolerations {
		tolerations = append(tolerations, given(object{"key": t.Key, "operator": t.Operator, "value": t.Value, "effect": t.Effect}))
	}
	if len(tolerations) > 0 {
		spec["tolerations"] = tolerations
	}
}

// given leaves out what is empty.
func given(o object) object {
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == "" })
	return o
}

// taints are those of a group's nodes.
func taints(g *scenarios.NodeGroup) (list []any) {
	for _, t := range g.Taints {
		list = append(list, given(object{"key": t.Key, "value": t.Value, "effect": t.Effect}))
	}
	return list
}

// owner is what keeps the pods of a workload. Whoever keeps those of a trace, or
// makes pods himself, a Job stands for him.
func owner(w *cp.Workload) object {
	o := object{"apiVersion": "batch/v1", "kind": "Job", "name": w.Name, "controller": true}
	switch w.Kind {
	case cp.Deployment:
		o["apiVersion"], o["kind"], o["name"] = "apps/v1", "ReplicaSet", w.Name+"-"+replicaHash
	case cp.DaemonSet:
		o["apiVersion"], o["kind"] = "apps/v1", "DaemonSet"
	}
	return o
}

// replicaHash is what a Deployment puts behind the name of its ReplicaSet: some
// letters of the alphabet that Kubernetes draws them from.
const replicaHash = "5f7c9bd8d6"

// systemPod is one of the pods that each node has, on the host's network.
func (c *cluster) systemPod(name string, m *machine.Machine) object {
	image := name + ":latest"
	if name == "aws-node" {
		image = cniImage + c.Scenario.NodeGroups[m.Node.Group.Place].CNIVersion
	}
	status := object{"phase": "Running"}
	own := c.ownAddress(m.Node)
	addressed(status, own, own)
	return object{
		"apiVersion": "v1", "kind": "Pod", "status": status,
		"metadata": object{"name": name + "-" + m.Node.Name, "namespace": "kube-system", "labels": object{"k8s-app": name},
			"ownerReferences": []any{object{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": name, "controller": true}}},
		"spec": object{"nodeName": m.Node.Name, "hostNetwork": true, "tolerations": []any{object{"operator": "Exists"}}, "containers": []any{object{"name": name, "image": image}}},
	}
}

// date is a kernel time as Kubernetes writes it.
func (c *cluster) date(t time.Duration) string { return kubeTime(c.Epoch.Add(t)) }
