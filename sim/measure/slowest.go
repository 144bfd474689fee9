package measure

import (
	"cmp"
	"slices"
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/result"
)

// slowest keeps the slowest pods that ran, and the failed ADDs of those that
// may come to be among them.
type slowest struct {
	pods   SlowestPods
	kept   map[*cluster.Pod]result.SlowPod // of them; kubelet forgets a pod's times once it runs
	failed map[*cluster.Pod][]result.FailedAdd
}

// Bounds of what is kept of the slowest pods: how many of them, how many
// failed ADDs of each, and of how many pods that have not run yet.
const (
	slowestMost = 20
	failedMost  = 20
	failingMost = 100_000
)

func (s *slowest) addFailed(p *cluster.Pod, f result.FailedAdd) {
	list, known := s.failed[p]
	if !known && len(s.failed) >= failingMost || len(list) >= failedMost {
		return
	}
	if s.failed == nil {
		s.failed = map[*cluster.Pod][]result.FailedAdd{}
	}
	s.failed[p] = append(list, f)
}

func (s *slowest) ran(c *Collector, p *cluster.Pod) {
	s.pods.Most, s.pods.From = slowestMost, c.from
	out := s.pods.Ran(p)
	if out != p {
		if s.kept == nil {
			s.kept = map[*cluster.Pod]result.SlowPod{}
		}
		s.kept[p] = s.describe(c, p)
	}
	delete(s.kept, out)
	delete(s.failed, p)
}

// list describes them at the end of a run.
func (s *slowest) list(c *Collector, pending []*cluster.Pod, end time.Duration) []result.SlowPod {
	s.pods.Most, s.pods.From = slowestMost, c.from
	list := []result.SlowPod{}
	for _, p := range s.pods.Slowest(pending, end) {
		if known, ran := s.kept[p]; ran {
			list = append(list, known)
		} else {
			list = append(list, s.describe(c, p))
		}
	}
	return list
}

func (s *slowest) describe(c *Collector, p *cluster.Pod) result.SlowPod {
	at := func(t time.Duration) *float64 {
		if t == des.Never {
			return nil
		}
		seconds := c.seconds(t)
		return &seconds
	}
	out := result.SlowPod{
		Name: p.Name(), Workload: p.Workload.Name, CreatedSeconds: c.seconds(p.Created),
		SchedulableSeconds: at(p.Schedulable), BoundSeconds: at(p.Bound), RunningSeconds: at(p.Running),
		FailedAdds: s.failed[p], Failed: int(p.Times().FailedAdds),
	}
	if p.Node != nil {
		out.Node = p.Node.Name
	}
	phases := phasesOf(p)
	if p.Schedulable == des.Never {
		phases.Node = 0
	}
	if p.Bound == des.Never {
		phases.Scheduling = 0
	}
	out.Phases = phases.Seconds()
	return out
}

// SlowestPods find the pods of a run that took longest. They keep few pods,
// however many there are.
type SlowestPods struct {
	From time.Duration  // kernel time of time 0
	Most int            // how many
	ran  []*cluster.Pod // that ran, the slowest first
}

func (s *SlowestPods) took(p *cluster.Pod) time.Duration { return p.Running - max(p.Created, s.From) }

// Ran keeps a pod that runs now if it is one of the slowest so far; of equally
// slow ones the first to run. It returns the pod that is not kept, or nil.
func (s *SlowestPods) Ran(p *cluster.Pod) (out *cluster.Pod) {
	if s.Most == 0 || len(s.ran) == s.Most && s.took(p) <= s.took(s.ran[s.Most-1]) {
		return p
	}
	i, _ := slices.BinarySearchFunc(s.ran, p, func(other, p *cluster.Pod) int {
		if s.took(other) >= s.took(p) {
			return -1
		}
		return 1
	})
	s.ran = slices.Insert(s.ran, i, p)
	if len(s.ran) > s.Most {
		out = s.ran[s.Most]
		s.ran = s.ran[:s.Most]
	}
	return out
}

// Slowest are the pods that took longest from their creation, or from time 0
// if they were there before, until they ran. Those that never started come first, the oldest of
// them foremost; pods of the last seconds have had no time to.
func (s *SlowestPods) Slowest(pending []*cluster.Pod, end time.Duration) []*cluster.Pod {
	var list []*cluster.Pod
	for _, p := range pending {
		if p.Created <= end-startingTime {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *cluster.Pod) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.Workload.Name, b.Workload.Name), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	list = append(list, s.ran...)
	return list[:min(len(list), s.Most)]
}
