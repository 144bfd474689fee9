package cluster

import (
	"math"
	"slices"
	"time"

	"ipamsim/sim/controller"
	"ipamsim/sim/controlplane"
)

// Constants of Karpenter's way from a NodeClaim to a fleet request.
const (
	// clientRate and clientBurst: --kube-client-qps and --kube-client-burst
	// (pkg/operator/options). There is a bucket for each kind of object, here for
	// NodeClaims.
	clientRate  = 200
	clientBurst = 300
	// fleetIdle, fleetWindow and fleetMax: the CreateFleet batcher sends what
	// has come when nothing has for the one, or after the other, or at once when
	// it is that much (karpenter-provider-aws, pkg/batcher/createfleet.go).
	fleetIdle   = 35 * time.Millisecond
	fleetWindow = 1 * time.Second
	fleetMax    = 1000
	// fleetWorkers: requests of the batcher under way at a time
	// (pkg/batcher/batcher.go). While more are to be sent it opens no window.
	fleetWorkers = 100
	// claimRetry and claimRetryMax: a launch that failed otherwise than for want
	// of capacity is tried again after the one, doubling up to the other, until
	// launchTimeout (pkg/controllers/nodeclaim/lifecycle).
	claimRetry    = 1 * time.Second
	claimRetryMax = 1 * time.Minute
	launchTimeout = 5 * time.Minute
	// retryRate and retryBurst: of all NodeClaims together, for a Karpenter that
	// asks for one CPU (pkg/controllers/nodeclaim/lifecycle/controller.go).
	retryRate  = 10
	retryBurst = 100
)

// nodeClaims are Karpenter's requests for one node each, on their way to EC2.
// The writes of their objects go through the API client's limit. Then each
// takes its subnets, one of each zone, and those that want the same of the same
// group share a fleet request.
type nodeClaims struct {
	cluster *Cluster
	view    *subnetView
	closed  map[offering]time.Duration // until when what refused is left alone
	client  controller.Limiter
	retries controller.Limiter
	fleets  []*fleet // of the next window, in the order of their first claim
	waiting int      // claims in it
	open    bool     // it has begun
	window  int      // counts windows: what an older one has scheduled is void
	opened  time.Duration
	last    time.Duration // latest claim of the window
	unsent  []*fleet      // of the window before, beyond what may be under way
	sent    int           // fleets under way
}

func newNodeClaims(c *Cluster) *nodeClaims {
	return &nodeClaims{
		cluster: c, view: newSubnetView(c), closed: map[offering]time.Duration{},
		client:  controller.NewLimiter(controlplane.Rate{PerSecond: clientRate, Burst: clientBurst}),
		retries: controller.NewLimiter(controlplane.Rate{PerSecond: retryRate, Burst: retryBurst}),
	}
}

// claimKind is what equal NodeClaims ask for: a node of any of these types.
type claimKind struct {
	group *Group
	types typeSet
	zone  string // that it must be in; empty for any
}

// offering is an instance type in a zone, as Karpenter remembers that there is
// none of it (karpenter-provider-aws, pkg/cache/unavailableofferings.go).
type offering struct {
	instanceType, zone string
	spot               bool
}

// fleet is a CreateFleet request that is being collected.
type fleet struct {
	claimKind
	options []option
	tries   []int // claims by how often they have failed
}

// create makes n NodeClaims of a kind. They count as launching from now on.
func (c *nodeClaims) create(k claimKind, n int) {
	k.launching(n)
	for range n {
		c.write() // of the object
	}
	var at time.Duration
	count := 0
	for range n {
		// of its finalizer, in turn
		if next := c.write(); next != at {
			c.arriveAt(at, k, count, 0)
			at, count = next, 0
		}
		count++
	}
	c.arriveAt(at, k, count, 0)
}

// launching counts n more claims, or fewer, by the type that they get if EC2 has
// it.
func (k claimKind) launching(n int) {
	k.group.launching += n
	k.group.launchingOf[k.types.cheapest()] += n
	if k.zone != "" {
		k.group.pinned[pin{k.types.cheapest(), k.zone}] += n
	}
}

// write is the moment of the client's next request.
func (c *nodeClaims) write() time.Duration { return c.client.Reserve(c.cluster.kernel.Now()) }

func (c *nodeClaims) arriveAt(at time.Duration, k claimKind, n, failed int) {
	switch {
	case n == 0:
	case at <= c.cluster.kernel.Now():
		c.arrive(k, n, failed)
	default:
		c.cluster.kernel.At(at, func() { c.arrive(k, n, failed) })
	}
}

// arrive takes claims that are to be launched into the window.
func (c *nodeClaims) arrive(k claimKind, n, failed int) {
	for range n {
		options := c.choose(k)
		if len(options) == 0 { // there is none in any zone: the pods come again
			c.giveUp(k, 1)
			continue
		}
		c.collect(k, options, failed)
	}
}

// choose is where a claim may be launched: in each zone the subnet that should
// have most free addresses, with the types that there are in the zone. Of each
// it takes off what the node may need, the pods of the smallest type.
func (c *nodeClaims) choose(k claimKind) []option {
	list := c.view.zonal(k.group)
	kept := list[:0]
	for _, o := range list {
		if o.types = c.availableIn(k, o.subnet.zone); o.types == 0 || k.zone != "" && k.zone != o.subnet.zone {
			continue
		}
		o.pods = math.MaxInt
		for i, t := range k.group.types {
			if o.types.has(i) {
				o.pods = min(o.pods, t.MaxPods)
			}
		}
		o.subnet.expected -= o.pods
		kept = append(kept, o)
	}
	return kept
}

// availableIn are those of a claim's types that Karpenter does not know to be
// missing in a zone: none where all of the group's subnets are full.
func (c *nodeClaims) availableIn(k claimKind, zone string) (types typeSet) {
	now := c.cluster.kernel.Now()
	if !slices.ContainsFunc(k.group.subnets, func(s subnet) bool { return s.zone == zone && s.seen.closedTill <= now }) {
		return 0
	}
	for i, t := range k.group.types {
		if k.types.has(i) && c.closed[offering{t.InstanceType, zone, k.group.Spot}] <= now {
			types |= 1 << i
		}
	}
	return types
}

// available are the types of a group that there are in some zone.
func (c *nodeClaims) available(g *Group) (types typeSet) {
	for i := range g.subnets {
		types |= c.availableIn(claimKind{g, g.all(), ""}, g.subnets[i].zone)
	}
	return types
}

func (c *nodeClaims) collect(k claimKind, options []option, failed int) {
	i := slices.IndexFunc(c.fleets, func(f *fleet) bool { return f.claimKind == k && equalOptions(f.options, options) })
	if i < 0 {
		i = len(c.fleets)
		c.fleets = append(c.fleets, &fleet{claimKind: k, options: options})
	}
	f := c.fleets[i]
	for len(f.tries) <= failed {
		f.tries = append(f.tries, 0)
	}
	f.tries[failed]++
	c.waiting++
	c.last = c.cluster.kernel.Now()
	c.openWindow()
	if c.open && c.waiting >= fleetMax {
		c.closeWindow()
	}
}

// openWindow begins to wait for more claims, unless the last window's requests
// are not all sent.
func (c *nodeClaims) openWindow() {
	if c.open || c.waiting == 0 || len(c.unsent) > 0 {
		return
	}
	c.open, c.opened = true, c.cluster.kernel.Now()
	c.closeAt(c.opened + fleetIdle)
}

func equalOptions(a, b []option) bool {
	return slices.EqualFunc(a, b, func(x, y option) bool { return x.subnet == y.subnet && x.types == y.types })
}

// closeAt looks at the window at a time and closes it when it is due.
func (c *nodeClaims) closeAt(at time.Duration) {
	window := c.window
	c.cluster.kernel.At(at, func() {
		if c.window != window {
			return
		}
		if due := min(max(c.last, c.opened)+fleetIdle, c.opened+fleetWindow); due > c.cluster.kernel.Now() {
			c.closeAt(due)
			return
		}
		c.closeWindow()
	})
}

// closeWindow makes a request of each of its fleets.
func (c *nodeClaims) closeWindow() {
	c.unsent, c.fleets = c.fleets, nil
	c.waiting, c.open = 0, false
	c.window++
	c.send()
}

// send sends as many requests as may be under way.
func (c *nodeClaims) send() {
	for len(c.unsent) > 0 && c.sent < fleetWorkers {
		f := c.unsent[0]
		c.unsent = c.unsent[1:]
		c.sent++
		c.launch(f)
	}
	c.openWindow()
}

func (c *nodeClaims) launch(f *fleet) {
	at := c.cluster.kernel.Now()
	c.cluster.cloud.Launch(LaunchRequest{Group: f.group, Count: f.count(), Pools: f.pools(), Fleet: true}, func(res LaunchResult) {
		c.launched(f, at, res)
	})
}

// pools are by type, the cheapest first.
func (f *fleet) pools() []Pool {
	list := make([]Pool, 0, len(f.group.types)*len(f.options))
	for i, t := range f.group.types {
		for _, o := range f.options {
			if o.types.has(i) {
				list = append(list, Pool{t.InstanceType, o.subnet.name})
			}
		}
	}
	return list
}

func (f *fleet) count() (n int) {
	for _, tries := range f.tries {
		n += tries
	}
	return n
}

// launched takes in what a fleet has brought. Which of its claims are the ones
// without an instance does not matter, so it is the newest.
func (c *nodeClaims) launched(f *fleet, at time.Duration, res LaunchResult) {
	g := f.group
	c.sent--
	for _, inst := range res.Instances {
		f.launching(-1)
		c.view.landed(f.options, inst.Subnet)
		c.cluster.join(g, inst, at)
	}
	short := f.count() - len(res.Instances)
	for range short {
		c.view.landed(f.options, "")
	}
	if c.shortOfCapacity(g, res.Failures) {
		c.giveUp(f.claimKind, short)
	} else {
		c.again(f, short)
	}
	c.send()
	g.reconcile() // the target may have moved meanwhile
}

// shortOfCapacity says whether a fleet failed for nothing but want of capacity,
// of which addresses are a kind to Karpenter (combineFleetErrors in
// pkg/providers/instance/instance.go). What refused is left alone for a while:
// the type in the zone, and a subnet without addresses.
func (c *nodeClaims) shortOfCapacity(g *Group, failures []LaunchFailure) bool {
	short := len(failures) > 0
	for _, f := range failures {
		if f.Subnet == "" || f.Code != codeNoAddresses && f.Code != codeNoCapacity {
			short = false
			continue
		}
		if f.Code == codeNoAddresses {
			c.view.refused(f.Subnet)
		}
		c.close(offering{f.InstanceType, g.subnet(f.Subnet).zone, g.Spot})
	}
	return short
}

// close leaves an offering alone for a while.
func (c *nodeClaims) close(o offering) { c.closed[o] = c.cluster.kernel.Now() + closedFor }

// giveUp drops claims. Their pods are looked at again when they come up.
func (c *nodeClaims) giveUp(k claimKind, n int) {
	k.launching(-n)
	c.cluster.notDelivered(k.group, n)
	c.cluster.failedToCome(k.group, n)
}

// again tries claims whose launch failed for another reason, each after its own
// time.
func (c *nodeClaims) again(f *fleet, n int) {
	for failed, count := range f.tries {
		count = min(count, n)
		n -= count
		wait, spent := claimRetry, time.Duration(0)
		for range failed {
			spent += wait
			wait = min(2*wait, claimRetryMax)
		}
		if spent+wait > launchTimeout {
			c.giveUp(f.claimKind, count)
			continue
		}
		now := c.cluster.kernel.Now()
		for range count {
			c.arriveAt(max(now+wait, c.retries.Reserve(now)), f.claimKind, 1, failed+1)
		}
	}
}
