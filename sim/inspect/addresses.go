package inspect

import (
	"context"
	"fmt"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// mapSchema is the version of AddressMaps' JSON.
const mapSchema = "ipamsim.map/v1"

// AddressMaps are who holds each address of the subnets at some moments of one
// run.
type AddressMaps struct {
	Head                 // its moment is the last
	Moments []AddressMap `json:"moments"`
}

// AddressMap is one moment.
type AddressMap struct {
	AtSeconds float64            `json:"at_seconds"`
	Subnets   []result.SubnetMap `json:"subnets"`
}

// Addresses runs a variant and looks at its addresses at moments, which ascend.
func Addresses(ctx context.Context, v scenarios.Expanded, replication int, moments []time.Duration, opts Options) (*AddressMaps, error) {
	w, err := fleet.New(v, fleet.Options{Replication: replication - 1, TickIdle: opts.TickIdle})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	last := moments[len(moments)-1]
	m := &Snapshot{
		Version: opts.Version, Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: replication, Seed: v.Scenario.Seed, At: last, Fleet: w,
	}
	out := &AddressMaps{Head: m.head(mapSchema)}
	look := func(at time.Duration) {
		out.Moments = append(out.Moments, AddressMap{at.Seconds(), w.Measured.Addresses()})
	}
	for _, at := range moments[:len(moments)-1] {
		w.Kernel.AtPriority(w.WarmUp+at, des.Late, func() { look(at) })
	}
	if err := w.Run(ctx, w.WarmUp+last, fleet.NewTally(1, opts.Progress)); err != nil {
		return nil, err
	}
	look(last)
	return out, nil
}
