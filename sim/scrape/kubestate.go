package scrape

import (
	"strings"

	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// kubeState is what kube-state-metrics has of pods, as far as the rules of
// findings ask for it: where they are, their phase, whether no node has room,
// and how often aws-node's containers have started again.
func (c *collector) kubeState() {
	source := []ipamd.Label{{Name: "job", Value: "kube-state-metrics"}, {Name: "instance", Value: "kube-state-metrics:8080"}, c.variant()}
	with := func(more ...ipamd.Label) []ipamd.Label { return append(source[:len(source):len(source)], more...) }
	for _, p := range c.fleet.Cluster.Pods() {
		if p.State() == cluster.Ended || p.Created == des.Never || c.nodes != nil && (p.Node == nil || !c.nodes[p.Node.Name]) {
			continue
		}
		namespace, name := namespaced(p)
		id := with(ipamd.Label{Name: "namespace", Value: namespace}, ipamd.Label{Name: "pod", Value: name})
		c.add("kube_pod_info", "Information about pod.", "gauge", "", 1, append(id[:len(id):len(id)], c.place(p)...)...)
		c.add("kube_pod_status_phase", "The pods current phase.", "gauge", "", 1, append(id[:len(id):len(id)], ipamd.Label{Name: "phase", Value: phase(p)})...)
		if p.Unschedulable() {
			c.add("kube_pod_status_unschedulable", "Describes the unschedulable status for the pod.", "gauge", "", 1, id...)
		}
	}
	for _, m := range c.fleet.Machines {
		if c.nodes == nil || c.nodes[m.Node.Name] {
			c.add("kube_pod_container_status_restarts", "The number of container restarts per container.", "counter", "_total", float64(c.restarts[m]),
				with(ipamd.Label{Name: "namespace", Value: "kube-system"}, ipamd.Label{Name: "pod", Value: "aws-node-" + m.Node.Name}, ipamd.Label{Name: "container", Value: "aws-node"})...)
		}
	}
}

// namespaced is the name that a pod has, and in which namespace.
func namespaced(p *cluster.Pod) (namespace, name string) {
	if namespace, name, ok := strings.Cut(p.Key, "/"); ok {
		return namespace, name
	}
	return "default", p.Name()
}

// place is where a pod is, as far as the API server has been told.
func (c *collector) place(p *cluster.Pod) []ipamd.Label {
	host := "false"
	if p.HostNetwork {
		host = "true"
	}
	var node, hostIP, podIP string
	if p.Node != nil {
		node = p.Node.Name
		if primary, ok := c.fleet.Account.Primary(p.Node.Instance.ID); ok {
			hostIP = primary.PrimaryIP.String()
		}
		switch at := p.Address(); {
		case p.Running == des.Never:
		case p.HostNetwork:
			podIP = hostIP
		case at.IsValid() && !at.IsUnspecified():
			podIP = at.String()
		}
	}
	return []ipamd.Label{{Name: "node", Value: node}, {Name: "host_ip", Value: hostIP}, {Name: "pod_ip", Value: podIP}, {Name: "host_network", Value: host}}
}

// phase is that of the API server: a pod that was asked to end is still what it
// was.
func phase(p *cluster.Pod) string {
	if p.Running != des.Never {
		return "Running"
	}
	return "Pending"
}
