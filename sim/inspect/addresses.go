package inspect

import (
	"context"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
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
	last := moments[len(moments)-1]
	m, err := prepare(v, When{replication, last}, opts)
	if err != nil {
		return nil, err
	}
	w, out := m.Fleet, &AddressMaps{Head: m.head(mapSchema)}
	look := func(at time.Duration) {
		out.Moments = append(out.Moments, AddressMap{at.Seconds(), w.Measured.Addresses()})
	}
	for _, at := range moments[:len(moments)-1] {
		w.Kernel.AtPriority(w.WarmUp+at, des.Late, func() { look(at) })
	}
	if err := m.run(ctx, opts); err != nil {
		return nil, err
	}
	look(last)
	return out, nil
}
