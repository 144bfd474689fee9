package ec2model

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/internal/portable"
)

// Account is one AWS account in one Region with one VPC. It lives on one
// goroutine, that of its Scheduler. See NewAccount.
type Account struct {
	clock   Scheduler
	profile Profile
	quotas  Quotas
	vpcID   string
	cidrs   []netip.Prefix

	subnets      []*subnet // in the order of the configuration
	byAddress    []*subnet // in that of their addresses
	firsts       []uint32  // their first addresses, likewise
	subnetByID   map[string]*subnet
	subnetByName map[string]*subnet
	enis         []*eni      // by number; nil once deleted, and for 0
	loose        []*eni      // those that are attached to nothing, by number
	instances    []*instance // by number; nil once terminated, and for 0
	others       []string    // who hold addresses and are not of the fleet, by number
	attachments  []holder    // by number: who is attached, nobody once it has ended, and for 0
	types        Catalogue
	mostSlots    int // of any type
	kinds        map[string]*kind
	groups       *[]string           // the VPC's default security group
	interfaces   int                 // existing
	peak         int                 // most of them since the last ResetExtremes
	total        total               // addresses that anybody holds
	running      int                 // instances
	nau          int                 // Network Address Usage units
	reservations int                 // CIDR reservations so far
	listing      []InterfaceMetadata // scratch for Metadata

	buckets      [actionCount]buckets
	throttleFrom time.Duration
	streams      [actionCount]streams
	tenants      [actionCount]int // background callers so far
	lags         struct{ iface, addresses, detach, shutdown *rand.Rand }
	zoneChoice   *rand.Rand // of fleets
	spotChoice   *rand.Rand // of fleets on spot
	shortages    []*Shortage
	fault        func(Caller, Action, time.Duration) *Error
	slowdown     func(Caller, Action, time.Duration, time.Duration) time.Duration
	lagSlowdown  func(string, time.Duration) time.Duration
	observers    []func(Attempt)
	subjects     bool // attempts have theirs
	starters     []func(Caller, Action)
	departures   func(*types.Instance, bool)
	trace        func(words ...uint64)
	words        []uint64 // scratch for trace
	digest       uint64   // of every change of the books
	audit        *audit   // nil unless somebody checks the changes
}

// Usage is what counts against the quotas.
type Usage struct {
	NetworkInterfaces int // that exist
	NAU               int // Network Address Usage units of attached interfaces
	Instances         int
}

// NewAccount builds an account on a clock. Addresses that others use are
// taken at once. All problems of the configuration are reported together.
func NewAccount(clock Scheduler, cfg Config) (*Account, error) {
	if cfg.VPCID == "" {
		cfg.VPCID = fmt.Sprintf("vpc-%017x", 1)
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Quotas.NetworkInterfaces == 0 {
		cfg.Quotas.NetworkInterfaces = portable.Int(number("quota.networkInterfaces"))
	}
	if cfg.Quotas.NAU == 0 {
		cfg.Quotas.NAU = portable.Int(number("quota.nau"))
	}
	a := &Account{
		clock: clock, profile: cfg.Profile, quotas: cfg.Quotas, vpcID: cfg.VPCID, cidrs: cfg.CIDRs, trace: cfg.Trace, throttleFrom: cfg.ThrottleFrom,
		subnetByID:   make(map[string]*subnet),
		subnetByName: make(map[string]*subnet),
		enis:         make([]*eni, 1),
		instances:    make([]*instance, 1),
		attachments:  make([]holder, 1),
		others:       []string{unnamed},
		types:        cfg.Types,
		mostSlots:    cfg.Types.mostSlots(),
		kinds:        make(map[string]*kind),
		zoneChoice:   clock.Rand("ec2/fleet/zone"),
		spotChoice:   clock.Rand("ec2/fleet/spot"),
	}
	a.groups = &[]string{a.SecurityGroupID()}
	a.openDoor()
	for i, sc := range cfg.Subnets {
		s := newSubnet(sc, fmt.Sprintf("subnet-%017x", i+1), clock.Rand("ec2/allocation/"+sc.Name), &a.total)
		a.subnets = append(a.subnets, s)
		a.subnetByID[s.id], a.subnetByName[s.name] = s, s
		for _, r := range sc.Reservations {
			a.reservations++
			s.reservations = append(s.reservations, reserved{id: idOf(reservationKind, a.reservations), Reservation: r})
		}
		if taken, ok := s.keep(sc.Existing); !ok { // before those of others, which could be anywhere
			return nil, fmt.Errorf("ec2model: subnet %s: %v is wanted by two, or is one that AWS keeps", s.name, taken)
		}
		if err := a.occupyFromStart(s, sc.Used, sc.Blocks); err != nil {
			return nil, err
		}
		s.resetExtremes()
	}
	a.byAddress = slices.SortedFunc(slices.Values(a.subnets), func(s, t *subnet) int { return cmp.Compare(s.base, t.base) })
	for _, s := range a.byAddress {
		a.firsts = append(a.firsts, s.base)
	}
	return a, nil
}

// occupyFromStart lets others take what the configuration says. Explicit
// blocks go first, so that counts do not collide with them.
func (a *Account) occupyFromStart(s *subnet, used []UsedAddresses, blocks int) error {
	for _, u := range used {
		for _, p := range u.Explicit {
			s.occupyExactly(p, a.whoIs(u.Holder))
		}
	}
	if !s.keepBlocks(blocks, a.profile.Prefixes) {
		return fmt.Errorf("ec2model: subnet %s: instances hold %d prefixes, and not so many /%d blocks are free of addresses by name", s.name, blocks, prefixLength)
	}
	stream := a.clock.Rand("ec2/used/" + s.name)
	for _, u := range used {
		if got := s.occupy(u.Count, a.whoIs(u.Holder), u.Pattern, stream.Perm); got < u.Count {
			return fmt.Errorf("ec2model: subnet %s: %d addresses are to be used by others, but only %d are free", s.name, u.Count, got)
		}
	}
	return nil
}

// whoIs is the number of others by their name.
func (a *Account) whoIs(name string) int {
	if name == "" {
		return 0
	}
	if i := slices.Index(a.others, name); i >= 0 {
		return i
	}
	a.others = append(a.others, name)
	return len(a.others) - 1
}

// VPCID is the ID of the account's VPC.
func (a *Account) VPCID() string { return a.vpcID }

// VPCCIDRs are the blocks of the VPC. The list is shared: do not modify it.
func (a *Account) VPCCIDRs() []netip.Prefix { return a.cidrs }

// SecurityGroupID is the VPC's default security group.
func (a *Account) SecurityGroupID() string { return securityGroupID }

var securityGroupID = idOf("sg-", 1)

// SubnetID finds a subnet's ID by its name in the configuration.
func (a *Account) SubnetID(name string) (string, bool) {
	if s, ok := a.subnetByName[name]; ok {
		return s.id, true
	}
	return "", false
}

// Usage counts what the quotas limit.
func (a *Account) Usage() Usage {
	return Usage{NetworkInterfaces: a.interfaces, NAU: a.nau, Instances: a.running}
}

// HeldPeak is the most addresses that anybody held at once in all subnets since
// the last ResetExtremes.
func (a *Account) HeldPeak() int { return a.total.peak }

// InterfacesPeak is the most interfaces that existed at once since the last
// ResetExtremes.
func (a *Account) InterfacesPeak() int { return a.peak }

// mark takes a change of the books into the digest that traces carry.
func (a *Account) mark(words ...uint64) {
	for _, w := range words {
		a.digest = (a.digest ^ w) * 0x100000001b3
		a.digest ^= a.digest >> 29
	}
}

func (a *Account) subnetOf(id string) (*subnet, *Error) {
	if s, ok := a.subnetByID[id]; ok {
		return s, nil
	}
	return nil, reject(CodeSubnetNotFound, "the subnet '%s' does not exist", id)
}

func (a *Account) interfaceOf(id string) (*eni, *Error) {
	if e := a.eni(id); e != nil {
		return e, nil
	}
	return nil, interfaceNotFound(id)
}

func (a *Account) instanceOf(id string) (*instance, *Error) {
	if i := a.instance(id); i != nil {
		return i, nil
	}
	return nil, instanceNotFound(id)
}

// Types are the instance types that the account knows besides the published ones.
func (a *Account) Types() Catalogue { return a.types }
