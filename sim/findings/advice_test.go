package findings

import (
	"slices"
	"testing"

	"ipamsim/sim/result"
)

// A cause without advice would leave its reader alone, one with two would be
// told both to restart ipamd and not to.
func TestEveryCauseOfASilentDropHasOneAdvice(t *testing.T) {
	for _, c := range result.NetworkCauses {
		n := 0
		for _, a := range silentDropAdvice {
			if a.where != "" && slices.Contains(a.causes, c.Kind) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d", c.Kind, n)
		}
	}
}
