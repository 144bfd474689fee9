package oracle

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/ipamd"
)

// sequence is a book's life: how it is set up, what is done to it, and two
// questions that are asked of every interface after each operation.
type sequence struct {
	prefixes bool   // prefix delegation, until a restart
	cooldown string // IP_COOLDOWN_PERIOD
	steps    []step

	targets ipamd.Targets // which interfaces are deletable under them?
	slots   int           // which take more CIDRs if each has so many slots?
	custom  bool          // and under custom networking?
}

// GoString is short: what a sequence did is in the transcript of a failure.
func (s sequence) GoString() string { return fmt.Sprintf("%d steps", len(s.steps)) }

// period is the cooldown as the real daemon reads it.
func period(cooldown string) time.Duration {
	if n, err := strconv.Atoi(cooldown); err == nil {
		return time.Duration(n) * time.Second
	}
	return 30 * time.Second
}

type kind string

const (
	assign       kind = "assign"        // n new sandboxes, or as many as get an address and one
	again        kind = "assign again"  // the n-th sandbox that has an address
	unassign     kind = "unassign"      // n sandboxes, from the block-th on
	unknown      kind = "unknown"       // unassign one that never was
	wait         kind = "wait"          // for a while
	boundary     kind = "boundary"      // until around the n-th moment at which something expires
	attach       kind = "attach"        // an interface, the first one is primary
	detach       kind = "detach"        // an interface
	add          kind = "add"           // n CIDRs, from the block-th on
	drop         kind = "drop"          // a CIDR
	exclude      kind = "exclude"       // an interface, or no longer
	removeUnused kind = "remove unused" // an interface, under targets
	restart      kind = "restart"       // in either mode, perhaps without one interface
)

// kinds by weight. The simplest comes first: rapid shrinks towards it.
var kinds = slices.Concat(
	slices.Repeat([]kind{assign, unassign}, 12), []kind{detach, again, unknown, restart},
	slices.Repeat([]kind{boundary}, 8), slices.Repeat([]kind{wait}, 6), slices.Repeat([]kind{add}, 5),
	slices.Repeat([]kind{drop, attach}, 4), slices.Repeat([]kind{exclude}, 3), slices.Repeat([]kind{removeUnused}, 5),
)

// step is one operation; a kind uses the fields that it needs.
type step struct {
	kind    kind
	eni     int
	n       int
	block   int
	prefix  bool // a prefix, not an address; for restart: the mode from now on
	on      bool // forced; excluded; for restart: the interface is lost
	wait    time.Duration
	targets ipamd.Targets
}

const (
	interfaces = 5 // that may be attached
	addresses  = 8 // that one may hold, and
	blocks     = 4 // prefixes
)

func eniID(i int) string { return fmt.Sprintf("eni-%d", i) }

// blockOf names the CIDRs of an interface. The last ones belong to the next
// interface: the same CIDR may be entered on two.
func blockOf(eni, i int, prefix bool) netip.Prefix {
	n := addresses
	if prefix {
		n = blocks
	}
	if i %= n + 1; i == n {
		eni, i = (eni+1)%interfaces, 0
	}
	if prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(eni), byte(16 * i)}), 28)
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(eni), byte(128 + i)}), 32)
}

func sequences() *rapid.Generator[sequence] {
	return rapid.Custom(func(t *rapid.T) sequence {
		s := sequence{
			prefixes: rapid.Bool().Draw(t, "prefixes"),
			cooldown: rapid.SampledFrom([]string{"30", "10", "0", "30", "10", "0", "-5", "soon"}).Draw(t, "IP_COOLDOWN_PERIOD"),
			targets:  targets().Draw(t, "targets"),
			slots:    rapid.IntRange(0, addresses+blocks).Draw(t, "slots"),
			custom:   rapid.Bool().Draw(t, "custom"),
		}
		for i := range rapid.IntRange(1, interfaces).Draw(t, "interfaces") {
			s.steps = append(s.steps, step{kind: attach, eni: i})
			n := rapid.IntRange(0, 4).Draw(t, "CIDRs")
			s.steps = append(s.steps, step{kind: add, eni: i, n: n, prefix: s.prefixes})
		}
		for range 8 { // one slice would be shorter, and one with a least length would not shrink
			s.steps = append(s.steps, rapid.SliceOf(steps(s.prefixes)).Draw(t, "steps")...)
		}
		return s
	})
}

func steps(prefixes bool) *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step {
		s := step{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		switch s.kind {
		case assign:
			s.n = rapid.SampledFrom([]int{1, 2, 3, 5, 16}).Draw(t, "n")
		case again, boundary:
			s.n = rapid.IntRange(0, 9).Draw(t, "n")
			s.wait = time.Duration(rapid.IntRange(-1, 1).Draw(t, "off"))
		case unassign:
			s.n = rapid.SampledFrom([]int{1, 2, 3, 5, 16}).Draw(t, "n")
			s.block = rapid.IntRange(0, 31).Draw(t, "from")
		case wait:
			s.wait = waits().Draw(t, "wait")
		case attach:
			s.eni = rapid.IntRange(0, interfaces-1).Draw(t, "eni")
		case detach, exclude:
			s.eni = rapid.IntRange(0, interfaces-1).Draw(t, "eni")
			s.on = rapid.Bool().Draw(t, "on")
		case add, drop:
			s.eni = rapid.IntRange(0, interfaces-1).Draw(t, "eni")
			s.block = rapid.IntRange(0, addresses).Draw(t, "block")
			s.prefix = prefixes != (rapid.IntRange(0, 4).Draw(t, "other kind") == 4)
			s.n = rapid.IntRange(1, 4).Draw(t, "n")
			s.on = rapid.Bool().Draw(t, "forced")
		case removeUnused:
			s.targets = targets().Draw(t, "targets")
		case restart:
			s.prefix = prefixes != (rapid.IntRange(0, 2).Draw(t, "switch mode") == 2)
			s.on = rapid.IntRange(0, 3).Draw(t, "lose one") == 3
			s.eni = rapid.IntRange(0, interfaces-1).Draw(t, "eni")
		}
		return s
	})
}

func waits() *rapid.Generator[time.Duration] {
	return rapid.OneOf(
		rapid.SampledFrom([]time.Duration{1, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute}),
		rapid.Map(rapid.Int64Range(1, int64(90*time.Second)), func(n int64) time.Duration { return time.Duration(n) }),
	)
}

func targets() *rapid.Generator[ipamd.Targets] {
	return rapid.Custom(func(t *rapid.T) ipamd.Targets {
		var g ipamd.Targets
		g.WarmIP = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5, 16, 17}).Draw(t, "WARM_IP_TARGET")
		g.MinimumIP = rapid.SampledFrom([]int{0, 0, 0, 1, 3, 10, 16, 33}).Draw(t, "MINIMUM_IP_TARGET")
		g.WarmPrefix = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 4}).Draw(t, "WARM_PREFIX_TARGET")
		return g
	})
}
