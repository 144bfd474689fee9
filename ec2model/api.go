package ec2model

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Scheduler is the clock that an account lives on and the source of its
// random streams. The kernel of the simulation is one.
type Scheduler interface {
	Now() time.Duration
	At(t time.Duration, fn func())
	After(d time.Duration, fn func())
	Rand(name string) *rand.Rand
}

// Every action takes a caller, an input and a function that receives the
// outcome, exactly once, when the call's latency is over. The effect and the
// error happen at that instant. One call is one HTTP request: retries are the
// client's business. Errors are *Error with EC2's code.
//
// A call returns the latest moment at which it will have been answered. Real
// callers cannot know it; one who waits only so long need not set a timer.

// Caller identifies who sends a request, for the books: an instance ID, or
// the name of a controller or tenant.
type Caller string

// CreateNetworkInterfaceInput asks for an interface with its addresses.
type CreateNetworkInterfaceInput struct {
	SubnetID                       string
	Description                    string
	Address                        netip.Addr     // the primary one; EC2 chooses unless it is valid
	Addresses                      []netip.Addr   // secondary ones by name, in place of a count
	Prefixes                       []netip.Prefix // /28 prefixes by name, likewise
	SecondaryPrivateIPAddressCount int
	IPv4PrefixCount                int
	Groups                         []string // IDs of security groups; the VPC's default one when empty
	Tags                           []types.Tag
}

// AttachNetworkInterfaceInput asks for a place on an instance.
type AttachNetworkInterfaceInput struct {
	NetworkInterfaceID string
	InstanceID         string
	DeviceIndex        int
	NetworkCardIndex   int
}

// DetachNetworkInterfaceInput names an attachment.
type DetachNetworkInterfaceInput struct {
	AttachmentID string
}

// ModifyNetworkInterfaceAttributeInput sets one attribute: security groups,
// or DeleteOnTermination of an attachment.
type ModifyNetworkInterfaceAttributeInput struct {
	NetworkInterfaceID  string
	AttachmentID        string
	DeleteOnTermination *bool
	Groups              []string
}

// AssignPrivateIPAddressesInput asks for secondary addresses or for /28
// prefixes, one of the two, by count or by name.
type AssignPrivateIPAddressesInput struct {
	NetworkInterfaceID             string
	Addresses                      []netip.Addr
	Prefixes                       []netip.Prefix
	SecondaryPrivateIPAddressCount int
	IPv4PrefixCount                int
}

// AssignPrivateIPAddressesOutput is what was assigned.
type AssignPrivateIPAddressesOutput struct {
	Addresses []netip.Addr
	Prefixes  []netip.Prefix
}

// UnassignPrivateIPAddressesInput gives addresses or prefixes back.
type UnassignPrivateIPAddressesInput struct {
	NetworkInterfaceID string
	PrivateIPAddresses []netip.Addr
	IPv4Prefixes       []netip.Prefix
}

// DescribeNetworkInterfacesInput selects by ID, or by filter.
type DescribeNetworkInterfacesInput struct {
	NetworkInterfaceIDs []string
	Filters             []types.Filter // tag:NAME and those of knownFilters
	NextToken           string
	MaxResults          int // page size; 0 is unpaged
}

// DescribeNetworkInterfacesOutput is one page.
type DescribeNetworkInterfacesOutput struct {
	NetworkInterfaces []*types.NetworkInterface
	NextToken         string
}

// RunInstancesInput asks for Count equal instances in one subnet, or for as
// many as there is room for down to MinCount; 0 is all or none.
type RunInstancesInput struct {
	InstanceType string
	SubnetID     string
	MinCount     int
	Count        int
	Spot         bool
	Tags         []types.Tag
	Keep         bool // the first interface is not DeleteOnTermination
	Addresses    int  // secondary ones of the first interface,
	Prefixes     int  // or /28 prefixes
}

// CreateFleetInput asks for Count instances of the given pools, as an instant
// fleet does: it may deliver fewer and says why.
type CreateFleetInput struct {
	Pools []Pool // of types in the order of their price, the cheapest first; at most one subnet per zone is usual
	Count int
	Spot  bool
	Tags  []types.Tag
	Keep  bool // the first interface is not DeleteOnTermination
}

// Pool is an instance type in a subnet: a fleet's override.
type Pool struct{ InstanceType, SubnetID string }

// CreateFleetOutput lists the instances that were launched, and each pool that
// refused one, whether or not another took it.
type CreateFleetOutput struct {
	InstanceIDs []string
	Errors      []FleetError
}

// FleetError is why a fleet launched no more of a pool.
type FleetError struct {
	Pool
	Err *Error
}

// InterfaceMetadata is what instance metadata lists about one interface.
type InterfaceMetadata struct {
	ID           string
	MAC          string
	DeviceIndex  int
	NetworkCard  int
	Primary      bool
	SubnetID     string
	SubnetCIDR   netip.Prefix
	PrivateIPs   []netip.Addr // primary address first; an EFA-only interface has none
	IPv4Prefixes []netip.Prefix
}
