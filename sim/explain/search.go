package explain

import (
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
}

func (s *survey) podCreated(p *cluster.Pod) {
	i, known := s.index[p.Workload]
	if !known {
		i = len(s.names)
		s.index[p.Workload] = i
		s.names = append(s.names, NameRange{Workload: p.Workload.Name})
	}
	s.names[i].Pods++
	if s.name != "" && p.Name() == s.name {
		s.found = p
	}
}

// podRunning hears of the pods that count: those that begin to run from time 0
// on.
func (s *survey) podRunning(p *cluster.Pod) {
	if p.Running >= s.fleet.WarmUp {
		s.slow.Ran(p)
	}
}
