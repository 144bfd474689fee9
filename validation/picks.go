package validation

import (
	"fmt"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// Picks is the order in which a replay's daemon walks what the real one keeps
// in maps.
type Picks struct {
	order string
	seed  int
}

// The two orders in which the real daemon was recorded too.
var (
	Ascending  = Picks{order: "ascending"}
	Descending = Picks{order: "descending"}
)

// RandomPicks are uniform and depend on the seed alone.
func RandomPicks(seed int) Picks { return Picks{order: "random", seed: seed} }

func (p Picks) String() string {
	if p.order == "random" {
		return fmt.Sprintf("random (seed %d)", p.seed)
	}
	return p.order
}

func (p Picks) picker(k *des.Kernel) ipamd.Picker {
	switch p {
	case Ascending:
		return ipamd.Ascending{}
	case Descending:
		return ipamd.Descending{}
	}
	return ipamd.Random{Source: k.Rand("validation/picks")}
}
