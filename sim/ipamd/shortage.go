package ipamd

import (
	"errors"
	"slices"
)

// Shortage is why AddNetwork had no address to give.
type Shortage uint8

// The reasons, from the most to the least specific.
const (
	Cooling     Shortage = iota // the pool counts addresses as available, but all of them cool down
	CoolingFull                 // likewise, and the node may hold no more: no setting of the pool would add any
	Cordoned                    // the node must not grow its pool
	InVain                      // the pool waits for an interface that it has deleted again
	SubnetFull                  // EC2 had no free address
	NoBlock                     // EC2 had no free /28
	Throttled                   // EC2 rejects calls for their rate
	APIError                    // EC2 rejects calls for another reason
	NoSubnet                    // no subnet may be used for a new interface, and the others are full
	NodeFull                    // every interface that the node may have is full
	TargetsMet                  // the pool holds what its targets ask for, all of it on pods
	Refilling                   // the pool is being refilled, or will be at the next pass
)

// String is the reason as results call it.
func (s Shortage) String() string {
	return [...]string{
		"cooling", "cooling_full", "cordoned", "in_vain", "subnet_full", "no_block", "throttled", "api_error", "no_subnet", "node_full", "targets_met", "refilling",
	}[s]
}

// Shortage explains an empty pool. It is for reports: nothing depends on it.
func (d *Daemon) Shortage() Shortage {
	t := d.targets()
	switch s := d.Stats(); {
	case s.Available() > 0 && (d.full() || s.Total >= t.MaxPods):
		return CoolingFull
	case s.Available() > 0:
		return Cooling
	case !t.TooLow(d.compared()): // a cordon or an error changes nothing: the pool would not grow anyway
		return TargetsMet
	case !d.attachAllowed():
		return Cordoned
	case d.inVain:
		return InVain
	case d.full():
		return NodeFull
	case d.lastFailure != "":
		return d.shortageOf(d.lastFailure)
	case d.noSubnet || d.CustomNetworking && d.host.ENIConfigSubnetID == "":
		return NoSubnet
	case d.since(d.lastInsufficient) <= insufficientPause:
		return d.shortageOf(codeNoAddresses)
	}
	return Refilling
}

// full says whether the node may hold no more: its interfaces have no room,
// and it may have no other.
func (d *Daemon) full() bool {
	return !slices.ContainsFunc(d.store.enis, d.takesMore) && !d.roomForENI()
}

func (d *Daemon) shortageOf(code string) Shortage {
	switch code {
	case codeNoAddresses:
		return SubnetFull
	case codeNoCIDRBlocks:
		return NoBlock
	case "InvalidParameterValue":
		if d.PrefixDelegation {
			return NoBlock // what CreateNetworkInterface says when there is none
		}
	case "RequestLimitExceeded":
		return Throttled
	}
	return APIError
}

// failed and grew keep what Shortage tells.
func (d *Daemon) failed(err error) {
	if c := code(err); c != "" {
		d.lastFailure = c
	}
	var none noSubnetError
	d.noSubnet = errors.As(err, &none)
}

// noSubnetError says that the settings and tags leave no subnet for a new
// interface, in the real daemon's words.
type noSubnetError string

func (e noSubnetError) Error() string { return string(e) }

func (d *Daemon) grew() { d.lastFailure, d.noSubnet = "", false }
