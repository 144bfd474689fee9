package validation

import (
	"fmt"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// picks is the order in which a replay's daemon walks what the real one keeps
// in maps.
type picks struct {
	order  string
	seed   int
	chosen *choices // in place of an order, if they are there
}

// The two orders in which the real daemon was recorded too.
var (
	ascending  = picks{order: "ascending"}
	descending = picks{order: "descending"}
)

// randomPicks are uniform and depend on the seed alone.
func randomPicks(seed int) picks { return picks{order: "random", seed: seed} }

func (p picks) String() string {
	if p.chosen != nil {
		return "chosen"
	}
	if p.order == "random" {
		return fmt.Sprintf("random (seed %d)", p.seed)
	}
	return p.order
}

func (p picks) picker() ipamd.Picker {
	if p.chosen != nil {
		return p.chosen
	}
	switch p {
	case ascending:
		return ipamd.Ascending{}
	case descending:
		return ipamd.Descending{}
	}
	return ipamd.Random{Source: des.New(uint64(p.seed), 0, des.Limits{}).Rand("validation/picks")}
}
