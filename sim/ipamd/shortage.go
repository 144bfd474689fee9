package ipamd

import "slices"

// Shortage is why AddNetwork had no address to give.
type Shortage uint8

// The reasons, from the most to the least specific.
const (
	Cooling    Shortage = iota // the pool counts addresses as available, but all of them cool down
	Cordoned                   // the node must not grow its pool
	SubnetFull                 // EC2 had no free address
	NoBlock                    // EC2 had no free /28
	Throttled                  // EC2 rejects calls for their rate
	APIError                   // EC2 rejects calls for another reason
	NodeFull                   // every interface that the node may have is full
	Refilling                  // the pool is being refilled, or will be at the next pass
)

// String is the reason as results call it.
func (s Shortage) String() string {
	return [...]string{"cooling", "cordoned", "subnet_full", "no_block", "throttled", "api_error", "node_full", "refilling"}[s]
}

// Shortage explains an empty pool. It is for reports: nothing depends on it.
func (d *Daemon) Shortage() Shortage {
	s := d.Stats()
	switch {
	case s.Available() > 0:
		return Cooling
	case !d.attachAllowed():
		return Cordoned
	case d.lastFailure != "":
		return d.shortageOf(d.lastFailure)
	case !slices.ContainsFunc(d.store.enis, d.takesMore) && !d.roomForENI():
		return NodeFull
	case d.since(d.lastInsufficient) <= insufficientPause:
		return d.shortageOf(codeNoAddresses)
	}
	return Refilling
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
}

func (d *Daemon) grew() { d.lastFailure = "" }
