package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ipamsim/validation"
)

// Mutation is one line of the simulated daemon made wrong.
type Mutation struct {
	What     string // is changed
	File     string // in sim/ipamd
	Old, New string // text that the file has once
}

// Mutations are the ones that recordings of the real datastore and pool were tried
// with (validation/README.md), and some more on limits, retries and errors.
func Mutations() []Mutation {
	return []Mutation{
		{"half a pass of the pool loop, 2.5 s, to 3 s", "pool.go", "HalfPass = 2500 *", "HalfPass = 3000 *"},
		{"too low: `available < L x WARM_ENI_TARGET` to `<=`", "target.go", "s.Available() < unit*warm", "s.Available() <= unit*warm"},
		{"spare interface: `>=` to `>`", "target.go", "s.Available() >= (warm+1)", "s.Available() > (warm+1)"},
		{"cooldown ignored", "config.go", "e.cooldown(),", "0,"},
		{"a new interface before the existing ones are full", "pool.go", "list := d.allocatable()", "list := d.allocatable()[:0]"},
		{"decrease every 30 s, to 35 s", "pool.go", "decreaseInterval  = 30 *", "decreaseInterval  = 35 *"},
		{"reconcile after 60 s, to 65 s", "pool.go", "reconcileInterval = 60 *", "reconcileInterval = 65 *"},
		{"pause after an insufficient subnet, 120 s, to 60 s", "pool.go", "insufficientPause = 120 *", "insufficientPause = 60 *"},
		{"minimum life of an interface, 60 s, to 30 s", "pool.go", "minimumENILife    = 60 *", "minimumENILife    = 30 *"},
		{"MINIMUM_IP_TARGET ignored when giving back", "target.go", "over = max(min(max(available-t.WarmIP, 0), s.Total-t.MinimumIP), 0)", "over = max(available-t.WarmIP, 0)"},
		{"first wait for metadata, 0.1 s, to 0.2 s", "backoff.go", "waitBackoff   = backoff{start: 100 *", "waitBackoff   = backoff{start: 200 *"},
		{"a failed assign is repeated with the same number", "pool.go", "d.assignCall(e.id, 1, ", "d.assignCall(e.id, n, "},
		{"a cooling address is not given back", "store.go", "c.assigned == 0 && which(c.block)", "c.assigned == 0 && c.cooling == 0 && which(c.block)"},
		{"max pods ignored", "target.go", "if s.Total >= t.MaxPods {", "if s.Total < 0 {"},

		{"no block left is not taken for a full subnet", "backoff.go", "c == codeNoAddresses || c == codeNoCIDRBlocks", "c == codeNoAddresses"},
		{"one interface more than the instance type or MAX_ENI allows", "pool.go", "len(d.store.enis) < d.MaxENI-", "len(d.store.enis) <= d.MaxENI-"},
		{"pauses of retries: doubled to tripled", "backoff.go", "min(2*pause, backoffCap)", "min(3*pause, backoffCap)"},
		{"first try to delete 2 s after the detach, to 3 s", "shrink.go", "detachSettle = 2 *", "detachSettle = 3 *"},
		{"12 tries to delete an interface, to 2", "backoff.go", "deleteBackoff = backoff{start: 500 * time.Millisecond, jitter: 0.15, tries: 12", "deleteBackoff = backoff{start: 500 * time.Millisecond, jitter: 0.15, tries: 2"},
	}
}

// Caught is a mutation with the scenarios in which it shows.
type Caught struct {
	Mutation
	By []string
}

// Mutate plays scenarios with the real daemon now, and lets simulated daemons with
// one mutation each be judged by what it did: no recording that was there before
// has a say. Sources are changed in the go command's view alone, in no file. So
// many things are done at a time.
func (d *Daemon) Mutate(ctx context.Context, here string, list []*validation.Scenario, e Effort, workers int, each func(Caught) error) error {
	work, err := os.MkdirTemp("", "ipamsim-mutations-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	traces := filepath.Join(work, "traces")
	record := func(ctx context.Context, s *validation.Scenario) (*validation.Trace, error) {
		return d.Record(ctx, s, e)
	}
	if err := inTurn(ctx, list, workers, record, func(t *validation.Trace) error { return WriteTrace(traces, t) }); err != nil {
		return err
	}
	sound, err := judgedBy(ctx, here, work, traces, nil)
	if err != nil {
		return err
	}
	if len(sound) > 0 {
		return fmt.Errorf("without a mutation already %s", strings.Join(sound, ", "))
	}
	try := func(ctx context.Context, m Mutation) (Caught, error) {
		own, err := os.MkdirTemp(work, "")
		if err != nil {
			return Caught{}, err
		}
		by, err := judgedBy(ctx, here, own, traces, &m)
		if err != nil {
			err = fmt.Errorf("%s: %w", m.What, err)
		}
		return Caught{m, by}, err
	}
	return inTurn(ctx, Mutations(), workers, try, each)
}

// judgedBy builds the judge, with a mutation if there is one, and returns the
// names of the traces that do not conform.
func judgedBy(ctx context.Context, here, work, traces string, m *Mutation) ([]string, error) {
	program := filepath.Join(work, "judge")
	build := []string{"build", "-o", program}
	if m != nil {
		overlay, err := m.overlay(here, work)
		if err != nil {
			return nil, err
		}
		build = append(build, "-overlay", overlay)
	}
	if err := goTool(here, append(build, "./judge")...); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, traces)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return strings.Fields(out.String()), nil
}

// overlay writes the file that shows the go command a mutated source.
func (m *Mutation) overlay(here, work string) (string, error) {
	source, err := filepath.Abs(filepath.Join(here, "..", "..", "sim", "ipamd", m.File))
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times, not once", m.File, m.Old, n)
	}
	changed := filepath.Join(work, "changed.go")
	if err := os.WriteFile(changed, bytes.Replace(text, []byte(m.Old), []byte(m.New), 1), 0o644); err != nil {
		return "", err
	}
	view, err := json.Marshal(map[string]map[string]string{"Replace": {source: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(work, "overlay.json")
	return overlay, os.WriteFile(overlay, view, 0o644)
}

// WriteTrace writes a trace to a folder, as ipamsim conform reads it.
func WriteTrace(folder string, t *validation.Trace) error {
	data, err := t.JSON()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, t.Scenario.Name+".json"), data, 0o644)
}
