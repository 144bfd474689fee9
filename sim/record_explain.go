package sim

import (
	"context"
	"fmt"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
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
	tally := newTally(2, opts.Progress)
	first, err := q.fleet(v)
	if err != nil {
		return nil, err
	}
	search := q.search(first)
	if err := first.run(ctx, first.end, tally); err != nil {
		return nil, err
	}
	pods, err := search.answer()
	if err != nil {
		return nil, err
	}
	once := first.outcome()
	second, err := q.fleet(v)
	if err != nil {
		return nil, err
	}
	recorder := second.record(selectionOf(first, pods))
	if err := second.run(ctx, second.end, tally); err != nil {
		return nil, err
	}
	again := second.outcome()
	if again.Fingerprint != once.Fingerprint {
		panic("sim: a recording has changed its run")
	}
	return explanation(v, &again, recorder.finish(), pods, opts.Version), nil
}

// fleet is the one that the question is about, before it has run.
func (q Question) fleet(v scenarios.Expanded) (*world, error) {
	w, err := newWorld(v, fleetOptions{Replication: q.Replication - 1})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	return w, nil
}

// search makes a fleet that has not run look for the pods.
func (q Question) search(w *world) *survey {
	s := &survey{world: w, name: q.Pod, from: w.warmUp, index: map[*cluster.Workload]int{}}
	if q.Pod == "" {
		s.most = q.Slowest
	}
	w.listener.PodCreated = both(s.podCreated, w.listener.PodCreated)
	w.listener.PodRunning = both(s.podRunning, w.listener.PodRunning)
	return s
}

// answer are the pods that were asked for.
func (s *survey) answer() ([]*cluster.Pod, error) {
	if s.name == "" {
		return s.slowest(s.world.Cluster.Pending(), s.world.end), nil
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
		if p.Running != des.Never {
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
func explanation(v scenarios.Expanded, r *result.Replication, out *Recording, pods []*cluster.Pod, version string) *Explanation {
	e := &Explanation{
		Version: version, Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: r.Replication + 1,
		Seed: v.Scenario.Seed, Fingerprint: r.Fingerprint, Recording: out,
	}
	f := findings.FactsOf(v.Scenario)
	for _, pod := range pods {
		for _, record := range out.Pods {
			if record.Name != pod.Name() {
				continue
			}
			p := ExplainedPod{PodRecord: record, Phases: out.Phases(record)}
			p.End, p.Outcome = out.Outcome(record)
			p.Verdict = p.judge(&r.Outcome, f)
			p.Clues = p.clues()
			e.Pods = append(e.Pods, p)
		}
	}
	return e
}
