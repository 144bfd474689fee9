package jobs

import (
	"slices"
	"sync"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Sum is put together as the runs of a variant end, in any order, so that
// nothing of a run is kept that its variant does not need. The last run to end
// makes the variant's result of it, and then it is let go.
type Sum struct {
	place        int // of the variant
	mutex        sync.Mutex
	left         int // runs that have not ended
	trends       *result.Trends
	replications []result.Replication // in their order
	seen         *seen                // of the first replication
	recording    *recording.Recording // of the first replication; nil unless asked for

	// Where a condition may stop a run the replications after the first one that
	// was stopped are not of the variant, however many workers have come to them.
	upTo    int              // how many replications the variant has
	stopped *result.Stop     // the last of them
	each    []*result.Trends // of every replication until it is known; nil where no condition may stop one
}

// mayStop says whether a condition of the variant may stop its runs.
func mayStop(v *scenarios.Expanded) bool {
	return slices.ContainsFunc(v.Scenario.Asked(), func(c result.Condition) bool { return c.Abort })
}

// moot says whether a replication comes after one that was stopped.
func (s *Sum) moot(replication int) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return replication >= s.upTo
}

// skip takes note of a run that is not made, and says whether it was the last one.
func (s *Sum) skip() (last bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.ended()
}

// add takes in a run that has ended, and says whether it was the last one.
func (s *Sum) add(replication int, w *fleet.Fleet, recorder *recording.Recorder) (last bool) {
	outcome := w.Outcome()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if replication >= s.upTo {
		return s.ended()
	}
	s.replications[replication] = outcome
	switch {
	case len(s.replications) == 1:
		s.trends = w.Measured.Trends()
	case s.each != nil:
		s.each[replication] = w.Measured.Trends()
	default:
		s.trends.Merge(w.Measured.Trends())
	}
	if replication == 0 {
		s.seen = &seen{w.Measured.Series(), w.Measured.Maps(), w.Measured.Slowest()}
	}
	if recorder != nil {
		s.recording = recorder.Finish()
	}
	if c := w.Measured.Stopped(); c != nil {
		s.upTo = replication + 1
		s.stopped = &result.Stop{Replication: s.upTo, AtSeconds: w.AtSeconds(), Metric: c.Key(), Expression: c.Expression, Remaining: len(s.replications) - s.upTo}
	}
	return s.ended()
}

// ended counts a run that has ended, and closes the sum after the last one.
func (s *Sum) ended() (last bool) {
	if s.left--; s.left > 0 {
		return false
	}
	if len(s.replications) > 1 {
		for _, t := range s.each[:min(s.upTo, len(s.each))] {
			s.trends.Merge(t)
		}
	}
	s.each, s.replications = nil, s.replications[:s.upTo]
	return true
}
