package validation

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// sampler keeps what EC2 has until something changes there.
type sampler struct {
	stale      bool
	enis, ips  int
	subnetFree []int
	row        Stat // scratch
}

// Pool is what a daemon's statistics say.
type Pool struct {
	Total, Assigned, Cooling int // addresses
	Available                int // that no pod has: cooling ones too
	Prefixes, FreePrefixes   int
	ENIs                     []PoolENI // in the order in which they were made
}

// PoolENI is one interface of a pool.
type PoolENI struct {
	ID              string
	Total, Assigned int // addresses for pods
}

// Sample enters a row when the pool, or what EC2 has, differs from the row
// before.
func (s *Stage) Sample(p *Pool) {
	row := s.row(p)
	if last := len(s.out.Stats) - 1; last >= 0 && s.out.Stats[last].equal(row) {
		return
	}
	s.out.Stats = append(s.out.Stats, *row)
	s.sampler.row = Stat{} // its slices are the recording's now
}

func (s *Stage) row(p *Pool) *Stat {
	if s.sampler.stale || s.sampler.subnetFree == nil {
		s.lookAtEC2()
	}
	r := &s.sampler.row
	*r = Stat{
		AtMS: roundToMS(s.clock.Now()), Total: p.Total, Assigned: p.Assigned, Cooldown: p.Cooling,
		Available: p.Available, Prefixes: p.Prefixes, FreePrefixes: p.FreePrefixes,
		IPsPerENI: r.IPsPerENI[:0], ENIOrdinals: r.ENIOrdinals[:0], AssignedPerENI: r.AssignedPerENI[:0],
		EC2ENIs: s.sampler.enis, EC2IPs: s.sampler.ips, SubnetFree: s.sampler.subnetFree,
	}
	for _, e := range p.ENIs {
		r.ENIs++
		r.IPsPerENI = append(r.IPsPerENI, e.Total)
		r.AssignedPerENI = append(r.AssignedPerENI, e.Assigned)
		r.ENIOrdinals = append(r.ENIOrdinals, s.ledger.ordinal(e.ID))
	}
	return r
}

// lookAtEC2 counts the attached interfaces, their secondary addresses (16 for
// a prefix), and what is free in the subnets.
func (s *Stage) lookAtEC2() {
	seen := &s.sampler
	seen.stale, seen.enis, seen.ips, seen.subnetFree = false, 0, 0, make([]int, 0, len(s.subnets))
	for _, id := range s.account.InterfaceIDs() {
		if e, _ := s.account.Interface(id); e.Status == types.NetworkInterfaceStatusInUse {
			seen.enis++
			seen.ips += len(e.PrivateIpAddresses) - 1 + addressesPerPrefix*len(e.Ipv4Prefixes)
		}
	}
	for _, subnet := range s.account.Subnets() {
		seen.subnetFree = append(seen.subnetFree, subnet.Free)
	}
}

const addressesPerPrefix = 16
