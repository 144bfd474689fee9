package explain

import (
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/measure"
)

// survey finds pods in a first run, so that a second one can record them. It
// keeps few pods, however many there are.
type survey struct {
	fleet *fleet.Fleet
	name  string // of the pod that is looked for; empty for none
	slow  measure.SlowestPods

	found *cluster.Pod
	names []NameRange
	index map[*cluster.Workload]int // in names
}

// NameRange are the pods of a workload that existed: <Workload>-0 up to
// <Workload>-<Pods-1>.
type NameRange struct {
	Workload string
	Pods     int
	Awaited  int // were asked for besides at the end, and not created
}

func (s *survey) podCreated(p *cluster.Pod) {
	s.of(p.Workload).Pods++
	if s.name != "" && p.Name() == s.name {
		s.found = p
	}
}

// of is the range of a workload.
func (s *survey) of(w *cluster.Workload) *NameRange {
	i, known := s.index[w]
	if !known {
		i = len(s.names)
		s.index[w] = i
		s.names = append(s.names, NameRange{Workload: w.Name})
	}
	return &s.names[i]
}

// unknown is the error about a pod that never was.
func (s *survey) unknown() error {
	for _, w := range s.fleet.Cluster.Workloads() {
		w.Awaited(func(_ time.Duration, pods int) { s.of(w).Awaited += pods })
	}
	return &UnknownPodError{Name: s.name, Names: s.names}
}

// podRunning hears of the pods that count: those that begin to run from time 0
// on.
func (s *survey) podRunning(p *cluster.Pod) {
	if p.Running >= s.fleet.WarmUp {
		s.slow.Ran(p)
	}
}
