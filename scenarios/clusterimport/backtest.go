package clusterimport

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/result"
)

// BackTest is what was recorded of a cluster beside what a simulation of the same
// time holds, at the simulation's samples. Totals are over all nodes.
type BackTest struct {
	Nodes             int     `json:"nodes"` // in the recording, at any time
	Known             int     `json:"known"` // that are nodes of the cluster still; others are like those in turn
	EverySeconds      float64 `json:"every_seconds"`
	AtSeconds         []int64 `json:"at_seconds"` // from the beginning of the recording
	RecordedNodes     []int   `json:"recorded_nodes"`
	RecordedAssigned  []int   `json:"recorded_assigned"`
	RecordedTotal     []int   `json:"recorded_total"`
	SimulatedAssigned []int   `json:"simulated_assigned"`
	SimulatedTotal    []int   `json:"simulated_total"`
	// MeanError and WorstError are of the totals, as shares of what was recorded.
	MeanError  float64 `json:"mean_error"`
	WorstError float64 `json:"worst_error"`
}

// bootBefore is how long before its first sample a node is asked for: our
// assumption, what one takes from the launch call until ipamd answers.
const bootBefore = 60

// BackTest simulates what was recorded with the settings of an imported cluster:
// each node has as many pods on it as it had then, whenever that changed.
func (r *Result) BackTest(ctx context.Context, h *History, opts sim.Options) (*BackTest, error) {
	if err := h.settle(); err != nil {
		return nil, err
	}
	text, err := r.world.recorded(h)
	if err != nil {
		return nil, err
	}
	f, err := scenarios.Load("back-test", text)
	if err != nil {
		return nil, fmt.Errorf("the scenario of the back-test is refused: %w", unfaulted(err))
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		return nil, fmt.Errorf("the scenario of the back-test is refused: %w", unfaulted(err))
	}
	run, err := sim.Run(ctx, variants, opts)
	if err != nil {
		return nil, err
	}
	b := &BackTest{Nodes: len(h.nodes), Known: r.known(h)}
	b.compare(h, &run.Variants[0].Series)
	return b, nil
}

// compare puts the two beside each other.
func (b *BackTest) compare(h *History, s *result.Series) {
	b.EverySeconds = s.EverySeconds
	value := func(list []int, k int) int {
		if k < len(list) {
			return list[k]
		}
		return 0
	}
	compared := 0
	for k, at := range s.AtSeconds {
		nodes, assigned, total := h.sums(h.times[0] + int64(at))
		simAssigned, simTotal := 0, 0
		for i := range s.Subnets {
			x := &s.Subnets[i]
			simAssigned += value(x.Assigned, k)
			simTotal += value(x.Assigned, k) + value(x.Cooling, k) + value(x.Warm, k)
		}
		b.AtSeconds = append(b.AtSeconds, int64(at))
		b.RecordedNodes, b.RecordedAssigned, b.RecordedTotal = append(b.RecordedNodes, nodes), append(b.RecordedAssigned, assigned), append(b.RecordedTotal, total)
		b.SimulatedAssigned, b.SimulatedTotal = append(b.SimulatedAssigned, simAssigned), append(b.SimulatedTotal, simTotal)
		if total > 0 {
			off := float64(simTotal-total) / float64(total)
			off = max(off, -off)
			b.MeanError += off
			b.WorstError = max(b.WorstError, off)
			compared++
		}
	}
	b.MeanError /= float64(max(1, compared))
}

// recorded is a scenario in which each recorded node is a group of its own, with a
// workload of its own that has as many pods as were on it.
func (w *world) recorded(h *History) ([]byte, error) {
	p := new(page)
	p.line("apiVersion: ipamsim/v1")
	p.line("kind: Scenario")
	p.line("metadata: {name: back-test, description: %q}", "What Prometheus has recorded, played again.")
	p.line("duration: %ds", h.times[len(h.times)-1]-h.times[0])
	p.line("controlPlane: {tier: unlimited} # pods come when they were recorded to")
	w.writeVPC(p)
	p.line("nodeGroups:")
	like := w.alike()
	var loads page
	for k := range h.gauges {
		c := &h.gauges[k]
		if len(c.assigned.times) == 0 {
			continue
		}
		m := like(c.name, k)
		id := fmt.Sprintf("node-%d", k)
		p.line("  - name: %s", id)
		one := *m.group
		one.subnets, one.labels, one.taints, one.most = []string{m.place.name}, map[string]string{"recorded": id}, nil, 0
		one.room = request{}
		w.writeSettings(p, &one)
		p.line("    resources: {cpu: 1000, memory: 4Ti} # pods of a recording fit")
		h.play(p, &loads, &c.assigned, id)
	}
	p.line("workloads:")
	p.WriteString(loads.String())
	text := p.String()
	if values := strings.Count(text, "\n") + strings.Count(text, "{")*3; len(text) > scenarios.MostBytes || values > scenarios.MostValues {
		return nil, Faults{"the recording has more changes than a scenario holds: query a shorter range, or with a larger step"}
	}
	return []byte(text), nil
}

// play writes when a node is there, and how many pods it has: what is another
// number at a sample has changed since the one before, and is taken to have done so
// half-way.
func (h *History) play(p, loads *page, g *gauge, id string) {
	zero := h.times[0]
	from, to := g.times[0], g.times[len(g.times)-1]
	here := from-bootBefore <= zero
	count := 0
	if here {
		count = 1
	}
	p.line("    count: %d", count)
	var steps []string
	if !here {
		steps = append(steps, fmt.Sprintf("{at: %ds, count: 1}", from-bootBefore-zero))
	}
	if to < h.times[len(h.times)-1] {
		steps = append(steps, fmt.Sprintf("{at: %ds, count: 0}", to-zero+1))
	}
	if len(steps) > 0 {
		p.line("    steps: [%s]", strings.Join(steps, ", "))
	}
	before := 0
	var changes []string
	loads.line("  - name: %s", id)
	loads.line("    resources: {cpu: 1m, memory: 1Mi}")
	loads.line("    nodeSelector: {recorded: %s}", id)
	for i, at := range g.times {
		n := g.values[i]
		switch {
		case i == 0 && here:
			loads.line("    initial: %d", n)
		case i == 0:
			changes = append(changes, fmt.Sprintf("{at: %ds, count: %d}", at-zero, n))
		case n != before:
			changes = append(changes, fmt.Sprintf("{at: %ds, count: %d}", at-zero-(at-g.times[i-1])/2, n))
		}
		before = n
	}
	if to < h.times[len(h.times)-1] && before > 0 {
		changes = append(changes, fmt.Sprintf("{at: %ds, count: 0}", to-zero+1))
	}
	if len(changes) > 0 {
		loads.line("    replicas: [%s]", strings.Join(changes, ", "))
	} else if !here {
		loads.line("    initial: 0")
	}
}

// alike finds the node that a recorded one is, or else one that it is like: of all
// in turn, since nothing says of which group a node was that has gone.
func (w *world) alike() func(name string, k int) *machine {
	by := map[string]*machine{}
	for _, m := range w.machines {
		by[m.name] = m
		by[m.interfaces[0].address.String()] = m
	}
	return func(name string, k int) *machine {
		if m := by[name]; m != nil {
			return m
		}
		return w.machines[k%len(w.machines)]
	}
}

// known says how many of the recorded nodes are nodes of the cluster still.
func (r *Result) known(h *History) int {
	by := map[string]bool{}
	for _, m := range r.world.machines {
		by[m.name], by[m.interfaces[0].address.String()] = true, true
	}
	n := 0
	for _, g := range h.gauges {
		if by[g.name] {
			n++
		}
	}
	return n
}

// Rows are some moments of the comparison, at most so many, evenly over the time.
func (b *BackTest) Rows(most int) (rows []int) {
	n := len(b.AtSeconds)
	for i := range min(n, most) {
		if k := i * (n - 1) / max(1, min(n, most)-1); !slices.Contains(rows, k) {
			rows = append(rows, k)
		}
	}
	return rows
}

// Moment is a sample's time from the beginning of the recording, in words.
func (b *BackTest) Moment(k int) string {
	return words.Duration(time.Duration(b.AtSeconds[k]) * time.Second)
}
