package oracle

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd/datastore"

	"ipamsim/sim/ipamd"
)

// cleanUp is after what time an emptied CIDR leaves an excluded interface.
const cleanUp = 5 * time.Second

// world is a sequence being played on both books.
type world struct {
	*sequence
	real       *realBook
	ours       *ourBook
	start      time.Time
	moments    []time.Duration    // at which something expires
	live       []ipamd.SandboxKey // sandboxes with an address, oldest first
	sandboxes  int
	transcript []string
	tally      tally
	turn       sync.Mutex // held, except while time passes
}

// divergence is how two books came to differ.
type divergence struct {
	sequence   *sequence
	transcript []string
	what       []string
}

func (d *divergence) String() string {
	mode := "secondary IPs"
	if d.sequence.prefixes {
		mode = "prefix delegation"
	}
	return fmt.Sprintf("%s, IP_COOLDOWN_PERIOD=%s, deletable under %v, %d slots, custom networking %t\n%s\nthe books differ:\n    %s",
		mode, d.sequence.cooldown, targetsText(d.sequence.targets), d.sequence.slots, d.sequence.custom,
		strings.Join(d.transcript, "\n"), strings.Join(d.what, "\n    "))
}

// play runs a sequence in virtual time and counts what happens. Our book gets
// the cooldown given, which is the sequence's unless a test wants it to go
// wrong.
func play(t *testing.T, s *sequence, cooldown string, counts tally) (failed *divergence) {
	if err := os.Setenv("IP_COOLDOWN_PERIOD", s.cooldown); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := &world{
			sequence: s, start: start, tally: counts,
			real: newReal(s.prefixes, start, emptyCheckpoint()),
		}
		w.turn.Lock()
		w.ours = newOurs(s.prefixes, cooldown, start, nil, &w.turn)
		defer func() {
			if p := recover(); p != nil {
				failed = w.diverged("panic", fmt.Sprint(p), string(debug.Stack()))
			}
			w.pass(cleanUp) // neither book's goroutines outlive the bubble
		}()
		for _, step := range s.steps {
			if failed = w.do(step, cooldown); failed != nil {
				return
			}
		}
		failed = w.wait(cleanUp)
	})
	return failed
}

func (w *world) now() time.Duration { return time.Since(w.start) }

func (w *world) do(s step, cooldown string) *divergence {
	id, block := eniID(s.eni), blockOf(s.eni, s.block, s.prefix)
	switch s.kind {
	case assign:
		return w.assignNew(s.n)
	case again:
		if len(w.live) == 0 {
			return nil
		}
		return w.assign(w.live[s.n%len(w.live)])
	case unassign:
		return w.times(min(s.n, len(w.live)), func(int) *divergence { return w.unassign(w.live[s.block%len(w.live)]) })
	case unknown:
		return w.unassign("stranger")
	case wait:
		return w.wait(s.wait)
	case boundary:
		return w.waitForMoment(s.n, s.wait)
	case attach:
		w.moments = append(w.moments, w.now()+time.Minute)
		return w.same("attach", id, w.real.attach(id, s.eni, s.eni == 0), w.ours.AddENI(id, s.eni, s.eni == 0))
	case detach:
		return w.same("detach"+forced(s.on), id, w.real.detach(id, s.on), w.ours.RemoveENI(id, s.on))
	case exclude:
		return w.same("exclude", fmt.Sprintf("%s: %t", id, s.on), w.real.exclude(id, s.on), w.ours.Exclude(id, s.on))
	case add:
		return w.times(s.n, func(i int) *divergence {
			block := blockOf(s.eni, s.block+i, s.prefix)
			return w.same("add", fmt.Sprintf("%v to %s", block, id), w.real.add(id, block), w.ours.AddCIDR(id, block))
		})
	case drop:
		return w.same("drop"+forced(s.on), fmt.Sprintf("%v of %s", block, id), w.real.drop(id, block, s.on), w.ours.RemoveCIDR(id, block, s.on))
	case removeUnused:
		return w.removeUnused(s.targets)
	case restart:
		return w.restart(s, cooldown)
	}
	panic("no such operation: " + string(s.kind))
}

func (w *world) times(n int, do func(int) *divergence) *divergence {
	for i := range n {
		if d := do(i); d != nil {
			return d
		}
	}
	return nil
}

// assignNew gives new sandboxes addresses until there is none.
func (w *world) assignNew(n int) *divergence {
	for range n {
		before := len(w.live)
		w.sandboxes++
		if d := w.assign(ipamd.SandboxKey(fmt.Sprintf("sandbox-%d", w.sandboxes))); d != nil {
			return d
		}
		if len(w.live) == before {
			break
		}
	}
	return nil
}

// assign lets the real datastore choose and our book follow.
func (w *world) assign(key ipamd.SandboxKey) *divergence {
	class := "assign"
	before := w.real.store.GetENIInfos().ENIs
	known := w.real.holder(key) != ""
	if known {
		class = "assign again"
	}
	real, realErr := w.real.assign(key)
	var questions []question
	if realErr == nil && !known {
		w.live = append(w.live, key)
		var err error
		if questions, err = w.real.choices(before, period(w.cooldown), real); err != nil {
			return w.diverged(class, string(key), err.Error())
		}
	}
	if len(questions) > 0 {
		w.tally["assign: a choice among interfaces, CIDRs or addresses"]++
	}
	w.ours.picker.expect(questions)
	ours, ourErr := w.ours.Assign(key)
	if fault := w.ours.picker.fault(); fault != "" {
		return w.diverged(class, string(key), fault)
	}
	return w.sameReply(class, key, real, ours, realErr, ourErr)
}

func (w *world) unassign(key ipamd.SandboxKey) *divergence {
	if i := slices.Index(w.live, key); i >= 0 {
		w.live = slices.Delete(w.live, i, i+1)
		w.moments = append(w.moments, w.now()+period(w.cooldown), w.now()+cleanUp)
	}
	real, realErr := w.real.unassign(key)
	ours, ourErr := w.ours.Unassign(key)
	return w.sameReply("unassign", key, real, ours, realErr, ourErr)
}

// removeUnused lets the real datastore choose and our book follow.
func (w *world) removeUnused(t ipamd.Targets) *divergence {
	class, detail := "remove unused", "under "+targetsText(t)
	candidates := w.ours.Deletable(t)
	real := w.real.removeUnused(t)
	if real == "" {
		class = "remove unused: none"
	}
	i := slices.Index(candidates, real)
	if real != "" && i < 0 {
		return w.diverged(class, detail, fmt.Sprintf("the real one removes %s, ours would remove one of %v", real, candidates))
	}
	var questions []question
	if len(candidates) > 1 {
		questions = []question{{len(candidates), i}}
		w.tally["remove unused: a choice among interfaces"]++
	}
	w.ours.picker.expect(questions)
	if ours := w.ours.RemoveUnused(t); real != ours {
		return w.diverged(class, detail, fmt.Sprintf("the real one removes %q, ours %q", real, ours))
	}
	return w.same(class, fmt.Sprintf("%s -> %q", detail, real), nil, nil)
}

func (w *world) wait(d time.Duration) *divergence {
	before := held(w.real.store.GetENIInfos())
	w.pass(d)
	if held(w.real.store.GetENIInfos()) < before {
		w.tally["wait: an emptied CIDR leaves an excluded interface"]++
	}
	return w.same("wait", d.String(), nil, nil)
}

// pass lets time pass, and both books' own goroutines do what is due.
func (w *world) pass(d time.Duration) {
	w.turn.Unlock()
	time.Sleep(d)
	synctest.Wait()
	w.turn.Lock()
}

// waitForMoment waits until shortly before, at, or shortly after the n-th of
// the moments to come.
func (w *world) waitForMoment(n int, off time.Duration) *divergence {
	now := w.now()
	w.moments = slices.DeleteFunc(w.moments, func(m time.Duration) bool { return m+off <= now })
	slices.Sort(w.moments)
	w.moments = slices.Compact(w.moments)
	if len(w.moments) == 0 {
		return nil
	}
	return w.wait(w.moments[n%len(w.moments)] + off - now)
}

// restart puts new books in the place of the old ones, perhaps in the other
// mode. The interfaces and CIDRs are entered again, one interface perhaps
// not, and the checkpoint is read. It does nothing while one CIDR is on two
// interfaces: the real one then takes either.
func (w *world) restart(s step, cooldown string) *divergence {
	infos := w.real.store.GetENIInfos()
	if twice(infos) {
		return nil
	}
	detail := fmt.Sprintf("with prefix delegation: %t", s.prefix)
	if s.prefix != w.real.prefixes {
		w.tally["restart: the mode changes"]++
	}
	if s.on {
		detail += ", without " + eniID(s.eni)
		delete(infos.ENIs, eniID(s.eni))
	}
	saved := w.real.saved.data()
	w.real = newReal(s.prefix, w.start, saved)
	w.ours = newOurs(s.prefix, cooldown, w.start, w.ours.Checkpoint(), &w.turn)
	w.moments = append(w.moments, w.now()+time.Minute)
	for _, id := range slices.Sorted(maps.Keys(infos.ENIs)) {
		if err := w.adopt(infos.ENIs[id]); err != nil {
			return w.diverged("restart", detail, err.Error())
		}
	}
	realErr := w.real.store.ReadBackingStore(false)
	w.ours.Recover()
	if len(w.real.allocations()) < len(saved.Allocations) {
		w.tally["restart: allocations are lost"]++
	}
	return w.same("restart", detail, realErr, nil)
}

// adopt enters an interface in both books.
func (w *world) adopt(e datastore.ENI) error {
	failures := []error{
		w.real.attach(e.ID, e.DeviceNumber, e.IsPrimary), w.ours.AddENI(e.ID, e.DeviceNumber, e.IsPrimary),
		w.real.exclude(e.ID, e.IsExcludedForPodIPs), w.ours.Exclude(e.ID, e.IsExcludedForPodIPs),
	}
	for _, c := range e.AvailableIPv4Cidrs {
		block := ourBlock(c.Cidr)
		failures = append(failures, w.real.add(e.ID, block), w.ours.AddCIDR(e.ID, block))
	}
	for _, err := range failures {
		if err != nil {
			return fmt.Errorf("entering %s again: %w", e.ID, err)
		}
	}
	return nil
}

// held counts CIDRs.
func held(infos *datastore.ENIInfos) (n int) {
	for _, e := range infos.ENIs {
		n += len(e.AvailableIPv4Cidrs)
	}
	return n
}

func twice(infos *datastore.ENIInfos) bool {
	seen := map[netip.Prefix]bool{}
	for _, e := range infos.ENIs {
		for _, c := range e.AvailableIPv4Cidrs {
			block := ourBlock(c.Cidr)
			if seen[block] {
				return true
			}
			seen[block] = true
		}
	}
	return false
}

func (w *world) sameReply(class string, key ipamd.SandboxKey, real, ours ipamd.AddReply, realErr, ourErr error) *divergence {
	detail := string(key)
	if realErr == nil {
		detail = fmt.Sprintf("%s -> %v on %s, device %d", key, real.Address, real.ENI, real.DeviceIndex)
	}
	if realErr == nil && ourErr == nil && real != ours {
		return w.diverged(class, detail, fmt.Sprintf("ours: %v on %s, device %d", ours.Address, ours.ENI, ours.DeviceIndex))
	}
	return w.same(class, detail, realErr, ourErr)
}

// same compares what an operation returned, and then both books.
func (w *world) same(class, detail string, realErr, ourErr error) *divergence {
	w.pass(0)
	if realErr != nil {
		detail = fmt.Sprintf("%s -> %v", detail, realErr)
	}
	if realErr != ourErr {
		return w.diverged(class, detail, fmt.Sprintf("ours: %v", ourErr))
	}
	real, ours := w.real.view(w.sequence), w.ours.view(w.sequence)
	if !reflect.DeepEqual(real, ours) {
		if different := difference(real, ours); len(different) > 0 {
			return w.diverged(class, detail, different...)
		}
	}
	w.note(class, detail)
	w.tally.operation(class, realErr, real, w.real.prefixes)
	return nil
}

func (w *world) note(class, detail string) {
	w.transcript = append(w.transcript, fmt.Sprintf("    %-14v %s %s", w.now(), class, detail))
}

func (w *world) diverged(class, detail string, how ...string) *divergence {
	w.note(class, detail)
	return &divergence{w.sequence, w.transcript, how}
}

func forced(on bool) string {
	if on {
		return " by force"
	}
	return ""
}

func targetsText(t ipamd.Targets) string {
	return fmt.Sprintf("WARM_IP_TARGET=%d MINIMUM_IP_TARGET=%d WARM_PREFIX_TARGET=%d", t.WarmIP, t.MinimumIP, t.WarmPrefix)
}
