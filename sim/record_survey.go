package sim

import (
	"cmp"
	"slices"
	"time"

	"ipamsim/sim/cluster"
)

// survey finds pods in a first run, so that a second one can record them. It
// keeps few pods, however many there are.
type survey struct {
	world *world
	name  string // of the pod that is looked for; empty for none
	most  int    // how many of the slowest
	from  time.Duration

	found *cluster.Pod
	slow  []*cluster.Pod // that ran, the slowest first
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

func took(p *cluster.Pod) time.Duration { return p.Running - p.Created }

// podRunning keeps the pod if it is one of the slowest so far; of equally
// slow ones the first to run.
func (s *survey) podRunning(p *cluster.Pod) {
	if p.Created < s.from || s.most == 0 || len(s.slow) == s.most && took(p) <= took(s.slow[s.most-1]) {
		return
	}
	i, _ := slices.BinarySearchFunc(s.slow, p, func(other, p *cluster.Pod) int {
		if took(other) >= took(p) {
			return -1
		}
		return 1
	})
	s.slow = slices.Insert(s.slow, i, p)
	s.slow = s.slow[:min(len(s.slow), s.most)]
}

// slowest are the pods that took longest from their creation until they ran.
// Those that never started come first, the oldest of them foremost; pods of
// the last seconds have had no time to.
func (s *survey) slowest(pending []*cluster.Pod, end time.Duration) []*cluster.Pod {
	var list []*cluster.Pod
	for _, p := range pending {
		if p.Created >= s.from && p.Created <= end-startingTime {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *cluster.Pod) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.Workload.Name, b.Workload.Name), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	list = append(list, s.slow...)
	return list[:min(len(list), s.most)]
}
