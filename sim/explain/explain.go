package explain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Question is which pods of one run are to be explained.
type Question struct {
	Replication int    // from 1
	Pod         string // its name; empty for the slowest
	Slowest     int    // how many, where no pod is named
}

// Options of an explanation.
type Options struct {
	Version  string               // of the program, for the explanation
	Progress func(fleet.Progress) // see package fleet; nil for nobody
}

// Explanation is the answer: the pods, what happened to them, and whose side
// it is.
type Explanation struct {
	SchemaVersion string                  `json:"schema_version"`
	Version       string                  `json:"version"`
	Scenario      string                  `json:"scenario"`
	Variant       string                  `json:"variant"`
	Replication   int                     `json:"replication"` // from 1
	Seed          uint64                  `json:"seed"`
	Fingerprint   string                  `json:"fingerprint"` // of the run, as its Replication has it
	Pods          []Pod                   `json:"pods"`        // in the order of the question
	Nodes         []*recording.NodeRecord `json:"nodes"`       // of these pods

	Recording *recording.Recording `json:"-"` // of the pods and their nodes
}

// schemaVersion is that of an explanation as JSON.
const schemaVersion = "ipamsim.explanation/v2"

// Pod is one pod and its start.
type Pod struct {
	*recording.PodRecord
	End     recording.Time        `json:"end_seconds"` // of its way
	Outcome string                `json:"outcome"`     // running, deleted or never started
	Phases  []Phase               `json:"phases"`      // fill the time from Created to End
	ADDs    []recording.AddRecord `json:"adds"`        // the record's Adds, in their place in the document
	Verdict Verdict               `json:"verdict"`
	Clues   []Clue                `json:"clues"`
}

// UnknownPodError is a question for a pod that never existed.
type UnknownPodError struct {
	Name  string
	Names []NameRange
}

func (e *UnknownPodError) Error() string { return fmt.Sprintf("no pod %q was ever created", e.Name) }

// Explain runs a replication, and answers a question. A pod that is named and
// gets a node that came after it costs one run. For one that gets a node that
// was there before, the run ends when that is known and another one records the
// node. The slowest pods are known only when all have run: they cost two runs.
// All runs of a replication go the same way.
func Explain(ctx context.Context, v scenarios.Expanded, q Question, opts Options) (*Explanation, error) {
	if q.Pod == "" {
		return searched(ctx, v, q, opts)
	}
	return followed(ctx, v, q, opts)
}

// searched runs twice: a first time to find the pods and their nodes, and a
// second time to record just these.
func searched(ctx context.Context, v scenarios.Expanded, q Question, opts Options) (*Explanation, error) {
	tally := fleet.NewTally(2, opts.Progress)
	first, err := q.fleet(v)
	if err != nil {
		return nil, err
	}
	search := q.search(first)
	if err := first.Run(ctx, first.End, tally); err != nil {
		return nil, err
	}
	pods, err := search.answer()
	if err != nil {
		return nil, err
	}
	once := first.Outcome()
	recorded, again, err := q.record(ctx, v, selectionOf(first, pods), tally)
	if err != nil {
		return nil, err
	}
	if again.Fingerprint != once.Fingerprint {
		panic("explain: a recording has changed its run")
	}
	return explanation(v, again, recorded, pods, opts.Version), nil
}

// record runs a replication and records of it.
func (q Question) record(ctx context.Context, v scenarios.Expanded, want recording.Selection, tally *fleet.Tally) (*recording.Recording, *result.Replication, error) {
	w, err := q.fleet(v)
	if err != nil {
		return nil, nil, err
	}
	recorder := recording.Attach(w, want)
	if err := w.Run(ctx, w.End, tally); err != nil {
		return nil, nil, err
	}
	r := w.Outcome()
	return recorder.Finish(), &r, nil
}

// followed records a pod and its node while it gets that, and starts again
// when the node turns out to have a past.
func followed(ctx context.Context, v scenarios.Expanded, q Question, opts Options) (*Explanation, error) {
	tally := fleet.NewTally(1, opts.Progress)
	want := recording.Selection{
		Pods: map[string]bool{q.Pod: true}, Nodes: map[string]recording.Span{}, Lines: true,
		Follow: &recording.Follow{Pod: q.Pod, Span: around},
	}
	w, err := q.fleet(v)
	if err != nil {
		return nil, err
	}
	search, recorder := q.search(w), recording.Attach(w, want)
	var older *recording.OlderNodeError
	if err := w.Run(ctx, w.End, tally); errors.As(err, &older) {
		p := search.found
		want.Nodes[older.Node] = around(recording.Time(p.Created-w.WarmUp), recording.Never)
		tally.Again()
		recorded, r, err := q.record(ctx, v, want, tally)
		if err != nil {
			return nil, err
		}
		return explanation(v, r, recorded, []*cluster.Pod{p}, opts.Version), nil
	} else if err != nil {
		return nil, err
	}
	pods, err := search.answer()
	if err != nil {
		return nil, err
	}
	r := w.Outcome()
	return explanation(v, &r, recorder.Finish(), pods, opts.Version), nil
}

// fleet is the one that the question is about, before it has run.
func (q Question) fleet(v scenarios.Expanded) (*fleet.Fleet, error) {
	w, err := fleet.New(v, fleet.Options{Replication: q.Replication - 1})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	return w, nil
}

// search makes a fleet that has not run look for the pods.
func (q Question) search(w *fleet.Fleet) *survey {
	s := &survey{fleet: w, name: q.Pod, index: map[*cluster.Workload]int{}}
	if q.Pod == "" {
		s.slow.Most, s.slow.From = q.Slowest, s.fleet.WarmUp
	}
	w.Listener.PodCreated = fleet.Both(s.podCreated, w.Listener.PodCreated)
	w.Listener.PodRunning = fleet.Both(s.podRunning, w.Listener.PodRunning)
	return s
}

// answer are the pods that were asked for.
func (s *survey) answer() ([]*cluster.Pod, error) {
	if s.name == "" {
		return s.slow.Slowest(s.fleet.Cluster.Pending(), s.fleet.End), nil
	}
	if s.found == nil {
		return nil, s.unknown()
	}
	return []*cluster.Pod{s.found}, nil
}

// Around a pod's way this much of its node's is recorded too.
const (
	recordBefore = recording.Time(30 * time.Second)
	recordAfter  = recording.Time(15 * time.Second)
)

// around is the time that matters of a pod's node.
func around(created, running recording.Time) recording.Span {
	span := recording.Span{From: created - recordBefore, To: math.MaxInt64}
	if running != recording.Never {
		span.To = running + recordAfter
	}
	return span
}

// selectionOf is what the second run records.
func selectionOf(w *fleet.Fleet, pods []*cluster.Pod) recording.Selection {
	want := recording.Selection{Pods: map[string]bool{}, Nodes: map[string]recording.Span{}, Lines: true}
	for _, p := range pods {
		want.Pods[p.Name()] = true
		if p.Node == nil {
			continue
		}
		running := recording.Never
		if p.Running != des.Never {
			running = recording.Time(p.Running - w.WarmUp)
		}
		span := around(recording.Time(p.Created-w.WarmUp), running)
		if other, known := want.Nodes[p.Node.Name]; known {
			span = recording.Span{From: min(span.From, other.From), To: max(span.To, other.To)}
		}
		want.Nodes[p.Node.Name] = span
	}
	return want
}

// explanation puts the second run into words, the pods in the order of the
// question.
func explanation(v scenarios.Expanded, r *result.Replication, out *recording.Recording, pods []*cluster.Pod, version string) *Explanation {
	e := &Explanation{
		SchemaVersion: schemaVersion, Version: version, Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: r.Replication,
		Seed: v.Scenario.Seed, Fingerprint: r.Fingerprint, Recording: out,
		Pods: []Pod{}, Nodes: append([]*recording.NodeRecord{}, out.Nodes...),
	}
	f := findings.FactsOf(v.Scenario)
	for _, pod := range pods {
		for _, record := range out.Pods {
			if record.Name != pod.Name() {
				continue
			}
			p := Pod{PodRecord: record, ADDs: record.Adds, Phases: Phases(out, record)}
			p.End, p.Outcome = out.Outcome(record)
			p.share()
			p.Verdict = p.judge(&r.Outcome, f)
			p.Verdict.Evidence = append([]string{}, p.Verdict.Evidence...)
			p.Clues = append([]Clue{}, p.findClues()...)
			e.Pods = append(e.Pods, p)
		}
	}
	return e
}

// share gives each phase its share of the pod's way.
func (p *Pod) share() {
	whole := p.End - p.Created
	for i := range p.Phases {
		if ph := &p.Phases[i]; whole > 0 {
			ph.Share = float64(ph.Took()) / float64(whole)
		}
	}
}
