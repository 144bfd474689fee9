package validation

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
)

// Scenario is what was replayed to the real daemon.
type Scenario struct {
	Name         string            `json:"name"`
	Group        string            `json:"group"` // behaviour, docs or random
	Description  string            `json:"description"`
	InstanceType string            `json:"instance_type"`
	Env          map[string]string `json:"env"` // of ipamd; what is not set is unset
	MaxPods      int               `json:"max_pods"`
	Subnets      []Subnet          `json:"subnets"`
	// Constant latency per operation; effect and error come at its end.
	LatencyMS map[string]int64 `json:"latency_ms"`
	// A change of an attachment or address shows in instance metadata after
	// this lag, inclusive.
	MetadataLagMS int64 `json:"imds_lag_ms"`
	// The jitter of every back-off is this part of its greatest value.
	BackoffJitterFraction float64 `json:"backoff_jitter_fraction"`
	// Added to each of the two sleeps of the pool loop.
	LoopOverheadNS int64   `json:"loop_overhead_ns"`
	Faults         []Fault `json:"faults"`
	DurationMS     int64   `json:"duration_ms"`
	// A detached interface cannot be deleted for so long.
	DetachSettleMS int64 `json:"detach_settle_ms,omitempty"`
	// Delay of every run of the leaked-interface task; without it the task is off.
	LeakCleanupDelayMS *int64       `json:"leak_cleanup_delay_ms,omitempty"`
	InitialPrimary     *InitialENI  `json:"initial_primary,omitempty"`
	InitialENIs        []InitialENI `json:"initial_enis,omitempty"`
	Events             []Event      `json:"events,omitempty"`
	Workload           []Step       `json:"workload"`
	DocRow             *DocRow      `json:"doc_row,omitempty"`

	// What only recordings of the whole daemon have, from its process to the HTTP
	// requests that it sends.

	// Seed of what EC2 and the SDK draw.
	Seed uint64 `json:"seed,omitempty"`
	// SDKRetries: the client is the SDK's, which sends a request again. Without, a
	// call is one request.
	SDKRetries bool `json:"sdk_retries,omitempty"`
	// DefaultEC2: latencies, lags, choice and token buckets are those of the
	// modelled EC2, not the ones above.
	DefaultEC2 bool `json:"default_ec2,omitempty"`
	// Tenants are others who draw from the account's token buckets.
	Tenants []Tenant `json:"tenants,omitempty"`
	// ENIConfig, if above 0, is the number of the subnet of the Node's ENIConfig.
	ENIConfig int `json:"eniconfig,omitempty"`

	// release is the recorded one.
	release string
}

// Subnet is one subnet in the node's zone; the first is the primary ENI's.
type Subnet struct {
	CIDR string            `json:"cidr"`
	Tags map[string]string `json:"tags,omitempty"`
	// Addresses, or ranges "first-last", that others hold.
	InUse []string `json:"in_use,omitempty"`
	// If above 0, only so many of the lowest addresses are free at the start;
	// the primary ENI's own address is one of them.
	ReservedFreeLimit int `json:"reserved_free_limit,omitempty"`
	// So many more addresses that others hold, anywhere: the seed says which.
	UsedAtRandom int `json:"used_at_random,omitempty"`
}

// InitialENI is what an interface holds at the start.
type InitialENI struct {
	SecondaryIPs int               `json:"secondary_ips,omitempty"`
	Prefixes     int               `json:"prefix_count,omitempty"`
	Subnet       int               `json:"subnet,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

// Fault makes calls of one operation fail with a code: the ones with the
// listed numbers (from 1, per operation), or the ones that start in a window,
// or all.
type Fault struct {
	Op     string `json:"op"`
	Code   string `json:"code"`
	Calls  []int  `json:"calls,omitempty"`
	FromMS *int64 `json:"from_ms,omitempty"`
	ToMS   *int64 `json:"to_ms,omitempty"`
}

// Event is a change by somebody else.
type Event struct {
	AtMS         int64   `json:"t_ms"`
	Kind         string  `json:"kind"`
	Subnet       int     `json:"subnet,omitempty"`
	Count        int     `json:"count,omitempty"` // -1 is all
	ENI          ordinal `json:"eni,omitempty"`
	SecondaryIPs int     `json:"secondary_ips,omitempty"`
	// Of attach_external_eni besides.
	Prefixes int               `json:"prefix_count,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	Value    bool              `json:"value,omitempty"`
	Env      map[string]string `json:"env,omitempty"` // that the restarted process has besides
}

// Tenant is somebody else in the account who sends requests at random times.
type Tenant struct {
	Op     string  `json:"op"`
	PerSec float64 `json:"per_second"`
	FromMS int64   `json:"from_ms"`
	ToMS   int64   `json:"to_ms"`
}

// The kinds of events.
const (
	subnetOccupy      = "subnet_occupy"       // others take the Count highest free addresses
	subnetRelease     = "subnet_release"      // others give back their Count lowest
	attachExternalENI = "attach_external_eni" // with SecondaryIPs or Prefixes, and Tags
	detachExternal    = "detach_external"     // detached and deleted
	unassignExternal  = "unassign_external"   // the Count highest secondary addresses
	assignExternal    = "assign_external"     // Count more secondary addresses
	nodeUnschedulable = "node_unschedulable"  // Value
	metadataFreeze    = "metadata_freeze"     // instance metadata keeps its picture, less the Count youngest interfaces
	metadataThaw      = "metadata_thaw"
	// Restart is a new process of the daemon in place of the one that runs.
	Restart = "restart"
)

// Step is one ADD or DEL; nobody retries it.
type Step struct {
	AtMS int64  `json:"t_ms"`
	Op   string `json:"op"` // add or del
	Pod  string `json:"pod"`
}

// DocRow is the row of upstream's documentation that the scenario plays.
type DocRow struct {
	Table          string `json:"table"`
	Pods           int    `json:"pods"`
	ENIs           int    `json:"enis"`
	SecondaryIPs   int    `json:"secondary_ips,omitempty"`
	UnusedIPs      int    `json:"unused_ips"`
	IPsPerENI      string `json:"ips_per_eni,omitempty"`
	Prefixes       int    `json:"prefixes,omitempty"`
	UnusedPrefixes int    `json:"unused_prefixes,omitempty"`
	PrefixesPerENI string `json:"prefixes_per_eni,omitempty"`
}

// milliseconds is a trace's time as virtual time.
func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// roundToMS is virtual time as a trace's time.
func roundToMS(d time.Duration) int64 { return int64(d.Round(time.Millisecond) / time.Millisecond) }

func (s *Scenario) check() error {
	if s.Name == "" || s.InstanceType == "" || len(s.Subnets) == 0 || s.DurationMS <= 0 {
		return fmt.Errorf("name, instance_type, subnets and duration_ms must be set")
	}
	if err := s.checkNumbers(); err != nil {
		return err
	}
	for i, subnet := range s.Subnets {
		if err := subnet.check(); err != nil {
			return fmt.Errorf("subnets[%d]%w", i, err)
		}
	}
	for i, e := range s.InitialENIs {
		if e.Subnet < 0 || e.Subnet >= len(s.Subnets) {
			return fmt.Errorf("initial_enis[%d]: there is no subnet %d", i, e.Subnet)
		}
	}
	for i, e := range s.Events {
		switch e.Kind {
		case subnetOccupy, subnetRelease, attachExternalENI, detachExternal, unassignExternal, assignExternal, nodeUnschedulable, metadataFreeze, metadataThaw, Restart:
		default:
			return fmt.Errorf("events[%d]: unknown kind %q", i, e.Kind)
		}
		if e.Subnet < 0 || e.Subnet >= len(s.Subnets) {
			return fmt.Errorf("events[%d]: there is no subnet %d", i, e.Subnet)
		}
		if !within(e.AtMS) {
			return fmt.Errorf("events[%d]: t_ms is %d, not 0 to %d", i, e.AtMS, longestReplay.Milliseconds())
		}
	}
	if s.ENIConfig < 0 || s.ENIConfig >= len(s.Subnets) {
		return fmt.Errorf("eniconfig: there is no subnet %d", s.ENIConfig)
	}
	for i, t := range s.Tenants {
		if _, ok := ec2model.ActionByName(t.Op); !ok || !(t.PerSec > 0 && t.PerSec <= mostPerSecond) || !within(t.FromMS) || !within(t.ToMS) {
			return fmt.Errorf("tenants[%d]: an operation, a rate of up to %d a second and two times are wanted", i, mostPerSecond)
		}
	}
	for i, step := range s.Workload {
		if step.Op != "add" && step.Op != "del" {
			return fmt.Errorf("workload[%d]: unknown op %q", i, step.Op)
		}
		if !within(step.AtMS) {
			return fmt.Errorf("workload[%d]: t_ms is %d, not 0 to %d", i, step.AtMS, longestReplay.Milliseconds())
		}
	}
	return nil
}

// within says whether a number of milliseconds is a time of a replay, or a
// length in it.
func within(ms int64) bool { return ms >= 0 && ms <= longestReplay.Milliseconds() }

// widestSubnet is EC2's.
const widestSubnet = 16

// check wants a subnet as EC2 has them, and in it what others hold. Its error goes
// on after the subnet's name.
func (s *Subnet) check() error {
	cidr, err := netip.ParsePrefix(s.CIDR)
	if err != nil {
		return fmt.Errorf(": %w", err)
	}
	if !cidr.Addr().Is4() || cidr.Bits() < widestSubnet {
		return fmt.Errorf(": %s is not an IPv4 block of a /%d at most", s.CIDR, widestSubnet)
	}
	if s.UsedAtRandom < 0 {
		return fmt.Errorf(".used_at_random is %d", s.UsedAtRandom)
	}
	for _, r := range s.InUse {
		first, last, err := parseRange(r)
		if err != nil {
			return fmt.Errorf(".in_use: %w", err)
		}
		if !cidr.Contains(first) || !cidr.Contains(last) {
			return fmt.Errorf(".in_use: %s is not in %s", r, s.CIDR)
		}
	}
	return nil
}

// checkNumbers keeps a replay from going backwards or standing still.
func (s *Scenario) checkNumbers() error {
	switch {
	case !(s.BackoffJitterFraction >= 0 && s.BackoffJitterFraction <= 1):
		return fmt.Errorf("backoff_jitter_fraction is %v, not 0 to 1", s.BackoffJitterFraction)
	case !within(s.LoopOverheadNS/int64(time.Millisecond)) || s.LoopOverheadNS < 0 || !within(s.MetadataLagMS) || !within(s.DetachSettleMS) ||
		s.LeakCleanupDelayMS != nil && !within(*s.LeakCleanupDelayMS):
		return fmt.Errorf("a duration is negative, or more than %s", words.Duration(longestReplay))
	case !within(s.DurationMS):
		return fmt.Errorf("duration_ms is more than %s", words.Duration(longestReplay))
	}
	for _, op := range slices.Sorted(maps.Keys(s.LatencyMS)) {
		if !within(s.LatencyMS[op]) {
			return fmt.Errorf("latency_ms of %s is negative, or more than %s", op, words.Duration(longestReplay))
		}
	}
	enis := s.InitialENIs
	if s.InitialPrimary != nil {
		enis = append([]InitialENI{*s.InitialPrimary}, enis...)
	}
	for _, e := range enis {
		if e.SecondaryIPs < 0 || e.Prefixes < 0 {
			return fmt.Errorf("an initial interface has a negative number of addresses")
		}
	}
	return nil
}

// mostPerSecond bounds the requests of a tenant.
const mostPerSecond = 1000

// longestReplay bounds the virtual time of one trace.
const longestReplay = 30 * 24 * time.Hour

// parseRange reads "first-last" or a single address.
func parseRange(s string) (first, last netip.Addr, err error) {
	a, b, isRange := strings.Cut(s, "-")
	if first, err = netip.ParseAddr(a); err != nil {
		return first, last, err
	}
	if !isRange {
		return first, first, nil
	}
	if last, err = netip.ParseAddr(b); err != nil {
		return first, last, err
	}
	if last.Less(first) {
		return first, last, fmt.Errorf("%s ends before it begins", s)
	}
	return first, last, nil
}
