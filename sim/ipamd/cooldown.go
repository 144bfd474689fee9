package ipamd

import (
	"cmp"
	"slices"
	"time"
)

// chilled is an address in cooldown.
type chilled struct {
	since   time.Duration
	eni     *eni
	address ip
}

// cool begins an address's cooldown. Those of a checkpoint come in any order.
func (s *store) cool(e *eni, a ip, since time.Duration) {
	i, _ := slices.BinarySearchFunc(s.cooling, since, func(c chilled, t time.Duration) int {
		return cmp.Or(cmp.Compare(c.since, t), -1) // after its equals
	})
	s.cooling = slices.Insert(s.cooling, i, chilled{since, e, a})
	e.chill(e.holder(a), 1)
}

// expire ends the cooldowns that are over: an address cools up to and
// including the last instant of the period.
func (s *store) expire(now time.Duration) {
	over := 0
	for over < len(s.cooling) && now-s.cooling[over].since > s.config.Cooldown {
		c := s.cooling[over]
		c.eni.chill(c.eni.holder(c.address), -1)
		over++
	}
	s.cooling = slices.Delete(s.cooling, 0, over)
}

// Thaws is the first instant at which an address no longer cools down that
// does now; there must be one.
func (d *Daemon) Thaws() time.Duration { return d.store.cooling[0].since + d.Cooldown + 1 }

// warm ends the cooldowns in a CIDR that goes.
func (s *store) warm(e *eni, c *cidr) {
	if c.cooling == 0 {
		return
	}
	s.cooling = slices.DeleteFunc(s.cooling, func(x chilled) bool { return x.eni == e && c.contains(x.address) })
	e.chill(c, -int(c.cooling))
}

// chill counts addresses that begin or end to cool.
func (e *eni) chill(c *cidr, addresses int) {
	c.cooling = uint8(int(c.cooling) + addresses)
	e.counts[c.kind].cooling += int32(addresses)
}

// coolsUntil is the first instant at which none of an interface's addresses
// cools any more; never when none does.
func (s *store) coolsUntil(e *eni) time.Duration {
	for _, c := range slices.Backward(s.cooling) {
		if c.eni == e {
			return c.since + s.config.Cooldown + 1
		}
	}
	return never
}

// cooling is true up to and including the period's last instant.
func (r *record) cooling(now, period time.Duration) bool {
	return r.key == "" && r.freed && now-r.freedAt <= period
}
