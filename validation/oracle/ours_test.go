package oracle

import (
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"ipamsim/sim/ipamd"
)

// ourBook is the book of sim/ipamd with the surroundings that it needs. It is
// its own clock, checkpoint and picker.
type ourBook struct {
	*ipamd.Book
	start  time.Time
	saved  []ipamd.Allocation // what it finds in the checkpoint
	picker *follower
	turn   *sync.Mutex // held by the goroutine that works on the book
}

func newOurs(prefixes bool, cooldown string, start time.Time, saved []ipamd.Allocation, turn *sync.Mutex) *ourBook {
	b := &ourBook{start: start, saved: saved, picker: &follower{}, turn: turn}
	env := map[string]string{
		"ENABLE_PREFIX_DELEGATION": strconv.FormatBool(prefixes),
		"IP_COOLDOWN_PERIOD":       cooldown,
	}
	b.Book = ipamd.NewBook(env, ipamd.Host{Clock: b, Checkpoint: (*memory)(b), Metadata: answering{}, Picker: b.picker, Spawn: b.spawn})
	return b
}

func (b *ourBook) Now() time.Duration { return time.Since(b.start) }

func (b *ourBook) Sleep(d time.Duration) {
	b.turn.Unlock()
	time.Sleep(d)
	b.turn.Lock()
}

func (b *ourBook) spawn(_ string, fn func()) {
	go func() {
		b.turn.Lock()
		defer b.turn.Unlock()
		fn()
	}()
}

// memory is the checkpoint.
type memory ourBook

func (m *memory) Read() []ipamd.Allocation { return m.saved }
func (m *memory) Follow(*ipamd.Daemon)     {} // it is compared with Book.Checkpoint

// answering is metadata that an ADD may read.
type answering struct{ ipamd.Metadata }

func (answering) VPCCIDRs() ([]netip.Prefix, error) { return nil, nil }

func (b *ourBook) view(s *sequence) *view {
	v := &view{stats: b.Stats(), empty: b.EmptyENI(), records: b.Records()}
	for _, r := range v.records {
		if r.Key != "" {
			v.assigned++
		}
	}
	allocatable := b.Allocatable(s.slots, s.custom)
	deletable, surplus := b.Deletable(s.targets), b.Deletable(ipamd.Targets{})
	for _, id := range b.ENIs() {
		cidrs := b.CIDRs(id)
		slices.SortFunc(cidrs, byBlock)
		v.enis = append(v.enis, eniView{
			id: id, cidrs: cidrs, freeable: b.Freeable(id), allocatable: slices.Contains(allocatable, id),
			deletable: slices.Contains(deletable, id), surplus: slices.Contains(surplus, id),
		})
	}
	for _, a := range b.Checkpoint() {
		v.saved = append(v.saved, allocation{a.Key, a.Address, a.At})
	}
	return v
}
