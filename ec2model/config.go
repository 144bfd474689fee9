package ec2model

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Config describes an account before anything happens in it.
type Config struct {
	VPCID   string         // vpc-00000000000000001 when empty
	CIDRs   []netip.Prefix // of the VPC
	Subnets []SubnetConfig
	Quotas  Quotas // zero fields take the documented defaults
	Profile Profile
	Types   Catalogue // instance types besides the published ones

	// ThrottleFrom is when the token buckets begin to count. Before it they
	// are full: what happens then prepares a run and is not part of it.
	ThrottleFrom time.Duration

	// Trace, when set, receives every completed request as words that depend
	// on nothing but what happened, for a fingerprint of the run. It must not
	// keep the slice.
	Trace func(words ...uint64)
}

// Quotas are the adjustable limits of the account and the VPC.
type Quotas struct {
	NetworkInterfaces int // per Region, available and attached
	NAU               int // Network Address Usage units per VPC
}

// SubnetConfig describes a subnet.
type SubnetConfig struct {
	Name         string
	CIDR         netip.Prefix // /16 to /28
	AZ           string
	Used         []UsedAddresses
	Existing     []netip.Prefix // addresses by name of the instances that Restore makes: nobody else is given them
	Blocks       int            // /28 prefixes that those have besides: they are chosen before others hold single addresses
	Reservations []Reservation
	Tags         []types.Tag
}

// Pattern is how addresses that others use lie in a subnet.
type Pattern string

// The patterns of used addresses.
const (
	Scattered  Pattern = "random"     // uniformly over the subnet
	Contiguous Pattern = "contiguous" // the lowest that are free
	Highest    Pattern = "highest"    // the highest that are free
)

// UsedAddresses are addresses that others hold from the start: a count in a
// pattern, and explicit blocks. Of explicit blocks, addresses that AWS keeps
// or that are already used are passed over.
type UsedAddresses struct {
	Holder   string // who they are, for who counts them; may be empty
	Count    int
	Pattern  Pattern // Scattered when empty
	Explicit []netip.Prefix
}

// unnamed are others of whom nothing is said.
const unnamed = "other"

// ReservationType is what a CIDR reservation is for.
type ReservationType string

// The types of CIDR reservations.
const (
	ReservePrefix   ReservationType = "prefix"   // automatic prefixes come from here first
	ReserveExplicit ReservationType = "explicit" // never chosen automatically
)

// Reservation is a subnet CIDR reservation. It evicts nobody.
type Reservation struct {
	CIDR netip.Prefix
	Type ReservationType
}

func (c *Config) validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: "+format, args...))
	}
	for i, cidr := range c.CIDRs {
		if !isBlock(cidr) {
			problem("VPC block %v is not an IPv4 block of /16 to /28", cidr)
		}
		for _, other := range c.CIDRs[:i] {
			if cidr.Overlaps(other) {
				problem("VPC blocks %v and %v overlap", other, cidr)
			}
		}
	}
	if len(c.Subnets) == 0 {
		problem("the VPC has no subnet")
	}
	for i, s := range c.Subnets {
		if !isBlock(s.CIDR) {
			problem("subnet %s: %v is not an IPv4 block of /16 to /28", s.Name, s.CIDR)
			continue
		}
		inside := func(vpc netip.Prefix) bool { return contains(vpc, s.CIDR) }
		if !slices.ContainsFunc(c.CIDRs, inside) {
			problem("subnet %s: %v lies in no block of the VPC", s.Name, s.CIDR)
		}
		for _, other := range c.Subnets[:i] {
			if s.Name == other.Name {
				problem("two subnets are named %s", s.Name)
			}
			if s.CIDR.Overlaps(other.CIDR) {
				problem("subnets %s (%v) and %s (%v) overlap", other.Name, other.CIDR, s.Name, s.CIDR)
			}
		}
		problems = append(problems, s.validate()...)
	}
	if c.Quotas.NetworkInterfaces < 0 || c.Quotas.NAU < 0 {
		problem("a quota is negative")
	}
	if err := c.Profile.validate(); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (s *SubnetConfig) validate() (problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: subnet %s: %w", s.Name, fmt.Errorf(format, args...)))
	}
	for i, r := range s.Reservations {
		switch {
		case !r.CIDR.IsValid() || r.CIDR.Masked() != r.CIDR || !contains(s.CIDR, r.CIDR):
			problem("reservation %v is not a block inside %v", r.CIDR, s.CIDR)
		case r.Type != ReservePrefix && r.Type != ReserveExplicit:
			problem("reservation %v has the unknown type %q", r.CIDR, r.Type)
		case r.Type == ReservePrefix && r.CIDR.Bits() > prefixLength:
			problem("reservation %v is too small for a /%d prefix", r.CIDR, prefixLength)
		}
		for _, other := range s.Reservations[:i] {
			if r.CIDR.Overlaps(other.CIDR) {
				problem("reservations %v and %v overlap", other.CIDR, r.CIDR)
			}
		}
	}
	for _, p := range s.Existing {
		if !p.IsValid() || p.Masked() != p || !contains(s.CIDR, p) {
			problem("%v of an existing interface is not inside %v", p, s.CIDR)
		}
	}
	for _, used := range s.Used {
		if used.Count < 0 {
			problem("%d used addresses", used.Count)
		}
		if !slices.Contains([]Pattern{"", Scattered, Contiguous, Highest}, used.Pattern) {
			problem("used addresses have the unknown pattern %q", used.Pattern)
		}
		for _, p := range used.Explicit {
			if !p.IsValid() || !contains(s.CIDR, p) {
				problem("used block %v is not inside %v", p, s.CIDR)
			}
		}
	}
	return problems
}

func isBlock(p netip.Prefix) bool {
	return p.IsValid() && p.Addr().Is4() && p.Masked() == p && p.Bits() >= largestSubnet && p.Bits() <= smallestSubnet
}

func contains(outer, inner netip.Prefix) bool {
	return inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())
}
