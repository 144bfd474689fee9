package sim

import (
	"context"
	"fmt"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/findings"
)

// Question is which pods of one run are to be explained.
type Question struct {
	Replication int    // from 1
	Pod         string // its name; empty for the slowest
	Slowest     int    // how many, where no pod is named
}

// Explanation is the answer: the pods, what happened to them, and whose side
// it is.
type Explanation struct {
	Version     string
	Scenario    string
	Variant     string
	Replication int // from 1
	Seed        uint64
	Fingerprint string // of the run, as its Replication has it
	Pods        []ExplainedPod

	Recording *Recording // of the pods and their nodes
}

// ExplainedPod is one pod's way.
type ExplainedPod struct {
	*PodRecord
	End     time.Duration // of its way
	Outcome string        // running, deleted or never started
	Phases  []Phase       // fill the time from Created to End
	Verdict Verdict
	Clues   []Clue
}

// UnknownPodError is a question for a pod that never existed.
type UnknownPodError struct {
	Name  string
	Names []NameRange
}

func (e *UnknownPodError) Error() string { return fmt.Sprintf("no pod %q was ever created", e.Name) }

// Explain runs a replication twice: a first time to find the pods and their
// nodes, and a second time to record just these. Both go the same way.
func Explain(ctx context.Context, v scenarios.Expanded, q Question, opts Options) (*Explanation, error) {
	tally := &tally{report: opts.Progress, total: 2, events: make([]uint64, 2)}
	pass := func(i int, prepare func(*world)) (run, *world, error) {
		w, err := newWorld(v, q.Replication-1, true)
		if err != nil {
			return run{}, nil, fmt.Errorf("variant %s: %w", v.Name, err)
		}
		prepare(w)
		r, err := w.complete(ctx, v, q.Replication-1, i, tally)
		return r, w, err
	}
	_, w, err := pass(0, q.search)
	if err != nil {
		return nil, err
	}
	pods, err := w.survey.answer(w)
	if err != nil {
		return nil, err
	}
	first := w.fingerprint.String()
	second, w, err := pass(1, func(again *world) { again.record(selectionOf(w, pods)) })
	if err != nil {
		return nil, err
	}
	if second.replication.Fingerprint != first {
		panic("sim: a recording has changed its run")
	}
	return w.explanation(v, second, pods, opts.Version), nil
}

// search makes the first run look for the pods.
func (q Question) search(w *world) {
	w.survey = &survey{name: q.Pod, from: w.warmUp, index: map[*cluster.Workload]int{}}
	if q.Pod == "" {
		w.survey.most = q.Slowest
	}
	w.listener.PodCreated = both(w.survey.podCreated, w.listener.PodCreated)
	w.listener.PodRunning = both(w.survey.podRunning, w.listener.PodRunning)
}

// answer are the pods that were asked for.
func (s *survey) answer(w *world) ([]*cluster.Pod, error) {
	if s.name == "" {
		return s.slowest(w.Cluster.Pods(), w.end), nil
	}
	if s.found == nil {
		return nil, &UnknownPodError{Name: s.name, Names: s.names}
	}
	return []*cluster.Pod{s.found}, nil
}

// Around a pod's way this much of its node's is recorded too.
const (
	recordBefore = 30 * time.Second
	recordAfter  = 15 * time.Second
)

// selectionOf is what the second run records.
func selectionOf(w *world, pods []*cluster.Pod) Selection {
	want := Selection{Pods: map[string]bool{}, Nodes: map[string]Span{}, Lines: true}
	for _, p := range pods {
		want.Pods[p.Name()] = true
		if p.Node == nil {
			continue
		}
		span := Span{p.Created - w.warmUp - recordBefore, w.end - w.warmUp}
		if p.Running != cluster.Never {
			span.To = p.Running - w.warmUp + recordAfter
		}
		if other, known := want.Nodes[p.Node.Name]; known {
			span = Span{min(span.From, other.From), max(span.To, other.To)}
		}
		want.Nodes[p.Node.Name] = span
	}
	return want
}

// explanation puts the second run into words, the pods in the order of the
// question.
func (w *world) explanation(v scenarios.Expanded, r run, pods []*cluster.Pod, version string) *Explanation {
	out, replication := r.recording, r.replication.Replication+1
	e := &Explanation{
		Version: version, Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: replication,
		Seed: v.Scenario.Seed, Fingerprint: r.replication.Fingerprint, Recording: out,
	}
	f := findings.FactsOf(v.Scenario)
	for _, pod := range pods {
		for _, record := range out.Pods {
			if record.Name != pod.Name() {
				continue
			}
			p := ExplainedPod{PodRecord: record, Phases: out.Phases(record)}
			p.End, p.Outcome = out.Outcome(record)
			p.Verdict = p.judge(&r.replication.Outcome, f)
			p.Clues = p.clues()
			e.Pods = append(e.Pods, p)
		}
	}
	return e
}
