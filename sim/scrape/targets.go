package scrape

import (
	"net/netip"

	"ipamsim/ec2model"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// daemonPort is where ipamd serves its metrics.
const daemonPort = 61678

// daemon is a scrape of a node's ipamd. One that does not serve has only up,
// as in Prometheus.
func (c *collector) daemon(m *machine.Machine) {
	target := c.target(m, "aws-node", daemonPort)
	up := 0.0
	if m.Agent != nil && m.Agent.Serving() {
		up = 1
		for _, metric := range m.Daemon.Metrics() {
			for _, s := range metric.Samples {
				c.add(metric.Name, metric.Help, metric.Type, s.Suffix, s.Value, append(target[:len(target):len(target)], s.Labels...)...)
			}
		}
	}
	c.add("up", "Whether the target answered.", "gauge", "", up, target...)
}

// textfile is what node_exporter's textfile collector has of a node where the
// shell lines run that findings print beside their rules. The network is looked
// at when something about it changes, so that these are always those of now.
func (c *collector) textfile(m *machine.Machine) {
	target := c.target(m, "node-exporter", 9100)
	of := map[result.DefectKind]int{}
	for _, d := range m.Defects {
		of[d.Kind]++
	}
	for _, t := range []struct {
		name, help string
		kind       result.DefectKind
	}{
		{"aws_cni_pods_without_rule", "Pods whose packets the node's rules do not lead to their interface.", result.WrongInterface},
		{"aws_cni_nodes_without_mark_rule", "Pods whose packets to the outside leave by another interface, for want of the rule for marked packets.", result.NoWayOut},
		{"aws_cni_pods_without_rule_to", "Pods without the rule to them.", result.MissingRule},
		{"aws_cni_stale_rules", "Addresses with a policy rule and without a pod.", result.StaleRule},
	} {
		c.add(t.name, t.help, "gauge", "", float64(of[t.kind]), target...)
	}
}

// target are the labels of what a scrape of a node brings.
func (c *collector) target(m *machine.Machine, job string, port int) []ipamd.Label {
	return []ipamd.Label{
		{Name: "job", Value: job}, {Name: "instance", Value: netip.AddrPortFrom(m.Primary.PrimaryIP, uint16(port)).String()},
		{Name: "node", Value: m.Node.Name}, c.variant(),
	}
}

func (c *collector) variant() ipamd.Label { return ipamd.Label{Name: "variant", Value: c.out.Variant} }

// api are the requests of the fleet that have been answered, by action.
type api struct{ actions []calls }

type calls struct {
	action                      ec2model.Action
	attempts, throttled, failed int
}

func (a *api) attempt(t ec2model.Attempt) {
	if t.Background {
		return
	}
	n := a.of(t.Action)
	n.attempts++
	if t.Throttled {
		n.throttled++
	} else if t.Err != nil {
		n.failed++
	}
}

func (a *api) of(action ec2model.Action) *calls {
	for i := range a.actions {
		if a.actions[i].action == action {
			return &a.actions[i]
		}
	}
	a.actions = append(a.actions, calls{action: action})
	return &a.actions[len(a.actions)-1]
}

// own are the simulator's series: what no cluster exports, because nobody in it
// sees all of it.
func (c *collector) own() {
	source := []ipamd.Label{{Name: "job", Value: "ipamsim"}, {Name: "instance", Value: "ipamsim"}, c.variant()}
	with := func(more ...ipamd.Label) []ipamd.Label { return append(source[:len(source):len(source)], more...) }
	for _, s := range c.fleet.Account.Subnets() {
		in := with(ipamd.Label{Name: "subnet", Value: s.Name}, ipamd.Label{Name: "zone", Value: c.fleet.Zone(s.Name)})
		c.add("ipamsim_subnet_usable_addresses", "Addresses of the subnet without the five that AWS keeps.", "gauge", "", float64(s.Usable), in...)
		c.add("ipamsim_subnet_free_addresses", "Addresses that nobody holds.", "gauge", "", float64(s.Free), in...)
		c.add("ipamsim_subnet_free_blocks", "Free aligned blocks of 16 addresses that EC2 would choose for a prefix.", "gauge", "", float64(s.FreeBlocks), in...)
	}
	for _, n := range c.requests.actions {
		of := with(ipamd.Label{Name: "action", Value: n.action.String()})
		c.add("ipamsim_api_requests", "Requests of the fleet, retries included.", "counter", "_total", float64(n.attempts), of...)
		c.add("ipamsim_api_throttled", "Requests of the fleet that were rejected with RequestLimitExceeded.", "counter", "_total", float64(n.throttled), of...)
		c.add("ipamsim_api_failed", "Requests of the fleet that failed otherwise.", "counter", "_total", float64(n.failed), of...)
	}
	now := c.fleet.Cluster.Counts()
	c.add("ipamsim_nodes", "Nodes that are Ready.", "gauge", "", float64(now.Ready), source...)
	dropping := 0
	for _, m := range c.fleet.Machines {
		for _, d := range m.Defects {
			if d.Kind.Dropping() {
				dropping++
			}
		}
	}
	c.add("ipamsim_pods_without_network", "Pods that have an address and lose packets.", "gauge", "", float64(dropping), source...)
	c.add("ipamsim_pods", "Pods by state.", "gauge", "", float64(now.Running), with(ipamd.Label{Name: "state", Value: "running"})...)
	c.add("ipamsim_pods", "Pods by state.", "gauge", "", float64(now.Pending), with(ipamd.Label{Name: "state", Value: "pending"})...)
}
