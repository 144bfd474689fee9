package cluster

import (
	"cmp"
	"slices"
	"time"
)

// subnetsEvery is how often Karpenter looks at its subnets again: its node
// class is reconciled every minute (pkg/controllers/nodeclass/subnet.go), which
// is also how long the answer is cached (pkg/cache/cache.go, DefaultTTL).
const subnetsEvery = time.Minute

// subnetView is what Karpenter knows of the free addresses of subnets: what EC2
// said up to a minute ago, less what the NodeClaims since then may need
// (pkg/providers/subnet/subnet.go).
type subnetView struct {
	cluster *Cluster
	seen    []*seenSubnet // each once
	phase   time.Duration // of the looks
}

// seenSubnet is one of them.
type seenSubnet struct {
	name, zone string
	free       int           // as EC2 said
	expected   int           // less what is in flight
	rank       int           // by what EC2 said, 0 for the most
	closedTill time.Duration // it had no address; until then a zone without another subnet is left alone
}

func newSubnetView(c *Cluster) *subnetView {
	v := &subnetView{cluster: c}
	v.phase = time.Duration(c.kernel.Rand("autoscaler/subnets/phase").Int64N(int64(subnetsEvery/time.Microsecond))) * time.Microsecond
	for _, g := range c.groups {
		for i := range g.subnets {
			s := &g.subnets[i]
			if s.seen = v.find(s.name); s.seen == nil {
				s.seen = &seenSubnet{name: s.name, zone: s.zone}
				v.seen = append(v.seen, s.seen)
			}
		}
	}
	return v
}

func (v *subnetView) find(name string) *seenSubnet {
	for _, s := range v.seen {
		if s.name == name {
			return s
		}
	}
	return nil
}

// start lets Karpenter look, at its own moment of each minute.
func (v *subnetView) start() {
	var look func()
	look = func() {
		v.look()
		v.cluster.kernel.After(subnetsEvery, look)
	}
	v.look()
	v.cluster.kernel.At(v.phase, look)
}

// look asks EC2, and forgets what was in flight: it shows by now, or soon.
func (v *subnetView) look() {
	byFree := slices.Clone(v.seen)
	for _, s := range v.seen {
		s.free = v.cluster.cloud.FreeAddresses(s.name)
		s.expected = s.free
	}
	slices.SortStableFunc(byFree, func(a, b *seenSubnet) int { return cmp.Compare(b.free, a.free) })
	for i, s := range byFree {
		s.rank = i
	}
}

// refused hears that a launch found no address: the subnet counts as full until
// the next look.
func (v *subnetView) refused(name string) {
	if s := v.find(name); s != nil {
		s.free, s.expected = 0, 0
		s.closedTill = v.cluster.kernel.Now() + closedFor
	}
}

// option is the subnet of one zone that a NodeClaim may be launched in.
type option struct {
	subnet *seenSubnet
	types  typeSet // that there are in the zone
	free   int     // addresses that EC2 had said
	pods   int     // that the node may have, at least: what has been taken off
}

// usualZones are as many as most groups have.
const usualZones = 3

// zonal picks, in each zone of a group, the subnet that should have most free
// addresses.
func (v *subnetView) zonal(g *Group) []option {
	list := make([]option, 0, min(len(g.subnets), usualZones))
	for i := range g.subnets {
		s := g.subnets[i].seen
		at := slices.IndexFunc(list, func(o option) bool { return o.subnet.zone == s.zone })
		switch {
		case at < 0:
			list = append(list, option{subnet: s})
		case s.expected > list[at].subnet.expected || s.expected == list[at].subnet.expected && s.rank < list[at].subnet.rank:
			list[at].subnet = s
		}
	}
	for i := range list {
		list[i].free = list[i].subnet.free
	}
	return list
}

// landed gives back what a NodeClaim had taken off in the zones that EC2 did
// not choose, or in all if it brought no instance. What EC2 has said anew
// meanwhile needs no correction.
func (v *subnetView) landed(options []option, subnet string) {
	for _, o := range options {
		if o.subnet.name != subnet && o.subnet.free == o.free && o.subnet.expected != o.subnet.free {
			o.subnet.expected += o.pods
		}
	}
}
