package findings

import (
	"slices"
	"testing"

	"ipamsim/sim/result"
)

// A cause without advice would leave its reader alone, one with two would be
// told both to restart ipamd and not to.
func TestEveryCauseHasOneAdvice(t *testing.T) {
	for mode, list := range map[result.Mode][]advice{result.ModeSilentDrop: silentDropAdvice, result.ModeLostAddresses: lostAddressAdvice} {
		for _, c := range result.NetworkCauses {
			n := 0
			for _, a := range list {
				if a.where != "" && slices.Contains(a.causes, c.Kind) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s has %d", mode, c.Kind, n)
			}
		}
	}
}
