package clusterimport

import (
	"encoding/json"
	"net/netip"
	"time"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// cooled is an address that a pod has left.
type cooled struct {
	address netip.Addr
	since   time.Duration
}

// introspected is a card's part of ipamd's /v1/enis, as far as it is read.
type introspected struct {
	ENIs map[string]struct {
		AvailableIPv4Cidrs map[string]struct {
			IPAddresses map[string]struct {
				IPAMKey                      struct{ NetworkName string }
				AssignedTime, UnassignedTime time.Time
			}
		}
	}
}

// usualCooldown is how long an address rests unless IP_COOLDOWN_PERIOD says it.
const usualCooldown = 30 * time.Second

// introspection takes what `curl localhost:61679/v1/enis` prints on a node: which
// addresses pods have left within the cooldown. It does not say its own time: the
// latest in it stands for that.
func (f *file) introspection(text []byte) error {
	cards := map[string]introspected{}
	var one introspected
	if err := json.Unmarshal(text, &cards); err != nil || len(cards["0"].ENIs) == 0 {
		if err := json.Unmarshal(text, &one); err != nil {
			return &input.Error{Message: "/v1/enis of ipamd that cannot be read: " + err.Error()}
		}
		cards = map[string]introspected{"0": one}
	}
	var now time.Time
	each := func(visit func(eni string, addr netip.Addr, assigned, left time.Time, free bool)) {
		for _, card := range sorted(cards) {
			for _, eni := range sorted(cards[card].ENIs) {
				for _, c := range cards[card].ENIs[eni].AvailableIPv4Cidrs { // any order: what is found is sorted below
					for text, a := range c.IPAddresses { // any order: likewise
						if addr, err := netip.ParseAddr(text); err == nil {
							visit(eni, addr, a.AssignedTime, a.UnassignedTime, a.IPAMKey.NetworkName == "")
						}
					}
				}
			}
		}
	}
	each(func(_ string, _ netip.Addr, assigned, left time.Time, _ bool) {
		for _, t := range []time.Time{assigned, left} {
			if t.After(now) {
				now = t
			}
		}
	})
	found := 0
	each(func(eni string, addr netip.Addr, _, left time.Time, free bool) {
		if since := now.Sub(left); free && !left.IsZero() && since < usualCooldown {
			if f.cooling == nil {
				f.cooling = map[string][]cooled{}
			}
			f.cooling[eni] = append(f.cooling[eni], cooled{addr, since.Truncate(time.Second)})
			found++
		}
	})
	f.takenFor = "/v1/enis of one ipamd"
	f.took = append(f.took, words.Plural(found, "address")+" in cooldown")
	return nil
}
