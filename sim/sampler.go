package sim

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// sampler looks at the whole fleet at regular moments: who holds the
// addresses of each subnet, how many pods run. Extremes that must be exact
// are kept by the account at every change; a sample says who held what then.
type sampler struct {
	*collector
	every   time.Duration
	subnets []result.Subnet
	ledger  ledger // what the daemons know
	leaked  result.Interfaces
	cooling int // most addresses of one node that cool down
	most    int // addresses on pods, at the sample with most
	p90     int // by node, then
	series  result.Series

	recovery recovery
}

// samplesPerRun is how fine a run is sampled.
const samplesPerRun = 300

func newSampler(c *collector) *sampler {
	span := c.fleet.End - c.from
	s := &sampler{collector: c, every: max(time.Second, (span / samplesPerRun).Round(time.Second)), recovery: newRecovery(c.fleet.Faults)}
	states := c.fleet.Account.Subnets()
	s.ledger = newLedger(len(states))
	for i, state := range states {
		s.subnets = append(s.subnets, result.Subnet{Name: state.Name, CIDR: state.CIDR.String(), Usable: state.Usable})
		s.ledger.byID[state.ID] = i
	}
	return s
}

// start takes samples from now to the end of the run.
func (s *sampler) start(end time.Duration) {
	k := s.fleet.Kernel
	var step func()
	step = func() {
		s.take()
		if next := k.Now() + s.every; next <= end {
			k.AtPriority(next, des.Late, step)
		}
	}
	k.AtPriority(k.Now(), des.Late, step)
}

// take is one sample.
func (s *sampler) take() {
	s.ledger.look()
	s.cooling = max(s.cooling, s.ledger.cooling)
	at := (s.fleet.Kernel.Now() - s.from).Seconds()
	sum := result.Addresses{AtSeconds: at}
	for i, state := range s.fleet.Account.Subnets() {
		a := held(state, s.ledger.sums[i])
		a.AtSeconds = at
		subnet := &s.subnets[i]
		if subnet.Worst == (result.Addresses{}) || a.Free < subnet.Worst.Free {
			subnet.Worst = a
		}
		subnet.End = a
		sum.Assigned += a.Assigned
		sum.Cooling += a.Cooling
		sum.Warm += a.Warm
		sum.Primaries += a.Primaries
		sum.Unmanaged += a.Unmanaged
		sum.Others += a.Others
		sum.Free += a.Free
	}
	if sum.Assigned > s.most {
		s.most, s.p90 = sum.Assigned, s.ledger.p90()
	}
	s.leaked.LeakedEnd = s.fleet.Account.Abandoned(ipamd.TagInstance, leakedAfter)
	s.leaked.LeakedPeak = max(s.leaked.LeakedPeak, s.leaked.LeakedEnd)
	counts := s.fleet.Cluster.Counts()
	s.series.AtSeconds = append(s.series.AtSeconds, at)
	s.series.Addresses = append(s.series.Addresses, sum)
	s.series.API = append(s.series.API, s.sample)
	s.series.Pods = append(s.series.Pods, result.PodSample{Running: counts.Running, Pending: counts.Pending, Nodes: counts.Ready})
	s.sample = result.APISample{}
	s.recovery.look(s.collector)
}

// held puts EC2's count and the daemons' together. A daemon may list an
// address that EC2 has taken back a moment ago; it then counts as free.
func held(state ec2model.SubnetState, a result.Addresses) result.Addresses {
	a.Primaries, a.Others, a.Free = state.Primaries, state.Others, state.Free
	a.Unmanaged = state.Secondary - a.Assigned - a.Cooling - a.Warm
	for _, part := range []*int{&a.Warm, &a.Cooling, &a.Assigned} {
		if a.Unmanaged >= 0 {
			break
		}
		taken := min(*part, -a.Unmanaged)
		*part -= taken
		a.Unmanaged += taken
	}
	return a
}

// leakedAfter is how long an interface is attached to nothing until it counts
// as leaked: our choice, see Interfaces.
const leakedAfter = time.Minute

// interfaces are the counts of the whole run; finish comes first.
func (s *sampler) interfaces() result.Interfaces {
	s.leaked.Peak = s.fleet.Account.InterfacesPeak()
	return s.leaked
}

// finish takes the last sample and the account's exact extremes.
func (s *sampler) finish() []result.Subnet {
	if n := len(s.series.AtSeconds); n == 0 || s.series.AtSeconds[n-1] < (s.fleet.Kernel.Now()-s.from).Seconds() {
		s.take()
	}
	for i, state := range s.fleet.Account.Subnets() {
		subnet := &s.subnets[i]
		subnet.AllocatedPeak, subnet.FreeMin, subnet.FreeBlocksMin = state.AllocatedPeak, state.FreeMin, state.FreeBlocksMin
		subnet.AssignedAtPeak = subnet.Worst.Assigned
	}
	return s.subnets
}
