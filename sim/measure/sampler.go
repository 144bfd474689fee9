package measure

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
	*Collector
	every   time.Duration
	subnets []result.Subnet
	ledger  ledger // what the daemons know
	leaked  result.Interfaces
	cooling int // most addresses of one node that cool down
	most    int // addresses on pods, at the sample with most
	p90     int // by node, then
	held    int // addresses that anybody held, added up over the samples
	log     seriesLog
	maps    mapper

	recovery recovery
}

// samplesPerRun is how fine a run is sampled.
const samplesPerRun = 300

func newSampler(c *Collector) *sampler {
	span := c.fleet.End - c.from
	s := &sampler{Collector: c, every: max(time.Second, (span / samplesPerRun).Round(time.Second)), recovery: newRecovery(c.fleet.Faults)}
	states := c.fleet.Account.Subnets()
	s.ledger = newLedger(len(states))
	s.log = newSeriesLog(states)
	s.maps = newMapper(states, samplesPerRun/mapsPerRun)
	for i, state := range states {
		s.subnets = append(s.subnets, result.Subnet{Name: state.Name, Zone: c.fleet.Zone(state.Name), CIDR: state.CIDR.String(), Usable: state.Usable})
		s.ledger.ByID[state.ID] = i
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
	s.ledger.Look(s.fleet.Kernel.Now())
	s.cooling = max(s.cooling, s.ledger.Cooling())
	at := s.seconds(s.fleet.Kernel.Now())
	assigned := 0
	for i, state := range s.fleet.Account.Subnets() {
		a := holders(state, s.ledger.Sums[i])
		a.AtSeconds = at
		subnet := &s.subnets[i]
		if subnet.Worst == (result.Addresses{}) || a.Free < subnet.Worst.Free {
			subnet.Worst = a
		}
		subnet.FreeAtEnd, subnet.Held.Holders = a.Free, a.Holders
		assigned += a.Assigned
		s.held += subnet.Usable - a.Free
		s.log.subnet(i, a)
	}
	if assigned > s.most {
		s.most, s.p90 = assigned, s.ledger.P90()
	}
	s.leaked.LeakedEnd = s.fleet.Account.Abandoned(ipamd.TagInstance, LeakedAfter)
	s.leaked.LeakedPeak = max(s.leaked.LeakedPeak, s.leaked.LeakedEnd)
	s.leaked.KeptEnd = s.fleet.Account.Kept(LeakedAfter)
	s.log.sample(at, s.fleet.Cluster.Counts(), &s.census, &s.tick)
	s.maps.look(s.Collector, at)
	s.recovery.look(s.Collector)
	s.watch.sample()
}

// heldMean is how many addresses anybody held at a sample, on the average.
func (s *sampler) heldMean() float64 { return float64(s.held) / float64(max(1, len(s.log.at))) }

// holders puts EC2's count and the daemons' together. A daemon may list an
// address that EC2 has taken back a moment ago; it then counts as free.
func holders(state ec2model.SubnetState, a result.Addresses) result.Addresses {
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

// LeakedAfter is how long an interface is attached to nothing until it counts
// as leaked: our choice, see Interfaces.
const LeakedAfter = time.Minute

// interfaces are the counts of the whole run; finish comes first.
func (s *sampler) interfaces() result.Interfaces {
	s.leaked.Peak = max(s.watch.earlier.interfaces, s.fleet.Account.InterfacesPeak())
	return s.leaked
}

// finish takes the last sample and the account's exact extremes.
func (s *sampler) finish() []result.Subnet {
	if n := len(s.log.at); n == 0 || s.log.at[n-1] < s.seconds(s.fleet.Kernel.Now()) {
		s.take()
	}
	for i, state := range s.fleet.Account.Subnets() {
		subnet := &s.subnets[i]
		s.watch.earlier.fold(i, &state)
		subnet.AllocatedPeak, subnet.FreeMin, subnet.FreeBlocksMin = state.AllocatedPeak, state.FreeMin, state.FreeBlocksMin
		subnet.ReservedBlocks, subnet.ReservedShared = s.fleet.Account.ReservedBlocks(state.Name)
		subnet.AssignedAtPeak = subnet.Worst.Assigned
		subnet.Held.OthersBy = s.fleet.Account.OthersIn(state.Name)
	}
	return s.subnets
}

// series are the samples as results have them.
func (s *sampler) series() result.Series { return s.log.series(s.every) }
