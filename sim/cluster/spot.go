package cluster

import (
	"time"

	"ipamsim/internal/portable"
)

// How EC2 takes spot instances back.
const (
	// interruptionNotice is how long before its end an instance is told.
	interruptionNotice = 2 * time.Minute
	// noticeHeard is how long the notice takes until somebody acts on it, by
	// EventBridge and a queue that Karpenter polls without a pause, or by the
	// managed node group's own. Our assumption.
	noticeHeard = 2 * time.Second
)

// Interrupt is EC2's notice that it takes a spot instance back. Karpenter hears
// of it and deletes the NodeClaim: the node is drained, its pods look for
// another, and for a while no spot instance of the type is asked for in the zone
// (karpenter-provider-aws, pkg/controllers/interruption). A managed node group
// drains its node, too, and launches another. Whatever is left on the node when
// the time is over is lost with it.
func (c *Cluster) Interrupt(n *Node) {
	if n.interrupted || n.state == Gone {
		return
	}
	n.interrupted = true
	c.interruptions++
	if c.hooks.NodeInterrupted != nil {
		c.hooks.NodeInterrupted(n)
	}
	c.kernel.After(noticeHeard, func() { c.heed(n) })
	c.kernel.After(interruptionNotice, func() {
		if n.state != Gone {
			c.lose(n, true, c.cloud.TakeBack)
		}
	})
}

func (c *Cluster) heed(n *Node) {
	if n.state == Gone {
		return
	}
	if k, is := c.autoscaler.(*karpenter); is && n.Group.managed {
		k.claims.close(offering{n.Type(), n.Group.subnet(n.Instance.Subnet).zone, true})
	}
	c.drain(n)
	n.Group.reconcile()
}

// drawInterruption plans when EC2 takes a spot instance back, from time 0 on.
func (c *Cluster) drawInterruption(n *Node) {
	rate := n.Group.Interruptions
	if !n.Group.Spot || rate <= 0 {
		return
	}
	hours := portable.Exponential(c.kernel.Rand("node/"+n.Name+"/spot")) / rate
	const longest = 100 * 365 * 24 // hours: far behind the end of any run
	c.kernel.At(max(c.kernel.Now(), c.cfg.WarmUp)+seconds(float64(min(hours, longest)*3600)), func() { c.Interrupt(n) })
}

// Spot says whether the node is a spot instance.
func (n *Node) Spot() bool { return n.Group.Spot }
