package ec2model

import (
	"fmt"
	"time"

	"ipamsim/internal/portable"
)

// Policy is how EC2 chooses among free addresses or blocks.
type Policy string

// The policies. Random is what is observed of EC2.
const (
	Random Policy = "random"
	Lowest Policy = "lowest"
)

// ZonePolicy is in which of its zones a fleet of one instance type launches.
// EC2 does not publish how it chooses between zones of one price; that it takes
// one zone per request, and does not look at the subnets' free addresses, is
// observed (constant allocation.fleetZone).
type ZonePolicy string

// The zone policies.
const (
	RandomZone   ZonePolicy = "random"    // another one for each request
	FixedZone    ZonePolicy = "fixed"     // always the first that the request names
	MostFreeZone ZonePolicy = "most-free" // that of the subnet with most free addresses
)

// Profile is how the modelled API behaves. It is a value: copies are
// independent. Start from [DefaultProfile].
type Profile struct {
	Latency   [actionCount]Latency // of successful requests, by Action
	Failing   [actionCount]Latency // of rejected requests; a zero Latency is as long as a successful one
	Throttled Latency              // of requests that a token bucket rejects

	Throttling         bool                // false switches every bucket off
	RejectedTakesToken bool                // whether a throttled request takes a token
	Requests           [actionCount]Bucket // one token per request
	Unfiltered         [actionCount]Bucket // besides: requests with neither filter, nor IDs, nor page size
	Resources          [actionCount]Bucket // one token per instance
	StrictIDs          bool                // whether a request by IDs alone counts as unfiltered
	DrawsFrom          [actionCount]Action // the action whose bucket of Requests an action's requests draw from; see Share

	Addresses Policy // single addresses
	Prefixes  Policy // /28 blocks
	FleetZone ZonePolicy

	InterfaceLag Latency // from the end of an attach or detach until metadata shows it
	AddressLag   Latency // from the end of a change of addresses until metadata shows it
	DetachTime   Latency // from the end of a detach until the interface is available
	ShutdownTime Latency // from the termination of an instance until its addresses are free

	// CreateSaysCidrBlocks makes CreateNetworkInterface answer
	// InsufficientCidrBlocks when no block is free. EC2 says
	// InvalidParameterValue.
	CreateSaysCidrBlocks bool

	// UnassignIgnoresMissing makes UnassignPrivateIpAddresses pass over what
	// the interface does not have. EC2 says InvalidParameterValue.
	UnassignIgnoresMissing bool
}

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// DefaultProfile is the documented, measured and assumed behaviour of EC2,
// from the rows of [Constants].
func DefaultProfile() Profile {
	sigma, longest := number("latency.sigma"), duration("latency.longest")
	p := Profile{
		Throttled:          Uniform(duration("latency.throttled.min"), duration("latency.throttled.max")),
		Throttling:         true,
		RejectedTakesToken: number("bucket.rejectedTakesToken") != 0,
		Addresses:          Policy(table()["allocation.addresses"].Value),
		Prefixes:           Policy(table()["allocation.prefixes"].Value),
		FleetZone:          ZonePolicy(table()["allocation.fleetZone"].Value),
		InterfaceLag:       defaultInterfaceLag(),
		AddressLag:         Uniform(duration("metadata.addresses.min"), duration("metadata.addresses.max")),
		ShutdownTime:       Uniform(duration("shutdown.min"), duration("shutdown.max")),
		DetachTime:         Uniform(duration("detach.min"), duration("detach.max")),
	}
	for _, action := range Actions() {
		p.DrawsFrom[action] = action
		p.Latency[action] = LogNormal(duration("latency."+action.String()), sigma, longest)
		if row := "latency.failing." + action.String(); hasRow(row) {
			p.Failing[action] = LogNormal(duration(row), sigma, longest)
		}
		p.Requests[action] = bucketOf(action.String())
		p.Unfiltered[action] = bucketOf("unfiltered." + action.String())
		p.Resources[action] = bucketOf("resources." + action.String())
	}
	return p
}

// SetLatency replaces an action's latency, of success and of failure alike.
func (p *Profile) SetLatency(action Action, l Latency) {
	p.Latency[action], p.Failing[action] = l, Latency{}
}

// Share gives some actions one bucket of requests in place of their own, as EC2
// had one for all Describe actions until about 2019
// (https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/1275).
// Their other buckets stay. Without an action it does nothing.
func (p *Profile) Share(b Bucket, actions ...Action) {
	for _, action := range actions {
		p.DrawsFrom[action] = actions[0]
		p.Requests[action] = b
	}
}

// defaultInterfaceLag is what is left of the known time from creation to
// visibility after the two calls between: DescribeInstances and Attach.
func defaultInterfaceLag() Latency {
	return interfaceLag(duration("metadata.createToVisible.p99"), duration("metadata.interface.longest"))
}

// TailInterfaceLag is the lag of interfaces with the longest that have been
// reported: as often short as the default, and long more often.
func TailInterfaceLag() Latency {
	return interfaceLag(duration("metadata.tail.p99"), duration("metadata.tail.longest"))
}

func interfaceLag(visible, longest time.Duration) Latency {
	calls := duration("latency.DescribeInstances") + duration("latency.AttachNetworkInterface")
	median := duration("metadata.createToVisible.median") - calls
	p99 := visible - calls
	sigma := portable.Log(float64(p99)/float64(median)) / z99
	mean := time.Duration(portable.Int64(float64(median) * portable.Exp(sigma*sigma/2)))
	return LogNormal(mean.Round(time.Millisecond), sigma, longest)
}

func bucketOf(name string) Bucket {
	if !hasRow("bucket." + name + ".burst") {
		return unlimited
	}
	return Bucket{Burst: number("bucket." + name + ".burst"), RefillPerSecond: number("bucket." + name + ".refill")}
}

func (p *Profile) validate() error {
	for _, policy := range []Policy{p.Addresses, p.Prefixes} {
		if policy != Random && policy != Lowest {
			return fmt.Errorf("ec2model: unknown allocation policy %q", policy)
		}
	}
	if p.FleetZone != RandomZone && p.FleetZone != FixedZone && p.FleetZone != MostFreeZone {
		return fmt.Errorf("ec2model: unknown zone policy %q", p.FleetZone)
	}
	latencies := []Latency{p.Throttled, p.InterfaceLag, p.AddressLag, p.DetachTime, p.ShutdownTime}
	latencies = append(append(latencies, p.Latency[:]...), p.Failing[:]...)
	for _, l := range latencies {
		if err := l.validate(); err != nil {
			return fmt.Errorf("ec2model: %w", err)
		}
	}
	for i, from := range p.DrawsFrom {
		if int(from) >= actionCount || p.DrawsFrom[from] != from {
			return fmt.Errorf("ec2model: %v draws from the bucket of %v, which has none of its own", Action(i), from)
		}
	}
	for i := range actionCount {
		for _, b := range []Bucket{p.Requests[i], p.Unfiltered[i], p.Resources[i]} {
			if err := b.validate(); err != nil {
				return fmt.Errorf("ec2model: %v: %w", Action(i), err)
			}
		}
	}
	return nil
}
