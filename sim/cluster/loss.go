package cluster

import (
	"time"

	"ipamsim/sim/controlplane"
)

// Kill terminates a node's instance at once. Its pods stop that moment. The
// control plane finds out in stages: the node is NotReady when its lease has
// not been renewed for the grace period, the cloud controller then deletes the
// node, since its instance is no more, and pods of a node that is no more are
// collected after a quarantine. Only then do their workloads replace them. That
// the node's group replaces the node when it is deleted is our assumption.
func (c *Cluster) Kill(n *Node) { c.lose(n, true, c.terminate) }

// Silence cuts a node off at once: it is as good as dead, and EC2 does not say
// so. Its pods are evicted when they have tolerated an unreachable node for as
// long as pods do by default; that the node is deleted then, and not before, is
// our assumption.
func (c *Cluster) Silence(n *Node) { c.lose(n, false, c.terminate) }

func (c *Cluster) terminate(instance string) { c.cloud.Terminate([]string{instance}) }

// lose ends a node's instance, which EC2 then says or not.
func (c *Cluster) lose(n *Node, terminated bool, end func(instance string)) {
	if n.state == Gone {
		return
	}
	g := n.Group
	drained := n.state == Draining // then nobody misses it
	lost := n.leavers()
	for _, p := range lost {
		p.lost = true
		if p.replica >= 0 {
			p.Workload.deletions.push(p)
		}
	}
	if drained {
		g.draining--
	} else {
		g.lost++
		c.unnoticed++
	}
	notReady, noticed, missed := c.passes().loss(c.kernel.Now(), n.Registered, terminated)
	if !drained { // else the autoscaler deletes it
		c.keepLost(n, notReady)
	}
	c.bury(n)
	end(n.Instance.ID)
	if !drained {
		c.kernel.At(noticed, func() {
			g.lost--
			if terminated {
				c.forgetLost(n)
			}
			g.reconcile()
		})
	}
	c.kernel.At(missed, func() {
		if !drained {
			c.unnoticed--
			c.forgetLost(n)
		}
		c.replaceLost(lost)
	})
}

// replaceLost lets the workloads make up for pods that were lost with a node.
func (c *Cluster) replaceLost(lost []*Pod) {
	for _, p := range lost {
		w := p.Workload
		wanted := w.Kind != Deployment || p.replica >= 0
		p.lost = false
		if wanted {
			c.makingUp = true
			w.replace(p)
			c.makingUp = false
		}
	}
}

// passes are moments at which the control plane's loops look. Each loop looks
// once in its period, at a phase that is the cluster's own.
type passes struct {
	monitor, cloud, collect time.Duration // phases
}

func (c *Cluster) passes() *passes {
	if c.loops == nil {
		r := c.kernel.Rand("controlplane/passes")
		phase := func(period time.Duration) time.Duration {
			return time.Duration(r.Int64N(int64(period/time.Microsecond))) * time.Microsecond
		}
		c.loops = &passes{phase(controlplane.NodeMonitorPeriod), phase(controlplane.NodeMonitorPeriod), phase(controlplane.PodGCPeriod)}
	}
	return c.loops
}

// after is the first pass of a loop from t on.
func after(t, period, phase time.Duration) time.Duration {
	if late := (t - phase) % period; late > 0 {
		return t + period - late
	} else if late < 0 {
		return t - late
	}
	return t
}

// loss is when a node that registered at a time is NotReady, when its loss is
// noticed, and when its pods are missed.
func (p *passes) loss(died, registered time.Duration, terminated bool) (notReady, noticed, missed time.Duration) {
	renewed := died
	if registered >= 0 {
		renewed = died - (died-registered)%controlplane.LeaseRenewal
	}
	notReady = after(renewed+controlplane.NodeMonitorGrace, controlplane.NodeMonitorPeriod, p.monitor)
	noticed = after(notReady, controlplane.NodeMonitorPeriod, p.cloud)
	if !terminated {
		return notReady, noticed, notReady + controlplane.DefaultToleration
	}
	return notReady, noticed, after(noticed, controlplane.PodGCPeriod, p.collect) + controlplane.PodGCQuarantine
}
